//! Of ten equal calls, five at a time take two rounds in place of ten.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "semaphore",
    title: "How many at once",
    experiment: five_at_a_time,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 24 },
    beats: &[
        Beat { at: At::Start, lit: &[(1, 4), (1, 5)] },
        Beat { at: At::Sent(1, 6), lit: &[(1, 0), (1, 5)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 9)] },
    ],
    knobs: &[Knob::Limit(1), Knob::Requests],
};

/// Ten calls of equal length.
fn five_at_a_time() -> Experiment {
    let lanes = [named("In a row", LaneSpec::sequential()), named("Five at a time", LaneSpec::concurrent(5))];
    experiment(calls(10), constant(2.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.ends(), &[20.0, 4.0]) && (ran.peak(0), ran.peak(1)) == (1, 5)
}
