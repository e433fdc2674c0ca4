//! How long a user waits depends on how many are served at once, and not on the work alone.

use crate::experiment::sketch::{calls, constant, experiment, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::time::micros_as_secs;

pub(super) const LESSON: Lesson = Lesson {
    id: "many-users",
    title: "How long each user waits",
    experiment: many_users,
    claim,
    prediction: Prediction::Finish { lane: 3, axis_secs: 100 },
    beats: &[
        Beat { at: At::LaneEnded(2), lit: &[(2, 19)] },
        Beat { at: At::Ended(3, 3), lit: &[(3, 0), (3, 1), (3, 2)] },
        Beat { at: At::LaneEnded(3), lit: &[(3, 18), (3, 19)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 0), (0, 19)] },
    ],
    knobs: &[Knob::Limit(3), Knob::Requests, Knob::CallTenths],
};

/// Twenty users who come at once, each with a call of 5 s.
fn many_users() -> Experiment {
    let lanes = [
        named("In a row", LaneSpec::sequential()),
        named("Five at a time", LaneSpec::concurrent(5)),
        named("All at once", no_limits()),
        named("Three at a time", LaneSpec::concurrent(3)),
    ];
    experiment(calls(20), constant(5.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    let means: Vec<f64> = ran.lanes.iter().map(|lane| micros_as_secs(lane.stats.turnaround.mean_micros)).collect();
    are_near(&ran.ends(), &[100.0, 20.0, 5.0, 35.0]) && are_near(&means, &[52.5, 12.5, 5.0, 19.25])
}
