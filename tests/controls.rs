//! A run under way, paused, let run out, and without one of its requests. In virtual time.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use futures::future::join;
use lanescope::engine::{self, Controls, Place, World};
use lanescope::experiment::LaneSpec;
use lanescope::experiment::limits::{Breaker, RequestBucket};
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::port::Clock as _;
use lanescope::sim::clock::SimClock;
use lanescope::sim::executor::Simulation;
use lanescope::sim::server::SimServer;
use lanescope::sim::service::SimService;
use lanescope::time::Instant;
use lanescope::trace::span::{Cause, Fold, Phase};
use lanescope::trace::{Gate, Kind, LaneTrace, Outcome, Recorder, StopReason};

const SECOND: u64 = 1_000_000;

/// What is done, and at which second; at 0, before it begins.
type Wish = (u64, fn(&Controls));

/// Ten calls of 2 s (or as listed), three at once, and what is done to them, each at its second.
fn run(millis: &[f64], wishes: &[Wish]) -> LaneTrace {
    run_lane(LaneSpec::concurrent(3), Vec::new(), millis, wishes)
}

/// The same with a lane of one's own, against a server with faults.
fn run_lane(lane: LaneSpec, faults: Vec<Rule>, millis: &[f64], wishes: &[Wish]) -> LaneTrace {
    let clock = SimClock::default();
    let figures = Simulated {
        first_byte_millis: Amount::Listed(millis.to_vec()),
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 100_000,
        faults,
        ..Simulated::default()
    };
    let controls = Controls::default();
    let world = World {
        clock: clock.clone(),
        service: SimService::new(SimServer::new(figures, 1), clock.clone()),
        controls: Some(controls.clone()),
    };
    let workload = Workload::Calls(Calls { requests: 10, ..Calls::default() });
    let spec = LaneSpec { attempt_timeout_millis: 86_400_000, ..lane };
    let plan = spec.validate().expect("sound");
    let recorder = Recorder::default();
    let place = Place { seed: 1, lane: 0 };
    let (before, during): (Vec<Wish>, Vec<Wish>) = wishes.iter().partition(|(second, _)| *second == 0);
    for (_, wish) in before {
        wish(&controls);
    }
    let user = async {
        for (second, wish) in during {
            clock.sleep_until(Instant(second * SECOND)).await;
            wish(&controls);
        }
    };
    let both = join(engine::run(&workload, &plan, place, &world, &recorder), user);
    assert!(Simulation::new(clock.clone(), both).run().is_some(), "nobody waits for ever");
    recorder.take()
}

fn starts(lane: &LaneTrace) -> Vec<u64> {
    lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.at.0 / SECOND).collect()
}

fn outcomes(lane: &LaneTrace) -> Vec<Outcome> {
    Fold::of(&lane.events).rows.iter().map(|row| row.outcome.expect("every item ends")).collect()
}

#[test]
fn a_paused_run_sends_nothing_and_goes_on_in_the_order_of_the_line() {
    let lane = run(&[2_000.0], &[(1, Controls::pause), (7, Controls::resume)]);
    assert_eq!(starts(&lane), [0, 0, 0, 7, 7, 7, 9, 9, 9, 11]);
    let sent = lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.tag.item);
    assert!(sent.is_sorted(), "in the order of asking");
    let fold = Fold::of(&lane.events);
    let held = fold.rows[3].spans.iter().find(|span| span.phase == Phase::RateLimited).expect("a span");
    assert_eq!(held.cause, Cause::Held { gate: Gate::Pause, until: Instant::NEVER });
    assert_eq!((held.from.0 / SECOND, held.to.0 / SECOND), (2, 7));
    assert_eq!(lane.stopped(), Some(StopReason::Finished));
}

#[test]
fn a_run_that_runs_out_ends_what_has_begun_and_starts_nothing_more() {
    let lane = run(&[2_000.0], &[(3, Controls::drain)]);
    assert_eq!(starts(&lane), [0, 0, 0, 2, 2, 2]);
    assert_eq!(lane.stopped(), Some(StopReason::Drained));
    assert_eq!(outcomes(&lane), [[Outcome::Answered; 6].as_slice(), &[Outcome::Cancelled; 4]].concat());
    assert_eq!(Fold::of(&lane.events).latest.0 / SECOND, 4);
}

#[test]
fn what_has_not_run_out_within_a_minute_is_given_up() {
    let lane = run(&[2_000.0, 900_000.0, 2_000.0], &[(1, Controls::drain)]);
    assert_eq!(lane.stopped(), Some(StopReason::Aborted));
    let fold = Fold::of(&lane.events);
    assert_eq!(fold.latest.0 / SECOND, 61);
    assert_eq!(fold.rows[1].outcome, Some(Outcome::Cancelled));
}

#[test]
fn one_request_is_given_up_where_it_is_and_the_others_go_on() {
    // The second is under way, the ninth has not begun.
    let lane = run(&[2_000.0], &[(1, |controls| controls.cancel(0, 1)), (1, |controls| controls.cancel(0, 8))]);
    let mut expected = [Outcome::Answered; 10];
    (expected[1], expected[8]) = (Outcome::Cancelled, Outcome::Cancelled);
    assert_eq!(outcomes(&lane), expected);
    // Its permit went to the next at once; the ninth sent nothing, and left the line at once.
    assert_eq!(Fold::of(&lane.events).rows[8].ended.map(|at| at.0 / SECOND), Some(1));
    assert_eq!(starts(&lane), [0, 0, 0, 1, 2, 2, 3, 4, 4]);
    assert_eq!(lane.stopped(), Some(StopReason::Finished));
}

#[test]
fn a_paused_run_sends_nothing_that_a_gate_lets_through_either() {
    let bucket = Some(RequestBucket { capacity: 1, per_minute: 60 });
    let lane = LaneSpec { request_bucket: bucket, ..LaneSpec::concurrent(10) };
    let trace = run_lane(lane, Vec::new(), &[100.0], &[(2, Controls::pause), (9, Controls::resume)]);
    // The third token falls due at the very second of the pause, whose timer was set before.
    assert_eq!(starts(&trace), [0, 1, 9, 10, 11, 12, 13, 14, 15, 16]);
}

#[test]
fn a_probe_that_is_given_up_does_not_hold_the_others_for_ever() {
    let fails = Rule { when: When { items: Some(vec![0]), ..When::default() }, fault: Fault::Status(503) };
    let breaker = Some(Breaker { failures: 1, cooldown_millis: 5_000, ..Breaker::default() });
    let lane = LaneSpec { breaker, tries: 1, ..LaneSpec::sequential() };
    // The first fails and opens it; the second is the probe, and would take an hour.
    let millis = [100.0, 3_600_000.0, 100.0];
    let trace = run_lane(lane, vec![fails], &millis, &[(8, |controls| controls.cancel(0, 1)), (9, Controls::drain)]);
    assert_eq!(starts(&trace)[..3], [0, 5, 8], "the third is the next probe, at once");
    assert_eq!(outcomes(&trace)[..3], [Outcome::Failed, Outcome::Cancelled, Outcome::Answered]);
}

#[test]
fn a_run_that_was_to_run_out_before_it_began_sends_nothing() {
    let trace = run(&[2_000.0], &[(0, Controls::drain)]);
    assert_eq!((starts(&trace), trace.stopped()), (Vec::new(), Some(StopReason::Drained)));
    assert_eq!(outcomes(&trace), [Outcome::Cancelled; 10]);
}
