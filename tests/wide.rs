//! What holds for every run, whatever any field of the lane and the workload says.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/lives.rs"]
mod lives;
#[path = "common/one_lane.rs"]
mod one_lane;
#[path = "common/wide.rs"]
mod wide;

use lanescope::experiment::plan::{Plan, Rates, Strategy as Start};
use lanescope::id::Tag;
use lanescope::time::{Instant, from_millis};
use lanescope::trace::log::first_difference;
use lanescope::trace::span::{Cause, Fate, Phase, Row, Span};
use lanescope::trace::{Gate, Kind, LaneTrace, StopReason};
use one_lane::run;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Whether what a stretch is said to wait for exists, and ends it when it is said to.
fn is_named(span: &Span, plan: &Plan, lane: &LaneTrace, items: u32) -> bool {
    let is_item = |tag: Option<Tag>| tag.is_some_and(|tag| tag.item < items);
    let goes_on_at = |until: Instant| span.fate != Fate::Passed || span.to == until;
    match (span.phase, span.cause) {
        (Phase::Queued, Cause::Permit { gate, permit, by, .. }) => {
            let expected = if plan.strategy == Start::Sequential { Gate::Turn } else { Gate::Semaphore };
            let exists = permit.is_some_and(|permit| permit.0 < plan.limit());
            // One who never got a permit failed or was given up while it waited.
            gate == expected && (exists || span.fate != Fate::Passed) && (by.is_none() || is_item(by))
        }
        (Phase::RateLimited, Cause::Line { ahead, by }) => {
            // Where the rates come first, one that is asked at this very moment may stand first, not yet seen there.
            plan.rates != Rates::default() && ahead > 0 && (is_item(by) || plan.rates_first)
        }
        (Phase::CircuitOpen, Cause::Held { gate: Gate::Breaker, until }) => {
            plan.rates.breaker.is_some() && (until == Instant::NEVER || goes_on_at(until))
        }
        (Phase::RateLimited, Cause::Held { gate, until }) => {
            let is_there = match gate {
                Gate::RequestBucket => plan.rates.requests.is_some(),
                Gate::TokenBucket => plan.rates.tokens.is_some(),
                Gate::Window => plan.rates.window.is_some(),
                Gate::Pace => plan.rates.pace.is_some(),
                _ => false,
            };
            is_there && goes_on_at(until)
        }
        (Phase::BackingOff, Cause::Drawn { wait, until }) => (wait as usize) < lane.waits.len() && goes_on_at(until),
        (Phase::FirstByte | Phase::Thinking | Phase::Streaming, Cause::Server) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_ends_and_a_second_run_is_the_same(experiment in wide::experiments()) {
        let (lane, _) = run(&experiment);
        prop_assert!(lane.stopped().is_some_and(|why| why != StopReason::Stalled), "{:?}", lane.stopped());
        let again = run(&experiment).0.to_text();
        prop_assert_eq!(first_difference(&lane.to_text(), &again), None);
    }

    #[test]
    fn every_item_that_is_asked_ends_once_and_after_that_nothing_happens_to_it(experiment in wide::experiments()) {
        let (lane, _) = run(&experiment);
        let mut lives: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for event in &lane.events {
            let (asked, ended) = lives.entry(event.tag.item).or_default();
            match event.kind {
                Kind::Asked => *asked += 1,
                Kind::Ended { .. } => *ended += 1,
                // The lane's own.
                Kind::Started | Kind::Stopped { .. } | Kind::Gauge { .. } => {}
                _ => prop_assert!(*asked == 1 && *ended == 0, "{event:?}"),
            }
        }
        prop_assert!(lives.values().all(|&(asked, ended)| asked == ended && ended <= 1), "{lives:?}");
        let asked = lives.values().filter(|&&(asked, _)| asked == 1).count();
        let has_finished = lane.stopped() == Some(StopReason::Finished);
        prop_assert!(!has_finished || asked == experiment.workload.len() as usize, "{asked} were asked");
    }

    #[test]
    fn permits_that_were_given_were_given_back(experiment in wide::experiments()) {
        let (lane, _) = run(&experiment);
        let plan = experiment.plans().expect("sound").remove(0);
        let mut out = BTreeSet::new();
        for event in &lane.events {
            match event.kind {
                Kind::Granted { permit, .. } => prop_assert!(out.insert(permit), "{permit:?} was given twice"),
                Kind::Released { permit, .. } => prop_assert!(out.remove(&permit), "{permit:?} was given back twice"),
                _ => {}
            }
            prop_assert!(out.len() <= usize::from(plan.limit()));
        }
        prop_assert!(out.is_empty(), "{out:?} never came back");
    }

    #[test]
    fn the_spans_of_every_branch_touch_and_cover(experiment in wide::experiments()) {
        let (_, fold) = run(&experiment);
        lives::spans_touch_and_cover(&fold)?;
    }

    #[test]
    fn every_microsecond_waits_for_something_that_exists(experiment in wide::experiments()) {
        let (lane, fold) = run(&experiment);
        let plan = experiment.plans().expect("sound").remove(0);
        let items = u32::try_from(fold.rows.len()).expect("few");
        for span in fold.rows.iter().flat_map(Row::all_spans).filter(|span| span.from < span.to) {
            prop_assert!(is_named(span, &plan, &lane, items), "{span:?}");
        }
    }

    #[test]
    fn no_item_outlives_its_deadline(experiment in wide::experiments()) {
        let Some(deadline) = experiment.lanes[0].deadline_millis else { return Ok(()) };
        let (_, fold) = run(&experiment);
        for row in &fold.rows {
            let ended = row.ended.expect("every item ends");
            prop_assert!(ended <= row.asked + from_millis(deadline), "{row:?}");
        }
    }
}
