//! Five calls in a loop take as long as all of them; gathered, as long as the longest.

use crate::experiment::Experiment;
use crate::experiment::LaneSpec;
use crate::experiment::sketch::{calls, experiment, listed, named};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "five-in-a-loop",
    title: "Five in a loop",
    experiment: five,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 40 },
    beats: &[
        Beat { at: At::ItemEnded(1, 3), lit: &[(1, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 2)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 4)] },
    ],
    knobs: &[Knob::Limit(1), Knob::Requests],
};

/// Five requests in a loop, and the same five gathered.
fn five() -> Experiment {
    let lanes = [LaneSpec::sequential(), named("Gathered", LaneSpec::concurrent(5))];
    experiment(calls(5), listed(&[7.1, 6.3, 8.5, 4.6, 5.6]), lanes)
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.ends(), &[32.1, 8.5]) && ran.order(1) == [3, 4, 1, 0, 2]
}
