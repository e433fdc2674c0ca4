//! What is asked beside the first call: a second copy of one that takes long, other models, and at last a fixed text.

use super::field::{Number, choice_field, text_field, tick_field, whole};
use super::lane::{edit, millis, number, of, secs};
use super::lock::locked_fields;
use super::rates::gate;
use crate::experiment::limits::Hedge;
use crate::experiment::{Fallback, FallbackRule, LaneSpec};
use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::entered::lines;
use leptos::prelude::*;

const COPIES: [Option<Hedge>; 3] = [None, Some(Hedge::AfterMillis(10_000)), Some(Hedge::Percentile(95))];

const RULES: [FallbackRule; 3] = [FallbackRule::InOrder, FallbackRule::FirstSuccess, FallbackRule::FirstFinished];

pub(super) fn copy_fields(state: State) -> El {
    locked_fields(state, "Slow and failed calls", &[Lock::Retries])
        .child(choice_field(
            "Copy of a slow call",
            &["none", "after so many seconds", "past a percentile"],
            move || of(state, copies),
            move |place| edit(state, &|spec| spec.hedge = COPIES[place]),
        ))
        .when(move || of(state, copies) == 1, move || delay_field(state))
        .when(move || of(state, copies) == 2, move || percentile_field(state))
        .child(gate(
            state,
            "Other models",
            |spec| spec.fallback.is_some(),
            |spec, on| spec.fallback = on.then(Fallback::default),
            model_fields,
        ))
}

/// The place of the lane's copies among all kinds.
fn copies(spec: &LaneSpec) -> usize {
    match spec.hedge {
        None => 0,
        Some(Hedge::AfterMillis(_)) => 1,
        Some(Hedge::Percentile(_)) => 2,
    }
}

/// Seconds or a percentile, whichever the lane's copies have.
fn figure(spec: &LaneSpec) -> Option<f64> {
    spec.hedge.map(|hedge| match hedge {
        Hedge::AfterMillis(millis) => secs(millis),
        Hedge::Percentile(percent) => f64::from(percent),
    })
}

fn delay_field(state: State) -> El {
    let seconds = Number::new("Copy after, s", 0.001, 600.0).by(0.001);
    number(state, seconds, figure, |spec, s| spec.hedge = Some(Hedge::AfterMillis(millis(s))))
}

fn percentile_field(state: State) -> El {
    number(state, Number::new("Copy past the percentile", 50.0, 99.0), figure, |spec, n| {
        spec.hedge = Some(Hedge::Percentile(u8::try_from(n.map_or(95, whole)).unwrap_or(u8::MAX)));
    })
}

fn model_fields(state: State) -> Vec<El> {
    vec![
        text_field(
            "Models, one a line",
            2,
            move || of_fallback(state, |fallback| fallback.models.join("\n")),
            move |text| edit_fallback(state, &|fallback| fallback.models = lines(text)),
        ),
        choice_field(
            "How",
            &["in order", "the first success of all", "the first to end"],
            move || of_fallback(state, rule),
            move |place| edit_fallback(state, &|fallback| fallback.rule = RULES[place]),
        ),
        // In order, each waits for the one before.
        el("div").when(move || of_fallback(state, rule) > 0, move || at_once_field(state)),
        text_field(
            "At last this text (empty: none)",
            1,
            move || of_fallback(state, |fallback| fallback.text.as_deref().unwrap_or_default().to_owned()),
            move |text| {
                let text = text.trim();
                edit_fallback(state, &|fallback| fallback.text = (!text.is_empty()).then(|| text.into()));
            },
        ),
    ]
}

fn at_once_field(state: State) -> El {
    tick_field(
        "At once with the first",
        move || of_fallback(state, |fallback| fallback.at_once),
        move |on| edit_fallback(state, &|fallback| fallback.at_once = on),
    )
}

/// The place of a rule among all.
fn rule(fallback: &Fallback) -> usize {
    RULES.iter().position(|rule| *rule == fallback.rule).unwrap_or_default()
}

/// What `read` sees in the lane's other models.
fn of_fallback<T: Default>(state: State, read: fn(&Fallback) -> T) -> T {
    let experiment = state.experiment.read();
    let lane = experiment.lanes.get(state.own_lane());
    lane.and_then(|spec| spec.fallback.as_ref()).map(read).unwrap_or_default()
}

fn edit_fallback(state: State, change: &dyn Fn(&mut Fallback)) {
    edit(state, &|spec| {
        if let Some(fallback) = &mut spec.fallback {
            change(fallback);
        }
    });
}
