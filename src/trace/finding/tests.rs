//! Each finding, where it shows and where it does not.

use super::*;
use crate::experiment::lane_preset::LANE_PRESETS;
use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker, Hedge, RequestBucket, TokenBudget, Window};
use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, Fallback, LaneSpec, OnFailure, PermitScope, Server, Workload};
use crate::lab;
use crate::policy::backoff::Jitter;
use crate::policy::refusal;
use crate::view::words::finding::sentence;

/// Every call takes 2 s, half of it to the first byte, and 43 tokens; a refusal takes 0.4 s.
fn even() -> Simulated {
    Simulated {
        first_byte_millis: Amount::Constant(1_000.0),
        answer_tokens: Amount::Constant(36.0),
        ..Simulated::default()
    }
}

/// The same, but the first so many attempts of these items are struck.
fn faulty(items: &[u32], attempts: u8, fault: Fault) -> Simulated {
    let when = When { items: Some(items.into()), first_attempts: Some(attempts), ..When::default() };
    Simulated { faults: vec![Rule { when, fault }], ..even() }
}

/// At most five tries; waits of exactly 1, 2, 4 and 8 s.
fn gather(limit: u32) -> LaneSpec {
    LaneSpec { jitter: Jitter::None, ..LaneSpec::concurrent(limit) }
}

fn bucketed(capacity: u32, per_minute: u32, lane: LaneSpec) -> LaneSpec {
    LaneSpec { request_bucket: Some(RequestBucket { capacity, per_minute }), ..lane }
}

fn budgeted(capacity: u32, per_minute: u32, lane: LaneSpec) -> LaneSpec {
    LaneSpec { token_budget: Some(TokenBudget { capacity, per_minute, estimate: 50 }), ..lane }
}

fn run(requests: u32, server: Simulated, lane: LaneSpec) -> (LaneTrace, Plan) {
    let experiment = Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Calls(Calls { requests, ..Calls::default() }),
        server: Server::Simulated(server),
        lanes: vec![lane],
    };
    let plan = experiment.plans().expect("it is sound").remove(0);
    let mut trace = lab::simulate(&experiment).expect("it can be simulated");
    (trace.lanes.remove(0), plan)
}

fn found(requests: u32, server: Simulated, lane: LaneSpec) -> Vec<Finding> {
    let (lane, plan) = run(requests, server, lane);
    findings(&lane, &Fold::of(&lane.events), &plan)
}

/// The finding with this name of [`About`].
fn named<'a>(found: &'a [Finding], name: &str) -> Option<&'a Finding> {
    found.iter().find(|finding| format!("{:?}", finding.about).split(' ').next() == Some(name))
}

/// The lane shows it, in these words and on these items.
fn shows(name: &str, found: &[Finding], said: &str, items: &[u32]) {
    let shown = named(found, name).unwrap_or_else(|| panic!("no {name} in {found:?}"));
    assert_eq!((&*sentence(&shown.about), &*shown.items), (said, items));
}

fn hides(name: &str, found: &[Finding]) {
    assert_eq!(named(found, name), None);
}

#[test]
fn a_lane_that_is_not_over_shows_nothing() {
    let (mut lane, plan) = run(6, even(), LaneSpec::sequential());
    assert!(!findings(&lane, &Fold::of(&lane.events), &plan).is_empty());
    lane.events.pop();
    assert_eq!(findings(&lane, &Fold::of(&lane.events), &plan), []);
}

#[test]
fn every_sentence_is_plain_and_every_item_is_named_once() {
    for preset in LANE_PRESETS {
        let quota = Simulated { requests_per_minute: Some(15), ..Simulated::default() };
        for Finding { about, items } in found(20, quota, preset.lane()) {
            let said = sentence(&about);
            assert!(said.ends_with('.') && !said.contains('!'), "{}: {said}", preset.name);
            assert!(items.is_sorted_by(|a, b| a < b) && items.iter().all(|&item| item < 20), "{said}: {items:?}");
        }
    }
}

#[test]
fn stopped_by_one() {
    let lane = |on_failure| LaneSpec { on_failure, tries: 1, ..gather(5) };
    let third = || faulty(&[2], 1, Fault::Status(503));
    let said = "Request 3 failed, and 4 others were given up with it.";
    shows("StoppedByOne", &found(5, third(), lane(OnFailure::CancelOthers)), said, &[0, 1, 2, 3, 4]);
    // No model of that name: no further call can succeed.
    let not_found = faulty(&[2], 1, Fault::Status(404));
    shows("StoppedByOne", &found(5, not_found, lane(OnFailure::Isolate)), said, &[0, 1, 2, 3, 4]);
    hides("StoppedByOne", &found(5, third(), lane(OnFailure::Isolate)));
}

#[test]
fn retried_in_vain() {
    let struck = |attempts| faulty(&[1], attempts, Fault::Status(503));
    let lane = || LaneSpec { tries: 3, ..gather(3) };
    let said = "1 request used all 3 tries and still failed.";
    shows("RetriedInVain", &found(3, struck(3), lane()), said, &[1]);
    hides("RetriedInVain", &found(3, struck(2), lane()));
}

#[test]
fn burned_inside_window() {
    let struck = |status| faulty(&[2], 3, Fault::Status(status));
    let lane = |first_delay_millis| LaneSpec { tries: 3, first_delay_millis, ..gather(3) };
    let said = "1 request used all 3 tries within one minute, and every try met the server's rate limit.";
    shows("BurnedInsideWindow", &found(3, struck(429), lane(1_000)), said, &[2]);
    hides("BurnedInsideWindow", &found(3, struck(503), lane(1_000)));
    // At 0, 40.4 and 100.8 s.
    hides("BurnedInsideWindow", &found(3, struck(429), lane(40_000)));
}

#[test]
fn retried_sooner_than_asked() {
    // The third is refused until 60 s have passed, and tries again at 1.4 s or at 61 s.
    let quota = || Simulated { requests_per_minute: Some(2), ..even() };
    let lane = |refusals| LaneSpec { refusals, tries: 2, ..gather(3) };
    let said = "1 retry went out sooner than the server had asked, and 1 was refused again.";
    shows("RetriedSoonerThanAsked", &found(3, quota(), lane(refusal::Rule::Ignore)), said, &[2]);
    hides("RetriedSoonerThanAsked", &found(3, quota(), lane(refusal::Rule::Honour)));
}

#[test]
fn retries_met() {
    let all = || faulty(&[0, 1, 2, 3, 4, 5], 1, Fault::Status(503));
    let said = "The first retries of 6 requests went out within 0.1 s of one another.";
    shows("RetriesMet", &found(6, all(), gather(6)), said, &[0, 1, 2, 3, 4, 5]);
    // Four, and 3.4 s later the other two.
    hides("RetriesMet", &found(6, all(), gather(4)));
}

#[test]
fn paid_for_nothing() {
    let said = "1 of 4 tries failed after the answer had begun: what had come may be billed.";
    shows("PaidForNothing", &found(3, faulty(&[1], 1, Fault::Cut), gather(3)), said, &[1]);
    hides("PaidForNothing", &found(3, faulty(&[1], 1, Fault::Status(503)), gather(3)));
}

#[test]
fn timed_out() {
    let stalled = || faulty(&[1], 1, Fault::Stall);
    let lane = |attempt_timeout_millis| LaneSpec { attempt_timeout_millis, ..gather(3) };
    let said = "The timeout of 3.0 s ended 1 try, and half of the answers took 2.0 s or longer.";
    shows("TimedOut", &found(3, stalled(), lane(3_000)), said, &[1]);
    hides("TimedOut", &found(3, stalled(), lane(5_000)));
    hides("TimedOut", &found(3, even(), lane(3_000)));
}

#[test]
fn breaker_opened() {
    let breaker = Some(Breaker { failures: 3, cooldown_millis: 10_000, ..Breaker::default() });
    let run = |struck| found(1, faulty(&[0], struck, Fault::Status(503)), LaneSpec { breaker, ..gather(1) });
    // Open from 4.2 to 14.2 s; the probe fails; open from 14.6 to 24.6 s.
    let said = "The circuit breaker opened 2 times and stayed open for 20.0 s in all.";
    shows("BreakerOpened", &run(4), said, &[0]);
    hides("BreakerOpened", &run(2));
}

#[test]
fn rate_set_the_pace() {
    let run = |capacity, per_minute| found(4, even(), bucketed(capacity, per_minute, gather(4)));
    // Starts at 0, 5, 10 and 15 s; the last one ends at 17 s.
    let said = "For 88 % of the run a rate held the next request back, with fewer in flight than the limit allows.";
    shows("RateSetThePace", &run(1, 12), said, &[1, 2, 3]);
    // Three at 0 s, one at 1 s; the last one ends at 3 s.
    hides("RateSetThePace", &run(3, 60));
}

#[test]
fn wait_was_for_tokens() {
    // Two at 0 s; 50 tokens take 5 s; of the next 50, two answers have given 14 back.
    let said = "The rates held requests back for 8.6 s in all, 8.6 s of it for tokens, not for requests.";
    shows("WaitWasForTokens", &found(4, even(), bucketed(10, 10, budgeted(100, 600, gather(4)))), said, &[2, 3]);
    hides("WaitWasForTokens", &found(4, even(), bucketed(1, 6, budgeted(100_000, 100_000, gather(4)))));
}

#[test]
fn bucket_too_big() {
    // 15 at 0 s, then one every 4 s: those at 4 to 56 s lie in the same minute.
    let said = "A bucket of 15 with 15 a minute let 29 start within one minute.";
    let first: Vec<u32> = (0..29).collect();
    shows("BucketTooBig", &found(30, even(), bucketed(15, 15, gather(30))), said, &first);
    hides("BucketTooBig", &found(4, even(), bucketed(1, 60, gather(4))));
}

#[test]
fn adaptive_swung() {
    let rule = AdaptiveRule::Multiplicative { up: 1.5, refused: 0.5, failed: 0.9 };
    let adaptive = Some(Adaptive { rule, ..Adaptive::default() });
    let run = |refused: &[u32]| {
        found(6, faulty(refused, 1, Fault::Status(429)), LaneSpec { adaptive, ..LaneSpec::sequential() })
    };
    // 1, 1.5 | 0.75, 1.125, 1.6875 | 0.84, 1.27, 1.898 | 0.95, 1.42
    let said = "The rate fell by a third or more 3 times, between 1.90 and 0.75 starts a second.";
    shows("AdaptiveSwung", &run(&[1, 3, 5]), said, &[]);
    hides("AdaptiveSwung", &run(&[1, 3]));
}

#[test]
fn slept_on_permits() {
    let run = |limit, keep_permit| {
        let all = faulty(&[0, 1, 2, 3, 4, 5], 1, Fault::Status(503));
        let permit = if keep_permit { PermitScope::Step } else { PermitScope::Attempt };
        found(6, all, LaneSpec { permit, ..gather(limit) })
    };
    // Six waits of 1 s under a limit of 2, in 10.2 s.
    let said = "Slots slept for 6.0 s in all while their holders backed off.";
    shows("SleptOnPermits", &run(2, true), said, &[0, 1, 2, 3, 4, 5]);
    hides("SleptOnPermits", &run(2, false));
    hides("SleptOnPermits", &run(6, true));
}

#[test]
fn queue_dominated() {
    // 2 + 4 + 6 + 8 + 10 s in line, 6 x 2 s with the server.
    let said = "Requests stood in line 2.5 times as long as they were with the server.";
    shows("QueueDominated", &found(6, even(), LaneSpec::sequential()), said, &[]);
    hides("QueueDominated", &found(6, even(), gather(6)));
}

#[test]
fn one_straggler() {
    // Three end at 2 s, the last one at 10 s.
    let late = Amount::Listed(vec![1_000.0, 1_000.0, 1_000.0, 9_000.0]);
    let server = || Simulated { first_byte_millis: late.clone(), ..even() };
    let said = "Request 4 was the only one left for the last 80 % of the run.";
    shows("OneStraggler", &found(4, server(), gather(4)), said, &[3]);
    hides("OneStraggler", &found(4, even(), gather(4)));
    hides("OneStraggler", &found(4, server(), LaneSpec::sequential()));
}

#[test]
fn limit_never_reached() {
    let run = |window| found(6, even(), LaneSpec { window, ..gather(4) });
    // Two every 3 s, and each takes 2 s.
    let said = "The limit of 4 was never reached: at most 2 were in flight.";
    shows("LimitNeverReached", &run(Some(Window { requests: 2, window_millis: 3_000 })), said, &[]);
    hides("LimitNeverReached", &run(None));
}

#[test]
fn rate_never_held() {
    let window = |requests| Some(Window { requests, window_millis: 3_000 });
    let lanes = |most| {
        [
            (bucketed(most, 60, gather(4)), "bucket of requests"),
            (budgeted(50 * most, 600, gather(4)), "bucket of tokens"),
            (LaneSpec { window: window(most), ..gather(4) }, "window"),
        ]
    };
    for (lane, name) in lanes(4) {
        shows("RateNeverHeld", &found(4, even(), lane), &format!("The {name} never delayed a request."), &[]);
    }
    for (lane, _) in lanes(1) {
        hides("RateNeverHeld", &found(4, even(), lane));
    }
}

/// The models that stand in for the first.
fn others(count: usize, lane: LaneSpec) -> LaneSpec {
    let models = (0..count).map(|n| format!("other-{n}").into()).collect();
    LaneSpec { fallback: Some(Fallback { models, ..Fallback::default() }), ..lane }
}

#[test]
fn layers_multiply() {
    let down = || Simulated { faults: vec![Rule { when: When::default(), fault: Fault::Status(503) }], ..even() };
    let said = "Two layers multiply: 5 tries of each of 3 models made 15 calls, in vain, for 2 requests.";
    shows("LayersMultiply", &found(2, down(), others(2, gather(2))), said, &[0, 1]);
    hides("LayersMultiply", &found(2, down(), gather(2)));
    hides("LayersMultiply", &found(2, even(), others(2, gather(2))));
}

#[test]
fn answers_unheard() {
    let second = || faulty(&[1], 1, Fault::Status(400));
    let lane = |on_failure| LaneSpec { on_failure, ..gather(3) };
    let said = "2 answers were paid for and never heard of: the first failure was raised in their place.";
    shows("AnswersUnheard", &found(3, second(), lane(OnFailure::Raise)), said, &[0, 2]);
    hides("AnswersUnheard", &found(3, second(), lane(OnFailure::Isolate)));
    hides("AnswersUnheard", &found(3, even(), lane(OnFailure::Raise)));
}

/// The first item takes 9 s where the others take 2; its copy would take as long.
fn slow_first() -> Simulated {
    let late = vec![8_000.0, 1_000.0, 1_000.0, 1_000.0];
    Simulated { first_byte_millis: Amount::Listed(late), ..even() }
}

#[test]
fn hedge_bought_nothing() {
    let hedged = |millis| LaneSpec { hedge: Some(Hedge::AfterMillis(millis)), ..gather(4) };
    let said = "The hedge bought nothing: 1 copy went out, and none was the first to answer.";
    shows("HedgeBoughtNothing", &found(4, slow_first(), hedged(3_000)), said, &[0]);
    hides("HedgeBoughtNothing", &found(4, slow_first(), hedged(20_000)));
    // With luck of their own some copies come first.
    let uneven = Simulated { first_byte_millis: Amount::LogNormal { median: 1_000.0, p95: 9_000.0 }, ..even() };
    hides("HedgeBoughtNothing", &found(40, uneven, hedged(3_000)));
}

#[test]
fn copies_beyond_limit() {
    let hedged = |limit| LaneSpec { hedge: Some(Hedge::AfterMillis(500)), ..gather(limit) };
    let said = "Copies share the slot of their request: 4 were in flight under a limit of 2.";
    shows("CopiesBeyondLimit", &found(4, even(), hedged(2)), said, &[0, 1, 2, 3]);
    hides("CopiesBeyondLimit", &found(4, even(), gather(2)));
    hides("CopiesBeyondLimit", &found(4, even(), hedged(4)));
}
