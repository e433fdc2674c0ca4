//! The first to end, some time more, and then no more.

use super::{awaited, call, program, row_ends, script, tasks, waits};
use crate::experiment::Experiment;
use crate::experiment::script::Statement;
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "wait-first",
    title: "The first of three, and a little more",
    experiment: first_of_three,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 4 },
    beats: &[
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 0), (0, 1)] },
        Beat { at: At::ItemEnded(0, 2), lit: &[(0, 2)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(3)],
};

/// Tasks of 1, 2 and 3 s: the first, at most 1.5 s more, and the rest cancelled; or all of them.
fn first_of_three() -> Experiment {
    let names = ["a", "b", "c"];
    let all = || tasks(&names);
    let start = || [("a", 1_000), ("b", 2_000), ("c", 3_000)].map(|(name, ms)| Statement::Start(call(name, "ask", ms)));
    let at_most = Statement::WaitAtMost { tasks: all(), millis: 1_500 };
    let first = [Statement::WaitFirst(all()), at_most, Statement::Cancel(all())];
    let lane = |main: Vec<Statement>| program([waits("ask")], main);
    script([
        ("The first, then 1.5 s", lane([start().as_slice(), &first].concat())),
        ("All three", lane([start(), names.map(awaited)].concat())),
    ])
}

fn claim(ran: &Ran) -> bool {
    let outcomes: Vec<_> = ran.rows(0).iter().skip(1).filter_map(|row| row.outcome).collect();
    are_near(&row_ends(ran, 0), &[2.5, 1.0, 2.0, 2.5])
        && outcomes == [Outcome::Answered, Outcome::Answered, Outcome::Cancelled]
        && are_near(&row_ends(ran, 1), &[3.0, 1.0, 2.0, 3.0])
}
