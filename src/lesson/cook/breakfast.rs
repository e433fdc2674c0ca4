//! One by one is the sum; together is the longest.

use super::{call, gather, program, row_ends, script, waits};
use crate::experiment::Experiment;
use crate::experiment::script::Statement;
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "breakfast",
    title: "Breakfast",
    experiment: breakfast,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 10 },
    beats: &[
        Beat { at: At::ItemEnded(1, 2), lit: &[(1, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 3)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2), (0, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(3)],
};

/// Coffee, toast and eggs, one by one and all at once.
fn breakfast() -> Experiment {
    let dishes = [call("coffee", "cook", 3_000), call("toast", "cook", 2_000), call("eggs", "cook", 4_000)];
    let one_by_one: Vec<Statement> = dishes.iter().cloned().map(Statement::Call).collect();
    script([
        ("One by one", program([waits("cook")], one_by_one)),
        ("All at once", program([waits("cook")], [gather(dishes)])),
    ])
}

fn claim(ran: &Ran) -> bool {
    are_near(&row_ends(ran, 0), &[9.0, 3.0, 5.0, 9.0]) && are_near(&row_ends(ran, 1), &[4.0, 3.0, 2.0, 4.0])
}
