//! A lane in a few words: what it does, or what it does otherwise than lane A.

use crate::experiment::limits::{AdaptiveRule, Hedge};
use crate::experiment::{Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec};
use crate::figure::plain;
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule;
use crate::view::words::units::count;

/// What a lane does: how many at once, and its gates of rate.
#[must_use]
pub fn how(spec: &LaneSpec) -> String {
    let mut words = vec![at_once(spec)];
    words.extend(gates(spec));
    words.join(", ")
}

/// What a lane does otherwise than `first`; nothing where it is the same.
#[must_use]
pub fn differences(spec: &LaneSpec, first: &LaneSpec) -> String {
    let mut words = Vec::new();
    if at_once(spec) != at_once(first) {
        words.push(at_once(spec));
    }
    let (own, others) = (gates(spec), gates(first));
    words.extend(own.iter().filter(|gate| !others.contains(gate)).cloned());
    words.extend(others.iter().filter(|gate| !own.contains(gate)).map(|gate| format!("no {gate}")));
    let mut differs = |is: bool, say: String| {
        if is {
            words.push(say);
        }
    };
    let tries = if spec.tries == 1 { "no retries".to_owned() } else { count(spec.tries as usize, "try", "tries") };
    differs(spec.tries != first.tries, tries);
    let retries = spec.tries > 1;
    differs(retries && spec.jitter != first.jitter, jitter(spec.jitter).to_owned());
    let waits = |spec: &LaneSpec| (spec.first_delay_millis, spec.delay_cap_millis, plain(spec.delay_base));
    differs(retries && waits(spec) != waits(first), format!("waits from {} s", secs(spec.first_delay_millis)));
    differs(retries && spec.refusals != first.refusals, refusals(spec.refusals).to_owned());
    let is_loop = |spec: &LaneSpec| spec.strategy == StrategySpec::Sequential;
    let holds = match spec.permit {
        PermitScope::Attempt => "a slot for each attempt",
        PermitScope::Step => "a slot for each step",
        PermitScope::Item => "a slot for the whole request",
    };
    differs(!is_loop(spec) && !is_loop(first) && spec.permit != first.permit, holds.to_owned());
    differs(
        spec.attempt_timeout_millis != first.attempt_timeout_millis,
        format!("timeout {} s", secs(spec.attempt_timeout_millis)),
    );
    let silence = |spec: &LaneSpec| (spec.first_byte_timeout_millis, spec.stall_timeout_millis);
    let says = match silence(spec) {
        (Some(millis), _) => format!("first byte within {} s", secs(millis)),
        (None, Some(millis)) => format!("stall timeout {} s", secs(millis)),
        (None, None) => "waits for the first byte".to_owned(),
    };
    differs(silence(spec) != silence(first), says);
    let deadline = spec.deadline_millis.map_or("no deadline".into(), |millis| format!("deadline {} s", secs(millis)));
    differs(spec.deadline_millis != first.deadline_millis, deadline);
    let ends = match spec.on_failure {
        OnFailure::Isolate => "one failure ends no other",
        OnFailure::Raise => "one failure is all that is heard",
        OnFailure::CancelOthers => "one failure ends all",
        OnFailure::StopAtRefusal => "the first refusal ends all",
    };
    differs(spec.on_failure != first.on_failure, ends.to_owned());
    let after = spec.after_first_millis.map(|millis| format!("ends {} s after the first", secs(millis)));
    let after = after.unwrap_or_else(|| "waits for all".to_owned());
    differs(spec.after_first_millis != first.after_first_millis, after);
    words.join(", ")
}

fn at_once(spec: &LaneSpec) -> String {
    let how_many = match (spec.adaptive_limit, spec.limit) {
        (Some(learns), _) => format!("a limit that learns, from {}", learns.start),
        (None, Some(limit)) => format!("{limit} in flight"),
        (None, None) => "no limit".to_owned(),
    };
    let how_many =
        if spec.processes > 1 { format!("{how_many} in each of {} processes", spec.processes) } else { how_many };
    match spec.strategy {
        StrategySpec::Sequential => "one at a time".to_owned(),
        StrategySpec::Gather => how_many,
        StrategySpec::AsCompleted => format!("{how_many}, as completed"),
        StrategySpec::WorkerPool => format!("a worker pool with a queue of {}, {how_many}", spec.queue),
    }
}

fn gates(spec: &LaneSpec) -> Vec<String> {
    let mut gates = Vec::new();
    if let Some(bucket) = spec.request_bucket {
        gates.push(format!("bucket of {}, {} a minute", bucket.capacity, bucket.per_minute));
    }
    if let Some(budget) = spec.token_budget {
        gates.push(format!("{} tokens a minute", budget.per_minute));
    }
    if let Some(window) = spec.window {
        gates.push(format!("{} in any {} s", window.requests, secs(window.window_millis)));
    }
    if let Some(adaptive) = spec.adaptive {
        gates.push(match adaptive.rule {
            AdaptiveRule::Multiplicative { .. } => "adaptive rate".to_owned(),
            AdaptiveRule::Additive { .. } => "adaptive rate (AIMD)".to_owned(),
        });
    }
    if let Some(breaker) = spec.breaker {
        gates.push(format!("breaker after {}", count(breaker.failures as usize, "failure", "failures")));
    }
    if spec.retry_budget.is_some() {
        gates.push("retry budget".to_owned());
    }
    match spec.hedge {
        Some(Hedge::AfterMillis(millis)) => gates.push(format!("a copy after {} s", secs(millis))),
        Some(Hedge::Percentile(percent)) => gates.push(format!("a copy past p{percent}")),
        None => {}
    }
    if let Some(fallback) = &spec.fallback {
        gates.push(fallback_in_words(fallback));
    }
    match spec.order {
        OrderSpec::Fifo => {}
        OrderSpec::Priority { ageing_millis: None } => gates.push("priorities".to_owned()),
        OrderSpec::Priority { ageing_millis: Some(millis) } => {
            gates.push(format!("priorities that age in {} s", secs(millis)));
        }
        OrderSpec::Fair => gates.push("fair shares".to_owned()),
    }
    if spec.rates_first {
        gates.push("rates before the slot".to_owned());
    }
    gates
}

fn fallback_in_words(fallback: &Fallback) -> String {
    let others = match &*fallback.models {
        [] => return "a fixed text at last".to_owned(),
        [one] => one.to_string(),
        several => format!("{} other models", several.len()),
    };
    let how = match (fallback.rule, fallback.at_once) {
        (FallbackRule::InOrder, _) => format!("then {others}"),
        (FallbackRule::FirstSuccess, false) => format!("then {others}, first success"),
        (FallbackRule::FirstFinished, false) => format!("then {others}, first to end"),
        (FallbackRule::FirstSuccess, true) => format!("{others} at once, first success"),
        (FallbackRule::FirstFinished, true) => format!("{others} at once, first to end"),
    };
    if fallback.text.is_some() { format!("{how}, then a fixed text") } else { how }
}

fn jitter(jitter: Jitter) -> &'static str {
    match jitter {
        Jitter::None => "no jitter",
        Jitter::Equal => "equal jitter",
        Jitter::Full => "full jitter",
        Jitter::Decorrelated => "decorrelated jitter",
        Jitter::PlusMinusHalf => "±50 % jitter",
    }
}

fn refusals(rule: Rule) -> &'static str {
    match rule {
        Rule::Honour => "waits as the server asks",
        Rule::Ignore => "ignores the server's delay",
        Rule::Strict => "any 429 without a delay ends it",
        Rule::CutOff => "a delay over 5 min ends it",
    }
}

fn secs(millis: u32) -> String {
    plain(f64::from(millis) / 1_000.0)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::lane_preset::LANE_PRESETS;
    use crate::experiment::limits::RequestBucket;

    #[test]
    fn the_first_lane_says_what_it_does_and_the_others_what_they_do_otherwise() {
        let (a, b) = (LaneSpec::concurrent(4), LaneSpec { tries: 1, ..LaneSpec::concurrent(4) });
        assert_eq!(how(&a), "4 in flight");
        assert_eq!(differences(&b, &a), "no retries");
        let bucket = Some(RequestBucket { capacity: 5, per_minute: 60 });
        let c = LaneSpec { request_bucket: bucket, jitter: Jitter::None, ..a.clone() };
        assert_eq!(differences(&c, &a), "bucket of 5, 60 a minute, no jitter");
        assert_eq!(differences(&a, &c), "no bucket of 5, 60 a minute, full jitter");
    }

    #[test]
    fn other_models_are_told_by_how_they_are_asked() {
        let lane = |models: &[&str], rule, at_once, text: Option<&str>| {
            let models = models.iter().map(|&model| model.into()).collect();
            let fallback = Fallback { models, rule, at_once, text: text.map(Into::into) };
            how(&LaneSpec { fallback: Some(fallback), ..LaneSpec::concurrent(4) })
        };
        let (success, finished) = (FallbackRule::FirstSuccess, FallbackRule::FirstFinished);
        assert_eq!(lane(&["lite"], FallbackRule::InOrder, false, None), "4 in flight, then lite");
        assert_eq!(lane(&["a", "b"], success, true, None), "4 in flight, 2 other models at once, first success");
        assert_eq!(lane(&["a"], finished, false, Some("x")), "4 in flight, then a, first to end, then a fixed text");
        assert_eq!(lane(&[], success, true, Some("x")), "4 in flight, a fixed text at last");
    }

    #[test]
    fn the_same_lane_says_nothing() {
        for preset in LANE_PRESETS {
            assert_eq!(differences(&preset.lane(), &preset.lane()), "", "{}", preset.name);
        }
    }

    #[test]
    fn every_two_lane_presets_differ_in_words() {
        for (n, one) in LANE_PRESETS.iter().enumerate() {
            for other in &LANE_PRESETS[n + 1..] {
                assert_ne!(differences(&other.lane(), &one.lane()), "", "{} and {}", one.name, other.name);
            }
        }
    }
}
