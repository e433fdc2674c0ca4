//! The selected lane as code, with the line lit that the selected request is at.

use crate::browser::storage::{self, Keep};
use crate::code::{Language, Line, Step, sketch};
use crate::id::lane_letter;
use crate::trace::Outcome;
use crate::trace::span::Phase;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

const KEPT: &str = "lanescope.language";

pub(crate) fn code_panel(state: State) -> El {
    let kept = storage::read(Keep::Browser, KEPT);
    let start = Language::ALL.iter().position(|language| kept.as_deref() == Some(language.name()));
    // The place of the language among all.
    let chosen = RwSignal::new(start.unwrap_or(0));
    let heading = move || {
        let lane = state.selected.get().0;
        format!("Lane {} as code", lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    };
    let program = Memo::new(move |_| {
        let (language, lane) = (Language::ALL[chosen.get()], state.selected.get().0);
        let program = state.with_picture(|picture| {
            let steps = picture.experiment.workload.steps();
            picture.plans.get(lane).map(|plan| sketch(language, plan, steps))
        });
        program.flatten().unwrap_or_default()
    });
    let choices = Language::ALL.into_iter().enumerate().map(|(place, language)| {
        el("button")
            .aria_by("aria-pressed", move || chosen.get() == place)
            .on("click", move |_| {
                chosen.set(place);
                storage::write(Keep::Browser, KEPT, language.name());
            })
            .text(language.name())
    });
    let lines = move || {
        let language = Language::ALL[chosen.get_untracked()];
        program.read().iter().map(|line| shown(state, language, line)).collect::<Vec<_>>()
    };
    el("section")
        .class("code")
        .child(el("h2").text_by(heading))
        .child(el("div").class("tabs").attr("role", "group").attr("aria-label", "Language").children(choices))
        .child(el("pre").attr("tabindex", "0").attr("aria-label", "Code").child(el("code").part(lines)))
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
