//! Results in the order of asking, all at the end; or in the order of completion, each as it comes.

use super::{calls, gather, has_said, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Return, Sleep};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "gather-or-as-completed",
    title: "All at the end, or each as it comes",
    experiment: gather_or_as_completed,
    claim,
    prediction: Prediction::Order { lane: 1, items: &[1, 2, 3, 4, 5, 6] },
    beats: &[
        Beat { at: At::ItemEnded(1, 2), lit: &[(0, 2), (1, 2)] },
        Beat { at: At::ItemEnded(1, 6), lit: &[(1, 2), (1, 4), (1, 6)] },
        Beat { at: At::End, lit: &[(0, 0), (1, 0)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(5)],
};

/// Six calls, their results all together or each as it comes.
fn gather_or_as_completed() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("fetch", &[Sleep(Given), Return("{name}".into())])];
    let secs = [("one", 5), ("two", 1), ("three", 4), ("four", 2), ("five", 6), ("six", 3)];
    let six = || calls("fetch", &secs.map(|(name, secs)| (name, secs * 1_000)));
    script([
        ("Gathered", program(functions, [gather(six()), Statement::SayResults])),
        ("As completed", program(functions, [Statement::AsCompleted { calls: six() }])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let ends = [6.0, 5.0, 1.0, 4.0, 2.0, 6.0, 3.0];
    let at_the_end = ["one", "two", "three", "four", "five", "six"].map(|name| (6.0, name));
    let as_they_come = [(1.0, "two"), (2.0, "four"), (3.0, "six"), (4.0, "three"), (5.0, "one"), (6.0, "five")];
    are_near(&row_ends(ran, 0), &ends)
        && are_near(&row_ends(ran, 1), &ends)
        && has_said(ran, 0, &at_the_end)
        && has_said(ran, 1, &as_they_come)
}
