//! The lanes, each a card.

use super::field::{Number, whole};
use crate::experiment::{LaneSpec, StrategySpec};
use crate::id::lane_letter;
use crate::policy::semaphore;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

pub(super) fn lanes(state: State) -> El {
    el("section")
        .child(el("h2").text("Lanes"))
        .each(move || (0..state.experiment.read().lanes.len()).collect(), move |lane| vec![lane_card(state, lane)])
}

fn lane_card(state: State, lane: usize) -> El {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let is_on = move || state.selected.get().0 == lane;
    let words =
        move |of: fn(&LaneSpec) -> String| move || state.experiment.read().lanes.get(lane).map(of).unwrap_or_default();
    let head = el("button")
        .class("lane-head")
        .aria_by("aria-pressed", is_on)
        .on("click", move |_| state.selected.update(|selected| selected.0 = lane))
        .child(el("b").text(&letter.to_string()))
        .child(el("span").text_by(words(|spec| spec.name.clone())))
        .child(el("span").class("how").text_by(words(how)));
    let has_limit = move || {
        let experiment = state.experiment.read();
        experiment.lanes.get(lane).is_some_and(|spec| spec.strategy == StrategySpec::Gather)
    };
    el("div").class("lane").class_by("on", is_on).child(head).when(has_limit, move || limit_field(state, lane))
}

fn how(spec: &LaneSpec) -> String {
    match (spec.strategy, spec.limit) {
        (StrategySpec::Sequential, _) => "one at a time".to_owned(),
        (StrategySpec::Gather, Some(limit)) => format!("{limit} in flight"),
        (StrategySpec::Gather, None) => "no limit".to_owned(),
    }
}

fn limit_field(state: State, lane: usize) -> El {
    let limit = move || state.experiment.read().lanes.get(lane).and_then(|spec| spec.limit).map(f64::from);
    let number = Number::new("At most in flight", 1.0, f64::from(semaphore::Params::MOST)).slider(50.0);
    number.field(limit, move |entered| state.edit_lane(lane, |spec| spec.limit = entered.map(whole)))
}
