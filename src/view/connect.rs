//! The user's own key: where it goes, whether it works, and how to be rid of it.

use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::browser::storage::{self, Keep};
use crate::browser::transport::FetchTransport;
use crate::gemini::models::{self, Model};
use crate::gemini::{ApiKey, Connection, ConnectionError, DEFAULT_BASE_URL, DEFAULT_VERSION};
use crate::port::Failure;
use crate::view::dom::event::{entered, is_ticked};
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::modal::{buttons, modal};
use crate::view::state::{Dialog, State};
use crate::view::words::failure;
use crate::view::words::units::{capital, count};
use leptos::prelude::*;
use std::rc::Rc;

/// Where this tab keeps the key, if the user asks for it: base address, version and key.
pub(crate) const KEPT: &str = "lanescope.connection";

/// What "Check key" found.
#[derive(Clone, Debug, PartialEq)]
enum Checked {
    NotYet,
    Checking,
    Works(usize),
    Refused { title: String, words: String },
}

/// Takes up the key that this tab kept, if it did. Nothing is sent.
pub(crate) fn restore(state: State) {
    let Some(kept) = storage::read(Keep::Tab, KEPT) else { return };
    keep(spawn(async move {
        if let Ok(Some(connection)) = kept_connection(kept).await {
            state.connection.set(Some(connection));
        }
    }));
}

later! { tools:
    fn kept_connection(kept: String) -> Option<Rc<Connection>> {
        of_lines(&kept)
    }
}

fn of_lines(kept: &str) -> Option<Rc<Connection>> {
    let mut lines = kept.lines();
    let (base, version, key) = (lines.next()?, lines.next()?, lines.next()?);
    connection(base, version, key).ok().map(Rc::new)
}

fn connection(base: &str, version: &str, key: &str) -> Result<Connection, ConnectionError> {
    Connection::new(base, version, ApiKey::new(key)?)
}

/// What is entered, and what came of it. A handle: copies share it.
#[derive(Clone, Copy)]
struct Form {
    state: State,
    key: RwSignal<String>,
    base: RwSignal<String>,
    version: RwSignal<String>,
    model: RwSignal<String>,
    keep: RwSignal<bool>,
    models: RwSignal<Vec<Model>>,
    checked: RwSignal<Checked>,
    problem: RwSignal<Option<String>>,
    task: StoredValue<Option<Task>, LocalStorage>,
}

pub(crate) fn connect_dialog(state: State) -> El {
    let kept = |of: &dyn Fn(&Connection) -> &str, default: &str| match &*state.connection.read_untracked() {
        Some(connection) => of(connection).to_owned(),
        None => default.to_owned(),
    };
    let form = Form {
        state,
        key: RwSignal::new(String::new()),
        base: RwSignal::new(kept(&|connection| connection.base_url(), DEFAULT_BASE_URL)),
        version: RwSignal::new(kept(&|connection| connection.version(), DEFAULT_VERSION)),
        model: RwSignal::new(
            state.experiment.read_untracked().workload.settings().cloned().unwrap_or_default().model.to_string(),
        ),
        keep: RwSignal::new(storage::read(Keep::Tab, KEPT).is_some()),
        models: RwSignal::new(Vec::new()),
        checked: RwSignal::new(Checked::NotYet),
        problem: RwSignal::new(None),
        task: StoredValue::new_local(None),
    };
    let check = el("button")
        .class("ghost")
        .pressed(move || *form.checked.read() == Checked::Checking, move || form.check())
        .text("Check key");
    let problem = move || {
        let words = move || form.problem.get().unwrap_or_default();
        el("p").class("problem").attr("role", "alert").text_by(words).text(".")
    };
    let promise = "The key goes to the address below and nowhere else. It stays in this page's memory, and is gone \
                   when you leave, unless you tick the box below.";
    let cost = el("span").class("hint").text("Lists the models; costs no tokens.");
    modal(state, Dialog::Connect, "Use my API key")
        .child(el("p").text(promise))
        .child(key_field(form))
        .child(el("div").class("row").child(check).child(cost))
        .child(el("div").attr("role", "status").part(move || said(&form.checked.read())))
        .child(model_field(form))
        .child(another_address(form))
        .child(keep_tick(form))
        .when(move || form.problem.read().is_some(), problem)
        .child(foot(form))
}

/// A field with its label above it.
fn field(id: &'static str, label: &str, input: El) -> El {
    let label = el("label").attr("for", id).text(label);
    el("div")
        .class("field")
        .child(label)
        .child(input.attr("id", id).attr("autocomplete", "off").attr("spellcheck", "false"))
}

fn key_field(form: Form) -> El {
    let in_use =
        move || if form.state.connection.read().is_some() { "in use; type to replace it" } else { "" }.to_owned();
    let input = el("input").attr("type", "password").attr_by("placeholder", in_use).value_by(move || form.key.get());
    let input = input.on("input", move |event| {
        form.key.set(entered(&event));
        form.drop_check();
    });
    field("api-key", "Gemini API key", input)
}

fn model_field(form: Form) -> El {
    let option = |model: &Model| el("option").attr("value", &model.name).text(&model.display_name);
    let models = el("datalist").attr("id", "models").part(move || form.models.read().iter().map(option).collect());
    let input = el("input")
        .attr("list", "models")
        .value_by(move || form.model.get())
        .on("input", move |event| form.model.set(entered(&event)));
    field("model", "Model", input).child(models)
}

fn another_address(form: Form) -> El {
    let base = el("input")
        .attr("type", "url")
        .value_by(move || form.base.get())
        .on("change", move |event| form.change_base(entered(&event)));
    let version =
        el("input").value_by(move || form.version.get()).on("change", move |event| form.version.set(entered(&event)));
    el("details")
        .child(el("summary").text("Another address"))
        .child(field("base-url", "Base address", base))
        .child(field("api-version", "API version", version))
        .child(el("p").class("hint").text("With another address, the key must be typed again."))
}

fn keep_tick(form: Form) -> El {
    let tick = el("input")
        .attr("type", "checkbox")
        .checked_by(move || form.keep.get())
        .on("change", move |event| form.keep.set(is_ticked(&event)));
    el("label")
        .class("tick")
        .child(tick)
        .child(el("span").text("Keep the key for this tab, so that it survives a reload"))
}

fn foot(form: Form) -> El {
    let forget = move |_| {
        form.forget();
        // The button that was pressed is gone.
        page::focus("#api-key");
    };
    let forget = move || el("button").class("ghost").on("click", forget).text("Forget the key");
    buttons()
        .when(move || form.state.connection.read().is_some(), forget)
        .child(el("button").class("primary").on("click", move |_| form.take()).text("Use this key"))
}

impl Form {
    /// A key belongs to the address it was typed for: with another address it must be typed again.
    fn change_base(self, entered: String) {
        if entered != *self.base.read_untracked() {
            self.base.set(entered);
            self.key.set(String::new());
            self.drop_check();
        }
    }

    /// What was found of another key, or is still being asked, no longer counts.
    fn drop_check(self) {
        self.task.set_value(None);
        self.checked.set(Checked::NotYet);
    }

    /// The field is empty once a connection is made: the key then lives in the connection alone.
    fn current(self) -> Option<Rc<Connection>> {
        if self.key.read_untracked().trim().is_empty()
            && let Some(connection) = self.state.connection.get_untracked()
            && connection.base_url() == self.base.read_untracked().trim_end_matches('/')
            && connection.version() == self.version.read_untracked().trim()
        {
            return Some(connection);
        }
        match connection(&self.base.read_untracked(), &self.version.read_untracked(), &self.key.read_untracked()) {
            Ok(connection) => Some(Rc::new(connection)),
            Err(error) => {
                self.problem.set(Some(capital(&error.to_string())));
                None
            }
        }
    }

    fn check(self) {
        let Some(connection) = self.current() else { return };
        self.problem.set(None);
        self.checked.set(Checked::Checking);
        self.task.set_value(Some(spawn(async move {
            match models::list(&FetchTransport, &connection).await {
                Ok(list) => {
                    self.checked.set(Checked::Works(list.len()));
                    self.models.set(list);
                }
                Err(failure) => self.checked.set(refused(&failure)),
            }
        })));
    }

    fn take(self) {
        let Some(connection) = self.current() else { return };
        self.problem.set(None);
        if self.keep.get_untracked() {
            storage::write(Keep::Tab, KEPT, &connection.for_this_tab());
        } else {
            storage::forget(Keep::Tab, KEPT);
        }
        self.key.set(String::new());
        self.state.connect(connection, self.model.read_untracked().trim());
        self.state.dialog.set(None);
    }

    fn forget(self) {
        self.key.set(String::new());
        self.models.set(Vec::new());
        self.drop_check();
        self.state.disconnect();
    }
}

fn refused(failure: &Failure) -> Checked {
    Checked::Refused { title: failure::card(failure.kind).title.into(), words: failure.message.to_string() }
}

fn said(checked: &Checked) -> Vec<El> {
    let said = |class| el("p").class(class);
    match checked {
        Checked::NotYet => Vec::new(),
        Checked::Checking => vec![said("hint").text("Asking …")],
        Checked::Works(n) => vec![said("good").text(&format!("The key works: {}.", count(*n, "model", "models")))],
        Checked::Refused { title, words } => {
            vec![said("problem").child(el("b").text(title).text(".")).text(" ").text(words)]
        }
    }
}
