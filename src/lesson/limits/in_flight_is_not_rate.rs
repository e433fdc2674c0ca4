//! How many are in flight says nothing of how fast they start until it is divided by how long each takes.

use super::{MINUTE, sent_before};
use crate::experiment::sketch::{THIRD_OF_25_S, chains, constant, experiment, limited, named};
use crate::experiment::{Experiment, LaneSpec, PermitScope};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::Ran;

pub(super) const LESSON: Lesson = Lesson {
    id: "in-flight-is-not-rate",
    title: "In flight is not a rate",
    experiment: three_limits,
    claim,
    prediction: Prediction::Limit,
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 20)] },
        Beat { at: At::Failed(1, 1), lit: &[(1, 20)] },
        Beat { at: At::Sent(2, 56), lit: &[(2, 20)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 39)] },
    ],
    knobs: &[Knob::Limit(2), Knob::CallTenths],
};

/// Chains of 25 s against 60 calls a minute.
fn three_limits() -> Experiment {
    let lane = |limit: u32| {
        let lane = LaneSpec { permit: PermitScope::Item, tries: 1, ..LaneSpec::concurrent(limit) };
        named(format!("{limit} in flight"), lane)
    };
    experiment(chains(40), limited(constant(THIRD_OF_25_S), 60, MINUTE), [10, 8, 7].map(lane))
}

fn claim(ran: &Ran) -> bool {
    let lanes = [0, 1, 2];
    // Up to the moment at which the first refusal is sent, or to the minute's end.
    let sent = [sent_before(ran, 0, 50.1), sent_before(ran, 1, 58.4), sent_before(ran, 2, 60.0)];
    lanes.map(|lane| ran.peak(lane)) == [10, 8, 7]
        && sent == [70, 64, 56]
        && lanes.map(|lane| ran.refused(lane)) == [20, 20, 0]
        && lanes.map(|lane| ran.answered(lane)) == [20, 20, 40]
}
