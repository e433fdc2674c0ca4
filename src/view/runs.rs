//! The runs of this visit, to unfold under the timeline: to be shown again, compared, named and taken away.

use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::scene::shelf::{RunId, Shelf};
use crate::time::Instant;
use crate::view::dom::event::{entered, input, key};
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::drawing::clock_time;
use crate::view::opened::unfolding;
use crate::view::picture::Picture;
use crate::view::state::{Kept, State};
use crate::view::words::runs::{gone, kind, totals};
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Adds the list, where a run can be picked from it.
pub(crate) fn runs_place(stage: El, state: State) -> El {
    let count = move || state.with_runs(|runs| runs.runs().count().to_string());
    let summary = move || el("summary").text("Runs of this visit ").child(el("span").class("fine").text_by(count));
    stage.when(move || state.has_free_choice(), move || unfolding(state, summary(), list).class("card runs"))
}

later! { runs:
    fn list(state: State, home: Owner) -> El {
        home.with(|| untrack(|| {
            let ids = move || state.with_runs(|runs| runs.runs().map(|(id, _)| id.0 as usize).collect());
            let row = move |id: usize| vec![row(state, RunId(u32::try_from(id).unwrap_or(u32::MAX)))];
            let told = move || gone(state.with_runs(Shelf::gone));
            let nothing = move || el("p").class("fine").text("A run comes here once it is over.");
            el("div")
                .child(el("ol").class("run-list").attr("aria-label", "Runs").each(ids, row))
                .when(move || state.with_runs(|runs| runs.runs().next().is_none()), nothing)
                .when(move || !told().is_empty(), move || el("p").class("fine").text_by(told))
        }))
    }
}

/// A run: its name shows it again.
fn row(state: State, id: RunId) -> El {
    let number = id.0;
    let is_shown = move || state.shown_run() == Some(id);
    let is_named = RwSignal::new(false);
    let name = move || {
        el("button")
            .class("name")
            .aria_by("aria-pressed", is_shown)
            .on("click", move |_| state.show_run(id))
            .text_by(move || format!("Run {number}: {}", name_of(state, id)))
    };
    let compare = el("button")
        .class("ghost")
        .attr("aria-label", &format!("Compare with run {number}"))
        .attr("title", "Lays the selected lane of the run that is shown beside the same lane of this run")
        .pressed(move || is_shown() || state.shown_run().is_none(), move || compare(state, id))
        .text("Compare");
    let rename = el("button")
        .class("ghost")
        .attr("aria-label", &format!("Rename run {number}"))
        .on("click", move |_| is_named.set(true))
        .text("Rename");
    let remove = el("button")
        .class("ghost")
        .attr("aria-label", &format!("Remove run {number}"))
        .on("click", move |_| {
            state.remove_run(id);
            // The button is gone, and the focus with it.
            page::focus(".runs summary");
        })
        .text("×");
    el("li")
        .when(move || !is_named.get(), name)
        .when(move || is_named.get(), move || field(state, id, is_named))
        .child(el("span").class("fine").text_by(move || about(state, id)))
        .child(el("div").class("end").child(compare).child(rename).child(remove))
}

/// The field for another name. Enter takes it, and so does leaving it; Escape lets it be.
fn field(state: State, id: RunId, is_named: RwSignal<bool>) -> El {
    let field = el("input");
    let node: HtmlInputElement = field.node();
    // It stands on the page once this turn is over.
    keep(spawn(async move {
        let _ = node.focus();
        node.select();
    }));
    field
        .attr("aria-label", &format!("Name of run {}", id.0))
        .attr("maxlength", "60")
        .attr("value", &name_of(state, id))
        .on("change", move |event| {
            let name = entered(&event);
            if !name.trim().is_empty() {
                state.rename_run(id, name.trim());
            }
        })
        .on("keydown", move |event| {
            let key = key(&event);
            if key.as_deref() == Some("Escape")
                && let Some(field) = input(&event)
            {
                field.set_value(&name_of(state, id));
            }
            if matches!(key.as_deref(), Some("Enter" | "Escape")) {
                // It would press the button.
                event.prevent_default();
                page::focus(&format!("[aria-label='Rename run {}']", id.0));
            }
        })
        .on("blur", move |_| is_named.set(false))
}

fn compare(state: State, with: RunId) {
    let Some(shown) = state.shown_run() else { return };
    match state.compare(with, shown) {
        Ok(()) => {
            state.notice.set(None);
            page::bring_into_view(".timeline-head");
        }
        Err(problem) => state.notice.set(Some(problem)),
    }
}

fn name_of(state: State, id: RunId) -> String {
    state.with_runs(|runs| runs.get(id).map(|entry| entry.name.clone())).unwrap_or_default()
}

/// What kind of run it is, when it was made, and how long its lanes took.
fn about(state: State, id: RunId) -> String {
    let said = |runs: &Shelf<Kept>| {
        let entry = runs.get(id)?;
        let opened = if entry.is_opened { ", from a file" } else { "" };
        let picture = &entry.run.picture;
        let ends = (0..picture.len()).map(|lane| end_of(picture, lane));
        Some(format!("{}{opened} · {} · {}", kind(entry.kind), clock_time(entry.at_millis), totals(ends)))
    };
    state.with_runs(said).unwrap_or_default()
}

/// When the last request of a lane ended.
fn end_of(run: &Picture, lane: usize) -> Option<Instant> {
    run.fold(lane)?.rows.iter().filter_map(|row| row.ended).max()
}
