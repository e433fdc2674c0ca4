//! Created is not started, and finished is not noticed.

use super::{call, dialect, has_said, names, program, row_ends, say, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Say, Sleep};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "tasks",
    title: "Started, finished, noticed",
    experiment: tasks,
    claim,
    prediction: Prediction::Order { lane: 0, items: &[0, 1, 2] },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 0)] },
        Beat { at: At::ItemEnded(0, 2), lit: &[(0, 0), (0, 2)] },
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 0), (0, 1), (0, 2)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(2)],
};

/// A long task and a short one, awaited in the order of starting.
fn tasks() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("work", &[Say("{name} begins".into()), Sleep(Given)])];
    let both = || Statement::SayDone(names(&["a", "b"]));
    let main = [
        Statement::Start(call("work", "a", 2_000)),
        Statement::Start(call("work", "b", 1_000)),
        both(),
        Statement::Await("a".into()),
        say("main has heard of a"),
        Statement::Await("b".into()),
        say("main has heard of b"),
        both(),
    ];
    script([("Two tasks", program(functions, main))])
}

fn claim(ran: &Ran) -> bool {
    let (begin, neither) = (["a begins", "b begins"], ["a done: no", "b done: no"]);
    let at_first = if dialect(ran) == Dialect::Promises { [begin, neither] } else { [neither, begin] };
    let at_last = ["main has heard of a", "main has heard of b", "a done: yes", "b done: yes"];
    let said: Vec<(f64, &str)> =
        at_first.concat().into_iter().map(|line| (0.0, line)).chain(at_last.map(|line| (2.0, line))).collect();
    are_near(&row_ends(ran, 0), &[2.0, 2.0, 1.0]) && has_said(ran, 0, &said)
}
