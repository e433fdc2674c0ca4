//! A gather that raises lets the others run on; a task group gives them up.

use crate::experiment::server::{Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, experiment, listed, named};
use crate::experiment::{Experiment, LaneSpec, OnFailure};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "card-gather-cancels",
    title: "Gather cancels the others",
    experiment: one_fails,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 1)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 2), (0, 3), (0, 4)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 2), (1, 3), (1, 4)] },
    ],
    knobs: &[Knob::Tries(0), Knob::Tries(1), Knob::Limit(1)],
};

/// Five calls, the second of which fails at 1 s: a gather that raises, and a task group.
fn one_fails() -> Experiment {
    let second = When { items: Some(vec![1]), first_attempts: Some(1), ..When::default() };
    let fails = Rule { when: second, fault: Fault::Status(503) };
    // It fails when its answer would have been there.
    let server = Simulated { refusal_millis: 1_000, faults: vec![fails], ..listed(&[0.5, 1.0, 1.5, 2.0, 2.5]) };
    let lane = |name, on_failure| named(name, LaneSpec { on_failure, tries: 1, ..LaneSpec::concurrent(5) });
    let lanes = [lane("Gather", OnFailure::Raise), lane("Task group", OnFailure::CancelOthers)];
    experiment(calls(5), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.ends(), &[2.5, 1.0])
        && [ran.answered(0), ran.answered(1)] == [4, 1]
        && are_near(&[ran.item_end(0, 1), ran.item_end(1, 1)], &[1.0, 1.0])
}
