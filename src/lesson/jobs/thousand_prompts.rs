//! A thousand calls take 50 minutes one at a time and two and a half by twenties, within a quota; by forties they
//! do not fit into it.

use crate::experiment::sketch::{calls, constant, experiment, limited, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "thousand-prompts",
    title: "A thousand prompts",
    experiment: thousand_prompts,
    claim,
    prediction: Prediction::Limit,
    beats: &[
        Beat { at: At::Failed(2, 1), lit: &[(2, 500)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 999)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 999)] },
    ],
    knobs: &[Knob::Limit(1), Knob::CallTenths],
};

/// A thousand calls of 3 s against 500 a minute.
fn thousand_prompts() -> Experiment {
    let lanes = [
        named("One at a time", LaneSpec::sequential()),
        named("Twenty at a time", LaneSpec::concurrent(20)),
        named("Forty at a time", LaneSpec::concurrent(40)),
    ];
    experiment(calls(1_000), limited(constant(3.0), 500, 60_000), lanes)
}

fn claim(ran: &Ran) -> bool {
    let [one, twenty, forty] = *ran.ends() else { return false };
    are_near(&[one / 60.0, twenty / 60.0], &[50.0, 2.5])
        && (ran.refused(0), ran.refused(1)) == (0, 0)
        // Faster than by twenties, at the price of refusals.
        && forty < twenty
        && ran.refused(2) > 0
}
