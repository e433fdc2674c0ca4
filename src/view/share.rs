//! A link to the experiment.

use crate::browser::spawn::{Task, spawn};
use crate::browser::{download, page};
use crate::experiment::{Experiment, share};
use crate::view::dom::event::is_ticked;
use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::state::{Dialog, State};
use crate::view::words::units::capital;
use leptos::prelude::*;

pub(crate) fn share_dialog(state: State) -> El {
    let sharing = Sharing {
        state,
        with_prompts: RwSignal::new(false),
        copied: RwSignal::new(None),
        task: StoredValue::new_local(None),
    };
    let tick = el("input")
        .attr("type", "checkbox")
        .on("change", move |event| sharing.with_prompts.set(is_ticked(&event)))
        .checked_by(move || sharing.with_prompts.get());
    let ticked = el("span").text("Put my prompts, steps, fixed texts and the system instruction into it");
    let promise = move || {
        let sees = if state.is_connected() {
            "Whoever opens the link has the same experiment, to be run with a key of their own."
        } else {
            "Whoever opens the link sees the same simulation, to the microsecond."
        };
        format!("{sees} It holds neither a key nor a server's address.")
    };
    modal(state, Dialog::Share, "Share this experiment")
        .child(el("p").text_by(promise))
        .child(el("label").class("tick").child(tick).child(ticked))
        .when(move || sharing.offers(true), move || sharing.link_and_button())
        .when(move || sharing.offers(false), move || sharing.problem())
}

/// What the dialog knows. A handle: copies share it.
#[derive(Clone, Copy)]
struct Sharing {
    state: State,
    with_prompts: RwSignal<bool>,
    /// The link that was copied last.
    copied: RwSignal<Option<String>>,
    task: StoredValue<Option<Task>, LocalStorage>,
}

impl Sharing {
    /// The link, or why there is none.
    fn link(self) -> Result<String, String> {
        let experiment = self.state.experiment.read();
        let shared = if self.with_prompts.get() { experiment.clone() } else { without_prompts(&experiment) };
        match share::encode(&shared) {
            Ok(value) => Ok(format!("{}#x={value}", page::address())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether to show a link, or why there is none. A link is made only for a dialog that is open:
    /// it is made anew with every edit.
    fn offers(self, link: bool) -> bool {
        self.state.dialog.get() == Some(Dialog::Share) && self.link().is_ok() == link
    }

    fn link_and_button(self) -> El {
        let link = el("input").class("link").attr("readonly", "").attr("aria-label", "Link");
        let is_copied = move || self.copied.read().as_ref().is_some_and(|copied| self.link().as_ref() == Ok(copied));
        let copy = el("button")
            .class("primary")
            .on("click", move |_| self.copy())
            .text_by(move || if is_copied() { "Copied" } else { "Copy" }.to_owned());
        el("div").class("row").child(link.value_by(move || self.link().unwrap_or_default())).child(copy)
    }

    fn problem(self) -> El {
        let words = move || self.link().err().map(|error| capital(&error)).unwrap_or_default();
        el("p").class("problem").attr("role", "alert").text_by(words).text(".")
    }

    fn copy(self) {
        let Ok(link) = self.link() else { return };
        self.task.set_value(Some(spawn(async move {
            let is_copied = download::copy(&link).await.is_ok();
            self.copied.set(is_copied.then_some(link));
        })));
    }
}

/// The experiment with the default prompt in the place of the user's own, and nothing else that the user wrote to be
/// read. There are as many steps as before, and a text stands in where one did.
fn without_prompts(experiment: &Experiment) -> Experiment {
    let mut shared = experiment.clone();
    if let Some(calls) = shared.workload.calls_mut() {
        calls.prompts = crate::experiment::workload::Calls::default().prompts;
        calls.settings.system = None;
        calls.steps.fill("Go on.".into());
    }
    for fallback in shared.lanes.iter_mut().filter_map(|lane| lane.fallback.as_mut()) {
        fallback.text = fallback.text.as_ref().map(|_| "A fixed text.".into());
    }
    shared
}
