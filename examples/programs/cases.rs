//! The experiments whose programs are run: one lane each, with calls that always take as long, and nothing drawn.
//!
//! What happens lies a tenth of a second apart, so that what a busy machine adds of its own changes no order.

use lanescope::experiment::limits::{
    Adaptive, AdaptiveLimit, Breaker, Hedge, RequestBucket, RetryBudget, TokenBudget, Window,
};
use lanescope::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{
    Experiment, Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec,
};
use lanescope::policy::backoff::Jitter;
use lanescope::policy::priority::Class::{High, Low, Normal};
use lanescope::policy::refusal;

/// An experiment with a name.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) experiment: Experiment,
}

const SECOND: Duration = 1_000;
type Duration = u32;

/// So many calls, each with a prompt of its own, by which the server tells them apart.
fn calls(requests: u32) -> Calls {
    let prompts = (0..requests).map(|item| format!("Item {item:02}: why do some birds migrate?").into());
    Calls { prompts: prompts.collect(), requests, ..Calls::default() }
}

/// A server whose calls take so many milliseconds, and whose refusals take 100.
fn server(millis: f64, faults: Vec<Rule>) -> Simulated {
    Simulated {
        first_byte_millis: Amount::Constant(millis - 8.0),
        answer_tokens: Amount::Constant(8.0),
        tokens_per_second: 1_000,
        refusal_millis: 100,
        faults,
        ..Simulated::default()
    }
}

/// The first attempts of these items meet this fault.
fn strikes(items: &[u32], attempts: u8, fault: Fault) -> Rule {
    Rule { when: When { items: Some(items.to_vec()), first_attempts: Some(attempts), ..When::default() }, fault }
}

fn model_fails(model: &str, fault: Fault) -> Rule {
    Rule { when: When { model: Some(model.into()), ..When::default() }, fault }
}

fn case(name: &'static str, calls: Calls, server: Simulated, lane: LaneSpec) -> Case {
    let experiment = Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Calls(calls),
        server: Server::Simulated(server),
        lanes: vec![lane],
    };
    Case { name, experiment }
}

/// Backs off from 0.3 s without luck.
fn patient(limit: u32) -> LaneSpec {
    LaneSpec { jitter: Jitter::None, first_delay_millis: 300, ..LaneSpec::concurrent(limit) }
}

fn unlimited() -> LaneSpec {
    LaneSpec { limit: None, ..patient(1) }
}

/// Other models beside the usual one.
fn others(rule: FallbackRule, at_once: bool) -> Fallback {
    Fallback { models: vec!["second".into(), "third".into()], rule, at_once, text: None }
}

fn by_model(millis: [f64; 3]) -> Simulated {
    let names = ["gemini-flash-latest", "second", "third"];
    let amounts = names.iter().zip(millis).map(|(name, millis)| ((*name).to_owned(), Amount::Constant(millis - 8.0)));
    Simulated { first_byte_by_model: amounts.collect(), ..server(300.0, Vec::new()) }
}

/// All of them.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn all() -> Vec<Case> {
    let overload = |items: &[u32], attempts| server(300.0, vec![strikes(items, attempts, Fault::Status(503))]);
    let quota = |requests, millis| Simulated {
        requests_per_minute: Some(requests),
        quota_window_millis: millis,
        ..server(250.0, Vec::new())
    };
    let spread = |requests, every_millis| Calls { every_millis, ..calls(requests) };
    let steps = ["Research this.", "Write about it.", "Edit it."].map(Into::into).to_vec();
    let chains = Calls { steps, ..calls(5) };
    let bucket = Some(RequestBucket { capacity: 2, per_minute: 200 });
    let quick = || server(200.0, Vec::new());
    vec![
        case("Sequential", calls(5), server(300.0, Vec::new()), LaneSpec { ..LaneSpec::sequential() }),
        case("Four at a time", calls(12), server(300.0, Vec::new()), LaneSpec::concurrent(4)),
        case("Back-off after a 503", calls(6), overload(&[1, 4], 2), patient(6)),
        case("The server's delay", spread(5, 120), quota(3, 1_500), patient(5)),
        case(
            "The server's delay ignored",
            spread(5, 120),
            quota(3, 1_300),
            LaneSpec { refusals: refusal::Rule::Ignore, ..patient(5) },
        ),
        case(
            "A permit for each attempt",
            spread(6, 200),
            server(500.0, vec![strikes(&[0, 1], 1, Fault::Status(503))]),
            LaneSpec { permit: PermitScope::Attempt, first_delay_millis: 600, ..patient(2) },
        ),
        case("Token bucket", calls(7), quick(), LaneSpec { request_bucket: bucket, ..unlimited() }),
        case(
            "Sliding window",
            calls(8),
            quick(),
            LaneSpec { window: Some(Window { requests: 3, window_millis: 700 }), ..unlimited() },
        ),
        case(
            "Both budgets",
            calls(6),
            quick(),
            LaneSpec {
                request_bucket: bucket,
                token_budget: Some(TokenBudget { capacity: 60, per_minute: 6_000, estimate: 40 }),
                ..unlimited()
            },
        ),
        case(
            "Rates before the slot",
            calls(6),
            overload(&[1], 1),
            LaneSpec { request_bucket: bucket, rates_first: true, ..patient(2) },
        ),
        case("Chains of three", chains.clone(), quick(), LaneSpec { permit: PermitScope::Item, ..patient(2) }),
        case("A slot for each step", chains, quick(), patient(2)),
        case(
            "Worker pool",
            calls(9),
            overload(&[2], 1),
            LaneSpec { strategy: StrategySpec::WorkerPool, queue: 2, ..patient(3) },
        ),
        case(
            "As completed",
            calls(6),
            Simulated {
                first_byte_millis: Amount::Listed(vec![600.0, 200.0, 400.0, 250.0, 450.0, 150.0]),
                ..server(300.0, Vec::new())
            },
            LaneSpec { strategy: StrategySpec::AsCompleted, ..patient(2) },
        ),
        case(
            "Task group, one fails",
            spread(8, 200),
            server(700.0, vec![strikes(&[2], 9, Fault::Status(400))]),
            LaneSpec { on_failure: OnFailure::CancelOthers, ..unlimited() },
        ),
        case(
            "Gather that raises",
            spread(6, 100),
            server(300.0, vec![strikes(&[1], 9, Fault::Status(400))]),
            LaneSpec { on_failure: OnFailure::Raise, ..patient(2) },
        ),
        case(
            "A key that is wrong",
            spread(6, 200),
            server(600.0, vec![strikes(&[2], 9, Fault::Status(404))]),
            unlimited(),
        ),
        case(
            "Circuit breaker in an outage",
            spread(9, 200),
            overload(&[0, 1, 2, 3], 1),
            LaneSpec {
                breaker: Some(Breaker { failures: 3, cooldown_millis: 700, ..Breaker::default() }),
                tries: 1,
                ..unlimited()
            },
        ),
        case(
            "Adaptive rate",
            calls(8),
            overload(&[2], 1),
            LaneSpec { adaptive: Some(Adaptive { start: 4.0, ..Adaptive::default() }), tries: 1, ..unlimited() },
        ),
        case(
            "A limit that learns",
            calls(9),
            overload(&[1], 1),
            LaneSpec { adaptive_limit: Some(AdaptiveLimit { start: 2, floor: 1, ceiling: 4 }), ..patient(4) },
        ),
        case(
            "Retry budget",
            spread(5, 100),
            overload(&[0, 1, 2, 3], 2),
            LaneSpec { retry_budget: Some(RetryBudget { most: 2, ratio: 0.5 }), tries: 3, ..unlimited() },
        ),
        case(
            "Fallback in order",
            calls(4),
            Simulated { faults: vec![model_fails("gemini-flash-latest", Fault::Status(503))], ..by_model([300.0; 3]) },
            LaneSpec { fallback: Some(others(FallbackRule::InOrder, false)), tries: 2, ..patient(2) },
        ),
        case(
            "First success, all at once",
            calls(4),
            Simulated { faults: vec![model_fails("second", Fault::Status(400))], ..by_model([600.0, 300.0, 400.0]) },
            LaneSpec { fallback: Some(others(FallbackRule::FirstSuccess, true)), tries: 1, ..patient(1) },
        ),
        case(
            "First finished, after a failure",
            calls(3),
            Simulated {
                faults: vec![model_fails("gemini-flash-latest", Fault::Status(503))],
                ..by_model([300.0, 500.0, 250.0])
            },
            LaneSpec { fallback: Some(others(FallbackRule::FirstFinished, false)), tries: 1, ..patient(1) },
        ),
        case(
            "Models side by side",
            Calls {
                models: vec!["gemini-flash-latest".into(), "second".into(), "third".into()],
                requests: 6,
                ..calls(2)
            },
            by_model([200.0, 350.0, 500.0]),
            patient(2),
        ),
        case(
            "Hedge after a delay",
            calls(4),
            server(400.0, Vec::new()),
            LaneSpec { hedge: Some(Hedge::AfterMillis(150)), ..patient(2) },
        ),
        case(
            "Attempt timeout",
            calls(4),
            server(250.0, vec![strikes(&[1], 1, Fault::Stall)]),
            LaneSpec { attempt_timeout_millis: 600, ..patient(2) },
        ),
        case(
            "Silence",
            calls(4),
            server(250.0, vec![strikes(&[1], 1, Fault::Stall)]),
            LaneSpec { first_byte_timeout_millis: Some(500), stall_timeout_millis: Some(400), ..patient(2) },
        ),
        case(
            "A deadline for each item",
            calls(4),
            server(300.0, vec![strikes(&[1], 9, Fault::Status(503))]),
            LaneSpec { deadline_millis: Some(1_000), ..patient(2) },
        ),
        case(
            "First, then 0.5 s more",
            calls(8),
            Simulated { first_byte_millis: Amount::Listed((3..11).map(|n| f64::from(n) * 100.0).collect()), ..quick() },
            LaneSpec { after_first_millis: Some(SECOND / 2), ..patient(3) },
        ),
        case(
            "Priorities",
            Calls { classes: vec![Normal, Low, High, Normal, Low], ..calls(5) },
            quick(),
            LaneSpec { order: OrderSpec::Priority { ageing_millis: None }, ..patient(1) },
        ),
        case(
            "Fair shares",
            Calls { tenants: vec![4, 2], ..calls(6) },
            quick(),
            LaneSpec { order: OrderSpec::Fair, ..patient(1) },
        ),
        case("Two processes", calls(7), overload(&[1], 1), LaneSpec { processes: 2, ..patient(1) }),
    ]
}
