//! To await in the line that calls is to do one after the other.

use super::{calls, dialect, each, gather, names, program, script, start_and_await};
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
    id: "await-in-a-row",
    title: "Await in a row",
    experiment: await_in_a_row,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 4 },
    beats: &[
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::LaneEnded(3), lit: &[(3, 1), (3, 2), (3, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(2)],
};

/// Three calls of 1 s: awaited one by one, started first, gathered, and only made first.
fn await_in_a_row() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("fetch", &[Sleep(Given), Say("{name} is here".into())])];
    let three = || calls("fetch", &[("first", 1_000), ("second", 1_000), ("third", 1_000)]);
    let awaits = names(&["first", "second", "third"]).into_iter().map(Statement::Await);
    let made = each(three(), Statement::Make).into_iter().chain(awaits);
    script([
        ("Awaited in a row", program(functions, each(three(), Statement::Call))),
        ("Started, then awaited", program(functions, start_and_await(three()))),
        ("Gathered", program(functions, [gather(three())])),
        ("Made, then awaited", program(functions, made.collect::<Vec<_>>())),
    ])
}

fn claim(ran: &Ran) -> bool {
    let made = if dialect(ran) == Dialect::Promises { 1.0 } else { 3.0 };
    are_near(&ran.ends(), &[3.0, 1.0, 1.0, made])
}
