//! Waits overlap, work does not.

use super::{call, function, gather, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::{Act, Span, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "one-thread",
    title: "One thread for all",
    experiment: one_thread,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 5 },
    beats: &[
        Beat { at: At::Millis(100), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::Asleep(1, 3), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 3)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2), (0, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(2)],
};

/// Three calls that compute, wait and compute, in a row and together.
fn one_thread() -> Experiment {
    let work = Act::Compute(Span::Millis(200));
    let ask = || function("ask", [work.clone(), Act::Sleep(Span::Given), work.clone()]);
    let calls = ["a", "b", "c"].map(|name| call(name, "ask", 1_000));
    script([
        ("In a row", program([ask()], calls.clone().map(Statement::Call))),
        ("Together", program([ask()], [gather(calls)])),
    ])
}

fn claim(ran: &Ran) -> bool {
    are_near(&row_ends(ran, 0), &[4.2, 1.4, 2.8, 4.2]) && are_near(&row_ends(ran, 1), &[1.8, 1.4, 1.6, 1.8])
}
