//! The selected lane as code, with the line lit that the selected request is at.

use crate::browser::later::later;
use crate::browser::spawn::{Task, spawn};
use crate::browser::storage::{self, Keep};
use crate::browser::{beside, download};
use crate::code::{Language, Line, Program, Step, program};
use crate::experiment::Workload;
use crate::trace::Outcome;
use crate::trace::span::Phase;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::code::{NOT_FETCHED, file_name, heading};
use leptos::prelude::*;

const KEPT: &str = "lanescope.language";

/// The heading; what makes programs comes later.
pub(crate) fn code_panel(state: State) -> El {
    let title = el("h2").text_by(move || heading(state.selected.get().0));
    let panel = el("section").class("code").child(title);
    let home = Owner::current().unwrap_or_default();
    let place = panel.clone();
    let fetching = StoredValue::new_local(None::<Task>);
    fetching.set_value(Some(spawn(async move {
        match made(state, home).await {
            Ok(parts) => {
                for part in &parts {
                    place.add(part);
                }
            }
            Err(problem) => place.add(&el("p").class("problem").text(&String::from(problem))),
        }
    })));
    panel
}

later! { code:
    fn made(state: State, home: Owner) -> Vec<El> {
        home.with(|| untrack(|| Panel::new(state).parts()))
    }
}

/// What the panel knows. A handle: copies share it.
#[derive(Clone, Copy)]
struct Panel {
    state: State,
    /// The place of the language among all.
    chosen: RwSignal<usize>,
    /// The text of each language's file, as far as it was fetched.
    templates: RwSignal<[Option<String>; Language::ALL.len()]>,
    /// The languages whose file could not be fetched.
    failed: RwSignal<[bool; Language::ALL.len()]>,
    program: Memo<Program>,
    /// What was copied last.
    copied: RwSignal<Option<String>>,
    fetching: StoredValue<Option<Task>, LocalStorage>,
    copying: StoredValue<Option<Task>, LocalStorage>,
}

impl Panel {
    fn new(state: State) -> Self {
        let kept = storage::read(Keep::Browser, KEPT);
        let start = Language::ALL.iter().position(|language| kept.as_deref() == Some(language.name()));
        let chosen = RwSignal::new(start.unwrap_or(0));
        let templates = RwSignal::new([const { None::<String> }; Language::ALL.len()]);
        let program = Memo::new(move |_| {
            let (place, lane) = (chosen.get(), state.selected.get().0);
            let template = templates.read()[place].clone();
            let made = template.and_then(|template| {
                let made = state.with_picture(|picture| {
                    let Workload::Calls(calls) = &picture.experiment.workload;
                    picture.plans.get(lane).map(|plan| program(Language::ALL[place], &template, plan, calls))
                });
                made.flatten()
            });
            made.unwrap_or_default()
        });
        Self {
            state,
            chosen,
            templates,
            failed: RwSignal::new([false; Language::ALL.len()]),
            program,
            copied: RwSignal::new(None),
            fetching: StoredValue::new_local(None),
            copying: StoredValue::new_local(None),
        }
    }

    fn language(self) -> Language {
        Language::ALL[self.chosen.get()]
    }

    fn parts(self) -> Vec<El> {
        follow(move || self.fetch(self.chosen.get()));
        let choices = Language::ALL.into_iter().enumerate().map(|(place, language)| {
            el("button")
                .aria_by("aria-pressed", move || self.chosen.get() == place)
                .on("click", move |_| {
                    self.chosen.set(place);
                    self.fetch(place);
                    storage::write(Keep::Browser, KEPT, language.name());
                })
                .text(language.name())
        });
        let tabs = el("div").class("tabs").attr("role", "group").attr("aria-label", "Language").children(choices);
        let lines = move || {
            let language = Language::ALL[self.chosen.get_untracked()];
            let lines = &self.program.read().lines;
            lines.iter().map(|line| shown(self.state, language, line)).collect::<Vec<_>>()
        };
        let remarks =
            move || self.program.read().remarks.iter().map(|remark| el("li").text(remark)).collect::<Vec<_>>();
        let code = el("pre").attr("tabindex", "0").attr("aria-label", "Code").child(el("code").part(lines));
        let is_there = move || !self.program.read().lines.is_empty();
        let has_failed = move || self.failed.read()[self.chosen.get()];
        let rest = el("div")
            .when(is_there, move || self.buttons())
            .when(has_failed, || el("p").class("problem").attr("role", "alert").text(NOT_FETCHED))
            .child(code)
            .child(el("ul").class("remarks").attr("aria-label", "Remarks").part(remarks));
        vec![tabs, rest]
    }

    fn buttons(self) -> El {
        let is_copied = move || self.copied.read().as_ref().is_some_and(|copied| *copied == self.program.read().text());
        let copy = el("button")
            .on("click", move |_| self.copy())
            .text_by(move || if is_copied() { "Code copied" } else { "Copy code" }.to_owned());
        let save = el("button").on("click", move |_| self.save()).text("Download code");
        el("div").class("row end").child(copy).child(save)
    }

    /// Fetches the file of a language, unless it is there.
    fn fetch(self, place: usize) {
        if self.templates.with_untracked(|templates| templates[place].is_some()) {
            return;
        }
        self.failed.update(|failed| failed[place] = false);
        self.fetching.set_value(Some(spawn(async move {
            match beside::text(&format!("programs/{}", Language::ALL[place].template_file())).await {
                Ok(text) => self.templates.update(|templates| templates[place] = Some(text)),
                Err(_) => self.failed.update(|failed| failed[place] = true),
            }
        })));
    }

    fn copy(self) {
        let text = self.program.read_untracked().text();
        self.copying.set_value(Some(spawn(async move {
            let is_copied = download::copy(&text).await.is_ok();
            self.copied.set(is_copied.then_some(text));
        })));
    }

    fn save(self) {
        let name = untrack(|| file_name(self.state.selected.get().0, self.language()));
        let text = self.program.read_untracked().text();
        if download::save(&name, "text/plain", &text).is_err() {
            self.state.notice.set(Some("The browser did not allow that.".into()));
        }
    }
}

/// The moment that the selected request is at.
fn current_step(state: State) -> Option<Step> {
    let ((lane, item), now) = (state.selected.get(), state.now());
    let at = state.with_picture(|picture| {
        let row = picture.row(lane, item)?;
        if row.is_over(now) {
            return match row.outcome? {
                Outcome::Answered => Some(Step::Answer),
                Outcome::Failed | Outcome::Substituted => Some(Step::GiveUp),
                Outcome::Cancelled => None,
            };
        }
        Some(match row.span_at(now)?.phase {
            Phase::Queued | Phase::RateLimited | Phase::CircuitOpen => Step::Queue,
            Phase::FirstByte | Phase::Thinking | Phase::Streaming => Step::Call,
            Phase::BackingOff => Step::BackOff,
        })
    });
    at.flatten()
}

/// A line on the page, lit while the request is at its moment.
fn shown(state: State, language: Language, line: &Line) -> El {
    let shown = coloured(el("span").class("line"), language, &line.text).text("\n");
    match line.step {
        Some(step) => shown.class_by("lit", move || current_step(state) == Some(step)),
        None => shown,
    }
}

/// Adds a line's text with its keywords and calls told apart, but none in a remark.
fn coloured(mut line: El, language: Language, text: &str) -> El {
    let (mut rest, remark) = text.split_at(text.find(language.remark()).unwrap_or(text.len()));
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            rest.find(is_word).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        let class = if language.keywords().contains(&piece) {
            "keyword"
        } else if is_word(first) && after.starts_with('(') {
            "call"
        } else {
            ""
        };
        line = line.child(el("span").class(class).text(piece));
        rest = after;
    }
    line.text(remark)
}
