//! To await in the line that calls is to do one after the other.

use super::{awaited, call, dialect, gather, program, script, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Call, Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "await-in-a-row",
    title: "Await in a row",
    experiment: in_a_row,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 4 },
    beats: &[
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::LaneEnded(3), lit: &[(3, 1), (3, 2), (3, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(2)],
};

/// Three calls of 1 s: awaited in a row, started before, gathered, and made before.
fn in_a_row() -> Experiment {
    let calls = ["a", "b", "c"].map(|name| call(name, "fetch", 1_000));
    let each = |first: fn(Call) -> Statement| calls.clone().map(first);
    let later = ["a", "b", "c"].map(awaited);
    let lane = |main: Vec<Statement>| program([waits("fetch")], main);
    script([
        ("Awaited in a row", lane(each(Statement::Call).into())),
        ("Started, then awaited", lane([each(Statement::Start), later.clone()].concat())),
        ("Gathered", lane(vec![gather(calls.clone())])),
        ("Made, then awaited", lane([each(Statement::Make), later].concat())),
    ])
}

fn claim(ran: &Ran) -> bool {
    let made = if dialect(ran) == Dialect::Promises { 1.0 } else { 3.0 };
    are_near(&ran.ends(), &[3.0, 1.0, 1.0, made])
}
