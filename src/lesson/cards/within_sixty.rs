//! Ten chains at a time are more calls a minute than sixty, though only ten are in flight.

use crate::experiment::sketch::{THIRD_OF_25_S, chains, constant, experiment, limited, named};
use crate::experiment::{Experiment, LaneSpec, PermitScope};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, is_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "card-within-sixty",
    title: "Seventy-two is within sixty",
    experiment: ten_chains,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Sent(0, 60), lit: &[(0, 19)] },
        Beat { at: At::Failed(0, 1), lit: &[(0, 20), (0, 21), (0, 22)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 39)] },
    ],
    knobs: &[Knob::Limit(0), Knob::Quota],
};

/// Chains of 25 s against 60 calls a minute, ten at a time and seven.
fn ten_chains() -> Experiment {
    let lane = |limit: u32| {
        let lane = LaneSpec { permit: PermitScope::Item, tries: 1, ..LaneSpec::concurrent(limit) };
        named(format!("{limit} at a time"), lane)
    };
    experiment(chains(40), limited(constant(THIRD_OF_25_S), 60, 60_000), [10, 7].map(lane))
}

fn claim(ran: &Ran) -> bool {
    let answers = [0, 1].map(|lane| (ran.answered(lane), ran.refused(lane), ran.peak(lane)));
    let in_time = ran.starts(0).get(60).is_some_and(|&at| is_near(at, 50.0));
    answers == [(20, 20, 10), (40, 0, 7)] && in_time
}
