//! The first to end, some time more, and then no more.

use super::{calls, each, has_said, names, outcomes, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Say, Sleep};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "wait-first",
    title: "The first of three, and a little more",
    experiment: wait_first,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 4 },
    beats: &[
        Beat { at: At::ItemEnded(0, 1), lit: &[(0, 0), (0, 1)] },
        Beat { at: At::ItemEnded(0, 2), lit: &[(0, 2)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 0), (0, 3)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1), Knob::Takes(3)],
};

/// The first of three, then at most 1.5 s more for the others, then no more.
fn wait_first() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("work", &[Sleep(Given), Say("{name} is done".into())])];
    let starts = each(calls("work", &[("short", 1_000), ("middle", 2_000), ("long", 3_000)]), Statement::Start);
    let rest = [
        Statement::WaitFirst(names(&["short", "middle", "long"])),
        Statement::WaitAtMost { tasks: names(&["middle", "long"]), millis: 1_500 },
        Statement::Cancel(names(&["middle", "long"])),
    ];
    script([("First, then a while, then no more", program(functions, [starts, rest.into()].concat()))])
}

fn claim(ran: &Ran) -> bool {
    use Outcome::{Answered, Cancelled};
    let (first, rest) = ((1.0, "first: short"), [(2.5, "ended: 1"), (2.5, "cancelled: long")]);
    let said = [[(1.0, "short is done"), first].as_slice(), &[(2.0, "middle is done")], &rest].concat();
    are_near(&row_ends(ran, 0), &[2.5, 1.0, 2.0, 2.5])
        && outcomes(ran, 0) == [Answered, Answered, Answered, Cancelled]
        && has_said(ran, 0, &said)
}
