//! Jitter, a breaker and a rate that learns: each layer spends fewer calls on an outage.

use super::MINUTE;
use crate::experiment::limits::{Adaptive, Breaker};
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits, outage};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, is_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "three-layers",
    title: "Three layers",
    experiment: layer_by_layer,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 90 },
    beats: &[
        Beat { at: At::LaneEnded(0), lit: &[(0, 37)] },
        Beat { at: At::Failed(1, 3), lit: &[(1, 2), (1, 99)] },
        Beat { at: At::Sent(1, 103), lit: &[(1, 0), (1, 99)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 0), (2, 3)] },
    ],
    knobs: &[Knob::Tries(0), Knob::Breaker(2)],
};

/// A hundred clients at once into an outage of a minute, each lane with a layer more.
fn layer_by_layer() -> Experiment {
    let server = Simulated { faults: vec![outage(0, MINUTE)], ..constant(2.0) };
    let breaker = LaneSpec { breaker: Some(Breaker::default()), ..no_limits() };
    let adaptive = LaneSpec { adaptive: Some(Adaptive::default()), ..breaker.clone() };
    let lanes =
        [named("Jitter", no_limits()), named("And a breaker", breaker), named("And an adaptive rate", adaptive)];
    experiment(calls(100), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    // Four waits of at most 1, 2, 4 and 8 s, and five tries of 0.4 s: luck says how much less.
    [0, 1, 2].map(|lane| (ran.answered(lane), ran.calls(lane))) == [(0, 500), (100, 201), (100, 104)]
        && (10.0..17.0).contains(&ran.end(0))
        && is_near(ran.end(1), 64.8)
        && is_near(ran.end(2), 88.709)
}
