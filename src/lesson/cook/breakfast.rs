//! One by one is the sum; together is the longest.

use super::{calls, each, gather, has_said, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Say, Sleep};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Statement};
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

/// A cook who stands beside each pot, and one who puts all of them on.
fn breakfast() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("prepare", &[Sleep(Given), Say("{name} is ready".into())])];
    let pots = || calls("prepare", &[("coffee", 3_000), ("toast", 2_000), ("eggs", 4_000)]);
    script([
        ("One by one", program(functions, each(pots(), Statement::Call))),
        ("All at once", program(functions, [gather(pots())])),
    ])
}

fn claim(ran: &Ran) -> bool {
    are_near(&row_ends(ran, 0), &[9.0, 3.0, 5.0, 9.0])
        && are_near(&row_ends(ran, 1), &[4.0, 3.0, 2.0, 4.0])
        && has_said(ran, 1, &[(2.0, "toast is ready"), (3.0, "coffee is ready"), (4.0, "eggs is ready")])
}
