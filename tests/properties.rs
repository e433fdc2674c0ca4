//! What holds for every run, whatever the workload, the plan and the server's luck.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "common/one_lane.rs"]
mod one_lane;

use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::{Experiment, LaneSpec, PermitScope};
use lanescope::policy::backoff::Jitter;
use lanescope::time::Instant;
use lanescope::trace::span::{Cause, Fate, Phase};
use lanescope::trace::stats::in_flight;
use lanescope::trace::{Kind, StopReason};
use one_lane::{experiment, run};
use proptest::prelude::*;
use std::time::Duration;

fn faults() -> impl Strategy<Value = Vec<Rule>> {
    let fault = prop_oneof![
        Just(Fault::Status(503)),
        Just(Fault::Status(429)),
        Just(Fault::Status(404)),
        Just(Fault::Stall),
        Just(Fault::Cut),
        Just(Fault::ErrorInStream(503)),
        Just(Fault::Network),
        (0.2..5.0).prop_map(Fault::Slow),
    ];
    let rule = (fault, 0.0..0.5)
        .prop_map(|(fault, probability)| Rule { when: When { probability, ..When::default() }, fault });
    prop::collection::vec(rule, 0..3)
}

fn servers() -> impl Strategy<Value = Simulated> {
    (faults(), prop::option::of(1u32..20), 0u32..200, 0.0..100.0, 0u32..2).prop_map(
        |(faults, requests_per_minute, connect_millis, thinking, thinks)| Simulated {
            first_byte_millis: Amount::LogNormal { median: 800.0, p95: 5_000.0 },
            thinking_tokens: Amount::Constant(thinking * f64::from(thinks)),
            connect_millis,
            requests_per_minute,
            faults,
            ..Simulated::default()
        },
    )
}

fn lanes() -> impl Strategy<Value = LaneSpec> {
    let jitter = prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        Just(Jitter::Decorrelated),
        Just(Jitter::PlusMinusHalf)
    ];
    (1u32..12, 1u32..6, jitter, any::<bool>(), any::<bool>(), prop::option::of(3_000u32..90_000)).prop_map(
        |(limit, tries, jitter, keep_permit, sequential, deadline_millis)| LaneSpec {
            tries,
            jitter,
            permit: if keep_permit { PermitScope::Step } else { PermitScope::Attempt },
            deadline_millis,
            attempt_timeout_millis: 12_000,
            ..if sequential { LaneSpec::sequential() } else { LaneSpec::concurrent(limit) }
        },
    )
}

fn experiments() -> impl Strategy<Value = Experiment> {
    (any::<u64>(), 1u32..30, servers(), lanes())
        .prop_map(|(seed, requests, server, lane)| experiment(seed, requests, server, lane))
}

fn limit(experiment: &Experiment) -> u32 {
    u32::from(experiment.plans().expect("sound")[0].limit())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_flight_is_never_above_the_limit(experiment in experiments()) {
        let (_, fold) = run(&experiment);
        let most = in_flight(&fold, Instant::NEVER).into_iter().map(|(_, count)| count).max().unwrap_or(0);
        prop_assert!(most <= limit(&experiment), "{most} of {}", limit(&experiment));
    }

    #[test]
    fn the_spans_of_an_item_touch_and_cover_its_life(experiment in experiments()) {
        let (_, fold) = run(&experiment);
        for row in &fold.rows {
            let ended = row.ended.expect("every item ends");
            let mut at = row.asked;
            for span in &row.spans {
                prop_assert_eq!(span.from, at, "a gap or an overlap before {:?}", span);
                prop_assert!(span.to >= span.from && span.fate != Fate::Open);
                at = span.to;
            }
            prop_assert_eq!(at, ended);
        }
    }

    #[test]
    fn every_item_ends_once_and_the_lane_after_all(experiment in experiments()) {
        let (lane, _) = run(&experiment);
        let mut ends = vec![0; experiment.workload.len() as usize];
        for event in &lane.events {
            if let Kind::Ended { .. } = event.kind {
                ends[event.tag.item as usize] += 1;
            }
        }
        prop_assert!(ends.iter().all(|&n| n == 1), "{ends:?}");
        prop_assert!(lane.stopped().is_some_and(|why| why != StopReason::Stalled), "{:?}", lane.stopped());
        prop_assert!(lane.events.is_sorted_by_key(|event| event.at));
    }

    #[test]
    fn no_retry_comes_before_the_servers_delay(experiment in experiments()) {
        let (lane, fold) = run(&experiment);
        for row in &fold.rows {
            for pair in row.spans.windows(2) {
                let (Phase::BackingOff, Cause::Drawn { wait, until }) = (pair[0].phase, pair[0].cause) else { continue };
                let asked = Duration::from_micros(lane.waits[wait as usize].asked_micros.unwrap_or(0));
                prop_assert!(pair[1].from >= pair[0].from + asked);
                prop_assert!(pair[1].from >= until, "it went on before its wait was over");
            }
        }
    }

    #[test]
    fn nothing_is_sent_once_the_deadline_has_passed(experiment in experiments()) {
        let Some(deadline) = experiment.lanes[0].deadline_millis else { return Ok(()) };
        let (lane, _) = run(&experiment);
        let deadline = Instant(u64::from(deadline) * 1_000);
        for event in lane.events.iter().filter(|event| event.kind == Kind::Sent) {
            prop_assert!(event.at < deadline, "{} was sent at {}", event.tag, event.at.0);
        }
    }

    #[test]
    fn permits_that_were_given_were_given_back(experiment in experiments()) {
        let (lane, _) = run(&experiment);
        let mut out = std::collections::BTreeSet::new();
        for event in &lane.events {
            match event.kind {
                Kind::Granted { permit, .. } => prop_assert!(out.insert(permit), "{permit:?} was given twice"),
                Kind::Released { permit, .. } => prop_assert!(out.remove(&permit), "{permit:?} was given back twice"),
                _ => {}
            }
        }
        prop_assert!(out.is_empty(), "{out:?} never came back");
    }

    /// For fixed durations: no schedule beats the bound, and no list schedule takes more than
    /// `2 - 1/m` times the best (Graham, 1969).
    #[test]
    fn the_makespan_lies_between_the_bound_and_grahams(
        millis in prop::collection::vec(1u32..20_000, 1..40), limit in 1u32..9,
    ) {
        let figures = Simulated {
            first_byte_millis: Amount::Listed(millis.iter().map(|&m| f64::from(m)).collect()),
            answer_tokens: Amount::Constant(1.0),
            tokens_per_second: 100_000,
            ..Simulated::default()
        };
        let requests = u32::try_from(millis.len()).expect("few");
        let experiment = experiment(1, requests, figures, LaneSpec::concurrent(limit));
        let (_, fold) = run(&experiment);
        let durations: Vec<u64> = millis.iter().map(|&m| u64::from(m) * 1_000 + 10).collect();
        let (sum, longest) = (durations.iter().sum::<u64>(), durations.iter().max().copied().unwrap_or(0));
        let m = u64::from(limit);
        let bound = longest.max(sum.div_ceil(m));
        let makespan = fold.latest.0;
        prop_assert!(makespan >= bound, "{makespan} beats the bound of {bound}");
        // In whole numbers: makespan <= (2 - 1/m) x best, and best is at least the bound. A list
        // schedule is moreover at most sum/m + (1 - 1/m) x longest, which is what Graham proves.
        prop_assert!(makespan * m <= sum + (m - 1) * longest, "{makespan} is above Graham's bound");
    }
}
