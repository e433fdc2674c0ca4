//! One run of a study, which gives its thread back when asked to.

use crate::experiment::Experiment;
use crate::lab::SimulatedLane;
use crate::study::{Outcome, Task};

/// One run of a study. Dropping it stops it.
#[derive(Debug)]
pub struct Trial {
    setup: Experiment,
    lane: SimulatedLane,
}

impl Trial {
    /// A run of `task`, not yet begun; none if there is no such run, or it can't be simulated.
    #[must_use]
    pub fn new(task: &Task, run: u32) -> Option<Self> {
        let setup = task.setup(run)?;
        let plan = setup.lanes.first()?.validate().ok()?;
        let lane = SimulatedLane::new(&setup, plan, 0)?;
        Some(Self { setup, lane })
    }

    /// Goes on for at most so many polls. What it came to, once it is over.
    pub fn run_for(&mut self, polls: usize) -> Option<Outcome> {
        let lane = self.lane.run_for(polls)?;
        Some(Outcome::of(&lane, &self.setup.workload))
    }

    /// Goes on to the end.
    #[must_use]
    pub fn run(mut self) -> Outcome {
        loop {
            if let Some(outcome) = self.run_for(usize::MAX) {
                return outcome;
            }
        }
    }
}
