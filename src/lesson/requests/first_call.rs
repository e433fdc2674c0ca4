//! A call is one bar of three parts: the wait for the first byte, the thinking and the answer.

use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::span::Phase;

pub(super) const LESSON: Lesson = Lesson {
    id: "first-call",
    title: "Anatomy of a call",
    experiment: first_call,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 12 },
    beats: &[
        Beat { at: At::Millis(3_000), lit: &[(0, 0)] },
        Beat { at: At::Millis(5_000), lit: &[(0, 0)] },
        Beat { at: At::End, lit: &[(0, 0)] },
    ],
    knobs: &[Knob::Thinking, Knob::Speed],
};

/// A stand-in of the shape that a real call has: it waits for 3 s, thinks for 2 and streams for 1.
fn first_call() -> Experiment {
    let server = Simulated { thinking_tokens: Amount::Constant(80.0), ..constant(4.0) };
    experiment(calls(1), server, [named("One call", LaneSpec::sequential())])
}

fn claim(ran: &Ran) -> bool {
    let [row] = ran.rows(0) else { return false };
    let phases: Vec<Phase> = row.spans.iter().map(|span| span.phase).collect();
    let ends: Vec<f64> = row.spans.iter().map(|span| span.to.as_secs()).collect();
    phases == [Phase::FirstByte, Phase::Thinking, Phase::Streaming]
        && are_near(&ends, &[3.0, 5.0, 6.0])
        && row.others.is_empty()
        && (ran.lanes.len(), ran.answered(0)) == (1, 1)
}
