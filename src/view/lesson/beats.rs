//! The beats: buttons that send the playhead from one stop to the next, and what is said there.

use super::terms::spelled;
use crate::lesson::marked::Bit;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

/// What is said at a stop, and the buttons that lead to it. `marked` marks the terms of what is said.
pub(super) fn walk(state: State, marked: impl Fn(String) -> Vec<Bit> + 'static) -> El {
    let count = move || state.guide.stops.read().len();
    let says = move || {
        let stops = state.guide.stops.read();
        state.guide.stop.get().and_then(|stop| Some(stops.get(stop)?.says.clone())).unwrap_or_default()
    };
    let place = move || match state.guide.stop.get() {
        Some(stop) => format!("{} of {}", stop + 1, count()),
        None => format!("{} things to see", count()),
    };
    // One that leads nowhere keeps the focus: a press on it does nothing.
    let button =
        |forward: bool, words: &str| el("button").class("ghost").on("click", move |_| state.walk(forward)).text(words);
    let is_first = move || state.guide.stop.get().is_none_or(|stop| stop == 0);
    let is_last = move || state.guide.stop.get().is_some_and(|stop| stop + 1 >= count());
    let play = el("button").class("ghost").on("click", move |_| state.play_again()).text("Play");
    el("div")
        .class("beats")
        .attr("role", "group")
        .attr("aria-label", "What to see")
        .child(
            el("div")
                .class("row")
                .child(button(false, "‹ Back").aria_by("aria-disabled", is_first))
                .child(el("span").class("fine").text_by(place))
                .child(button(true, "Next ›").aria_by("aria-disabled", is_last))
                .child(play),
        )
        .child(el("p").class("says").attr("role", "status").part(move || spelled(marked(says()))))
}
