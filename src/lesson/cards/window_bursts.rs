//! A window limiter lets through all that its window holds, at once.

use crate::experiment::limits::{RequestBucket, Window};
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "card-window-bursts",
    title: "A window never bursts",
    experiment: window,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Sent(0, 10), lit: &[(0, 0), (0, 9)] },
        Beat { at: At::Sent(0, 11), lit: &[(0, 10), (0, 19)] },
        Beat { at: At::Sent(1, 20), lit: &[(1, 19)] },
    ],
    knobs: &[Knob::Window(0), Knob::Capacity(1), Knob::Requests],
};

/// Twenty calls, ten in any second: counted in a window, and spread evenly by a bucket of one.
fn window() -> Experiment {
    let window = LaneSpec { window: Some(Window { requests: 10, window_millis: 1_000 }), ..no_limits() };
    let bucket = RequestBucket { capacity: 1, per_minute: 600 };
    let lanes = [
        named("A window of 10", window),
        named("A bucket of 1", LaneSpec { request_bucket: Some(bucket), ..no_limits() }),
    ];
    experiment(calls(20), constant(2.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    let in_two_bursts = [[0.0; 10], [1.0; 10]].concat();
    let evenly: Vec<f64> = (0..20).map(|n| f64::from(n) / 10.0).collect();
    are_near(&ran.starts(0), &in_two_bursts) && are_near(&ran.starts(1), &evenly)
}
