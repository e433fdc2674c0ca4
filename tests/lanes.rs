//! What a lane does with its items when one fails, when one is enough and when one is silent, and what that costs.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "common/one_lane.rs"]
mod one_lane;

use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::{LaneSpec, OnFailure};
use lanescope::policy::backoff::Jitter;
use lanescope::port::FailureKind;
use lanescope::time::Instant;
use lanescope::trace::span::Fold;
use lanescope::trace::stats::{Stats, Terms};
use lanescope::trace::{Kind, LaneTrace, Outcome, StopReason};

/// Every call takes so many milliseconds to its last byte.
fn even(millis: f64) -> Simulated {
    Simulated {
        first_byte_millis: Amount::Constant(millis),
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 100_000,
        refusal_millis: 100,
        ..Simulated::default()
    }
}

fn run(requests: u32, server: &Simulated, lane: LaneSpec) -> (LaneTrace, Fold) {
    one_lane::run(&one_lane::experiment(7, requests, server.clone(), lane))
}

fn free() -> LaneSpec {
    LaneSpec { limit: None, ..LaneSpec::default() }
}

fn answered(lane: &LaneTrace) -> usize {
    lane.events.iter().filter(|event| event.kind == Kind::Ended { outcome: Outcome::Answered }).count()
}

#[track_caller]
fn assert_ends(fold: &Fold, expected: &[f64]) {
    let ends: Vec<f64> = fold.rows.iter().map(|row| row.ended.expect("ended").as_secs()).collect();
    assert_eq!(ends.len(), expected.len(), "{ends:?}");
    assert!(ends.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.001), "{ends:?} is not {expected:?}");
}

#[test]
fn a_task_group_gives_all_up_with_the_first_that_fails() {
    let fails = Rule { when: When { items: Some(vec![1]), ..When::default() }, fault: Fault::Status(500) };
    let server = Simulated {
        first_byte_millis: Amount::Listed(vec![500.0, 1_000.0, 1_500.0, 2_000.0, 2_500.0]),
        refusal_millis: 1_000,
        faults: vec![fails],
        ..even(0.0)
    };
    let spec = |on_failure| LaneSpec { tries: 1, on_failure, ..free() };
    let (isolated, _) = run(5, &server, spec(OnFailure::Isolate));
    assert_eq!((answered(&isolated), isolated.failures.len()), (4, 1));
    let (group, fold) = run(5, &server, spec(OnFailure::CancelOthers));
    assert_eq!(answered(&group), 1);
    assert!(matches!(group.stopped(), Some(StopReason::OneFailed { .. })));
    assert!((fold.latest.as_secs() - 1.0).abs() < 0.001);
}

#[test]
fn after_the_first_the_rest_has_its_time_and_is_given_up() {
    let server = Simulated { first_byte_millis: Amount::Listed(vec![1_000.0, 2_000.0, 3_000.0]), ..even(0.0) };
    let (lane, fold) = run(3, &server, LaneSpec { after_first_millis: Some(1_500), ..free() });
    assert_ends(&fold, &[1.0, 2.0, 2.5]);
    assert_eq!((answered(&lane), lane.stopped()), (2, Some(StopReason::Enough)));
}

#[test]
fn silence_before_the_first_byte_and_between_bytes_is_given_up_each_after_its_time() {
    let slow = Simulated { first_byte_millis: Amount::Listed(vec![500.0, 5_000.0]), ..even(0.0) };
    let (lane, fold) = run(2, &slow, LaneSpec { tries: 1, first_byte_timeout_millis: Some(2_000), ..free() });
    assert_ends(&fold, &[0.5, 2.0]);
    assert_eq!(lane.failures[0].kind, FailureKind::AttemptTimeout);
    assert!(lane.failures[0].message.starts_with("The first byte took longer"));

    // 80 tokens at 10 a second come in eight pieces, one a second: none is silent for 1.5 s, each for 0.5.
    let steady = Simulated { answer_tokens: Amount::Constant(80.0), tokens_per_second: 10, ..even(100.0) };
    let stall = |millis| LaneSpec { tries: 1, stall_timeout_millis: Some(millis), ..free() };
    assert_eq!(answered(&run(1, &steady, stall(1_500)).0), 1);
    let (cut, _) = run(1, &steady, stall(500));
    assert_eq!((answered(&cut), &*cut.failures[0].message), (0, "Nothing more came for longer than the plan allows."));
}

#[test]
fn what_was_lost_is_counted_with_its_time() {
    let once = Rule { when: When { first_attempts: Some(1), ..When::default() }, fault: Fault::Status(503) };
    let server = Simulated { refusal_millis: 400, faults: vec![once], ..even(2_000.0) };
    let (lane, fold) = run(3, &server, LaneSpec { jitter: Jitter::None, ..free() });
    let terms = Terms { items: 3, limit: 3, ..Terms::default() };
    let at = |secs: u64| Stats::at(Instant(secs * 1_000_000), &fold, &lane, terms);
    assert_eq!((at(9).attempts, at(9).lost_attempts, at(9).lost_micros), (6, 3, 1_200_000));
    assert_eq!((at(0).attempts, at(0).lost_attempts), (3, 0), "nothing is lost before it is");
}

#[test]
fn a_search_for_a_limit_stops_at_the_first_refusal_and_at_no_other_failure() {
    let failing = Rule { when: When { items: Some(vec![1]), ..When::default() }, fault: Fault::Status(500) };
    let server = Simulated { requests_per_minute: Some(6), faults: vec![failing], ..even(1_000.0) };
    let lane = LaneSpec { tries: 1, on_failure: OnFailure::StopAtRefusal, ..LaneSpec::concurrent(1) };
    let (lane, fold) = run(20, &server, lane);
    // The second fails and is not counted by the quota; the eighth is the seventh that is.
    let count = |which| fold.rows.iter().filter(|row| row.outcome == Some(which)).count();
    assert_eq!((count(Outcome::Answered), count(Outcome::Failed), count(Outcome::Cancelled)), (6, 2, 12));
    assert!(matches!(lane.stopped(), Some(StopReason::OneFailed { .. })));
}
