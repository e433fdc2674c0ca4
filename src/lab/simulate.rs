//! An experiment against a simulated server, in virtual time.

use crate::engine::{self, Place, World};
use crate::experiment::{Experiment, ExperimentError, Plan};
use crate::port::Clock as _;
use crate::sim::clock::SimClock;
use crate::sim::executor::{Progress, Simulation};
use crate::sim::server::SimServer;
use crate::sim::service::SimService;
use crate::trace::{LaneTrace, Recorder, StopReason, Trace};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Why an experiment was not simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulateError {
    /// It is not sound.
    #[error(transparent)]
    Unsound(#[from] ExperimentError),
    /// It asks a real server.
    #[error("this experiment asks a real server; only a simulated one can be simulated")]
    NotSimulated,
    /// It is a script, which is not simulated in slices: see [`run_script`].
    #[error("a script is run in one go")]
    Script,
}

/// The trace of `experiment`, in one go.
///
/// # Errors
/// [`SimulateError`] when it is not sound, or asks a real server.
pub fn simulate(experiment: &Experiment) -> Result<Trace, SimulateError> {
    if experiment.workload.script().is_some() {
        return run_script(experiment);
    }
    let mut run = SimulatedRun::new(experiment)?;
    while !run.run_for(usize::MAX) {}
    Ok(run.into_trace())
}

/// The trace of an experiment whose workload is a script. It asks no server, and is short: it runs in one go.
///
/// # Errors
/// [`SimulateError::Unsound`]. Calls are none of its matter: it gives a trace of lanes in which nothing happened.
pub fn run_script(experiment: &Experiment) -> Result<Trace, SimulateError> {
    experiment.plans()?;
    let mut trace = Trace::new(experiment.clone());
    let Some(script) = experiment.workload.script() else { return Ok(trace) };
    for (number, (program, lane)) in (0..).zip(script.programs.iter().zip(&mut trace.lanes)) {
        let recorder = Recorder::default();
        engine::script::run(program, script.dialect, number, &recorder);
        *lane = recorder.take();
    }
    Ok(trace)
}

/// A simulation under way, which gives its thread back when asked to. Dropping it stops it.
#[derive(Debug)]
pub struct SimulatedRun {
    trace: Trace,
    plans: Vec<Plan>,
    lane: Option<SimulatedLane>,
    next: usize,
}

impl SimulatedRun {
    /// `experiment`, not yet begun.
    ///
    /// # Errors
    /// [`SimulateError`] when it is not sound, asks a real server, or is a script.
    pub fn new(experiment: &Experiment) -> Result<Self, SimulateError> {
        let plans = experiment.plans()?;
        if experiment.workload.script().is_some() {
            return Err(SimulateError::Script);
        }
        if experiment.server.simulated().is_none() {
            return Err(SimulateError::NotSimulated);
        }
        Ok(Self { trace: Trace::new(experiment.clone()), plans, lane: None, next: 0 })
    }

    /// Goes on for at most so many polls of a lane. Says whether all lanes are over.
    pub fn run_for(&mut self, polls: usize) -> bool {
        if self.lane.is_none() {
            self.lane = self.begin_next();
        }
        let Some(lane) = &mut self.lane else { return true };
        if let Some(log) = lane.run_for(polls) {
            self.trace.lanes[self.next] = log;
            self.next += 1;
            self.lane = None;
        }
        self.next == self.plans.len()
    }

    /// The trace as far as lanes are over.
    #[must_use]
    pub fn into_trace(self) -> Trace {
        self.trace
    }

    fn begin_next(&self) -> Option<SimulatedLane> {
        let plan = self.plans.get(self.next)?.clone();
        let number = u8::try_from(self.next).unwrap_or(u8::MAX);
        SimulatedLane::new(&self.trace.experiment, plan, number)
    }
}

/// One lane in a world of its own: its own time, its own server, the same luck as every other lane. Dropping it
/// stops it.
#[derive(Debug)]
pub struct SimulatedLane {
    simulation: Simulation<Pin<Box<dyn Future<Output = ()>>>>,
    recorder: Rc<Recorder>,
    clock: SimClock,
    number: u8,
}

impl SimulatedLane {
    /// The experiment's workload under `plan`, not yet begun; none where its server is no simulated one.
    #[must_use]
    pub fn new(experiment: &Experiment, plan: Plan, number: u8) -> Option<Self> {
        let figures = experiment.server.simulated()?;
        let clock = SimClock::default();
        let server = SimServer::new(figures.clone(), experiment.seed).replaying(experiment.server.takes(), number);
        let world = World { clock: clock.clone(), service: SimService::new(server, clock.clone()), controls: None };
        let recorder = Rc::new(Recorder::default());
        let place = Place { seed: experiment.seed, lane: number };
        let (workload, writes) = (experiment.workload.clone(), recorder.clone());
        let run = async move { engine::run(&workload, &plan, place, &world, &writes).await };
        Some(Self { simulation: Simulation::new(clock.clone(), Box::pin(run)), recorder, clock, number })
    }

    /// Goes on for at most so many polls. What happened, once the lane is over.
    pub fn run_for(&mut self, polls: usize) -> Option<LaneTrace> {
        match self.simulation.run_for(polls) {
            Progress::More => return None,
            Progress::Done(()) => {}
            Progress::Stalled => self.recorder.stop(self.clock.now(), self.number, StopReason::Stalled),
        }
        Some(self.recorder.take())
    }
}
