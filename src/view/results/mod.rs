//! The results: the table twin of the timeline, the answers as they grow, and the run as it is heard.
//!
//! The heading is there at once. What is below it, below the fold on most screens, is fetched when the visitor first
//! stirs, and has its room before.

mod chosen;
mod line;
mod row;
mod speech;
mod table;
mod tools;

pub(super) use line::said;

use crate::browser::later::later;
use crate::browser::page;
use crate::id::lane_letter;
use crate::trace::span::Row;
use crate::view::dom::{El, el};
use crate::view::files::file_buttons;
use crate::view::opened::made_when_stirred;
use crate::view::picture::Picture;
use crate::view::state::State;
use leptos::prelude::*;

/// The results; `lanes` is where the lanes are summed up for those who hear the timeline.
pub(crate) fn results(state: State, lanes: El) -> El {
    let rows = move || state.with_picture(|picture| picture.rows(state.selected.get().0).len()).unwrap_or(0);
    let body = el("div").class("results-body").style_by("--rows", move || rows().to_string());
    made_when_stirred(state, &body, move |state, home| made(state, lanes.clone(), home));
    el("section").class("card results").attr("aria-label", "Results").child(head(state)).child(body)
}

later! { table:
    fn made(state: State, lanes: El, home: Owner) -> El {
        home.with(|| {
            untrack(|| {
                speech::sum_up(state, lanes);
                table::table(state)
            })
        })
    }
}

/// The lanes to choose from, and what to do with what came of them.
fn head(state: State) -> El {
    let lanes = move || (0..state.with_picture(Picture::len).unwrap_or(0)).collect::<Vec<_>>();
    let tab = move |lane: usize| {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let tab = el("button")
            .aria_by("aria-pressed", move || state.selected.get().0 == lane)
            .on("click", move |_| state.selected.update(|selected| selected.0 = lane))
            .text(&format!("Lane {letter}"));
        vec![tab]
    };
    let again = move || {
        el("button")
            .class("ghost")
            .on("click", move |_| state.rerun_failed(state.selected.get_untracked().0))
            .text("Run the failed ones again")
    };
    let go_back = move |_| {
        state.go_back();
        if !state.has_whole() {
            // The button that was pressed is gone.
            page::focus(".timeline");
        }
    };
    let back = move || el("button").class("ghost").on("click", go_back).text("Back to the whole run");
    el("div")
        .class("results-head")
        .child(el("h2").text("Results"))
        .child(el("div").class("tabs").attr("role", "group").attr("aria-label", "Lane").each(lanes, tab))
        .child(
            el("div")
                .class("end")
                .when(move || state.has_whole(), back)
                .when(move || has_failed(state), again)
                .children(file_buttons(state)),
        )
}

/// Whether the run is over and some of the lane's requests have no answer.
fn has_failed(state: State) -> bool {
    if state.live.read().is_some() || !state.playback.read().is_at_end() {
        return false;
    }
    let lane = state.selected.get().0;
    let any = |picture: &Picture| !picture.is_script() && picture.rows(lane).iter().any(Row::is_unanswered);
    state.with_picture(any).unwrap_or(false)
}
