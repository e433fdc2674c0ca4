//! Finding a limit costs refusals, and the rule by which a rate learns sets the price.

use super::SECOND;
use crate::experiment::limits::{Adaptive, AdaptiveRule};
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::Ran;

pub(super) const LESSON: Lesson = Lesson {
    id: "adaptive",
    title: "Finding a limit has a price",
    experiment: two_rules,
    claim,
    prediction: Prediction::Wins(Best::FewestRefused),
    beats: &[
        Beat { at: At::Failed(1, 1), lit: &[(1, 8)] },
        Beat { at: At::Failed(1, 12), lit: &[(1, 83), (1, 91)] },
        Beat { at: At::Failed(2, 2), lit: &[(2, 66), (2, 100)] },
        Beat { at: At::End, lit: &[(0, 599), (2, 599)] },
    ],
    knobs: &[Knob::Quota, Knob::CallTenths],
};

/// Two rules that find a rate, each from two starts, against five a second in bursts of five.
fn two_rules() -> Experiment {
    let server = Simulated { refusal_millis: 100, quota_burst: Some(5), ..limited(constant(0.4), 5, SECOND) };
    let lane = |name, rule, start| {
        let adaptive = Adaptive { start, rule, ..Adaptive::default() };
        named(name, LaneSpec { adaptive: Some(adaptive), tries: 1, ..no_limits() })
    };
    let lanes = [
        lane("By a factor, from 1", AdaptiveRule::MULTIPLICATIVE, 1.0),
        lane("By a factor, from 10", AdaptiveRule::MULTIPLICATIVE, 10.0),
        lane("By a step, from 1", AdaptiveRule::ADDITIVE, 1.0),
        lane("By a step, from 10", AdaptiveRule::ADDITIVE, 10.0),
    ];
    experiment(calls(600), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let lanes = [0, 1, 2, 3];
    lanes.map(|lane| ran.refused(lane)) == [70, 73, 15, 17]
        && lanes.iter().all(|&lane| ran.calls(lane) == 600 && ran.answered(lane) + ran.refused(lane) == 600)
}
