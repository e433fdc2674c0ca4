//! Created is not started, and finished is not noticed.

use super::{awaited, call, has_said, program, row_ends, script, tasks, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Program, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "tasks",
    title: "Started, finished, noticed",
    experiment: two_tasks,
    claim,
    prediction: Prediction::Order { lane: 0, items: &[0, 1, 2] },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 0)] },
        Beat { at: At::ItemEnded(0, 2), lit: &[(0, 0), (0, 2)] },
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 0), (0, 1)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(2)],
};

/// Two tasks of 2 and 1 s, awaited in the order of starting and in the other.
fn two_tasks() -> Experiment {
    script([("A first", awaits(["a", "b"])), ("B first", awaits(["b", "a"]))])
}

fn awaits([first, second]: [&str; 2]) -> Program {
    let ask = || Statement::SayDone(tasks(&["a", "b"]));
    let start = |name, millis| Statement::Start(call(name, "work", millis));
    let main = [start("a", 2_000), start("b", 1_000), ask(), awaited(first), ask(), awaited(second)];
    program([waits("work")], main)
}

fn claim(ran: &Ran) -> bool {
    let neither = [(0.0, "a done: no"), (0.0, "b done: no")];
    let both = [(2.0, "a done: yes"), (2.0, "b done: yes")];
    let only_b = [(1.0, "a done: no"), (1.0, "b done: yes")];
    let ends = [2.0, 2.0, 1.0];
    are_near(&row_ends(ran, 0), &ends)
        && are_near(&row_ends(ran, 1), &ends)
        && has_said(ran, 0, &[neither, both].concat())
        && has_said(ran, 1, &[neither, only_b].concat())
}
