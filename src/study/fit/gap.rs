//! How far a real run was from what its recording foretold.

use crate::experiment::recorded::Recorded;
use crate::experiment::{Experiment, Server};
use crate::lab::{SimulateError, simulate};
use crate::trace::{Kind, LaneTrace, StopReason, Trace};

/// A lane as it was foretold, and as it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The lane.
    pub lane: usize,
    /// Until its last request ended, as foretold, in microseconds.
    pub predicted_micros: u64,
    /// The same, as it was.
    pub took_micros: u64,
}

impl Gap {
    /// How much longer it took than was foretold, as a share of that; negative where it took less.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us.
    pub fn share(&self) -> f64 {
        self.took_micros as f64 / self.predicted_micros.max(1) as f64 - 1.0
    }
}

/// What `experiment` would come to against a server that was recorded, whatever server it asks itself.
///
/// # Errors
/// [`SimulateError`] when it is not sound.
pub fn predict(recorded: &Recorded, experiment: &Experiment) -> Result<Trace, SimulateError> {
    simulate(&Experiment { server: Server::Recorded(recorded.clone()), ..experiment.clone() })
}

/// The gap of each lane that ended by itself in both runs.
#[must_use]
pub fn gaps(predicted: &Trace, real: &Trace) -> Vec<Gap> {
    let lanes = predicted.lanes.iter().zip(&real.lanes).enumerate();
    let gap = |(lane, (predicted, real))| {
        Some(Gap { lane, predicted_micros: makespan(predicted)?, took_micros: makespan(real)? })
    };
    lanes.filter_map(gap).collect()
}

/// When the last item of a lane ended; none of one that was stopped.
fn makespan(lane: &LaneTrace) -> Option<u64> {
    let ends = lane.events.iter().rev().find(|event| matches!(event.kind, Kind::Ended { .. }));
    ends.filter(|_| lane.stopped() == Some(StopReason::Finished)).map(|event| event.at.0)
}
