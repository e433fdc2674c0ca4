//! Lanes to start from: the ways in which people tame concurrent calls, one each.

use crate::experiment::limits::{
    Adaptive, AdaptiveLimit, AdaptiveRule, Breaker, Hedge, RequestBucket, RetryBudget, TokenBudget, Window,
};
use crate::experiment::sketch::no_limits;
use crate::experiment::{Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec};
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule;

/// A lane with a name to choose it by.
#[derive(Clone, Copy, Debug)]
pub struct LanePreset {
    /// What the menu calls it, and the lane.
    pub name: &'static str,
    make: fn() -> LaneSpec,
}

impl LanePreset {
    /// The lane.
    #[must_use]
    pub fn lane(&self) -> LaneSpec {
        LaneSpec { name: self.name.into(), ..(self.make)() }
    }
}

const fn preset(name: &'static str, make: fn() -> LaneSpec) -> LanePreset {
    LanePreset { name, make }
}

/// All lane presets, in the order of the menu.
pub const LANE_PRESETS: &[LanePreset] = &[
    preset("One at a time", LaneSpec::sequential),
    preset("No limits", no_limits),
    preset("Semaphore", || LaneSpec::concurrent(5)),
    preset("Worker pool", || LaneSpec { strategy: StrategySpec::WorkerPool, queue: 40, ..LaneSpec::concurrent(20) }),
    preset("As completed", || LaneSpec { strategy: StrategySpec::AsCompleted, ..LaneSpec::concurrent(5) }),
    preset("Four processes", || LaneSpec { processes: 4, ..LaneSpec::concurrent(5) }),
    preset("Limit that learns", || LaneSpec {
        adaptive_limit: Some(AdaptiveLimit::default()),
        ..LaneSpec::concurrent(5)
    }),
    preset("Priorities", || LaneSpec { order: OrderSpec::Priority { ageing_millis: None }, ..LaneSpec::concurrent(5) }),
    preset("Fair shares", || LaneSpec { order: OrderSpec::Fair, ..LaneSpec::concurrent(5) }),
    preset("Token bucket", || LaneSpec { request_bucket: Some(FIFTEEN_A_MINUTE), ..no_limits() }),
    preset("Sliding window", || LaneSpec {
        window: Some(Window { requests: 15, window_millis: 60_000 }),
        ..no_limits()
    }),
    preset("Both budgets", || LaneSpec {
        request_bucket: Some(RequestBucket { capacity: 60, per_minute: 60 }),
        token_budget: Some(TokenBudget { capacity: 90_000, per_minute: 90_000, estimate: 500 }),
        ..no_limits()
    }),
    preset("Rates before the slot", || LaneSpec {
        request_bucket: Some(FIFTEEN_A_MINUTE),
        rates_first: true,
        ..LaneSpec::concurrent(5)
    }),
    preset("Adaptive rate", || LaneSpec { adaptive: Some(Adaptive::default()), ..no_limits() }),
    preset("Adaptive rate, additive", || {
        let additive = Adaptive { rule: AdaptiveRule::ADDITIVE, ..Adaptive::default() };
        LaneSpec { adaptive: Some(additive), ..no_limits() }
    }),
    preset("Circuit breaker", || LaneSpec { breaker: Some(Breaker::default()), ..LaneSpec::concurrent(5) }),
    preset("Retry budget", || LaneSpec { retry_budget: Some(RetryBudget::default()), ..no_limits() }),
    preset("Herd, no jitter", || LaneSpec { jitter: Jitter::None, refusals: Rule::Ignore, ..no_limits() }),
    preset("Herd, full jitter", || LaneSpec { jitter: Jitter::Full, refusals: Rule::Ignore, ..no_limits() }),
    preset("Hedge", || LaneSpec { hedge: Some(Hedge::Percentile(95)), ..LaneSpec::concurrent(5) }),
    preset("Fallback", || LaneSpec { fallback: Some(then_a_text()), ..LaneSpec::concurrent(5) }),
    preset("First success", || LaneSpec { fallback: Some(three_at_once()), ..LaneSpec::concurrent(5) }),
    preset("Slot given back", || LaneSpec { permit: PermitScope::Attempt, ..LaneSpec::concurrent(5) }),
    preset("Task group", || LaneSpec { on_failure: OnFailure::CancelOthers, tries: 1, ..no_limits() }),
    preset("Gather that raises", || LaneSpec { on_failure: OnFailure::Raise, tries: 1, ..no_limits() }),
    preset("First, then 5 s more", || LaneSpec { after_first_millis: Some(5_000), ..no_limits() }),
    preset(FIND_RATE, || LaneSpec { adaptive: Some(Adaptive::default()), ..seeker() }),
    preset(FIND_AT_ONCE, || LaneSpec {
        adaptive_limit: Some(AdaptiveLimit { start: 1, ..AdaptiveLimit::default() }),
        ..seeker()
    }),
    preset("Official SDK, retries off", || LaneSpec { tries: 1, ..no_limits() }),
    preset("Official SDK, retries on", sdk),
];

/// Capacity and a minute's refill together keep a quota of 15 in any minute; a capacity of 15, as the usual
/// advice has it, would let nearly twice as many through in the first.
const FIFTEEN_A_MINUTE: RequestBucket = RequestBucket { capacity: 5, per_minute: 10 };
const _: () = assert!(FIFTEEN_A_MINUTE.capacity + FIFTEEN_A_MINUTE.per_minute <= 15);

/// The lane that goes faster and faster until it is refused.
pub const FIND_RATE: &str = "Find my limit: how fast";
/// The lane that has more and more in flight until it is refused.
pub const FIND_AT_ONCE: &str = "Find my limit: how many at once";

/// It asks each request once, and ends with the first refusal for quota.
fn seeker() -> LaneSpec {
    LaneSpec { tries: 1, on_failure: OnFailure::StopAtRefusal, ..no_limits() }
}

/// A lighter model when the first fails, and a fixed text when that fails too.
fn then_a_text() -> Fallback {
    Fallback { text: Some("No model could answer. Please try again later.".into()), ..Fallback::default() }
}

/// The first model and two others side by side.
fn three_at_once() -> Fallback {
    let models = vec!["gemini-3.5-flash-lite".into(), "gemini-2.5-flash".into()];
    Fallback { models, rule: FallbackRule::FirstSuccess, at_once: true, text: None }
}

/// What `google-genai` for Python does once its retry options are given: five tries, from 1 s, doubled, at most
/// 60 s, and no look at the delay that the server names. Its jitter adds up to 1 s; the nearest kind here is ±50 %.
fn sdk() -> LaneSpec {
    LaneSpec { refusals: Rule::Ignore, jitter: Jitter::PlusMinusHalf, ..no_limits() }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_lane_preset_is_sound_and_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = LANE_PRESETS.iter().map(|preset| preset.name).collect();
        assert_eq!(names.len(), LANE_PRESETS.len());
        for preset in LANE_PRESETS {
            assert!(preset.lane().validate().is_ok(), "{}: {:?}", preset.name, preset.lane().validate());
        }
    }
}
