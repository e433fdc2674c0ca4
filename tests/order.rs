//! Who of those who wait for a permit goes first, and how many permits there are while their number is learned.
//!
//! Whatever happens in one microsecond is taken as happening at once: the log has a grant where its holder goes on,
//! which may be after others of that moment joined the line.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/calls.rs"]
mod calls;

use calls::{listed, patient, run, so_many, taking};
use lanescope::experiment::limits::{AdaptiveLimit, Hedge};
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{LaneSpec, OrderSpec, PermitScope};
use lanescope::id::Tag;
use lanescope::policy::priority::Class;
use lanescope::port::FailureKind;
use lanescope::time::Instant;
use lanescope::trace::{Event, Gate, Kind, LaneTrace};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::iter::repeat_n;
use std::rc::Rc;

/// A wait in the line before the permits, from joining it to leaving it.
#[derive(Clone, Copy, Debug)]
struct Stay {
    item: u32,
    from: Instant,
    to: Instant,
    is_granted: bool,
}

fn stays(lane: &LaneTrace) -> Vec<Stay> {
    let mut joined: BTreeMap<Tag, Instant> = BTreeMap::new();
    let mut stays = Vec::new();
    for &Event { at, tag, kind } in &lane.events {
        let branch = tag.at_attempt(0);
        let is_granted = matches!(kind, Kind::Granted { .. });
        match kind {
            Kind::Asked | Kind::Waiting { gate: Gate::Semaphore, .. } => {
                joined.entry(branch).or_insert(at);
            }
            Kind::Granted { .. } | Kind::Failed { .. } | Kind::Cancelled => {
                let from = joined.remove(&branch).or(Some(at).filter(|_| is_granted));
                stays.extend(from.map(|from| Stay { item: tag.item, from, to: at, is_granted }));
            }
            _ => {}
        }
    }
    stays
}

/// Lower goes first: its class as a number, higher after each time it has aged, then when it joined.
fn rank(order: OrderSpec, class: Class, joined: Instant, now: Instant) -> (u64, Instant) {
    let OrderSpec::Priority { ageing_millis } = order else { return (0, joined) };
    let class: u64 = match class {
        Class::High => 0,
        Class::Normal => 1,
        Class::Low => 2,
    };
    let ages = ageing_millis.map_or(0, |millis| (now.0 - joined.0) / (u64::from(millis) * 1_000));
    (class.saturating_sub(ages), joined)
}

fn moody_server() -> impl Strategy<Value = Simulated> {
    let fault = select(vec![Fault::Status(503), Fault::Status(429), Fault::Cut, Fault::Stall]);
    (prop::option::of((fault, 0.1..0.6)), 1_u32..900).prop_map(|(fault, refusal_millis)| Simulated {
        refusal_millis,
        faults: fault
            .map(|(fault, probability)| Rule { when: When { probability, ..When::default() }, fault })
            .into_iter()
            .collect(),
        ..taking(Amount::LogNormal { median: 700.0, p95: 3_000.0 })
    })
}

fn scopes() -> impl Strategy<Value = PermitScope> {
    select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item])
}

fn adaptive_limits() -> impl Strategy<Value = AdaptiveLimit> {
    (1_u32..4, 0_u32..4, 0_u32..6).prop_map(|(floor, above, room)| AdaptiveLimit {
        floor,
        start: floor + above,
        ceiling: floor + above + room,
    })
}

/// Lines with retries, further steps, copies, deadlines and permits that come and go.
fn lines() -> impl Strategy<Value = (Calls, LaneSpec)> {
    let order = prop_oneof![
        Just(OrderSpec::Fifo),
        Just(OrderSpec::Priority { ageing_millis: None }),
        (1_u32..3_000).prop_map(|millis| OrderSpec::Priority { ageing_millis: Some(millis) }),
    ];
    let adaptive_limit = prop::option::of(adaptive_limits());
    let hedge = prop::option::of((100_u32..2_000).prop_map(Hedge::AfterMillis));
    let deadline = prop::option::of(1_000_u32..20_000);
    let lane = (order, 1_u32..5, scopes(), 1_u32..4, adaptive_limit, hedge, deadline).prop_map(
        |(order, limit, permit, tries, adaptive_limit, hedge, deadline_millis)| LaneSpec {
            order,
            limit: Some(limit),
            permit,
            tries,
            adaptive_limit,
            hedge,
            deadline_millis,
            first_delay_millis: 300,
            attempt_timeout_millis: 4_000,
            ..LaneSpec::default()
        },
    );
    let classes = prop::collection::vec(select(vec![Class::High, Class::Normal, Class::Low]), 1..6);
    let calls = (1_usize..25, 1_usize..4, classes, 0_u32..700).prop_map(|(items, steps, classes, every_millis)| {
        Calls { steps: repeat_n(Rc::<str>::from(""), steps).collect(), classes, every_millis, ..so_many(items) }
    });
    (calls, lane)
}

/// What came of an attempt: nothing for an answer, else how it failed.
fn came_of(lane: &LaneTrace, attempt: Tag) -> Option<FailureKind> {
    let mut own = lane.events.iter().filter(|event| event.tag == attempt);
    let end = own.find_map(|event| match event.kind {
        Kind::Answered { .. } => Some(None),
        Kind::Failed { failure } => Some(Some(lane.failures[failure as usize].kind)),
        _ => None,
    });
    end.expect("it came to an end")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_given_a_permit_while_one_who_goes_before_waits(
        seed: u64, server in moody_server(), (calls, lane) in lines(),
    ) {
        let (order, classes) = (lane.order, calls.classes.clone());
        let rank = |stay: &Stay, now: Instant| {
            rank(order, classes[stay.item as usize % classes.len()], stay.from, now)
        };
        let (lane, _) = run(seed, calls, server, lane);
        let stays = stays(&lane);
        for granted in stays.iter().filter(|stay| stay.is_granted) {
            let now = granted.to;
            for other in stays.iter().filter(|other| other.from < now && now < other.to) {
                prop_assert!(rank(granted, now) <= rank(other, now), "{granted:?} went before {other:?}");
            }
        }
    }

    #[test]
    fn who_asks_first_is_given_a_permit_first(
        seed: u64, server in moody_server(), items in 1_usize..30, limit in 1_u32..8, every_millis in 0_u32..700,
    ) {
        let lane = LaneSpec { tries: 3, attempt_timeout_millis: 4_000, ..LaneSpec::concurrent(limit) };
        let (lane, _) = run(seed, Calls { every_millis, ..so_many(items) }, server, lane);
        let granted = lane.events.iter().filter(|event| matches!(event.kind, Kind::Granted { .. }));
        prop_assert!(granted.map(|event| event.tag.item).eq(0..u32::try_from(items).expect("few")));
    }

    /// Nobody asks in a moment in which a permit falls free: calls end ten microseconds and more past a millisecond.
    #[test]
    fn tenants_who_both_wait_are_never_two_starts_apart(
        counts in prop::collection::vec(1_u32..10, 2..4),
        millis in prop::collection::vec(1_u32..3_000, 1..30),
        limit in 1_u32..5,
        every_millis in 0_u32..300,
    ) {
        let whose: Vec<usize> =
            (0_usize..).zip(&counts).flat_map(|(tenant, &count)| repeat_n(tenant, count as usize)).collect();
        let calls = Calls { tenants: counts.clone(), every_millis, ..so_many(whose.len()) };
        let lane = LaneSpec { order: OrderSpec::Fair, ..patient(Some(limit)) };
        let (lane, _) = run(1, calls, taking(listed(&millis)), lane);
        let pairs = (1..counts.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        for (a, b) in pairs {
            // How many wait, by tenant.
            let mut waiting = vec![0_u32; counts.len()];
            // How far `a` is ahead since both wait, and the least and the most that it was.
            let (mut lead, mut least, mut most) = (0_i32, 0_i32, 0_i32);
            for event in &lane.events {
                let tenant = whose[event.tag.item as usize];
                match event.kind {
                    Kind::Asked => waiting[tenant] += 1,
                    Kind::Granted { .. } => {
                        // Those of the first moment took what was free before the others had asked.
                        if waiting[a] > 0 && waiting[b] > 0 && event.at > Instant::ZERO {
                            lead += i32::from(tenant == a) - i32::from(tenant == b);
                            (least, most) = (least.min(lead), most.max(lead));
                            prop_assert!(most - least <= 1, "tenants {a} and {b} at {:?}", event.at);
                        }
                        waiting[tenant] -= 1;
                        if waiting[a] == 0 || waiting[b] == 0 {
                            (lead, least, most) = (0, 0, 0);
                        }
                    }
                    _ => {}
                }
            }
        }
        for tenant in 0..counts.len() {
            let own = lane.events.iter().filter(|event| matches!(event.kind, Kind::Granted { .. }));
            let own = own.map(|event| event.tag.item).filter(|&item| whose[item as usize] == tenant);
            prop_assert!(own.is_sorted(), "each tenant's own in the order of asking");
        }
    }

    #[test]
    fn a_limit_that_learns_adds_and_multiplies_and_no_more_permits_than_that_are_given(
        seed: u64, server in moody_server(), items in 1_usize..40, limits in adaptive_limits(), permit in scopes(),
        tries in 1_u32..4,
    ) {
        let lane = LaneSpec {
            adaptive_limit: Some(limits),
            permit,
            tries,
            first_delay_millis: 300,
            attempt_timeout_millis: 4_000,
            ..LaneSpec::default()
        };
        let (lane, _) = run(seed, so_many(items), server, lane);
        let mut learned = f64::from(limits.start);
        let mut told = 0;
        // The limit of now, and the highest of this microsecond.
        let (mut limit, mut highest, mut moment) = (limits.start, limits.start, Instant::ZERO);
        let mut out = 0_u32;
        for event in &lane.events {
            if event.at > moment {
                (highest, moment) = (limit, event.at);
            }
            match event.kind {
                Kind::Gauge { gate: Gate::Semaphore, value } => {
                    if told > 0 {
                        let moved = match came_of(&lane, event.tag) {
                            None => learned + 1.0 / learned,
                            Some(FailureKind::RateLimit) => learned * 0.5,
                            Some(_) => learned * 0.9,
                        };
                        learned = moved.min(f64::from(limits.ceiling)).max(f64::from(limits.floor));
                    }
                    told += 1;
                    let whole = f64::from(value);
                    prop_assert!((whole..whole + 1.0).contains(&learned), "{value} was told of {learned}");
                    (limit, highest) = (value, highest.max(value));
                }
                Kind::Granted { .. } => {
                    out += 1;
                    prop_assert!(out <= highest, "{out} are out of {highest}");
                }
                Kind::Released { .. } => out -= 1,
                _ => {}
            }
        }
        let is_end = |event: &&Event| matches!(event.kind, Kind::Answered { .. } | Kind::Failed { .. });
        prop_assert_eq!(told, 1 + lane.events.iter().filter(is_end).count());
    }
}
