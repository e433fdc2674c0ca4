//! What the lessons about limits claim, held against the trace. Figures by hand or by closed form.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::limits::{Adaptive, AdaptiveRule, Breaker, RequestBucket, TokenBudget, Window};
use lanescope::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec, OnFailure};
use lanescope::lab::simulate;
use lanescope::policy::backoff::Jitter;
use lanescope::policy::refusal;
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

fn run(requests: u32, server: &Simulated, lane: LaneSpec) -> LaneTrace {
    let experiment = Experiment {
        version: Experiment::VERSION,
        seed: 7,
        workload: Workload::Calls(Calls { requests, ..Calls::default() }),
        server: Server::Simulated(server.clone()),
        lanes: vec![lane],
    };
    simulate(&experiment).expect("sound").lanes.remove(0)
}

fn free() -> LaneSpec {
    LaneSpec { limit: None, ..LaneSpec::default() }
}

fn starts(lane: &LaneTrace) -> Vec<f64> {
    lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.at.as_secs()).collect()
}

fn answered(lane: &LaneTrace) -> usize {
    lane.events.iter().filter(|event| event.kind == Kind::Ended { outcome: Outcome::Answered }).count()
}

fn refused(lane: &LaneTrace) -> usize {
    lane.failures.iter().filter(|failure| failure.kind == FailureKind::RateLimit).count()
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.001), "{found:?} is not {expected:?}");
}

#[test]
fn hitting_the_wall_the_sixteenth_of_a_minute_is_refused() {
    let server = Simulated { requests_per_minute: Some(15), ..even(2_000.0) };
    let lane = run(20, &server, LaneSpec { tries: 1, ..free() });
    assert_eq!((answered(&lane), refused(&lane)), (15, 5));
    let fold = Fold::of(&lane.events);
    assert!(fold.rows[..15].iter().all(|row| row.outcome == Some(Outcome::Answered)));
}

#[test]
fn a_token_bucket_lets_a_burst_through_and_then_one_a_second() {
    let bucket = RequestBucket { capacity: 5, per_minute: 60 };
    let lane = run(20, &even(2_000.0), LaneSpec { request_bucket: Some(bucket), ..free() });
    let expected: Vec<f64> = [0.0; 5].into_iter().chain((1..=15).map(f64::from)).collect();
    assert_near(&starts(&lane), &expected);
}

#[test]
fn a_sliding_window_bursts_too_and_then_waits_for_the_first_to_leave() {
    let window = Window { requests: 10, window_millis: 1_000 };
    let lane = run(20, &even(2_000.0), LaneSpec { window: Some(window), ..free() });
    let expected: Vec<f64> = [0.0; 10].into_iter().chain([1.0; 10]).collect();
    assert_near(&starts(&lane), &expected);
}

#[test]
fn a_bucket_as_large_as_the_quota_is_too_large() {
    let server = Simulated { requests_per_minute: Some(15), ..even(2_000.0) };
    // Sent in the first minute, and refused: 29 and 14, 19 and 4, 15 and none.
    for (capacity, sent, too_many) in [(15, 29, 14), (5, 19, 4), (1, 15, 0)] {
        let bucket = RequestBucket { capacity, per_minute: 15 };
        let lane = run(40, &server, LaneSpec { request_bucket: Some(bucket), tries: 1, ..free() });
        let first = starts(&lane).into_iter().filter(|&at| at < 60.0).count();
        let early =
            lane.events.iter().filter(|event| matches!(event.kind, Kind::Failed { .. }) && event.at.as_secs() < 60.2);
        assert_eq!((first, early.count()), (sent, too_many), "capacity {capacity}");
    }
}

#[test]
fn of_two_budgets_the_one_that_binds_depends_on_the_size_of_a_call() {
    let lane = |tokens: f64, estimate| {
        let server = Simulated { answer_tokens: Amount::Constant(tokens), ..even(500.0) };
        let spec = LaneSpec {
            request_bucket: Some(RequestBucket { capacity: 60, per_minute: 60 }),
            token_budget: Some(TokenBudget { capacity: 90_000, per_minute: 90_000, estimate }),
            ..free()
        };
        let calls = Calls { requests: 60, ..Calls::default() };
        let prompt = u32::try_from(calls.prompts[0].len().div_ceil(4)).expect("short");
        let mut settings = calls.settings.clone();
        settings.max_output_tokens = 10_000;
        let experiment = Experiment {
            version: Experiment::VERSION,
            seed: 7,
            workload: Workload::Calls(Calls { settings, ..calls }),
            server: Server::Simulated(server),
            lanes: vec![spec],
        };
        (simulate(&experiment).expect("sound").lanes.remove(0), prompt)
    };
    let (small, _) = lane(490.0, 500);
    assert_near(&starts(&small), &[0.0; 60]);
    // Thirty at once; each that comes back costs what was taken for it, so one more every 2 s.
    let (large, prompt) = lane(3_000.0, 3_000);
    let at = starts(&large);
    assert_near(&at[..30], &[0.0; 30]);
    let last = at[59];
    // 30 calls of 3 000 tokens, and the prompts' few that the estimate left out, at 1 500 a second.
    let owed = f64::from(60 * prompt) / 1_500.0;
    assert!((60.0..=60.0 + owed).contains(&last), "the last at {last}");
}

#[test]
fn giving_up_retrying_at_once_and_backing_off_spend_different_calls() {
    let server = Simulated { requests_per_minute: Some(5), quota_window_millis: 1_000, ..even(300.0) };
    let spec = |tries, first_delay_millis| LaneSpec {
        tries,
        first_delay_millis,
        jitter: Jitter::None,
        refusals: refusal::Rule::Ignore,
        ..free()
    };
    let give_up = run(20, &server, spec(1, 1_000));
    assert_eq!((answered(&give_up), starts(&give_up).len()), (5, 20));
    let at_once = run(20, &server, spec(5, 0));
    assert_eq!((answered(&at_once), starts(&at_once).len()), (5, 80));
    let back_off = run(20, &server, spec(5, 1_000));
    assert_eq!((answered(&back_off), starts(&back_off).len()), (20, 50));
    assert!((starts(&back_off)[49] - 7.3).abs() < 0.01, "{:?}", starts(&back_off).last());
    // Against a whole minute the waits of 1 + 2 + 4 + 8 s are over before the window is.
    let minute = Simulated { requests_per_minute: Some(15), ..even(300.0) };
    let in_vain = run(20, &minute, spec(5, 1_000));
    assert_eq!((answered(&in_vain), starts(&in_vain).len()), (15, 40));
}

#[test]
fn a_delay_that_is_honoured_is_enough_and_one_that_is_not_burns_its_tries() {
    let server = Simulated { requests_per_minute: Some(5), ..even(300.0) };
    let spec = |refusals| LaneSpec { refusals, jitter: Jitter::None, ..free() };
    let honoured = run(10, &server, spec(refusal::Rule::Honour));
    assert_eq!((answered(&honoured), starts(&honoured).len()), (10, 15));
    let ignored = run(10, &server, spec(refusal::Rule::Ignore));
    assert_eq!((answered(&ignored), starts(&ignored).len()), (5, 30));
}

#[test]
fn a_days_quota_ends_the_lane_whatever_delay_it_names() {
    let server = Simulated { requests_per_day: Some(3), ..even(300.0) };
    let lane = run(10, &server, LaneSpec::sequential());
    assert!(matches!(lane.stopped(), Some(StopReason::Failure { .. })));
    assert_eq!((answered(&lane), starts(&lane).len()), (3, 4));
    assert_eq!(lane.failures[0].kind, FailureKind::QuotaDay);
    assert_eq!(lane.failures[0].delay_micros, Some(22_000_000), "it names a short delay all the same");
    let believed = run(10, &server, LaneSpec { refusals: refusal::Rule::Ignore, ..LaneSpec::sequential() });
    assert_eq!((answered(&believed), starts(&believed).len()), (3, 3 + 7 * 5), "all tries of seven in vain");
}

/// The share of calls that were refused in the last 500 of 600 seconds, and how many were answered in all.
fn learned(rule: AdaptiveRule, start: f64) -> (f64, usize) {
    let server = Simulated { requests_per_minute: Some(5), quota_window_millis: 1_000, ..even(100.0) };
    let adaptive = Adaptive { start, rule, ..Adaptive::default() };
    let spec = LaneSpec { adaptive: Some(adaptive), tries: 1, ..free() };
    let lane = run(6_000, &server, spec);
    let in_time = |event: &&lanescope::trace::Event| (100.0..600.0).contains(&event.at.as_secs());
    let count = |is: fn(Kind) -> bool| lane.events.iter().filter(in_time).filter(|event| is(event.kind)).count();
    let (sent, failed) = (count(|kind| kind == Kind::Sent), count(|kind| matches!(kind, Kind::Failed { .. })));
    let all = lane.events.iter().filter(|event| event.at.as_secs() < 600.0);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let share = failed as f64 / sent as f64;
    (share, all.filter(|event| matches!(event.kind, Kind::Answered { .. })).count())
}

#[test]
fn growing_by_a_factor_is_refused_far_more_often_than_growing_by_a_step() {
    let by_factor = AdaptiveRule::Multiplicative { up: 1.1, refused: 0.5, failed: 0.9 };
    let by_step = AdaptiveRule::Additive { step: 0.1, refused: 0.5 };
    let (factor, _) = learned(by_factor, 1.0);
    let (step, _) = learned(by_step, 1.0);
    assert!((0.08..0.16).contains(&factor), "one refusal for about ln 2 / ln 1.1 answers: {factor}");
    assert!((0.01..0.06).contains(&step), "{step}");
    // Wherever it began, it ends up alike.
    let (fast, _) = learned(by_factor, 10.0);
    assert!((fast - factor).abs() < 0.02, "{fast} against {factor}");
}

#[test]
fn a_breaker_asks_an_outage_four_times_where_others_ask_sixty() {
    let outage = Rule { when: When::default(), fault: Fault::Status(503) };
    let server = Simulated { refusal_millis: 400, faults: vec![outage], ..even(300.0) };
    // One call a second: a bucket of one, so that nothing is saved up.
    let spec = |breaker| LaneSpec {
        tries: 1,
        breaker,
        request_bucket: Some(RequestBucket { capacity: 1, per_minute: 60 }),
        ..free()
    };
    let within = |lane: &LaneTrace| starts(lane).into_iter().filter(|&at| at < 60.0).count();
    let breaker = Breaker { failures: 3, cooldown_millis: 30_000, ..Breaker::default() };
    assert_eq!(within(&run(60, &server, spec(Some(breaker)))), 4);
    assert_eq!(within(&run(60, &server, spec(None))), 60);
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
    let isolated = run(5, &server, spec(OnFailure::Isolate));
    assert_eq!((answered(&isolated), isolated.failures.len()), (4, 1));
    let group = run(5, &server, spec(OnFailure::CancelOthers));
    assert_eq!(answered(&group), 1);
    assert!(matches!(group.stopped(), Some(StopReason::OneFailed { .. })));
    assert!((Fold::of(&group.events).latest.as_secs() - 1.0).abs() < 0.001);
}

#[test]
fn after_the_first_the_rest_has_its_time_and_is_given_up() {
    let server = Simulated { first_byte_millis: Amount::Listed(vec![1_000.0, 2_000.0, 3_000.0]), ..even(0.0) };
    let lane = run(3, &server, LaneSpec { after_first_millis: Some(1_500), ..free() });
    let ends: Vec<f64> = Fold::of(&lane.events).rows.iter().map(|row| row.ended.expect("ended").as_secs()).collect();
    assert_near(&ends, &[1.0, 2.0, 2.5]);
    assert_eq!((answered(&lane), lane.stopped()), (2, Some(StopReason::Enough)));
}

#[test]
fn in_flight_is_how_many_and_not_how_fast() {
    let server = |quota| Simulated { requests_per_minute: quota, ..even(25_000.0 / 3.0) };
    // 10 in flight of 8.33 s each are 72 starts a minute, and 80 in the first.
    let lane = run(200, &server(None), LaneSpec::concurrent(10));
    assert_eq!(starts(&lane).into_iter().filter(|&at| at < 60.0).count(), 80);
    for (limit, is_refused) in [(10, true), (8, true), (7, false)] {
        let lane = run(200, &server(Some(60)), LaneSpec { tries: 1, ..LaneSpec::concurrent(limit) });
        assert_eq!(refused(&lane) > 0, is_refused, "{limit} in flight");
    }
}

#[test]
fn silence_before_the_first_byte_and_between_bytes_is_given_up_each_after_its_time() {
    let slow = Simulated { first_byte_millis: Amount::Listed(vec![500.0, 5_000.0]), ..even(0.0) };
    let lane = run(2, &slow, LaneSpec { tries: 1, first_byte_timeout_millis: Some(2_000), ..free() });
    let ends: Vec<f64> = Fold::of(&lane.events).rows.iter().map(|row| row.ended.expect("ended").as_secs()).collect();
    assert_near(&ends, &[0.5, 2.0]);
    assert_eq!(lane.failures[0].kind, FailureKind::AttemptTimeout);
    assert!(lane.failures[0].message.starts_with("The first byte took longer"));

    // 80 tokens at 10 a second come in eight pieces, one a second: none is silent for 1.5 s, each for 0.5.
    let steady = Simulated { answer_tokens: Amount::Constant(80.0), tokens_per_second: 10, ..even(100.0) };
    let stall = |millis| LaneSpec { tries: 1, stall_timeout_millis: Some(millis), ..free() };
    assert_eq!(answered(&run(1, &steady, stall(1_500))), 1);
    let cut = run(1, &steady, stall(500));
    assert_eq!((answered(&cut), &*cut.failures[0].message), (0, "Nothing more came for longer than the plan allows."));
}

#[test]
fn what_was_lost_is_counted_with_its_time() {
    let once = Rule { when: When { first_attempts: Some(1), ..When::default() }, fault: Fault::Status(503) };
    let server = Simulated { refusal_millis: 400, faults: vec![once], ..even(2_000.0) };
    let experiment = Experiment {
        version: Experiment::VERSION,
        seed: 7,
        workload: Workload::Calls(Calls { requests: 3, ..Calls::default() }),
        server: Server::Simulated(server),
        lanes: vec![LaneSpec { jitter: Jitter::None, ..free() }],
    };
    let lane = simulate(&experiment).expect("sound").lanes.remove(0);
    let fold = Fold::of(&lane.events);
    let terms = Terms { items: 3, limit: 3, ..Terms::default() };
    let at = |secs: u64| Stats::at(Instant(secs * 1_000_000), &fold, &lane, terms);
    assert_eq!((at(9).attempts, at(9).lost_attempts, at(9).lost_micros), (6, 3, 1_200_000));
    assert_eq!((at(0).attempts, at(0).lost_attempts), (3, 0), "nothing is lost before it is");
}
