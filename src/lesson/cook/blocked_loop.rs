//! Async hides waiting, not work.

use super::{call, calls, dialect, gather, program, row_ends, script, start_and_await};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Compute, Say, Sleep};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "blocked-loop",
    title: "A blocked loop",
    experiment: blocked_loop,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 5 },
    beats: &[
        Beat { at: At::LaneEnded(2), lit: &[(0, 1), (2, 1), (2, 2), (2, 3)] },
        Beat { at: At::ItemEnded(0, 3), lit: &[(0, 1), (0, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2), (1, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(3)],
};

/// One that computes beside two that sleep; three that block; the same three in threads.
fn blocked_loop() -> Experiment {
    let functions: &[(&str, &[Act])] = &[
        ("rest", &[Sleep(Given), Say("{name} is awake".into())]),
        ("work", &[Compute(Given), Say("{name} has worked".into())]),
    ];
    let sleepers = calls("rest", &[("y", 1_000), ("z", 3_000)]);
    let beside = start_and_await([sleepers, vec![call("work", "x", 2_000)]].concat());
    let three = || calls("work", &[("one", 1_000), ("two", 1_000), ("three", 1_000)]);
    script([
        ("Two sleep, one computes", program(functions, beside)),
        ("Three block", program(functions, [gather(three())])),
        ("Three in threads", program(functions, [Statement::GatherInThreads { calls: three() }])),
    ])
}

fn claim(ran: &Ran) -> bool {
    let y = if dialect(ran) == Dialect::TokioManyThreads { 1.0 } else { 2.0 };
    are_near(&row_ends(ran, 0), &[3.0, y, 3.0, 2.0])
        && are_near(&row_ends(ran, 1), &[3.0, 1.0, 2.0, 3.0])
        && are_near(&row_ends(ran, 2), &[1.0, 1.0, 1.0, 1.0])
}
