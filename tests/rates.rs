//! What the gates of rate promise, held against the attempts that really went out.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "common/one_lane.rs"]
mod one_lane;

use lanescope::experiment::limits::{Adaptive, Breaker, RequestBucket, RetryBudget, TokenBudget, Window};
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::{Experiment, LaneSpec, OnFailure, PermitScope};
use lanescope::policy::refusal;
use lanescope::time::Instant;
use lanescope::trace::span::{Cause, Phase};
use lanescope::trace::{Gate, Kind, LaneTrace, StopReason};
use one_lane::{experiment, run};
use proptest::prelude::*;
use std::time::Duration;

fn servers() -> impl Strategy<Value = Simulated> {
    let fault = prop_oneof![Just(Fault::Status(503)), Just(Fault::Status(429)), Just(Fault::Cut), Just(Fault::Network)];
    (prop::option::of((fault, 0.0..0.6)), prop::option::of(1u32..30), prop::option::of(60u32..2_000)).prop_map(
        |(fault, requests_per_minute, tokens_per_minute)| Simulated {
            first_byte_millis: Amount::LogNormal { median: 900.0, p95: 4_000.0 },
            requests_per_minute,
            tokens_per_minute,
            faults: fault
                .map(|(fault, probability)| Rule { when: When { probability, ..When::default() }, fault })
                .into_iter()
                .collect(),
            ..Simulated::default()
        },
    )
}

fn gated() -> impl Strategy<Value = LaneSpec> {
    let bucket = (1u32..8, 5u32..200).prop_map(|(capacity, per_minute)| RequestBucket { capacity, per_minute });
    let tokens = (80u32..400, 500u32..20_000, 0u32..80).prop_map(|(capacity, per_minute, estimate)| TokenBudget {
        capacity,
        per_minute,
        estimate,
    });
    let window = (1u32..10, 500u32..30_000).prop_map(|(requests, window_millis)| Window { requests, window_millis });
    let adaptive = (0.3..5.0).prop_map(|start| Adaptive { start, ..Adaptive::default() });
    let breaker = (1u32..5, 1_000u32..20_000, 0u32..3).prop_map(|(failures, cooldown_millis, ramp)| Breaker {
        failures,
        cooldown_millis,
        ramp,
        ..Breaker::default()
    });
    let budget = (1u32..10, 1u32..=1_000)
        .prop_map(|(most, thousandths)| RetryBudget { most, ratio: f64::from(thousandths) / 1_000.0 });
    let rules = prop_oneof![
        Just(refusal::Rule::Honour),
        Just(refusal::Rule::Ignore),
        Just(refusal::Rule::Strict),
        Just(refusal::Rule::CutOff)
    ];
    let option = prop::option::of::<proptest::strategy::BoxedStrategy<_>>;
    (
        (1u32..12, 1u32..5, any::<bool>(), any::<bool>(), rules),
        option(bucket.boxed()),
        prop::option::of(tokens),
        prop::option::of(window),
        prop::option::of(adaptive),
        prop::option::of(breaker),
        prop::option::of(budget),
    )
        .prop_map(
            |(
                (limit, tries, keep_permit, group, refusals),
                request_bucket,
                token_budget,
                window,
                adaptive,
                breaker,
                retry_budget,
            )| {
                LaneSpec {
                    tries,
                    permit: if keep_permit { PermitScope::Step } else { PermitScope::Attempt },
                    refusals,
                    request_bucket,
                    token_budget,
                    window,
                    adaptive,
                    breaker,
                    retry_budget,
                    on_failure: if group { OnFailure::CancelOthers } else { OnFailure::Isolate },
                    attempt_timeout_millis: 12_000,
                    ..LaneSpec::concurrent(limit)
                }
            },
        )
}

fn experiments() -> impl Strategy<Value = Experiment> {
    (any::<u64>(), 1u32..30, servers(), gated())
        .prop_map(|(seed, requests, server, lane)| experiment(seed, requests, server, lane))
}

/// When attempts went out, in microseconds.
fn starts(lane: &LaneTrace) -> Vec<u64> {
    lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.at.0).collect()
}

const SECOND: u64 = 1_000_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bucket_lets_no_stretch_have_more_than_capacity_and_refill(experiment in experiments()) {
        let Some(RequestBucket { capacity, per_minute }) = experiment.lanes[0].request_bucket else { return Ok(()) };
        let at = starts(&run(&experiment).0);
        for i in 0..at.len() {
            for j in i..at.len() {
                let through = (j - i + 1) as u64 * 60 * SECOND;
                let allowed = u64::from(capacity) * 60 * SECOND + (at[j] - at[i]) * u64::from(per_minute);
                prop_assert!(through <= allowed, "from {} to {}", at[i], at[j]);
            }
        }
    }

    #[test]
    fn a_window_never_has_more_than_its_requests(experiment in experiments()) {
        let Some(Window { requests, window_millis }) = experiment.lanes[0].window else { return Ok(()) };
        let at = starts(&run(&experiment).0);
        for pair in at.windows(requests as usize + 1) {
            let apart = pair[pair.len() - 1] - pair[0];
            prop_assert!(apart >= u64::from(window_millis) * 1_000, "{} starts within {apart} us", pair.len());
        }
    }

    #[test]
    fn a_pace_is_never_faster_than_its_ceiling(mut experiment in experiments(), ceiling in 1u32..5) {
        let Some(adaptive) = &mut experiment.lanes[0].adaptive else { return Ok(()) };
        adaptive.ceiling = adaptive.start.max(f64::from(ceiling));
        let least = Duration::from_secs_f64(1.0 / adaptive.ceiling).saturating_sub(Duration::from_micros(1));
        for pair in starts(&run(&experiment).0).windows(2) {
            prop_assert!(Duration::from_micros(pair[1] - pair[0]) >= least, "{} after {}", pair[1], pair[0]);
        }
    }

    #[test]
    fn nothing_is_sent_while_the_breaker_is_open(experiment in experiments()) {
        let Some(breaker) = experiment.lanes[0].breaker else { return Ok(()) };
        let (lane, _) = run(&experiment);
        let mut closed_until = 0;
        let mut was = 0;
        for event in &lane.events {
            match event.kind {
                Kind::Gauge { gate: Gate::Breaker, value } => {
                    if value == 3 && was != 3 {
                        closed_until = event.at.0 + u64::from(breaker.cooldown_millis) * 1_000;
                    }
                    was = value;
                }
                Kind::Sent => prop_assert!(event.at.0 >= closed_until, "sent at {}", event.at.0),
                _ => {}
            }
        }
    }

    #[test]
    fn retries_are_paid_from_what_answers_earned(experiment in experiments()) {
        let Some(RetryBudget { most, ratio }) = experiment.lanes[0].retry_budget else { return Ok(()) };
        let (lane, _) = run(&experiment);
        let (mut retries, mut answers) = (0.0, 0.0);
        for event in &lane.events {
            match event.kind {
                Kind::BackingOff { .. } => retries += 1.0,
                Kind::Answered { .. } => answers += 1.0,
                _ => {}
            }
            prop_assert!(retries <= f64::from(most) + ratio * answers + 1e-6, "{retries} after {answers} answers");
        }
    }

    #[test]
    fn every_item_ends_and_every_wait_has_a_cause_that_exists(experiment in experiments()) {
        let (lane, fold) = run(&experiment);
        prop_assert!(lane.stopped().is_some_and(|why| why != StopReason::Stalled), "{:?}", lane.stopped());
        let plan = experiment.plans().expect("sound").remove(0);
        for row in &fold.rows {
            let mut at = row.asked;
            for span in &row.spans {
                prop_assert_eq!(span.from, at, "a gap or an overlap before {:?}", span);
                at = span.to;
                match (span.phase, span.cause) {
                    (Phase::Queued, Cause::Permit { permit: Some(_), by, .. }) => {
                        // Whoever held it before gave it up at that very moment, or nobody had ever held it.
                        let released = |event: &lanescope::trace::Event| {
                            matches!(event.kind, Kind::Released { .. }) && event.at == span.to && Some(event.tag.item) == by.map(|tag| tag.item)
                        };
                        prop_assert!(by.is_none() || lane.events.iter().any(released) || span.from == span.to, "{span:?}");
                    }
                    (Phase::Queued, Cause::Permit { permit: None, .. }) => {
                        prop_assert!(row.ended == Some(span.to), "it never got a permit: {span:?}");
                    }
                    (Phase::RateLimited, Cause::Line { by, ahead }) => {
                        prop_assert!(ahead > 0 && by.is_some_and(|tag| tag.item as usize != usize::MAX), "{span:?}");
                    }
                    (Phase::RateLimited | Phase::CircuitOpen, Cause::Held { gate, until }) => {
                        let is_there = match gate {
                            Gate::RequestBucket => plan.rates.requests.is_some(),
                            Gate::TokenBucket => plan.rates.tokens.is_some(),
                            Gate::Window => plan.rates.window.is_some(),
                            Gate::Pace => plan.rates.pace.is_some(),
                            Gate::Breaker => plan.rates.breaker.is_some(),
                            _ => false,
                        };
                        prop_assert!(is_there, "no such gate: {span:?}");
                        let is_over = row.ended == Some(span.to);
                        prop_assert!(until == Instant::NEVER || span.to == until || is_over, "{span:?}");
                    }
                    (Phase::BackingOff, Cause::Drawn { wait, .. }) => {
                        prop_assert!((wait as usize) < lane.waits.len());
                    }
                    (Phase::FirstByte | Phase::Thinking | Phase::Streaming, Cause::Server) => {}
                    (phase, cause) => prop_assert!(false, "{phase:?} because of {cause:?}"),
                }
            }
        }
    }

    /// The named holder is the true one: had it ended 1 ms earlier, so had the wait.
    #[test]
    fn a_holder_that_ends_a_millisecond_earlier_ends_the_wait_a_millisecond_earlier(
        tenths in prop::collection::btree_set(1u32..4_000, 3..30), limit in 1u32..6, which in any::<prop::sample::Index>(),
    ) {
        // Different for each, so that no two end in the same hundredth of a second by design alone.
        let mut millis: Vec<f64> = tenths.iter().map(|&t| f64::from(t) * 10.0).collect();
        millis.reverse();
        let listed = |millis: &[f64]| {
            let server = Simulated {
                first_byte_millis: Amount::Listed(millis.to_vec()),
                answer_tokens: Amount::Constant(1.0),
                tokens_per_second: 100_000,
                ..Simulated::default()
            };
            let lane = LaneSpec { attempt_timeout_millis: 86_400_000, ..LaneSpec::concurrent(limit) };
            experiment(1, u32::try_from(millis.len()).expect("few"), server, lane)
        };
        let (_, fold) = run(&listed(&millis));
        let waits: Vec<(usize, u32, Instant)> = fold.rows.iter().enumerate().filter_map(|(item, row)| {
            let span = row.spans.first().filter(|span| span.phase == Phase::Queued && span.to > span.from)?;
            let Cause::Permit { by: Some(by), .. } = span.cause else { return None };
            Some((item, by.item, span.to))
        }).collect();
        prop_assume!(!waits.is_empty());
        let (item, holder, until) = waits[which.index(waits.len())];
        // Where two permits fall free within a millisecond of each other, another one takes its place.
        let near = waits.iter().filter(|(_, _, other)| other.0.abs_diff(until.0) <= 1_000).count();
        prop_assume!(near == 1);
        millis[holder as usize] -= 1.0;
        let (_, sooner) = run(&listed(&millis));
        prop_assert_eq!(sooner.rows[item].spans[0].to.0, until.0 - 1_000, "item {} behind {}", item, holder);
    }
}
