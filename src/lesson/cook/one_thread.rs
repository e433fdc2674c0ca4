//! Waits overlap, work does not.

use super::{calls, each, gather, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Compute, Say, Sleep};
use crate::experiment::script::Span::{Given, Millis};
use crate::experiment::script::{Act, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "one-thread",
    title: "One thread for all",
    experiment: one_thread,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 5 },
    beats: &[
        Beat { at: At::Millis(100), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::Asleep(1, 3), lit: &[(1, 1), (1, 2), (1, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 3)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2), (0, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(2)],
};

/// Three tasks that work, wait and work again.
fn one_thread() -> Experiment {
    let body = [Compute(Millis(200)), Sleep(Given), Compute(Millis(200)), Say("{name} is done".into())];
    let functions: &[(&str, &[Act])] = &[("work", &body)];
    let three = || calls("work", &[("red", 1_000), ("green", 1_000), ("blue", 1_000)]);
    script([
        ("In a row", program(functions, each(three(), Statement::Call))),
        ("Together", program(functions, [gather(three())])),
    ])
}

fn claim(ran: &Ran) -> bool {
    are_near(&row_ends(ran, 0), &[4.2, 1.4, 2.8, 4.2]) && are_near(&row_ends(ran, 1), &[1.8, 1.4, 1.6, 1.8])
}
