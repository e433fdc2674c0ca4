//! Limits: how many at once and how fast, what to do with a no, and who goes first.

use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker, RequestBucket, TokenBudget, Window};
use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::{
    THIRD_OF_25_S, calls, chains, constant, experiment, limited, named, no_limits, outage,
};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, OrderSpec, PermitScope};
use crate::policy::backoff::Jitter;
use crate::policy::priority::Class::{High, Low, Normal};
use crate::policy::refusal::Rule::{Honour, Ignore};
use crate::port::Settings;

const SECOND: u32 = 1_000;
const MINUTE: u32 = 60 * SECOND;

/// Twenty at once against 15 a minute. Five at once would pass.
pub(super) fn hitting_the_wall() -> Experiment {
    let once = LaneSpec { tries: 1, ..no_limits() };
    experiment(calls(20), limited(constant(2.0), 15, MINUTE), [named("All at once", once)])
}

/// Ten calls of equal length.
pub(super) fn semaphore() -> Experiment {
    let lanes = [named("In a row", LaneSpec::sequential()), named("Five at a time", LaneSpec::concurrent(5))];
    experiment(calls(10), constant(2.0), lanes)
}

/// Twenty calls, a bucket of five and one more a second.
pub(super) fn token_bucket() -> Experiment {
    let bucket = RequestBucket { capacity: 5, per_minute: 60 };
    let lane = LaneSpec { request_bucket: Some(bucket), ..no_limits() };
    experiment(calls(20), constant(2.0), [named("A bucket of 5", lane)])
}

/// Twenty calls, ten in any second.
pub(super) fn sliding_window() -> Experiment {
    let window = Window { requests: 10, window_millis: SECOND };
    let lane = LaneSpec { window: Some(window), ..no_limits() };
    experiment(calls(20), constant(2.0), [named("A window of 10", lane)])
}

/// Buckets of several capacities, all refilled at the server's rate of 15 a minute.
pub(super) fn bucket_too_big() -> Experiment {
    let lane = |capacity: u32| {
        let bucket = RequestBucket { capacity, per_minute: 15 };
        named(format!("Capacity {capacity}"), LaneSpec { request_bucket: Some(bucket), tries: 1, ..no_limits() })
    };
    experiment(calls(40), limited(constant(2.0), 15, MINUTE), [15, 5, 1].map(lane))
}

/// Sixty calls of 3 000 tokens, 7 of them the prompt's, under 60 requests and 90 000 tokens a minute.
pub(super) fn two_budgets() -> Experiment {
    let server = Simulated {
        first_byte_millis: Amount::Constant(500.0),
        answer_tokens: Amount::Constant(2_993.0),
        tokens_per_second: 2_000,
        ..Simulated::default()
    };
    let lane = LaneSpec {
        request_bucket: Some(RequestBucket { capacity: 60, per_minute: 60 }),
        token_budget: Some(TokenBudget { capacity: 90_000, per_minute: 90_000, estimate: 3_000 }),
        ..no_limits()
    };
    let settings = Settings { max_output_tokens: 4_096, ..Settings::default() };
    experiment(Calls { settings, ..calls(60) }, server, [named("Both budgets", lane)])
}

/// Chains of 25 s against 60 calls a minute.
pub(super) fn in_flight_is_not_rate() -> Experiment {
    let lane = |limit: u32| {
        let lane = LaneSpec { permit: PermitScope::Item, tries: 1, ..LaneSpec::concurrent(limit) };
        named(format!("{limit} in flight"), lane)
    };
    experiment(chains(40), limited(constant(THIRD_OF_25_S), 60, MINUTE), [10, 8, 7].map(lane))
}

/// Twenty calls against five in any second.
pub(super) fn give_up_or_back_off() -> Experiment {
    let server = Simulated { refusal_millis: 100, ..limited(constant(0.3), 5, SECOND) };
    let lane = |name, tries, first_delay_millis| {
        let lane = LaneSpec { tries, first_delay_millis, jitter: Jitter::None, refusals: Ignore, ..no_limits() };
        named(name, lane)
    };
    let lanes = [lane("Give up", 1, 1_000), lane("Try again at once", 5, 0), lane("Back off", 5, 1_000)];
    experiment(calls(20), server, lanes)
}

/// A hundred clients at once against twenty in any second, with each kind of jitter. A refusal takes no time, so that
/// all are refused at one instant.
pub(super) fn herd() -> Experiment {
    let server = Simulated { refusal_millis: 0, ..limited(constant(0.1), 20, SECOND) };
    let lane = |(name, jitter)| named(name, LaneSpec { jitter, refusals: Ignore, ..no_limits() });
    let kinds = [
        ("No jitter", Jitter::None),
        ("Equal jitter", Jitter::Equal),
        ("Full jitter", Jitter::Full),
        ("±50 % jitter", Jitter::PlusMinusHalf),
        ("Decorrelated jitter", Jitter::Decorrelated),
    ];
    experiment(calls(100), server, kinds.map(lane))
}

/// Ten calls against five a minute: the delay that the server names is waited out, or not.
pub(super) fn it_told_you() -> Experiment {
    let lane = |name, refusals| named(name, LaneSpec { refusals, jitter: Jitter::None, ..no_limits() });
    let lanes = [lane("Honours the delay", Honour), lane("Ignores the delay", Ignore)];
    experiment(calls(10), limited(constant(2.0), 5, MINUTE), lanes)
}

/// Ten calls against three a day.
pub(super) fn per_day() -> Experiment {
    let server = Simulated { requests_per_day: Some(3), ..constant(2.0) };
    let goes_on = LaneSpec { refusals: Ignore, jitter: Jitter::None, ..LaneSpec::sequential() };
    experiment(calls(10), server, [named("Stops", LaneSpec::sequential()), named("Tries again", goes_on)])
}

/// Two rules that find a rate, each from two starts, against five a second in bursts of five.
pub(super) fn adaptive() -> Experiment {
    let server = Simulated { refusal_millis: 100, quota_burst: Some(5), ..limited(constant(0.4), 5, SECOND) };
    let lane = |name, rule, start| {
        let adaptive = Adaptive { start, rule, ..Adaptive::default() };
        named(name, LaneSpec { adaptive: Some(adaptive), tries: 1, ..no_limits() })
    };
    let lanes = [
        lane("By a factor, from 1", AdaptiveRule::MULTIPLICATIVE, 1.0),
        lane("By a factor, from 10", AdaptiveRule::MULTIPLICATIVE, 10.0),
        lane("By a step, from 1", AdaptiveRule::ADDITIVE, 1.0),
        lane("By a step, from 10", AdaptiveRule::ADDITIVE, 10.0),
    ];
    experiment(calls(600), server, lanes)
}

/// One call a second into an outage of a minute.
pub(super) fn circuit_breaker() -> Experiment {
    let server = Simulated { faults: vec![outage(0, MINUTE)], ..constant(2.0) };
    // Nothing is saved up in a bucket of one.
    let bucket = RequestBucket { capacity: 1, per_minute: 60 };
    let lane = |name, breaker| named(name, LaneSpec { request_bucket: Some(bucket), breaker, tries: 1, ..no_limits() });
    let lanes = [lane("With a breaker", Some(Breaker::default())), lane("Without", None)];
    experiment(calls(60), server, lanes)
}

/// A hundred clients at once into an outage of a minute, each lane with a layer more.
pub(super) fn three_layers() -> Experiment {
    let server = Simulated { faults: vec![outage(0, MINUTE)], ..constant(2.0) };
    let breaker = LaneSpec { breaker: Some(Breaker::default()), ..no_limits() };
    let adaptive = LaneSpec { adaptive: Some(Adaptive::default()), ..breaker.clone() };
    let lanes =
        [named("Jitter", no_limits()), named("And a breaker", breaker), named("And an adaptive rate", adaptive)];
    experiment(calls(100), server, lanes)
}

/// Five calls asked while a sixth has the only permit.
pub(super) fn priorities() -> Experiment {
    let lane = |name, order| named(name, LaneSpec { order, ..LaneSpec::concurrent(1) });
    let lanes = [
        lane("Who came first", OrderSpec::Fifo),
        lane("The higher class", OrderSpec::Priority { ageing_millis: None }),
    ];
    let asked = Calls { classes: vec![Normal, Low, High, Normal, Low, Normal], ..calls(6) };
    experiment(asked, constant(1.0), lanes)
}

/// A tenant with a hundred calls and one with five, one call at a time.
pub(super) fn fair_share() -> Experiment {
    let lane = |name, order| named(name, LaneSpec { order, ..LaneSpec::concurrent(1) });
    let lanes = [lane("Who came first", OrderSpec::Fifo), lane("Tenants in turn", OrderSpec::Fair)];
    experiment(Calls { tenants: vec![100, 5], ..calls(105) }, constant(1.0), lanes)
}

/// A limit of 20, and the same in each of 40 processes.
pub(super) fn semaphore_scope() -> Experiment {
    let lanes = [
        named("20 in all", LaneSpec::concurrent(20)),
        named("20 in each of 40", LaneSpec { processes: 40, ..LaneSpec::concurrent(20) }),
    ];
    experiment(calls(1_000), constant(2.0), lanes)
}
