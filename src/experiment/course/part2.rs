//! Real requests: what one is made of, and what becomes of several.

use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
use crate::experiment::sketch::{THIRD_OF_25_S, calls, chains, constant, experiment, named, no_limits};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, Fallback, FallbackRule, LaneSpec, PermitScope};
use crate::port::Settings;

/// A stand-in of the shape that a real call has: it waits for 3 s, thinks for 2 and streams for 1.
pub(super) fn first_call() -> Experiment {
    let server = Simulated { thinking_tokens: Amount::Constant(80.0), ..constant(4.0) };
    experiment(calls(1), server, [named("One call", LaneSpec::sequential())])
}

/// Twenty users who come at once, each with a call of 5 s.
pub(super) fn many_users() -> Experiment {
    let lanes = [
        named("In a row", LaneSpec::sequential()),
        named("Five at a time", LaneSpec::concurrent(5)),
        named("All at once", no_limits()),
        named("Three at a time", LaneSpec::concurrent(3)),
    ];
    experiment(calls(20), constant(5.0), lanes)
}

const QUICKEST: &str = "gemini-flash-lite-latest";
const QUICK: &str = "gemini-3.5-flash-lite";
const USUAL: &str = "gemini-flash-latest";
const THOROUGH: &str = "gemini-3.8-flash";
const SLOWEST: &str = "gemini-4-argon";

/// One prompt for four models of 1, 1.5, 2 and 2.5 s.
pub(super) fn models_side_by_side() -> Experiment {
    let models = [(QUICKEST, 1.0), (USUAL, 1.5), (THOROUGH, 2.0), (SLOWEST, 2.5)];
    let asked = Calls { models: models.iter().map(|&(model, _)| model.into()).collect(), ..calls(4) };
    experiment(asked, by_model(&models), [named("All four at once", LaneSpec::concurrent(4))])
}

/// A model of 4 s is given 3; then three others are asked at once, the quickest of which fails.
pub(super) fn fallback() -> Experiment {
    let others = [(QUICKEST, 1.0), (QUICK, 1.2), (USUAL, 1.5)];
    let fails = When { model: Some(QUICKEST.into()), ..When::default() };
    let server = Simulated {
        // It fails when its answer would have been there.
        refusal_millis: 1_000,
        faults: vec![Rule { when: fails, fault: Fault::Status(503) }],
        ..by_model(&[(SLOWEST, 4.0), others[0], others[1], others[2]])
    };
    let lane = |name, rule| {
        let models = others.iter().map(|&(model, _)| model.into()).collect();
        let fallback = Fallback { models, rule, ..Fallback::default() };
        named(name, LaneSpec { fallback: Some(fallback), tries: 1, attempt_timeout_millis: 3_000, ..no_limits() })
    };
    let settings = Settings { model: SLOWEST.into(), ..Settings::default() };
    let lanes = [
        lane("The first to finish", FallbackRule::FirstFinished),
        lane("The first to succeed", FallbackRule::FirstSuccess),
    ];
    experiment(Calls { settings, ..calls(1) }, server, lanes)
}

/// A server whose models take these many seconds, a quarter of a second of it to answer.
fn by_model(secs: &[(&str, f64)]) -> Simulated {
    let first_byte = |secs: f64| Amount::Constant(secs * 1_000.0 - 250.0);
    Simulated {
        first_byte_by_model: secs.iter().map(|&(model, secs)| (model.to_owned(), first_byte(secs))).collect(),
        ..constant(1.0)
    }
}

/// Ten calls in a row, each with a client of its own. How long a client lives is the server's figure and so the
/// same in all lanes: with one client for all, this is another experiment.
pub(super) fn one_client() -> Experiment {
    let server = Simulated { connect_millis: 150, reuses_connections: false, ..constant(1.0) };
    experiment(calls(10), server, [named("A client each", LaneSpec::sequential())])
}

/// Chains of 25 s under several limits; a chain keeps its permit to its end.
pub(super) fn chain() -> Experiment {
    let lane = |limit: u32| {
        named(format!("{limit} at a time"), LaneSpec { permit: PermitScope::Item, ..LaneSpec::concurrent(limit) })
    };
    experiment(chains(25), constant(THIRD_OF_25_S), [1, 5, 10, 25].map(lane))
}

/// A hundred chains of 25 s, five at a time: a permit for the chain, or for each of its calls.
pub(super) fn who_holds_the_slot() -> Experiment {
    let lane = |name, permit| named(name, LaneSpec { permit, ..LaneSpec::concurrent(5) });
    let lanes = [lane("A permit for the chain", PermitScope::Item), lane("A permit for each call", PermitScope::Step)];
    experiment(chains(100), constant(THIRD_OF_25_S), lanes)
}
