//! Experiments of one lane, and what comes of them.

use lanescope::experiment::server::{Server, Simulated};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::trace::LaneTrace;
use lanescope::trace::span::Fold;

/// So many calls of `lane` against `server`.
pub(crate) fn experiment(seed: u64, requests: u32, server: Simulated, lane: LaneSpec) -> Experiment {
    Experiment {
        version: Experiment::VERSION,
        seed,
        workload: Workload::Calls(Calls { requests, ..Calls::default() }),
        server: Server::Simulated(server),
        lanes: vec![lane],
    }
}

/// The lane's record, and its spans.
pub(crate) fn run(experiment: &Experiment) -> (LaneTrace, Fold) {
    let lane = simulate(experiment).expect("sound").lanes.remove(0);
    let fold = Fold::of(&lane.events);
    (lane, fold)
}
