//! What the course claims of real requests, held on the record. Figures by hand or by closed form.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "the other parts use the rest of what is shared")]

#[path = "common/course.rs"]
mod course;

use course::{Ran, assert_near, calls, ran, row, server};
use lanescope::experiment::server::Load;
use lanescope::time::micros_as_secs;
use lanescope::trace::Outcome;
use lanescope::trace::span::{Branch, Fate, Phase, Span};

#[test]
fn first_call_is_one_bar_of_three_parts() {
    let [one] = ran(&row("first-call"));
    assert_eq!((one.fold.rows.len(), one.fold.rows[0].others.len()), (1, 0));
    let bar = &one.fold.rows[0].spans;
    let phases: Vec<Phase> = bar.iter().map(|span| span.phase).collect();
    assert_eq!(phases, [Phase::FirstByte, Phase::Thinking, Phase::Streaming]);
    let ends: Vec<f64> = bar.iter().map(|span| span.to.as_secs()).collect();
    assert_near(&ends, &[3.0, 5.0, 6.0]);
    assert_eq!(one.answered_in(), (1, 1));
}

#[test]
fn five_in_a_loop_take_the_sum_and_five_gathered_the_longest() {
    let [in_a_row, gathered] = ran(&row("five-in-a-loop"));
    assert_near(&[in_a_row.makespan(), gathered.makespan()], &[32.1, 8.5]);
    let speed_up = gathered.stats.speed_up_against(&in_a_row.stats).expect("the same work");
    assert!((speed_up - 3.8).abs() < 0.05, "{speed_up} times");
    // The 4th, 5th, 2nd, 1st and 3rd.
    assert_eq!(gathered.fold.ends, [3, 4, 1, 0, 2]);
    assert_eq!(in_a_row.fold.ends, [0, 1, 2, 3, 4]);
}

#[test]
fn many_users_wait_by_the_limit_and_not_by_the_work() {
    // The last user in a row, by fives, all at once, by threes.
    for (users, last) in [(5, [25.0, 5.0, 5.0, 10.0]), (10, [50.0, 10.0, 5.0, 20.0]), (20, [100.0, 20.0, 5.0, 35.0])] {
        let mut experiment = row("many-users");
        calls(&mut experiment).requests = users;
        let lanes: [Ran; 4] = ran(&experiment);
        assert_near(&lanes.each_ref().map(Ran::makespan), &last);
        if users == 20 {
            let means = lanes.each_ref().map(|lane| micros_as_secs(lane.stats.turnaround.mean_micros));
            assert_near(&means, &[52.5, 12.5, 5.0, 19.25]);
        }
    }
}

#[test]
fn models_side_by_side_take_as_long_as_the_slowest() {
    let [all] = ran(&row("models-side-by-side"));
    assert_near(&all.ends(), &[1.0, 1.5, 2.0, 2.5]);
    assert_near(&[all.makespan()], &[2.5]);
}

/// How each branch of the only item ended, and when.
fn branches(ran: &Ran) -> Vec<(Fate, f64)> {
    let only = &ran.fold.rows[0];
    let last = |spans: &[Span]| spans.last().map(|span| (span.fate, span.to.as_secs())).expect("a span");
    let others = only.others.iter().map(|Branch { spans, .. }| last(spans));
    [last(&only.spans)].into_iter().chain(others).collect()
}

fn outcome(ran: &Ran) -> Option<Outcome> {
    ran.fold.rows[0].outcome
}

#[test]
fn fallback_to_three_at_once_is_answered_by_the_quickest_and_gives_the_others_up() {
    let mut experiment = row("fallback");
    server(&mut experiment).faults.clear();
    let lanes: [Ran; 2] = ran(&experiment);
    for lane in &lanes {
        assert_eq!(outcome(lane), Some(Outcome::Answered));
        let came = branches(lane);
        assert_near(&came.iter().map(|&(_, at)| at).collect::<Vec<f64>>(), &[3.0, 4.0, 4.0, 4.0]);
        // The first ran out of its time; of the three others one answered, and two are ghosts.
        assert!(matches!(came[0].0, Fate::Failed(_)), "{came:?}");
        assert_eq!([came[1].0, came[2].0, came[3].0], [Fate::Answered, Fate::Cancelled, Fate::Cancelled]);
        assert_eq!((lane.stats.attempts, lane.stats.lost_attempts), (4, 3));
    }
}

#[test]
fn fallback_to_the_first_that_finishes_is_not_to_the_first_that_succeeds() {
    let [finished, succeeded] = ran(&row("fallback"));
    assert_eq!((outcome(&finished), outcome(&succeeded)), (Some(Outcome::Failed), Some(Outcome::Answered)));
    assert_near(&[finished.makespan(), succeeded.makespan()], &[4.0, 4.2]);
}

#[test]
fn one_client_connects_once() {
    let mut experiment = row("one-client");
    let [each] = ran(&experiment);
    server(&mut experiment).reuses_connections = true;
    let [one] = ran(&experiment);
    // Ten calls of 1 s, and what was spent on connecting.
    assert_near(&[each.makespan() - 10.0, one.makespan() - 10.0], &[1.5, 0.15]);
}

#[test]
fn chains_take_their_number_by_the_limit_while_the_server_is_constant() {
    let table = [
        (10, [250.0, 50.0, 25.0, 25.0]),
        (25, [625.0, 125.0, 75.0, 25.0]),
        (50, [1_250.0, 250.0, 125.0, 50.0]),
        (100, [2_500.0, 500.0, 250.0, 100.0]),
    ];
    for (items, secs) in table {
        let mut experiment = row("chain");
        calls(&mut experiment).requests = items;
        let lanes: [Ran; 4] = ran(&experiment);
        assert_near(&lanes.each_ref().map(Ran::makespan), &secs);
        let by_formula = [1, 5, 10, 25].map(|limit: u32| 25.0 * f64::from(items.div_ceil(limit)));
        assert_near(&by_formula, &secs);
    }
}

#[test]
fn chains_under_load_take_what_was_measured_in_the_field() {
    // 5, 10 and 25 at a time.
    let measured =
        [(10, [75.0, 40.0, 30.0]), (25, [165.0, 90.0, 40.0]), (50, [325.0, 175.0, 75.0]), (100, [650.0, 345.0, 150.0])];
    for (items, secs) in measured {
        let mut experiment = row("chain");
        calls(&mut experiment).requests = items;
        server(&mut experiment).load = Load::Power { exponent: 0.14 };
        let [alone, lanes @ ..]: [Ran; 4] = ran(&experiment);
        assert_near(&[alone.makespan()], &[25.0 * f64::from(items)]);
        for (lane, secs) in lanes.iter().zip(secs) {
            let off = lane.makespan() / secs - 1.0;
            assert!(off.abs() < 0.2, "{items} chains took {} s, not {secs}", lane.makespan());
        }
    }
}

#[test]
fn who_holds_the_slot_decides_when_the_first_is_done_and_not_when_the_last_is() {
    let [chain, step] = ran(&row("who-holds-the-slot"));
    let first = |lane: &Ran| lane.ends()[lane.fold.ends[0] as usize];
    assert_near(&[first(&chain), first(&step)], &[25.0, 341.666_7]);
    assert_near(&[chain.makespan(), step.makespan()], &[500.0, 500.0]);
}
