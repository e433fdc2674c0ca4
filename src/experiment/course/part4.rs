//! Jobs: thousands of prompts, what of them fails for good, and how a job is stopped.

use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker, Hedge, RequestBucket, TokenBudget};
use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits, outage};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, OrderSpec, PermitScope, StrategySpec};
use crate::policy::backoff::Jitter;
use crate::policy::priority::Class::{High, Low, Normal};
use crate::policy::refusal;

/// Longer than any call of these jobs.
const TEN_MINUTES: u32 = 600_000;

/// Ten thousand calls: a task for each behind a semaphore, or workers and a short queue.
pub(super) fn worker_pool() -> Experiment {
    let workers = LaneSpec { strategy: StrategySpec::WorkerPool, queue: 40, ..LaneSpec::concurrent(20) };
    let lanes = [named("A task each", LaneSpec::concurrent(20)), named("Twenty workers", workers)];
    experiment(calls(10_000), constant(2.0), lanes)
}

/// A thousand calls of 3 s.
pub(super) fn thousand_prompts() -> Experiment {
    let lanes = [named("One at a time", LaneSpec::sequential()), named("Twenty at a time", LaneSpec::concurrent(20))];
    experiment(calls(1_000), constant(3.0), lanes)
}

/// Fifty thousand prompts of 400 tokens and 3 s under 500 requests and 200 000 tokens a minute, as a model at one to
/// a hundred: as many fewer prompts, requests and tokens a minute, and each call takes a hundred times as long. So
/// the job takes as long as the whole one, with as many in flight.
pub(super) fn fifty_thousand() -> Experiment {
    // Of the 400 tokens 7 are the prompt's; the others come within 9.825 of the 300 s.
    let server = Simulated {
        first_byte_millis: Amount::Constant(290_175.0),
        thinking_tokens: Amount::Constant(353.0),
        answer_tokens: Amount::Constant(40.0),
        tokens_per_second: 40,
        ..Simulated::default()
    };
    let lane = |requests, tokens| LaneSpec {
        request_bucket: Some(RequestBucket { capacity: requests, per_minute: 5 }),
        token_budget: Some(TokenBudget { capacity: tokens, per_minute: 2_000, estimate: 400 }),
        attempt_timeout_millis: TEN_MINUTES,
        ..no_limits()
    };
    let lanes = [
        named("One at a time", LaneSpec { attempt_timeout_millis: TEN_MINUTES, ..LaneSpec::sequential() }),
        named("In bursts", lane(5, 2_000)),
        named("Evenly", lane(1, 400)),
        named("Evenly, 25 in flight", LaneSpec { limit: Some(25), ..lane(1, 400) }),
    ];
    experiment(calls(500), server, lanes)
}

/// A hundred calls, one of twenty of which is malformed.
pub(super) fn dead_letters() -> Experiment {
    let items = (0..100).filter(|item| item % 20 == 19).collect();
    let never = Rule { when: When { items: Some(items), ..When::default() }, fault: Fault::Status(400) };
    let server = Simulated { faults: vec![never], ..constant(2.0) };
    experiment(calls(100), server, [named("Ten at a time", LaneSpec::concurrent(10))])
}

/// A run of 50 s, long enough to stop it halfway.
pub(super) fn drain() -> Experiment {
    experiment(calls(40), constant(5.0), [named("Four at a time", LaneSpec::concurrent(4))])
}

/// Calls of about a second, one of twenty of which takes more than six.
pub(super) fn hedging() -> Experiment {
    let server = Simulated {
        first_byte_millis: Amount::LogNormal { median: 1_000.0, p95: 6_000.0 },
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 1_000,
        ..Simulated::default()
    };
    let alone = LaneSpec { tries: 1, attempt_timeout_millis: TEN_MINUTES, ..LaneSpec::concurrent(50) };
    let copied = LaneSpec { hedge: Some(Hedge::AfterMillis(6_000)), ..alone.clone() };
    experiment(calls(400), server, [named("No copies", alone), named("A copy after 6 s", copied)])
}

/// Two hundred calls against ten a second with an outage of 15 s in it: without any care, and with all of it.
pub(super) fn capstone() -> Experiment {
    let classes = vec![Normal, Low, Normal, High, Normal, Low, Normal, Low, Normal, Low];
    let server = Simulated { faults: vec![outage(12_000, 27_000)], ..limited(constant(1.0), 20, 2_000) };
    let careless = LaneSpec { jitter: Jitter::None, refusals: refusal::Rule::Ignore, ..no_limits() };
    let careful = LaneSpec {
        order: OrderSpec::Priority { ageing_millis: None },
        permit: PermitScope::Attempt,
        adaptive: Some(Adaptive { start: 5.0, rule: AdaptiveRule::ADDITIVE, ..Adaptive::default() }),
        breaker: Some(Breaker { failures: 5, cooldown_millis: 5_000, ..Breaker::default() }),
        ..LaneSpec::concurrent(20)
    };
    let lanes = [named("Without care", careless), named("With care", careful)];
    experiment(Calls { classes, ..calls(200) }, server, lanes)
}
