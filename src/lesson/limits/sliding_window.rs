//! A window never lets more through in any second than it says, and bursts all the same.

use super::SECOND;
use crate::experiment::limits::Window;
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "sliding-window",
    title: "How fast, exactly",
    experiment: window_of_ten,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 10 },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 9), (0, 10)] },
        Beat { at: At::Sent(0, 11), lit: &[(0, 0), (0, 10)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 19)] },
    ],
    knobs: &[Knob::Window(0), Knob::Requests],
};

/// Twenty calls, ten in any second.
fn window_of_ten() -> Experiment {
    let window = Window { requests: 10, window_millis: SECOND };
    let lane = LaneSpec { window: Some(window), ..no_limits() };
    experiment(calls(20), constant(2.0), [named("A window of 10", lane)])
}

fn claim(ran: &Ran) -> bool {
    let starts = [[0.0; 10], [1.0; 10]].concat();
    are_near(&ran.starts(0), &starts) && are_near(&ran.ends(), &[3.0])
}
