//! Ten calls of 5 s behind a semaphore of three take four rounds.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "card-ten-users",
    title: "Ten users in two seconds",
    experiment: ten_users,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Millis(2_000), lit: &[(0, 0), (0, 1), (0, 2)] },
        Beat { at: At::Ended(0, 1), lit: &[(0, 3), (0, 4), (0, 5)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 9)] },
    ],
    knobs: &[Knob::Limit(0), Knob::CallTenths, Knob::Requests],
};

/// Ten users with a call of 5 s each, three at a time and all at once.
fn ten_users() -> Experiment {
    let lanes = [named("Three at a time", LaneSpec::concurrent(3)), named("Ten at a time", LaneSpec::concurrent(10))];
    experiment(calls(10), constant(5.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    let ends: Vec<f64> = (0..10).map(|item| ran.item_end(0, item)).collect();
    are_near(&ends, &[5.0, 5.0, 5.0, 10.0, 10.0, 10.0, 15.0, 15.0, 15.0, 20.0]) && are_near(&ran.ends(), &[20.0, 5.0])
}
