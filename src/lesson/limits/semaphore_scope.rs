//! A limit in each of many processes is no limit of the whole.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "semaphore-scope",
    title: "Whose limit it is",
    experiment: one_and_forty,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 30 },
    beats: &[
        Beat { at: At::Start, lit: &[(1, 0), (1, 799), (1, 800)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 999)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 999)] },
    ],
    knobs: &[Knob::Processes(1), Knob::Limit(0)],
};

/// A limit of 20, and the same in each of 40 processes.
fn one_and_forty() -> Experiment {
    let lanes = [
        named("20 in all", LaneSpec::concurrent(20)),
        named("20 in each of 40", LaneSpec { processes: 40, ..LaneSpec::concurrent(20) }),
    ];
    experiment(calls(1_000), constant(2.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    (ran.peak(0), ran.peak(1)) == (20, 800) && are_near(&ran.ends(), &[100.0, 4.0])
}
