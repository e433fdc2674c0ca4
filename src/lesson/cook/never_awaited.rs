//! A call that nobody awaits does nothing in Python and Rust, and everything in JavaScript.

use super::{call, dialect, program, row_ends, script, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near, is_near};
use crate::trace::{Kind, Outcome};

pub(super) const LESSON: Lesson = Lesson {
    id: "never-awaited",
    title: "Called and never awaited",
    experiment: never_awaited,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::Asleep(0, 1), lit: &[(0, 1)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1)],
};

/// Coffee that is called for and toast; coffee that is awaited and toast.
fn never_awaited() -> Experiment {
    let (coffee, toast) = (call("coffee", "cook", 2_000), call("toast", "cook", 3_000));
    script([
        (
            "Called, not awaited",
            program([waits("cook")], [Statement::Make(coffee.clone()), Statement::Call(toast.clone())]),
        ),
        ("Called and awaited", program([waits("cook")], [Statement::Call(coffee), Statement::Call(toast)])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let coffee = ran.rows(0).get(1);
    let is_empty = !ran.events(0).any(|(_, row, kind)| row == 1 && matches!(kind, Kind::Sleeping { .. }));
    let is_so = match dialect(ran) {
        Dialect::Promises => {
            coffee.is_some_and(|row| row.outcome == Some(Outcome::Answered)) && is_near(ran.item_end(0, 1), 2.0)
        }
        _ => is_empty && coffee.is_some_and(|row| row.outcome != Some(Outcome::Answered)),
    };
    is_so && is_near(ran.item_end(0, 0), 3.0) && are_near(&row_ends(ran, 1), &[5.0, 2.0, 5.0])
}
