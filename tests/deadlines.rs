//! Deadlines of items, each from its own asking, where much else happens in the very same microseconds.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/calls.rs"]
mod calls;

use calls::{run, so_many};
use lanescope::experiment::limits::{Hedge, RequestBucket};
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{LaneSpec, OrderSpec, PermitScope, StrategySpec};
use lanescope::policy::backoff::Jitter;
use lanescope::policy::priority::Class;
use lanescope::time::from_millis;
use lanescope::trace::{Kind, Outcome};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::iter::repeat_n;
use std::ops::Range;
use std::rc::Rc;

fn hundreds(range: Range<u32>) -> impl Strategy<Value = u32> {
    range.prop_map(|hundreds| hundreds * 100)
}

/// Calls and refusals that take whole tenths of a second.
fn servers() -> impl Strategy<Value = Simulated> {
    let millis = prop::collection::vec(hundreds(1..30), 1..12);
    (millis, hundreds(1..10), 0.0..0.6).prop_map(|(millis, refusal_millis, probability)| Simulated {
        // A millisecond less to the first byte, and one for the only token.
        first_byte_millis: Amount::Listed(millis.into_iter().map(|millis| f64::from(millis - 1)).collect()),
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 1_000,
        refusal_millis,
        faults: vec![Rule { when: When { probability, ..When::default() }, fault: Fault::Status(503) }],
        ..Simulated::default()
    })
}

fn lanes() -> impl Strategy<Value = LaneSpec> {
    let strategy = select(vec![
        StrategySpec::Sequential,
        StrategySpec::Gather,
        StrategySpec::AsCompleted,
        StrategySpec::WorkerPool,
    ]);
    let order = select(vec![OrderSpec::Fifo, OrderSpec::Priority { ageing_millis: None }, OrderSpec::Fair]);
    let permit = select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item]);
    let hedge = prop::option::of(hundreds(1..20).prop_map(Hedge::AfterMillis));
    let bucket = (1_u32..4, select(vec![60_u32, 120, 300]))
        .prop_map(|(capacity, per_minute)| RequestBucket { capacity, per_minute });
    let line = (strategy, 1_u32..5, 1_u32..=3, 1_u32..4, order, permit);
    (line, hedge, prop::option::of(bucket), any::<bool>(), 1_u32..4, hundreds(0..8)).prop_map(
        |(line, hedge, request_bucket, rates_first, tries, first_delay_millis)| {
            let (strategy, limit, processes, queue, order, permit) = line;
            LaneSpec {
                strategy,
                limit: Some(limit),
                processes,
                queue,
                order,
                permit,
                hedge,
                request_bucket,
                rates_first,
                tries,
                first_delay_millis,
                jitter: Jitter::None,
                ..LaneSpec::default()
            }
        },
    )
}

fn workloads() -> impl Strategy<Value = Calls> {
    let classes = prop::collection::vec(select(vec![Class::High, Class::Normal, Class::Low]), 0..5);
    let tenants = prop::collection::vec(0_u32..6, 0..3);
    (1_usize..20, 1_usize..4, classes, tenants, hundreds(0..8)).prop_map(
        |(items, steps, classes, tenants, every_millis)| Calls {
            steps: repeat_n(Rc::<str>::from(""), steps).collect(),
            classes,
            tenants,
            every_millis,
            ..so_many(items)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_item_ends_by_its_deadline_and_one_that_never_had_a_permit_exactly_then(
        seed: u64, calls in workloads(), server in servers(), lane in lanes(), deadline in hundreds(1..60),
    ) {
        let lane = LaneSpec { deadline_millis: Some(deadline), ..lane };
        let (lane, fold) = run(seed, calls, server, lane);
        let granted = lane.events.iter().filter(|event| matches!(event.kind, Kind::Granted { .. }));
        let had_permit: BTreeSet<u32> = granted.map(|event| event.tag.item).collect();
        for (item, row) in (0_u32..).zip(&fold.rows) {
            let (ended, latest) = (row.ended.expect("every item ends"), row.asked + from_millis(deadline));
            prop_assert!(ended <= latest, "item {item} ended at {ended:?}, after {latest:?}");
            if !had_permit.contains(&item) {
                prop_assert_eq!((ended, row.outcome), (latest, Some(Outcome::Failed)), "item {}", item);
            }
        }
    }
}
