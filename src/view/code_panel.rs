//! The selected lane as code, with the line lit that the selected request is at.

use crate::browser::later::later;
use crate::browser::spawn::{Task, spawn};
use crate::browser::storage::{self, Keep};
use crate::browser::{download, text};
use crate::code::{Language, Line, Program, Step, program, script};
use crate::experiment::script::{Dialect, Script};
use crate::lesson::knob::Knob;
use crate::lesson::lock::Lock;
use crate::trace::Outcome;
use crate::trace::span::Phase;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::opened::when_stirred;
use crate::view::state::State;
use crate::view::words::code::{NOT_FETCHED, file_name, heading};
use leptos::prelude::*;
use web_sys::Element;

const KEPT: &str = "lanescope.language";

/// The heading. What makes programs is not what the first seconds are for.
pub(crate) fn code_panel(state: State) -> El {
    let title = el("h2").text_by(move || heading(state.selected.get().0));
    let panel = el("section").class("code").child(title);
    let (home, place) = (Owner::current().unwrap_or_default(), panel.clone());
    let fetching = StoredValue::new_local(None::<Task>);
    when_stirred(state, move || fetching.set_value(Some(fill(state, place.clone(), home.clone()))));
    panel
}

/// Adds what the panel holds, once its code is there.
fn fill(state: State, place: El, home: Owner) -> Task {
    spawn(async move {
        match made(state, home).await {
            Ok(parts) => {
                for part in &parts {
                    place.add(part);
                }
            }
            Err(problem) => place.add(&el("p").class("problem").text(&String::from(problem))),
        }
    })
}

later! { lessons:
    /// A lane's program of a script.
    fn script_program(language: Language, script: Script, lane: usize) -> Program {
        let lines = script.programs.get(lane).map(|program| script::program(language, program, script.dialect));
        Program { lines: lines.unwrap_or_default(), remarks: Vec::new() }
    }
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
    /// The program of a script's lane.
    scripted: RwSignal<Option<Program>>,
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
        let templates: RwSignal<[Option<String>; Language::ALL.len()]> = RwSignal::default();
        let scripted = RwSignal::new(None);
        let program = Memo::new(move |_| {
            if let Some(program) = scripted.get() {
                return program;
            }
            let (place, lane) = (chosen.get(), state.selected.get().0);
            let template = templates.read()[place].clone();
            let made = template.and_then(|template| {
                let made = state.with_picture(|picture| {
                    let calls = picture.run_in(lane)?.0.workload.calls()?;
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
            scripted,
            failed: RwSignal::new([false; Language::ALL.len()]),
            program,
            copied: RwSignal::new(None),
            fetching: StoredValue::new_local(None),
            copying: StoredValue::new_local(None),
        }
    }

    /// The place of the language that is shown: a script is shown in the one whose rules it runs by.
    fn place(self) -> usize {
        let dialect = self.state.experiment.with(|experiment| experiment.workload.script().map(|of| of.dialect));
        match dialect {
            Some(Dialect::Asyncio) => 0,
            Some(Dialect::Promises) => 1,
            Some(Dialect::TokioOneThread | Dialect::TokioManyThreads) => 2,
            None => self.chosen.get(),
        }
    }

    fn language(self) -> Language {
        Language::ALL[self.place()]
    }

    /// Whether a teacher's link keeps a script from running by other rules.
    fn is_locked(self) -> bool {
        self.state.is_script() && self.state.guide.is_locked(Lock::of(Knob::Dialect))
    }

    /// Shows a language; a script then runs by its rules.
    fn choose(self, place: usize) {
        self.chosen.set(place);
        storage::write(Keep::Browser, KEPT, Language::ALL[place].name());
        if self.state.experiment.with_untracked(|experiment| experiment.workload.script().is_some()) {
            self.state.turn(Knob::Dialect, u32::try_from(place).unwrap_or_default());
        }
    }

    /// Has the program of a script made, whose code may have to be fetched.
    fn make_script(self) {
        let lane = self.state.selected.get().0;
        let script = self.state.with_picture(|picture| picture.experiment.workload.script().cloned()).flatten();
        let Some(script) = script else { return self.scripted.set(None) };
        let language = self.language();
        self.fetching.set_value(Some(spawn(async move {
            // One that can't be made is none: that of another lane would be false.
            let made = script_program(language, script, lane).await;
            self.failed.update(|failed| failed.fill(made.is_err()));
            self.scripted.set(Some(made.unwrap_or_default()));
        })));
    }

    fn parts(self) -> Vec<El> {
        follow(move || self.make_script());
        follow(move || {
            if !self.state.is_script() {
                self.fetch(self.chosen.get());
            }
        });
        let choices = Language::ALL.into_iter().enumerate().map(|(place, language)| {
            el("button")
                .aria_by("aria-pressed", move || self.place() == place)
                .flag_by("disabled", move || self.is_locked())
                .on("click", move |_| self.choose(place))
                .text(language.name())
        });
        let tabs = el("div").class("tabs").attr("role", "group").attr("aria-label", "Language").children(choices);
        let lines = move || {
            let language = untrack(|| self.language());
            let lines = &self.program.read().lines;
            lines.iter().map(|line| shown(self.state, language, line)).collect::<Vec<_>>()
        };
        let remarks =
            move || self.program.read().remarks.iter().map(|remark| el("li").text(remark)).collect::<Vec<_>>();
        let code = el("pre")
            .attr("tabindex", "0")
            .attr("role", "group")
            .attr("aria-label", "Code")
            .child(el("code").part(lines));
        self.keep_in_sight(&code);
        let is_there = move || !self.program.read().lines.is_empty();
        let has_failed = move || self.failed.read()[self.chosen.get()];
        let rest = el("div")
            .when(is_there, move || self.buttons())
            .when(has_failed, || el("p").class("problem").attr("role", "alert").text(NOT_FETCHED))
            .child(code)
            .child(el("ul").class("remarks").attr("aria-label", "Remarks").part(remarks));
        vec![tabs, rest]
    }

    /// Scrolls the program, and nothing else, so that the line that is lit is to be seen.
    fn keep_in_sight(self, code: &El) {
        let frame: Element = code.node();
        let turning = StoredValue::new_local(None::<Task>);
        follow(move || {
            self.program.track();
            let (step, frame) = (current_step(self.state), frame.clone());
            if step.is_none() {
                return;
            }
            // Once the line is lit.
            turning.set_value(Some(spawn(async move {
                let Ok(Some(lit)) = frame.query_selector(".lit") else { return };
                let (line, view) = (lit.get_bounding_client_rect(), frame.get_bounding_client_rect());
                if line.top() < view.top() || line.bottom() > view.bottom() {
                    let middle = f64::midpoint(view.top(), view.bottom());
                    #[allow(clippy::cast_possible_truncation)] // Pixels.
                    frame.set_scroll_top(frame.scroll_top() + (line.top() - middle) as i32);
                }
            })));
        });
    }

    fn buttons(self) -> El {
        let is_copied = move || self.copied.read().as_ref().is_some_and(|copied| *copied == self.program.read().text());
        let copy = el("button")
            .class("ghost")
            .on("click", move |_| self.copy())
            .text_by(move || if is_copied() { "Code copied" } else { "Copy code" }.to_owned());
        let save = el("button").class("ghost").on("click", move |_| self.save()).text("Download code");
        el("div").class("row end").child(copy).child(save)
    }

    /// Fetches the file of a language, unless it is there.
    fn fetch(self, place: usize) {
        if self.templates.with_untracked(|templates| templates[place].is_some()) {
            return;
        }
        self.failed.update(|failed| failed[place] = false);
        self.fetching.set_value(Some(spawn(async move {
            match text::fetch(&format!("programs/{}", Language::ALL[place].template_file())).await {
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
            Phase::Queued | Phase::RateLimited | Phase::CircuitOpen | Phase::Awaiting => Step::Queue,
            Phase::FirstByte | Phase::Thinking | Phase::Streaming | Phase::Computing | Phase::Sleeping => Step::Call,
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
