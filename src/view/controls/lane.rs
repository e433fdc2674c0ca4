//! The lane that the selection is in: how it starts, what it does when it is refused, its timeouts.

use super::field::{Number, choice_field, text_field, whole};
use super::lock::{group, signed};
use super::order::order_fields;
use crate::experiment::{LaneSpec, OnFailure, PermitScope, StrategySpec};
use crate::id::lane_letter;
use crate::lesson::lock::Lock;
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

const STRATEGIES: [StrategySpec; 4] =
    [StrategySpec::Sequential, StrategySpec::Gather, StrategySpec::AsCompleted, StrategySpec::WorkerPool];

const SCOPES: [PermitScope; 3] = [PermitScope::Step, PermitScope::Attempt, PermitScope::Item];

const FAILURES: [OnFailure; 4] =
    [OnFailure::Isolate, OnFailure::Raise, OnFailure::CancelOthers, OnFailure::StopAtRefusal];

const JITTERS: [Jitter; 5] = [Jitter::Full, Jitter::Equal, Jitter::PlusMinusHalf, Jitter::Decorrelated, Jitter::None];

const RULES: [Rule; 4] = [Rule::Honour, Rule::Ignore, Rule::Strict, Rule::CutOff];

/// The place of "back off" among what can follow a refusal; the other is to give up.
const AGAIN: usize = 0;

pub(super) fn lane_fields(state: State) -> El {
    let heading = move || {
        let lane = state.own_lane();
        format!("Lane {}", lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    };
    let kind = group(state, &[Lock::Lanes])
        .child(name_field(state))
        .child(choice_field(
            "Start",
            &["one at a time", "all, under a limit", "all, answers as completed", "a worker pool"],
            move || of(state, |spec| place(&STRATEGIES, &spec.strategy)),
            move |place| edit(state, &|spec| spec.strategy = STRATEGIES[place]),
        ))
        .with(|fields| order_fields(fields, state));
    el("fieldset")
        .child(signed(el("legend").text_by(heading), state, &[Lock::Lanes, Lock::Retries]))
        .child(kind)
        .child(failure_fields(state))
}

/// What follows a refusal, a failure, or too long a wait.
fn failure_fields(state: State) -> El {
    group(state, &[Lock::Retries])
        .child(choice_field(
            "If refused",
            &["back off", "give up"],
            move || if retries(state) { AGAIN } else { AGAIN + 1 },
            move |place| edit(state, &|spec| spec.tries = if place == AGAIN { LaneSpec::default().tries } else { 1 }),
        ))
        .each(move || if retries(state) { vec![0] } else { Vec::new() }, move |_| retry_fields(state))
        .child(number(
            state,
            Number::new("Attempt timeout, s", 0.1, 86_400.0),
            |spec| Some(secs(spec.attempt_timeout_millis)),
            |spec, s| spec.attempt_timeout_millis = millis(s),
        ))
        .child(number(
            state,
            Number::new("First byte within, s (empty: any time)", 0.1, 86_400.0),
            |spec| spec.first_byte_timeout_millis.map(secs),
            |spec, s| spec.first_byte_timeout_millis = s.map(|s| millis(Some(s))),
        ))
        .child(number(
            state,
            Number::new("Next bytes within, s (empty: any time)", 0.1, 86_400.0),
            |spec| spec.stall_timeout_millis.map(secs),
            |spec, s| spec.stall_timeout_millis = s.map(|s| millis(Some(s))),
        ))
        .child(number(
            state,
            Number::new("Deadline a request, s (empty: none)", 0.1, 86_400.0),
            |spec| spec.deadline_millis.map(secs),
            |spec, s| spec.deadline_millis = s.map(|s| millis(Some(s))),
        ))
        .child(choice_field(
            "If one fails",
            &[
                "the others go on",
                "the caller hears of it alone",
                "all is given up",
                "a refusal for quota gives all up",
            ],
            move || of(state, |spec| place(&FAILURES, &spec.on_failure)),
            move |place| edit(state, &|spec| spec.on_failure = FAILURES[place]),
        ))
        .child(number(
            state,
            Number::new("Ends after the first by, s (empty: never)", 0.0, 86_400.0).by(0.1),
            |spec| spec.after_first_millis.map(secs),
            |spec, s| spec.after_first_millis = s.map(|s| millis(Some(s))),
        ))
}

fn name_field(state: State) -> El {
    text_field(
        "Name",
        1,
        move || of(state, |spec| spec.name.clone()),
        move |text| edit(state, &|spec| text.clone_into(&mut spec.name)),
    )
}

fn retry_fields(state: State) -> Vec<El> {
    vec![
        number(
            state,
            Number::new("Tries in all", 2.0, 20.0),
            |spec| Some(f64::from(spec.tries)),
            // One is "give up" above, and would take this field away from under the cursor.
            |spec, tries| spec.tries = tries.map_or(2, whole).max(2),
        ),
        choice_field(
            "A 429 that names a delay",
            &["is waited out", "is not believed", "is; any other ends the lane", "is, up to 5 min"],
            move || of(state, |spec| place(&RULES, &spec.refusals)),
            move |place| edit(state, &|spec| spec.refusals = RULES[place]),
        ),
        choice_field(
            "Jitter",
            &["full", "equal", "±50 %", "decorrelated", "none"],
            move || of(state, |spec| place(&JITTERS, &spec.jitter)),
            move |place| edit(state, &|spec| spec.jitter = JITTERS[place]),
        ),
        number(
            state,
            Number::new("First wait, s", 0.0, 3_600.0).by(0.1),
            |spec| Some(secs(spec.first_delay_millis)),
            |spec, s| spec.first_delay_millis = millis(s),
        ),
        number(
            state,
            Number::new("Longest own wait, s", 0.0, 3_600.0),
            |spec| Some(secs(spec.delay_cap_millis)),
            |spec, s| spec.delay_cap_millis = millis(s),
        ),
        // One after the other, nobody else could use it.
        el("div").when(move || of(state, |spec| spec.strategy != StrategySpec::Sequential), move || scope_field(state)),
    ]
}

fn scope_field(state: State) -> El {
    choice_field(
        "A slot is held for",
        &["a step, back-off included", "one attempt", "the whole request"],
        move || of(state, |spec| place(&SCOPES, &spec.permit)),
        move |place| edit(state, &|spec| spec.permit = SCOPES[place]),
    )
}

/// A field for a figure of the lane.
pub(super) fn number(
    state: State,
    number: Number,
    read: fn(&LaneSpec) -> Option<f64>,
    put: fn(&mut LaneSpec, Option<f64>),
) -> El {
    number.field(move || of(state, read), move |entered| edit(state, &|spec| put(spec, entered)))
}

fn retries(state: State) -> bool {
    of(state, |spec| spec.tries > 1)
}

/// What `read` sees in the lane.
pub(super) fn of<T>(state: State, read: fn(&LaneSpec) -> T) -> T {
    let experiment = state.experiment.read();
    match experiment.lanes.get(state.own_lane()) {
        Some(spec) => read(spec),
        None => read(&LaneSpec::default()),
    }
}

pub(super) fn edit(state: State, change: &dyn Fn(&mut LaneSpec)) {
    state.edit_lane(untrack(|| state.own_lane()), change);
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|each| each == one).unwrap_or_default()
}

pub(super) fn secs(millis: u32) -> f64 {
    f64::from(millis) / 1_000.0
}

pub(super) fn millis(secs: Option<f64>) -> u32 {
    whole(secs.unwrap_or(0.0) * 1_000.0)
}
