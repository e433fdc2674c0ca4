//! The runs that speed is measured by, natively and in a browser.

use lanescope::engine::{self, Place, World};
use lanescope::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Arrivals, Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::{SimulateError, simulate};
use lanescope::port::{Call, Chunk, Clock, Failure, Finish, Service, Usage};
use lanescope::trace::{Answer, Event, LaneTrace, Recorder, Trace};
use std::future::{Ready, ready};

/// How many may have a permit at once in a simulated run.
const PERMITS: u32 = 50;
/// The mean time of an answer, and between two that arrive: 0.9 of what the permits can take. All times could be
/// ten ninths as long: nothing else would change.
const MEAN_MILLIS: f64 = 90.0;
const GAP_MILLIS: u32 = 2;

/// A simulated run of so many items by its name; none that is not known.
pub(crate) fn load(name: &str, items: u32) -> Option<Experiment> {
    let calls = Calls { requests: items, ..Calls::default() };
    let lane = LaneSpec::concurrent(PERMITS);
    match name {
        "burst" => Some(experiment(calls, server(), lane)),
        "poisson" => {
            let calls = Calls { every_millis: GAP_MILLIS, arrivals: Arrivals::Poisson, ..calls };
            Some(experiment(calls, server(), lane))
        }
        "retries" => Some(experiment(calls, strict(), LaneSpec { tries: 10, ..lane })),
        _ => None,
    }
}

fn experiment(calls: Calls, server: Simulated, lane: LaneSpec) -> Experiment {
    Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Calls(calls),
        server: Server::Simulated(server),
        lanes: vec![lane],
    }
}

/// One whose answers come in one piece.
fn server() -> Simulated {
    Simulated {
        first_byte_millis: Amount::Exponential { mean: MEAN_MILLIS },
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 100_000,
        ..Simulated::default()
    }
}

/// The same with a 503 for one call in ten, and with two quotas, which now and then hold.
fn strict() -> Simulated {
    let when = When { probability: 0.1, ..When::default() };
    Simulated {
        faults: vec![Rule { when, fault: Fault::Status(503) }],
        requests_per_minute: Some(33_000),
        tokens_per_minute: Some(10_000_000),
        ..server()
    }
}

/// The trace of a run by its name.
pub(crate) fn traced(name: &str, items: u32) -> Result<Option<Trace>, SimulateError> {
    load(name, items).map(|experiment| simulate(&experiment)).transpose()
}

/// Bytes that a lane's record holds for each of its events, without texts.
#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(crate) fn bytes_an_event(lane: &LaneTrace) -> f64 {
    let bytes = lane.events.capacity() * size_of::<Event>()
        + lane.answers.capacity() * size_of::<Answer>()
        + lane.failures.capacity() * size_of::<Failure>()
        + lane.waits.capacity() * size_of::<lanescope::policy::backoff::Wait>();
    bytes as f64 / lane.events.len() as f64
}

/// One who answers at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtOnce;

impl Service for AtOnce {
    type Answer = futures::stream::Once<Ready<Result<Chunk, Failure>>>;

    fn call(&self, _: &Call) -> Self::Answer {
        futures::stream::once(ready(Ok(Chunk::End { finish: Finish::Stop, usage: Usage::default(), model: None })))
    }
}

/// So many tasks that are answered at once, so many of them in flight, through the engine; their record.
pub(crate) async fn schedule<C: Clock>(tasks: u32, limit: u32, clock: C) -> Result<LaneTrace, SimulateError> {
    let lane = LaneSpec::concurrent(limit);
    let experiment = experiment(Calls { requests: tasks, ..Calls::default() }, Simulated::default(), lane);
    let plan = experiment.plans()?.remove(0);
    let (world, recorder) = (World { clock, service: AtOnce, controls: None }, Recorder::default());
    engine::run(&experiment.workload, &plan, Place { seed: 1, lane: 0 }, &world, &recorder).await;
    Ok(recorder.take())
}
