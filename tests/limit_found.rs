//! What a run shows of its server's limit, against a plain count of its events.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "common/one_lane.rs"]
mod one_lane;

use lanescope::experiment::LaneSpec;
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::port::FailureKind;
use lanescope::time::Instant;
use lanescope::trace::limit_found::{LimitFound, Searched, search};
use lanescope::trace::{Event, Kind, LaneTrace};
use one_lane::{experiment, run};
use proptest::prelude::*;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A server whose only refusals are those of its quota.
fn servers() -> impl Strategy<Value = Simulated> {
    (1u32..16, 100.0..15_000.0).prop_map(|(quota, median)| Simulated {
        first_byte_millis: Amount::LogNormal { median, p95: 3.0 * median },
        requests_per_minute: Some(quota),
        ..Simulated::default()
    })
}

/// One that also fails and refuses by chance, and takes its time to connect.
fn moody_servers() -> impl Strategy<Value = Simulated> {
    let fault = prop_oneof![
        Just(Fault::Status(503)),
        Just(Fault::Status(429)),
        Just(Fault::ErrorInStream(429)),
        Just(Fault::Stall),
        Just(Fault::Network)
    ];
    let rule = (fault, 0.0..0.4)
        .prop_map(|(fault, probability)| Rule { when: When { probability, ..When::default() }, fault });
    let quota = prop::option::of(1u32..30);
    let day = prop::option::of(1u32..30);
    (servers(), quota, day, 0u32..500, prop::option::of(rule)).prop_map(
        |(server, requests_per_minute, requests_per_day, connect_millis, rule)| Simulated {
            requests_per_minute,
            requests_per_day,
            connect_millis,
            faults: rule.into_iter().collect(),
            ..server
        },
    )
}

/// Whether the attempt that was sent at this place of the log was refused for quota.
fn is_refused(lane: &LaneTrace, place: usize) -> bool {
    let tag = lane.events[place].tag;
    lane.events.iter().filter(|event| event.tag == tag).any(|event| match event.kind {
        Kind::Failed { failure } => {
            let kind = lane.failures[failure as usize].kind;
            matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay | FailureKind::QuotaNone)
        }
        _ => false,
    })
}

/// How the attempt that was sent at this place of the log ended: the next end of its item.
fn end_of(lane: &LaneTrace, place: usize) -> Option<&Event> {
    let item = lane.events[place].tag.item;
    lane.events[place..].iter().find(|event| {
        let ends = matches!(event.kind, Kind::Answered { .. } | Kind::Failed { .. } | Kind::Ended { .. });
        ends && event.tag.item == item
    })
}

fn is_answered(lane: &LaneTrace, place: usize) -> bool {
    end_of(lane, place).is_some_and(|end| matches!(end.kind, Kind::Answered { .. }))
}

/// Of the attempts sent at these places of the log, those under way at `at`.
fn under_way(lane: &LaneTrace, places: &[usize], at: Instant) -> usize {
    let flies = |place: usize| {
        let ended = end_of(lane, place).is_some_and(|end| end.at <= at);
        lane.events[place].at <= at && !ended
    };
    places.iter().filter(|&&place| flies(place)).count()
}

/// By the definitions, attempt by attempt; which refusal it was is left as it was found.
fn counted(lane: &LaneTrace, failure: u32) -> Searched {
    let count = |n: usize| u32::try_from(n).expect("few");
    let places: Vec<usize> = (0..lane.events.len()).filter(|&place| lane.events[place].kind == Kind::Sent).collect();
    let before = |nth: usize| -> Vec<usize> {
        let at = lane.events[places[nth]].at;
        places[..nth].iter().copied().filter(|&place| lane.events[place].at + MINUTE > at).collect()
    };
    let Some(nth) = (0..places.len()).find(|&nth| is_refused(lane, places[nth])) else {
        let in_flight = |&place: &usize| under_way(lane, &places, lane.events[place].at);
        // Of those that were answered.
        let answered: Vec<usize> = places.iter().copied().filter(|&place| is_answered(lane, place)).collect();
        let with_those_before = |&last: &usize| {
            let at = lane.events[last].at;
            answered.iter().filter(|&&place| place <= last && lane.events[place].at + MINUTE > at).count()
        };
        return Searched::NotReached {
            most_in_a_minute: count(answered.iter().map(with_those_before).max().unwrap_or(0)),
            most_in_flight: count(places.iter().map(in_flight).max().unwrap_or(0)),
        };
    };
    let at = lane.events[places[nth]].at;
    Searched::Found(LimitFound {
        at,
        sent_before: count(before(nth).len()),
        in_flight: count(under_way(lane, &places[..nth], at) + 1),
        failure,
        answered: count(before(nth).into_iter().filter(|&place| is_answered(lane, place)).count()),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_refusal_comes_after_exactly_the_quota(
        seed: u64, requests in 1u32..40, server in servers(), limit in 1u32..20,
    ) {
        let quota = server.requests_per_minute;
        // Every call that the quota lets through is answered in the end.
        let lane = LaneSpec { tries: 1, attempt_timeout_millis: 3_600_000, ..LaneSpec::concurrent(limit) };
        let (lane, fold) = run(&experiment(seed, requests, server, lane));
        match search(&fold, &lane) {
            Searched::Found(found) => {
                let (sent_before, answered) = (Some(found.sent_before), Some(found.answered));
                prop_assert_eq!((sent_before, answered), (quota, quota));
            }
            Searched::NotReached { most_in_a_minute, .. } => prop_assert!(Some(most_in_a_minute) <= quota),
        }
    }

    #[test]
    fn the_figures_are_those_of_a_plain_count(
        seed: u64, requests in 1u32..40, server in moody_servers(), limit in 1u32..20, tries in 1u32..4,
    ) {
        let lane = LaneSpec { tries, attempt_timeout_millis: 12_000, ..LaneSpec::concurrent(limit) };
        let (lane, fold) = run(&experiment(seed, requests, server, lane));
        let searched = search(&fold, &lane);
        let failure = if let Searched::Found(found) = searched { found.failure } else { 0 };
        prop_assert_eq!(searched, counted(&lane, failure));
    }
}
