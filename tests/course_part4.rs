//! What the course claims of jobs, held on the record. Figures by hand or by closed form; those of chance are means
//! over seeds, and each says how far it may be off.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "the other parts use the rest of what is shared")]

#[path = "common/course.rs"]
mod course;

use course::{Ran, assert_near, calls, mean, ran, row, server, with_lanes};
use futures::future::{Either, select};
use lanescope::engine::{self, Controls, Place, World};
use lanescope::experiment::limits::{RequestBucket, TokenBudget};
use lanescope::experiment::server::{Amount, Simulated};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::policy::priority::Class;
use lanescope::port::{Clock as _, FailureKind};
use lanescope::sim::clock::SimClock;
use lanescope::sim::executor::Simulation;
use lanescope::sim::server::SimServer;
use lanescope::sim::service::SimService;
use lanescope::time::{Instant, micros_as_secs};
use lanescope::trace::{Kind, Outcome, Recorder, StopReason};
use std::pin::pin;

#[test]
fn a_worker_pool_is_as_fast_as_a_task_each_and_holds_far_fewer_items() {
    let [tasks, pool] = ran(&row("worker-pool"));
    assert_near(&[tasks.makespan(), pool.makespan()], &[1_000.0, 1_000.0]);
    let alive = |lane: &Ran| lane.peak(|kind| kind == Kind::Asked, |kind| matches!(kind, Kind::Ended { .. }));
    let at_work = |lane: &Ran| {
        lane.peak(|kind| matches!(kind, Kind::Granted { .. }), |kind| matches!(kind, Kind::Released { .. }))
    };
    // Each item is a task; against twenty workers, whose items and forty more are all there are.
    assert_eq!((alive(&tasks), alive(&pool)), (10_000, 60));
    let producer = 1;
    assert_eq!(at_work(&pool) + producer, 21);
}

#[test]
fn a_thousand_prompts_take_50_minutes_or_two_and_a_half() {
    let [one, twenty, forty] = ran(&row("thousand-prompts"));
    assert_near(&[one.makespan() / 60.0, twenty.makespan() / 60.0], &[50.0, 2.5]);
    // 400 a minute fit into the quota of 500, and 800 do not.
    assert_eq!((one.refused(), twenty.refused()), (0, 0));
    assert!(forty.refused() > 0);
}

#[test]
fn fifty_thousand_prompts_are_bound_by_both_budgets_at_400_tokens() {
    let experiment = row("fifty-thousand");
    let [alone, bursts, even, in_flight] = ran(&experiment);
    let minutes = [&bursts, &even].map(|lane| lane.last_start() / 60.0);
    // All but what the buckets held at first, at five a minute.
    assert_near(&minutes, &[99.0, 99.8]);
    // A call of 300 s every 12 s: 25 in flight suffice, and 24 do not.
    assert_near(&[in_flight.last_start()], &[even.last_start()]);
    assert_eq!(in_flight.stats.peak_in_flight, 25);
    let [.., fewer]: [Ran; 4] = ran(&with_lanes(experiment, |lane| lane.limit = lane.limit.map(|_| 24)));
    assert!(fewer.last_start() > even.last_start() + 60.0);
    assert!((alone.makespan() / 3_600.0 - 41.7).abs() < 0.05, "{} h", alone.makespan() / 3_600.0);
}

#[test]
fn fifty_thousand_prompts_are_bound_by_tokens_alone_at_500() {
    let mut experiment = with_lanes(row("fifty-thousand"), |lane| {
        if let Some(budget) = &mut lane.token_budget {
            (budget.estimate, budget.capacity) = (500, budget.capacity.max(500));
        }
    });
    experiment.lanes.remove(0);
    server(&mut experiment).thinking_tokens = Amount::Constant(453.0);
    let with_both: [Ran; 3] = ran(&experiment);
    let minutes = |lanes: &[Ran; 3]| [&lanes[0], &lanes[1]].map(|lane| lane.last_start() / 60.0);
    assert_near(&minutes(&with_both), &[124.0, 124.75]);
    let without_requests = with_lanes(experiment, |lane| lane.request_bucket = None);
    assert_near(&minutes(&ran(&without_requests)), &[124.0, 124.75]);
}

#[test]
fn fifty_thousand_prompts_in_full_size_go_out_within_100_minutes_with_25_in_flight() {
    let lane = LaneSpec {
        limit: Some(25),
        request_bucket: Some(RequestBucket { capacity: 1, per_minute: 500 }),
        token_budget: Some(TokenBudget { capacity: 400, per_minute: 200_000, estimate: 400 }),
        ..LaneSpec::default()
    };
    let mut experiment = Experiment { lanes: vec![lane], ..row("fifty-thousand") };
    calls(&mut experiment).requests = 50_000;
    // Of 3 s each; thought, for the most part, which is quick to make up.
    *server(&mut experiment) = Simulated {
        first_byte_millis: Amount::Constant(2_607.0),
        thinking_tokens: Amount::Constant(392.0),
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 1_000,
        ..Simulated::default()
    };
    let lane = simulate(&experiment).expect("sound").lanes.remove(0);
    assert_eq!(lane.answers[0].usage.total(), 400);
    let last = lane.events.iter().rfind(|event| event.kind == Kind::Sent).expect("something was sent").at;
    // 49 999 intervals of 120 ms.
    assert_near(&[last.as_secs() / 60.0], &[99.998]);
}

#[test]
fn dead_letters_end_in_a_list_with_reasons_and_the_rest_finishes() {
    let [lane] = ran(&row("dead-letters"));
    assert_eq!(lane.answered_in(), (95, 100), "none is tried again");
    assert_eq!(lane.stats.unanswered, [19, 39, 59, 79, 99], "only they are to be run again");
    for &item in &lane.stats.unanswered {
        let failure = lane.fold.rows[item as usize].failure.expect("a reason");
        let failure = &lane.lane.failures[failure as usize];
        assert_eq!((failure.kind, failure.status), (FailureKind::BadRequest, Some(400)));
        assert!(!failure.message.is_empty());
    }
    assert_eq!(lane.lane.stopped(), Some(StopReason::Finished));
}

/// The row's run, stopped after 12 s: it runs out, or is dropped as it is. `tests/controls.rs` has what is given up
/// when running out takes longer than its 60 s.
fn stopped_after_12_s(runs_out: bool) -> Ran {
    let after = Instant(12_000_000);
    let mut experiment = row("drain");
    let plan = experiment.plans().expect("sound").remove(0);
    let (clock, controls, recorder) = (SimClock::default(), Controls::default(), Recorder::default());
    let figures = server(&mut experiment).clone();
    let world = World {
        clock: clock.clone(),
        service: SimService::new(SimServer::new(figures, experiment.seed), clock.clone()),
        controls: Some(controls.clone()),
    };
    let place = Place { seed: experiment.seed, lane: 0 };
    let stopped = async {
        let mut run = pin!(engine::run(&experiment.workload, &plan, place, &world, &recorder));
        let is_over = matches!(select(run.as_mut(), clock.sleep_until(after)).await, Either::Left(_));
        assert!(!is_over, "it is under way");
        if runs_out {
            controls.drain();
            run.await;
        }
    };
    Simulation::new(clock.clone(), stopped).run().expect("nobody waits for ever");
    recorder.stop(after, 0, StopReason::Aborted);
    Ran::new(recorder.take(), experiment.workload.len() as usize)
}

#[test]
fn a_run_that_runs_out_pays_for_nothing_twice_and_one_that_is_dropped_leaves_ghosts() {
    let unanswered_but_sent = |lane: &Ran| {
        let rows = lane.fold.rows.iter();
        rows.filter(|row| row.sent.is_some() && row.outcome != Some(Outcome::Answered)).count()
    };
    // Four at a time, 5 s each: the third four are under way.
    let drained = stopped_after_12_s(true);
    assert_eq!((drained.lane.stopped(), drained.answered_in()), (Some(StopReason::Drained), (12, 12)));
    assert_eq!((drained.stats.lost_attempts, unanswered_but_sent(&drained)), (0, 0));
    assert_near(&[drained.fold.latest.as_secs()], &[15.0]);
    let dropped = stopped_after_12_s(false);
    assert_eq!((dropped.lane.stopped(), dropped.answered_in()), (Some(StopReason::Aborted), (8, 12)));
    assert_eq!((dropped.stats.lost_attempts, unanswered_but_sent(&dropped)), (4, 4));
}

#[test]
fn hedging_after_the_95th_percentile_cuts_the_tail_for_5_percent_more_calls() {
    let (mut alone, mut copied, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 1..=10 {
        let mut experiment = Experiment { seed, ..row("hedging") };
        calls(&mut experiment).requests = 2_000;
        let [one, two] = ran(&experiment);
        // In medians, which are a second.
        alone.push(micros_as_secs(one.stats.service.p99_micros));
        copied.push(micros_as_secs(two.stats.service.p99_micros));
        more.push(f64::from(two.stats.attempts) / f64::from(one.stats.attempts) - 1.0);
    }
    // The 99th percentile of 2 000 draws deviates by 1.15 and 0.25, the mean of ten by 0.36 and 0.08.
    assert!((mean(&alone) - 12.6).abs() < 1.0, "{}", mean(&alone));
    assert!((mean(&copied) - 7.6).abs() < 0.3, "{}", mean(&copied));
    assert!((mean(&more) - 0.05).abs() < 0.006, "{}", mean(&more));
}

#[test]
fn the_capstone_meets_its_goal_with_care_and_misses_it_without() {
    let experiment = row("capstone");
    let [careless, careful] = ran(&experiment);
    let attempts_an_item = |lane: &Ran| f64::from(lane.stats.attempts) / 200.0;
    assert_eq!(careful.stats.succeeded, 200);
    assert!(attempts_an_item(&careful) <= 1.2, "{}", attempts_an_item(&careful));
    let high = (0_u32..).zip(&careful.fold.rows).filter(|(item, _)| experiment.workload.class(*item) == Class::High);
    let mut turnarounds: Vec<f64> =
        high.map(|(_, row)| (row.ended.expect("ended") - row.asked).as_secs_f64()).collect();
    turnarounds.sort_by(f64::total_cmp);
    assert_eq!(turnarounds.len(), 20);
    // By nearest rank, the 19th of twenty.
    assert!(turnarounds[18] < 10.0, "{turnarounds:?}");
    assert!(careless.stats.succeeded < 200 && attempts_an_item(&careless) > 1.2);
}
