//! Async hides waiting, not work.

use super::{awaited, call, dialect, function, gather, program, row_ends, script, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Act, Dialect, Span, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "blocked-loop",
    title: "A blocked loop",
    experiment: blocked,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 5 },
    beats: &[
        Beat { at: At::LaneEnded(2), lit: &[(0, 1), (2, 1), (2, 2), (2, 3)] },
        Beat { at: At::ItemEnded(0, 3), lit: &[(0, 1), (0, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2), (1, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(3)],
};

/// One that computes for 2 s beside two that sleep; three that keep the thread, gathered and in threads.
fn blocked() -> Experiment {
    let blocks = || function("block", [Act::Compute(Span::Given), Act::Return("{name}".into())]);
    let three = || ["a", "b", "c"].map(|name| call(name, "block", 1_000)).to_vec();
    let sleepers = [("y", "sleep", 1_000), ("z", "sleep", 3_000), ("x", "block", 2_000)];
    let start = sleepers.map(|(name, function, millis)| Statement::Start(call(name, function, millis)));
    script([
        ("One computes", program([waits("sleep"), blocks()], [start, ["y", "z", "x"].map(awaited)].concat())),
        ("Three that block", program([blocks()], [gather(three())])),
        ("Three in threads", program([blocks()], [Statement::GatherInThreads { calls: three() }])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let y = if dialect(ran) == Dialect::TokioManyThreads { 1.0 } else { 2.0 };
    are_near(&row_ends(ran, 0), &[3.0, y, 3.0, 2.0])
        && are_near(&row_ends(ran, 1), &[3.0, 1.0, 2.0, 3.0])
        && are_near(&row_ends(ran, 2), &[1.0, 1.0, 1.0, 1.0])
}
