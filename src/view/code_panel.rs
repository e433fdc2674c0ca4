//! The selected lane as code, with the line lit that the selected request is at.

use crate::browser::storage::{self, Keep};
use crate::code::{Language, Step, sketch};
use crate::id::lane_letter;
use crate::trace::Outcome;
use crate::trace::span::Phase;
use crate::view::state::State;
use leptos::prelude::*;

const KEPT: &str = "lanescope.language";

#[component]
pub(crate) fn CodePanel() -> impl IntoView {
    let state = State::here();
    let kept = storage::read(Keep::Browser, KEPT);
    let start = Language::ALL.into_iter().find(|language| kept.as_deref() == Some(language.name()));
    let language = RwSignal::new(start.unwrap_or(Language::Python));
    let heading =
        move || format!("Lane {} as code", lane_letter(u8::try_from(state.selected.get().0).unwrap_or(u8::MAX)));
    let step = Memo::new(move |_| current_step(state));
    let lines = move || {
        let lane = state.selected.get().0;
        let plan = state.with_picture(|picture| picture.plans.get(lane).copied()).flatten();
        plan.map(|plan| sketch(language.get(), &plan)).unwrap_or_default()
    };
    let choose = move |chosen: Language| {
        language.set(chosen);
        storage::write(Keep::Browser, KEPT, chosen.name());
    };
    view! {
        <section class="code">
            <h2>{heading}</h2>
            <div class="tabs" role="group" aria-label="Language">
                {Language::ALL.map(|each| view! {
                    <button aria-pressed=move || (language.get() == each).to_string() on:click=move |_| choose(each)>
                        {each.name()}
                    </button>
                }).collect_view()}
            </div>
            <pre tabindex="0" aria-label="Code"><code>
                {move || lines().into_iter().map(|line| {
                    let own = line.step;
                    let is_lit = move || own.is_some() && own == step.get();
                    view! { <span class="line" class:lit=is_lit>{coloured(language.get_untracked(), &line.text)}"\n"</span> }
                }).collect_view()}
            </code></pre>
        </section>
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
                Outcome::Failed => Some(Step::GiveUp),
                Outcome::Cancelled => None,
            };
        }
        Some(match row.span_at(now)?.phase {
            Phase::Queued => Step::Queue,
            Phase::FirstByte | Phase::Thinking | Phase::Streaming => Step::Call,
            Phase::BackingOff => Step::BackOff,
        })
    });
    at.flatten()
}

/// A line with its keywords and calls told apart.
fn coloured(language: Language, text: &str) -> impl IntoView + use<> {
    let mut pieces: Vec<(Option<&'static str>, String)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            rest.find(is_word).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(end);
        let class = if language.keywords().contains(&piece) {
            Some("keyword")
        } else if is_word(first) && after.starts_with('(') {
            Some("call")
        } else {
            None
        };
        pieces.push((class, piece.to_owned()));
        rest = after;
    }
    pieces
        .into_iter()
        .map(|(class, piece)| view! { <span class=class.unwrap_or_default()>{piece}</span> })
        .collect_view()
}
