//! Worker pools, processes, calls that come one after the other, and rates that are paid before the slot.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/calls.rs"]
mod calls;

use calls::{listed, micros, patient, run, so_many, starts, taking};
use lanescope::experiment::limits::{Breaker, RequestBucket};
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{LaneSpec, PermitScope, StrategySpec};
use lanescope::trace::span::Fold;
use lanescope::trace::{Gate, Kind, LaneTrace, StopReason};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// When each of those who come at these moments starts, in turn, as soon as one of so many slots is free; and how
/// long each takes.
fn in_turn(slots: usize, come: &[u64], takes: &[u64]) -> Vec<u64> {
    let mut free_from = vec![0_u64; slots];
    let jobs = come.iter().zip(takes);
    jobs.map(|(&come, takes)| {
        let free_from = free_from.iter_mut().min().expect("a slot");
        let start = come.max(*free_from);
        *free_from = start + takes;
        start
    })
    .collect()
}

fn asked(fold: &Fold) -> Vec<u64> {
    fold.rows.iter().map(|row| row.asked.0).collect()
}

fn every(millis: u32, items: usize) -> Vec<u64> {
    (0_u64..).map(|item| item * u64::from(millis) * 1_000).take(items).collect()
}

fn pool(limit: u32, queue: u32) -> LaneSpec {
    LaneSpec { strategy: StrategySpec::WorkerPool, queue, ..patient(Some(limit)) }
}

/// Whether time goes on after this place of the log.
fn is_last_of_its_moment(lane: &LaneTrace, place: usize) -> bool {
    lane.events.get(place + 1).is_none_or(|next| next.at > lane.events[place].at)
}

/// When each item had passed the bucket: when that first told what it held.
fn passed(lane: &LaneTrace) -> Vec<u64> {
    let mut passed: BTreeMap<u32, u64> = BTreeMap::new();
    for event in &lane.events {
        if let Kind::Gauge { gate: Gate::RequestBucket, .. } = event.kind {
            passed.entry(event.tag.item).or_insert(event.at.0);
        }
    }
    passed.into_values().collect()
}

/// When a full bucket lets each of a line pass, by closed form.
fn paid(bucket: RequestBucket, items: usize) -> Vec<u64> {
    let missing = |item: u64| (item + 1).saturating_sub(u64::from(bucket.capacity));
    (0_u64..).map(|item| (missing(item) * 60_000_000).div_ceil(u64::from(bucket.per_minute))).take(items).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pool_of_workers_starts_as_gather_does_and_asks_only_when_there_is_room(
        millis in prop::collection::vec(1_u32..5_000, 1..40), limit in 1_u32..8, queue in 1_u32..8,
        every_millis in 0_u32..900,
    ) {
        let items = millis.len();
        let takes: Vec<u64> = millis.iter().map(|&millis| micros(millis)).collect();
        let calls = || Calls { every_millis, ..so_many(items) };
        let (_, gathered) = run(1, calls(), taking(listed(&millis)), patient(Some(limit)));
        let (lane, pooled) = run(1, calls(), taking(listed(&millis)), pool(limit, queue));
        let come = every(every_millis, items);
        let expected = in_turn(limit as usize, &come, &takes);
        prop_assert_eq!(asked(&gathered), &come[..]);
        prop_assert_eq!(starts(&gathered), &expected[..]);
        prop_assert_eq!(starts(&pooled), &expected[..]);
        // There is room for one when the one so many places before it has been started.
        let room = |item: usize| item.checked_sub(queue as usize).map_or(0, |before| expected[before]);
        let when_there_is_room: Vec<u64> = (0..items).map(|item| come[item].max(room(item))).collect();
        prop_assert_eq!(asked(&pooled), when_there_is_room);
        let (mut asked, mut started, mut ended) = (0_u32, 0, 0);
        for (place, event) in lane.events.iter().enumerate() {
            match event.kind {
                Kind::Asked => asked += 1,
                Kind::Granted { .. } => started += 1,
                Kind::Ended { .. } => ended += 1,
                _ => {}
            }
            prop_assert!(asked <= ended + limit + queue, "{asked} were asked and {ended} ended");
            prop_assert!(asked <= started + queue || !is_last_of_its_moment(&lane, place));
        }
    }

    #[test]
    fn processes_share_the_items_in_turn_and_know_nothing_of_each_other(
        millis in prop::collection::vec(1_u32..5_000, 1..40), limit in 1_u32..5, processes in 1_u32..6,
        every_millis in 0_u32..900,
    ) {
        let items = millis.len();
        let lane = LaneSpec { processes, ..patient(Some(limit)) };
        let (lane, fold) = run(1, Calls { every_millis, ..so_many(items) }, taking(listed(&millis)), lane);
        let takes: Vec<u64> = millis.iter().map(|&millis| micros(millis)).collect();
        let (come, starts) = (every(every_millis, items), starts(&fold));
        for process in 0..processes as usize {
            let own = |all: &[u64]| -> Vec<u64> {
                all.iter().copied().skip(process).step_by(processes as usize).collect()
            };
            prop_assert_eq!(own(&starts), in_turn(limit as usize, &own(&come), &own(&takes)));
        }
        for event in &lane.events {
            if let Kind::Granted { permit, .. } = event.kind {
                prop_assert_eq!(u32::from(permit.0) / limit, event.tag.item % processes, "the permits of a process");
            }
        }
    }

    /// The bucket lets the line pass as if there were no slots; then a line of those who have paid waits for them.
    #[test]
    fn rates_that_come_first_are_paid_on_time_and_the_slot_is_waited_for_after(
        millis in prop::collection::vec(1_u32..20_000, 1..30), limit in 1_u32..6, capacity in 1_u32..6,
        per_minute in 6_u32..600,
    ) {
        let bucket = RequestBucket { capacity, per_minute };
        let lane = LaneSpec { request_bucket: Some(bucket), rates_first: true, ..patient(Some(limit)) };
        let (lane, fold) = run(1, so_many(millis.len()), taking(listed(&millis)), lane);
        let takes: Vec<u64> = millis.iter().map(|&millis| micros(millis)).collect();
        let passed = passed(&lane);
        for (item, (passed, paid)) in (0_u64..).zip(passed.iter().zip(paid(bucket, millis.len()))) {
            // Each wait ends at a whole microsecond, so the next may begin that much late.
            prop_assert!((paid..=paid + item).contains(passed), "item {item} passed at {passed}, not at {paid}");
        }
        prop_assert_eq!(starts(&fold), in_turn(limit as usize, &passed, &takes));
        let sent = lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.tag.item);
        prop_assert!(sent.is_sorted(), "in the order of asking");
    }

    #[test]
    fn rates_that_come_first_send_nothing_into_an_outage_and_make_nobody_wait_for_ever(
        seed: u64,
        items in 1_usize..15,
        limit in 1_u32..4,
        tries in 1_u32..5,
        fails in 0.1..0.9,
        permit in select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item]),
        (failures, cooldown_millis, ramp) in (1_u32..4, 100_u32..9_000, 0_u32..3),
    ) {
        let when = When { probability: fails, ..When::default() };
        let server = Simulated {
            faults: vec![Rule { when, fault: Fault::Status(503) }],
            ..taking(Amount::Uniform { low: 100.0, high: 4_000.0 })
        };
        let lane = LaneSpec {
            breaker: Some(Breaker { failures, cooldown_millis, ramp, ..Breaker::default() }),
            rates_first: true,
            tries,
            permit,
            ..patient(Some(limit))
        };
        let (lane, _) = run(seed, so_many(items), server, lane);
        prop_assert_eq!(lane.stopped(), Some(StopReason::Finished));
        let (mut was, mut closed_until) = (0, 0);
        for event in &lane.events {
            match event.kind {
                Kind::Gauge { gate: Gate::Breaker, value } => {
                    if value == 3 && was != 3 {
                        closed_until = event.at.0 + u64::from(cooldown_millis) * 1_000;
                    }
                    was = value;
                }
                Kind::Sent => prop_assert!(event.at.0 >= closed_until, "{} was sent", event.tag),
                _ => {}
            }
        }
    }
}

/// Ten seconds of work hold the only slot, and ten others pay meanwhile.
#[test]
fn what_the_bucket_let_through_goes_out_in_a_burst_when_the_slot_was_waited_for() {
    let bucket = RequestBucket { capacity: 1, per_minute: 60 };
    let millis: Vec<u32> = std::iter::once(10_000).chain([1; 10]).collect();
    let starts_when = |rates_first| {
        let lane = LaneSpec { request_bucket: Some(bucket), rates_first, ..patient(Some(1)) };
        starts(&run(1, so_many(millis.len()), taking(listed(&millis)), lane).1)
    };
    let slot_free = micros(10_000);
    let burst: Vec<u64> = std::iter::once(0).chain((0_u64..10).map(|nth| slot_free + nth * micros(1))).collect();
    assert_eq!(starts_when(true), burst);
    let one_a_second: Vec<u64> = std::iter::once(0).chain((0_u64..10).map(|nth| slot_free + nth * 1_000_000)).collect();
    assert_eq!(starts_when(false), one_a_second);
}
