//! A delay that the server names is waited out once; one that is ignored costs every try.

use super::MINUTE;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule::{Honour, Ignore};

pub(super) const LESSON: Lesson = Lesson {
    id: "it-told-you",
    title: "The server says how long",
    experiment: honoured_and_ignored,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 100 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 5), (1, 5)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 5), (1, 9)] },
        Beat { at: At::Sent(0, 11), lit: &[(0, 5)] },
    ],
    knobs: &[Knob::Tries(1), Knob::Honour(1)],
};

/// Ten calls against five a minute: the delay that the server names is waited out, or not.
fn honoured_and_ignored() -> Experiment {
    let lane = |name, refusals| named(name, LaneSpec { refusals, jitter: Jitter::None, ..no_limits() });
    let lanes = [lane("Honours the delay", Honour), lane("Ignores the delay", Ignore)];
    experiment(calls(10), limited(constant(2.0), 5, MINUTE), lanes)
}

fn claim(ran: &Ran) -> bool {
    [0, 1].map(|lane| (ran.answered(lane), ran.calls(lane))) == [(10, 15), (5, 30)]
        && are_near(&ran.ends(), &[63.0, 17.0])
}
