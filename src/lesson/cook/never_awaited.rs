//! A call that nobody awaits does nothing in Python and Rust, and everything in JavaScript.

use super::{call, dialect, has_said, program, row_ends, say, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Say, Sleep};
use crate::experiment::script::Span::{Given, Millis};
use crate::experiment::script::{Act, Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near, is_near};
use crate::trace::Kind;

pub(super) const LESSON: Lesson = Lesson {
    id: "never-awaited",
    title: "Called and never awaited",
    experiment: never_awaited,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::Millis(1_000), lit: &[(0, 1), (1, 1)] },
        Beat { at: At::ItemEnded(0, 0), lit: &[(0, 0), (0, 1)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 0), (1, 1)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1)],
};

/// A function that is called and left, and the same awaited.
fn never_awaited() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("greet", &[Sleep(Given), Say("{name} was said".into())])];
    let hello = || call("greet", "hello", 1_000);
    let rest = || [say("main goes on"), Statement::Do(Sleep(Millis(2_000)))];
    let main = |first: Statement| [vec![first], rest().into()].concat();
    script([
        ("Called and left", program(functions, main(Statement::Make(hello())))),
        ("Awaited", program(functions, main(Statement::Call(hello())))),
    ])
}

fn claim(ran: &Ran) -> bool {
    let said = match dialect(ran) {
        Dialect::Promises => [(0.0, "main goes on"), (1.0, "hello was said")].as_slice(),
        _ => &[(0.0, "main goes on")],
    };
    let ever_ran = |(_, row, kind)| row == 1 && matches!(kind, Kind::Sleeping { .. });
    has_said(ran, 0, said)
        && ran.events(0).any(ever_ran) == (said.len() == 2)
        && is_near(ran.item_end(0, 0), 2.0)
        && are_near(&row_ends(ran, 1), &[3.0, 1.0])
        && has_said(ran, 1, &[(1.0, "hello was said"), (1.0, "main goes on")])
}
