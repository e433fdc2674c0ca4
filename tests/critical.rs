//! The critical path: by hand where that can be done, and what holds for every run and every file.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/one_lane.rs"]
mod one_lane;
#[path = "common/varied.rs"]
mod varied;

use lanescope::experiment::limits::RequestBucket;
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::id::{PermitNo, Tag};
use lanescope::lab::simulate;
use lanescope::policy::backoff::Jitter;
use lanescope::time::Instant;
use lanescope::trace::critical::{Link, blocker, critical_path};
use lanescope::trace::span::{Cause, Fate, Fold, Phase};
use lanescope::trace::{Event, Gate, Kind, Outcome, Why};
use one_lane::{experiment, run};
use proptest::prelude::*;

/// Every call takes as many milliseconds as its item is listed with, and then 10 us to stream its answer.
fn listed(millis: &[f64]) -> Simulated {
    Simulated {
        first_byte_millis: Amount::Listed(millis.to_vec()),
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 100_000,
        ..Simulated::default()
    }
}

/// The path of a lane, each link as its item, its phase, and its microseconds.
fn links(server: Simulated, requests: u32, lane: LaneSpec) -> Vec<(u32, Phase, u64, u64)> {
    let (_, fold) = run(&experiment(1, requests, server, lane));
    critical_path(&fold).iter().map(|link| (link.item, link.span.phase, link.from.0, link.to.0)).collect()
}

#[test]
fn one_after_the_other_is_all_of_them_and_no_waiting() {
    for lane in [LaneSpec::sequential(), LaneSpec::concurrent(1)] {
        assert_eq!(
            links(listed(&[1_000.0]), 3, lane),
            [
                (0, Phase::FirstByte, 0, 1_000_000),
                (0, Phase::Streaming, 1_000_000, 1_000_010),
                (1, Phase::FirstByte, 1_000_010, 2_000_010),
                (1, Phase::Streaming, 2_000_010, 2_000_020),
                (2, Phase::FirstByte, 2_000_020, 3_000_020),
                (2, Phase::Streaming, 3_000_020, 3_000_030),
            ]
        );
    }
}

#[test]
fn of_two_slots_it_leads_through_the_one_that_was_busy_longer() {
    let links = links(listed(&[3_000.0, 1_000.0, 1_000.0, 1_000.0]), 4, LaneSpec::concurrent(2));
    let mut items: Vec<u32> = links.iter().map(|&(item, ..)| item).collect();
    items.dedup();
    assert_eq!(items, [1, 2, 3], "the first request was done before the last one");
}

#[test]
fn what_a_gate_holds_is_a_wait_and_the_line_behind_it_is_not() {
    let bucket = Some(RequestBucket { capacity: 1, per_minute: 30 });
    assert_eq!(
        links(listed(&[1_000.0]), 3, LaneSpec { request_bucket: bucket, ..LaneSpec::concurrent(3) }),
        [
            (1, Phase::RateLimited, 0, 2_000_000),
            (2, Phase::RateLimited, 2_000_000, 4_000_000),
            (2, Phase::FirstByte, 4_000_000, 5_000_000),
            (2, Phase::Streaming, 5_000_000, 5_000_010),
        ]
    );
}

#[test]
fn a_back_off_belongs_to_it() {
    let when = When { first_attempts: Some(1), ..When::default() };
    let server = Simulated { faults: vec![Rule { when, fault: Fault::Status(503) }], ..listed(&[1_000.0]) };
    assert_eq!(
        links(server, 1, LaneSpec { jitter: Jitter::None, ..LaneSpec::concurrent(1) }),
        [
            (0, Phase::FirstByte, 0, 400_000),
            (0, Phase::BackingOff, 400_000, 1_400_000),
            (0, Phase::FirstByte, 1_400_000, 2_400_000),
            (0, Phase::Streaming, 2_400_000, 2_400_010),
        ]
    );
}

#[test]
fn where_nothing_has_ended_there_is_none() {
    assert_eq!(critical_path(&Fold::default()), []);
}

fn event(secs: u64, item: u32, kind: Kind) -> Event {
    Event { at: Instant(secs * 1_000_000), tag: Tag::of_item(0, item).at_attempt(1), kind }
}

#[test]
fn who_finds_the_line_for_a_rate_empty_and_is_held_stands_before_the_next() {
    let until = Instant::NEVER;
    let held = Kind::Held { gate: Gate::RequestBucket, until };
    let waiting = Kind::Waiting { gate: Gate::Rate, why: Why::InLine { ahead: 1 } };
    let fold = Fold::of(&[
        event(0, 0, Kind::Asked),
        event(0, 0, held),
        event(0, 1, Kind::Asked),
        event(0, 1, waiting),
        event(2, 0, Kind::Sent),
        event(2, 1, held),
        event(4, 1, Kind::Sent),
        event(5, 2, Kind::Asked),
        event(5, 2, held),
        event(5, 3, Kind::Asked),
        event(5, 3, waiting),
    ]);
    let behind = |item: usize| blocker(&fold.rows[item].spans[0]).map(|tag| tag.item);
    assert_eq!((behind(0), behind(1), behind(2), behind(3)), (None, Some(0), None, Some(2)));
    assert!(matches!(fold.rows[3].spans[0].cause, Cause::Line { ahead: 1, .. }));
}

/// As many requests as given of the experiment of a seed.
fn experiments() -> impl Strategy<Value = Experiment> {
    (any::<u64>(), 1u32..30).prop_map(|(seed, requests)| {
        let mut experiment = varied::experiment(seed);
        let calls = experiment.workload.calls_mut().expect("calls");
        calls.requests = requests;
        experiment
    })
}

/// Anything at all, in no sensible order.
fn odd_events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0u64..12, 0u32..4, 0usize..12, 0u16..3).prop_map(|(secs, item, which, permit)| {
        let (gate, permit) = (Gate::Semaphore, PermitNo(permit));
        let kinds = [
            Kind::Asked,
            Kind::Waiting { gate, why: Why::InLine { ahead: 1 } },
            Kind::Waiting { gate: Gate::Rate, why: Why::InLine { ahead: 1 } },
            Kind::Held { gate: Gate::Window, until: Instant(9_000_000) },
            Kind::Granted { gate, permit },
            Kind::Sent,
            Kind::FirstByte,
            Kind::Answered { answer: 0 },
            Kind::Failed { failure: 0 },
            Kind::BackingOff { until: Instant(9_000_000), wait: 0 },
            Kind::Cancelled,
            Kind::Ended { outcome: Outcome::Failed },
        ];
        event(secs, item, kinds[which])
    });
    prop::collection::vec(one, 0..80)
}

fn touch(links: &[Link]) -> bool {
    links.iter().all(|link| link.from < link.to) && links.windows(2).all(|pair| pair[0].to == pair[1].from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_covers_the_run_from_the_first_asked_to_the_last_end(experiment in experiments()) {
        for lane in simulate(&experiment).expect("sound").lanes {
            let fold = Fold::of(&lane.events);
            let path = critical_path(&fold);
            let asked = fold.rows.iter().map(|row| row.asked).min().expect("a row");
            let ended = fold.rows.iter().filter_map(|row| row.ended).max().expect("every item ends");
            prop_assert!(touch(&path), "{path:?}");
            if asked == ended {
                prop_assert!(path.is_empty());
                continue;
            }
            prop_assert_eq!(path.first().map(|link| link.from), Some(asked));
            prop_assert_eq!(path.last().map(|link| link.to), Some(ended));
            for link in &path {
                let row = fold.row(link.item).expect("an item of the lane");
                let is_own = row.all_spans().any(|span| *span == link.span);
                prop_assert!(is_own && link.span.from <= link.from && link.to <= link.span.to, "{link:?}");
                // A wait that somebody ended by giving way is told as what that one did.
                prop_assert!(blocker(&link.span).is_none() || link.span.fate != Fate::Passed, "{link:?}");
            }
        }
    }

    #[test]
    fn whatever_a_file_holds_the_walk_ends_and_its_links_touch(events in odd_events(), in_order in any::<bool>()) {
        let mut events = events;
        if in_order {
            events.sort_by_key(|event| event.at);
        }
        let fold = Fold::of(&events);
        let path = critical_path(&fold);
        prop_assert!(touch(&path), "{path:?}");
        prop_assert!(path.iter().all(|link| fold.row(link.item).is_some()));
        let ended = fold.rows.iter().filter_map(|row| row.ended).max();
        prop_assert!(path.is_empty() || path.last().map(|link| link.to) == ended);
    }
}
