//! Chains take their number by the limit, rounded up, times what one takes; while the server stays as it is.

use crate::experiment::sketch::{THIRD_OF_25_S, chains, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec, PermitScope};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "chain",
    title: "Chains of three calls",
    experiment: chain,
    claim,
    prediction: Prediction::Finish { lane: 2, axis_secs: 150 },
    beats: &[
        Beat { at: At::LaneEnded(3), lit: &[(3, 24)] },
        Beat { at: At::Ended(2, 20), lit: &[(2, 20), (2, 21), (2, 22), (2, 23), (2, 24)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 24)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 24)] },
    ],
    knobs: &[Knob::Load, Knob::Requests, Knob::Limit(2)],
};

/// Chains of 25 s under several limits; a chain keeps its permit to its end.
fn chain() -> Experiment {
    let lane = |limit: u32| {
        named(format!("{limit} at a time"), LaneSpec { permit: PermitScope::Item, ..LaneSpec::concurrent(limit) })
    };
    experiment(chains(25), constant(THIRD_OF_25_S), [1, 5, 10, 25].map(lane))
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.ends(), &[625.0, 125.0, 75.0, 25.0]) && (0..4).all(|lane| ran.calls(lane) == 75)
}
