//! Tries that follow at once end inside the window that refused them; tries that wait longer than it get through.

use super::SECOND;
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule::Ignore;

pub(super) const LESSON: Lesson = Lesson {
    id: "give-up-or-back-off",
    title: "Give up or back off",
    experiment: three_answers_to_a_no,
    claim,
    prediction: Prediction::Refused { lane: 1, most: 100 },
    beats: &[
        Beat { at: At::LaneEnded(1), lit: &[(1, 5), (1, 19)] },
        Beat { at: At::Sent(2, 21), lit: &[(2, 5), (2, 10)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 19)] },
    ],
    knobs: &[Knob::FirstDelayTenths(1), Knob::Tries(2), Knob::Quota],
};

/// Twenty calls against five in any second.
fn three_answers_to_a_no() -> Experiment {
    let server = Simulated { refusal_millis: 100, ..limited(constant(0.3), 5, SECOND) };
    let lane = |name, tries, first_delay_millis| {
        let lane = LaneSpec { tries, first_delay_millis, jitter: Jitter::None, refusals: Ignore, ..no_limits() };
        named(name, lane)
    };
    let lanes = [lane("Give up", 1, 1_000), lane("Try again at once", 5, 0), lane("Back off", 5, 1_000)];
    experiment(calls(20), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let last = ran.starts(2).last().copied().unwrap_or_default();
    [0, 1, 2].map(|lane| (ran.answered(lane), ran.calls(lane))) == [(5, 20), (5, 80), (20, 50)]
        && ran.refused(1) == 75
        && are_near(&[last, ran.end(2)], &[7.3, 7.6])
}
