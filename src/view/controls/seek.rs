//! The search for a server's limit: a lane that asks more and more until it is refused.

use super::field::{Number, choice_field, whole};
use super::lock::locked_fields;
use crate::experiment::lane_preset::{FIND_AT_ONCE, FIND_RATE, LANE_PRESETS};
use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

/// What is raised, and the lane that raises it.
const RAISED: [(&str, &str); 2] = [("how fast they go out", FIND_RATE), ("how many are in flight", FIND_AT_ONCE)];
/// As many as a free key may send in a few minutes without feeling it.
const AT_FIRST: u32 = 60;
const MOST: f64 = 10_000.0;

pub(super) fn seek_fields(state: State) -> El {
    let (budget, raised) = (RwSignal::new(AT_FIRST), RwSignal::new(0_usize));
    let find = move |_| {
        let name = RAISED[raised.get_untracked()].1;
        if let Some(preset) = LANE_PRESETS.iter().find(|preset| preset.name == name) {
            state.seek_limit(budget.get_untracked(), preset.lane());
        }
    };
    let words = "One lane replaces the others. It asks more and more, once each, and stops at the first refusal for \
                 quota or when so many have been asked.";
    locked_fields(state, "Find my limit", &[Lock::Requests, Lock::Lanes, Lock::Retries, Lock::Rates])
        .child(el("p").class("fine").text(words))
        .child(Number::new("Requests at most", 1.0, MOST).field(
            move || Some(f64::from(budget.get())),
            move |most| budget.set(most.map_or(AT_FIRST, whole).clamp(1, 10_000)),
        ))
        .child(choice_field(
            "Raise",
            &RAISED.map(|(what, _)| what),
            move || raised.get(),
            move |place| raised.set(place),
        ))
        .child(el("button").class("ghost").on("click", find).text("Find it"))
}
