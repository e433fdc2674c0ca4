//! Items that can never succeed end in a list with their reasons, and the rest of the batch finishes.

use crate::experiment::server::{Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, is_near};
use crate::port::FailureKind;

pub(super) const LESSON: Lesson = Lesson {
    id: "dead-letters",
    title: "Dead letters",
    experiment: dead_letters,
    claim,
    prediction: Prediction::Order { lane: 0, items: &[17, 18, 19, 20, 21] },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 19)] },
        Beat { at: At::ItemEnded(0, 20), lit: &[(0, 19), (0, 20)] },
        Beat { at: At::End, lit: &[(0, 19), (0, 39), (0, 59), (0, 79), (0, 99)] },
    ],
    knobs: &[Knob::Tries(0), Knob::Limit(0)],
};

/// A hundred calls, one of twenty of which is malformed.
fn dead_letters() -> Experiment {
    let items = (0..100).filter(|item| item % 20 == 19).collect();
    let never = Rule { when: When { items: Some(items), ..When::default() }, fault: Fault::Status(400) };
    let server = Simulated { faults: vec![never], ..constant(2.0) };
    experiment(calls(100), server, [named("Ten at a time", LaneSpec::concurrent(10))])
}

fn claim(ran: &Ran) -> bool {
    let [lane] = &*ran.lanes else { return false };
    let mut failures = ran.trace.lanes.iter().flat_map(|lane| &lane.failures);
    lane.stats.unanswered == [19, 39, 59, 79, 99]
        && failures.all(|failure| failure.kind == FailureKind::BadRequest && !failure.message.is_empty())
        && (ran.answered(0), ran.calls(0)) == (95, 100)
        && is_near(ran.end(0), 20.0)
}
