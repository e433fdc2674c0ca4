//! A task that nobody awaits lives as long as main, or longer, or not at all: that is the language's affair.

use super::{awaited, call, dialect, program, row_ends, script, sleeps, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "forgotten-task",
    title: "The forgotten task",
    experiment: forgotten,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 2 },
    beats: &[
        Beat { at: At::ItemEnded(0, 0), lit: &[(0, 0), (0, 1)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1)],
};

/// A task of 1 s, and a main that is over after half a second or awaits it.
fn forgotten() -> Experiment {
    let start = || Statement::Start(call("save", "write", 1_000));
    script([
        ("Forgotten", program([waits("write")], [start(), sleeps(500)])),
        ("Awaited", program([waits("write")], [start(), sleeps(500), awaited("save")])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let (end, outcome) = match dialect(ran) {
        Dialect::Promises => (1.0, Outcome::Answered),
        _ => (0.5, Outcome::Cancelled),
    };
    are_near(&row_ends(ran, 0), &[0.5, end])
        && ran.rows(0).get(1).is_some_and(|row| row.outcome == Some(outcome))
        && are_near(&row_ends(ran, 1), &[1.0, 1.0])
}
