//! Five tries have four waits between them: 15 s and not 30.

use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, named, outage};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::policy::backoff::Jitter;

pub(super) const LESSON: Lesson = Lesson {
    id: "card-thirty-seconds",
    title: "Five tries, thirty seconds",
    experiment: five_tries,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::BackingOff(0, 4), lit: &[(0, 0)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 0)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 0)] },
    ],
    knobs: &[Knob::Tries(0), Knob::FirstDelayTenths(0), Knob::Jitter(0)],
};

/// A call into an outage of 25 s, with five tries and with six. A refusal takes no time, so that the waits are all.
fn five_tries() -> Experiment {
    let server = Simulated { refusal_millis: 0, faults: vec![outage(0, 25_000)], ..constant(2.0) };
    let lane = |name, tries| named(name, LaneSpec { tries, jitter: Jitter::None, ..LaneSpec::sequential() });
    experiment(calls(1), server, [lane("Five tries", 5), lane("Six tries", 6)])
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.starts(0), &[0.0, 1.0, 3.0, 7.0, 15.0])
        && are_near(&ran.starts(1), &[0.0, 1.0, 3.0, 7.0, 15.0, 31.0])
        && are_near(&ran.ends(), &[15.0, 33.0])
        && [ran.answered(0), ran.answered(1)] == [0, 1]
}
