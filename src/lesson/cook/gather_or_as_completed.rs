//! Results in the order of asking, all at the end; or in the order of completion, each as it comes.

use super::{call, gather, has_said, program, row_ends, script, waits};
use crate::experiment::Experiment;
use crate::experiment::script::Statement;
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "gather-or-as-completed",
    title: "All at the end, or each as it comes",
    experiment: six,
    claim,
    prediction: Prediction::Order { lane: 1, items: &[1, 2, 3, 4, 5, 6] },
    beats: &[
        Beat { at: At::ItemEnded(1, 2), lit: &[(0, 2), (1, 2)] },
        Beat { at: At::ItemEnded(1, 6), lit: &[(1, 2), (1, 4), (1, 6)] },
        Beat { at: At::End, lit: &[(0, 0), (1, 0)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(5)],
};

/// Six calls: gathered, and taken as they are completed.
fn six() -> Experiment {
    let calls = [("a", 5), ("b", 1), ("c", 4), ("d", 2), ("e", 6), ("f", 3)];
    let calls = calls.map(|(name, secs)| call(name, "ask", secs * 1_000));
    script([
        ("Gathered", program([waits("ask")], [gather(calls.clone()), Statement::SayResults])),
        ("As completed", program([waits("ask")], [Statement::AsCompleted { calls: calls.into() }])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let ends = [6.0, 5.0, 1.0, 4.0, 2.0, 6.0, 3.0];
    let at_the_end = ["a", "b", "c", "d", "e", "f"].map(|name| (6.0, name));
    let as_they_come = [(1.0, "b"), (2.0, "d"), (3.0, "f"), (4.0, "c"), (5.0, "a"), (6.0, "e")];
    are_near(&row_ends(ran, 0), &ends)
        && are_near(&row_ends(ran, 1), &ends)
        && has_said(ran, 0, &at_the_end)
        && has_said(ran, 1, &as_they_come)
}
