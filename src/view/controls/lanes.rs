//! The lanes, each a card.

use super::field::{Number, whole};
use super::lock::{group, signed};
use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::lane_preset::LANE_PRESETS;
use crate::experiment::{Experiment, LaneSpec, StrategySpec};
use crate::id::lane_letter;
use crate::lesson::lock::Lock;
use crate::policy::semaphore;
use crate::view::dom::event::{chosen, input};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::lane::{differences, how};
use leptos::prelude::*;

/// The focus on its way to where a lane went.
type Following = StoredValue<Option<Task>, LocalStorage>;

pub(super) fn lanes(state: State) -> El {
    let following = StoredValue::new_local(None::<Task>);
    el("section")
        .child(signed(el("h2").text("Lanes"), state, &[Lock::Lanes]))
        .each(
            move || (0..state.experiment.read().lanes.len()).collect(),
            move |lane| vec![lane_card(state, lane, following)],
        )
        .when(move || state.experiment.read().lanes.len() < Experiment::MOST_LANES, move || menu(state))
}

/// Lanes to add, in a menu that shows none of them as chosen.
fn menu(state: State) -> El {
    let mut menu =
        el("select").class("add-lane").attr("aria-label", "Add a lane").child(el("option").text("Add a lane …"));
    for preset in LANE_PRESETS {
        menu = menu.child(el("option").text(preset.name));
    }
    let menu = menu.on("change", move |event| {
        let Some(preset) = chosen(&event).and_then(|place| LANE_PRESETS.get(place.checked_sub(1)?)) else { return };
        if let Some(menu) = input(&event) {
            menu.set_value("Add a lane …");
        }
        // Read before it is written: the one guard must be gone when the other comes.
        let end = state.experiment.read_untracked().lanes.len();
        state.add_lane(end, preset.lane());
    });
    group(state, &Lock::OF_LANES).child(menu)
}

fn lane_card(state: State, lane: usize, following: Following) -> El {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let is_on = move || state.own_lane() == lane;
    let words =
        move |of: fn(&LaneSpec) -> String| move || state.experiment.read().lanes.get(lane).map(of).unwrap_or_default();
    let head = el("button")
        .class("lane-head")
        .aria_by("aria-pressed", is_on)
        .on("click", move |_| state.choose_lane(lane))
        .child(el("b").text(&letter.to_string()))
        .child(el("span").text_by(words(|spec| spec.name.clone())))
        .child(el("span").class("how").text_by(move || otherwise(&state.experiment.read(), lane)));
    let has_limit = move || {
        let has = |spec: &LaneSpec| spec.strategy != StrategySpec::Sequential && spec.adaptive_limit.is_none();
        state.experiment.read().lanes.get(lane).is_some_and(has)
    };
    el("div")
        .class("lane")
        .class_by("on", is_on)
        .child(head)
        .when(has_limit, move || limit_field(state, lane))
        .when(is_on, move || acts(state, lane, following))
}

/// What the card of a lane says of it: of the first all that matters, of any other what it does otherwise.
fn otherwise(experiment: &Experiment, lane: usize) -> String {
    match (experiment.lanes.get(lane), experiment.lanes.first()) {
        (Some(spec), Some(first)) if lane > 0 => {
            let is_same = LaneSpec { name: first.name.clone(), ..spec.clone() } == *first;
            let words = Some(differences(spec, first)).filter(|words| !words.is_empty());
            words.unwrap_or_else(|| if is_same { "the same as A" } else { "as A, with other figures" }.into())
        }
        (Some(spec), _) => how(spec),
        (None, _) => String::new(),
    }
}

/// What can be done with the selected lane. Another one is selected then, and the focus goes there.
fn acts(state: State, lane: usize, following: Following) -> El {
    let act = move |label: &str, act: Box<dyn Fn()>| {
        let act = move |_| {
            act();
            following.set_value(Some(spawn(async { page::focus(".lane.on .lane-head") })));
        };
        el("button").class("ghost").on("click", act).text(label)
    };
    let lanes = move || state.experiment.read().lanes.len();
    let duplicate = move || {
        act(
            "Duplicate",
            Box::new(move || {
                let spec = state.experiment.read_untracked().lanes.get(lane).cloned();
                if let Some(spec) = spec {
                    state.add_lane(lane + 1, spec);
                }
            }),
        )
    };
    let row = el("div")
        .class("row acts")
        .when(move || lanes() < Experiment::MOST_LANES, duplicate)
        .when(move || lane > 0, move || act("Move up", Box::new(move || state.move_lane_up(lane))))
        .when(move || lanes() > 1, move || act("Remove", Box::new(move || state.remove_lane(lane))));
    group(state, &Lock::OF_LANES).child(row)
}

fn limit_field(state: State, lane: usize) -> El {
    let limit = move || state.experiment.read().lanes.get(lane).and_then(|spec| spec.limit).map(f64::from);
    let number = Number::new("At most in flight", 1.0, f64::from(semaphore::Params::MOST)).slider(50.0);
    let field = number.field(limit, move |entered| state.edit_lane(lane, |spec| spec.limit = entered.map(whole)));
    group(state, &[Lock::Lanes]).child(field)
}
