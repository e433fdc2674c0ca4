//! Who waits for a permit while it holds one may wait for ever.

use super::{call, function, gather, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::{Act, Program, Span};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near};
use crate::trace::StopReason;

pub(super) const LESSON: Lesson = Lesson {
    id: "deadlock",
    title: "Waiting for yourself",
    experiment: deadlock,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::Millis(1_000), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 1), (2, 2)] },
    ],
    knobs: &[Knob::Dialect, Knob::Permits(0), Knob::Permits(1)],
};

/// Two functions that need two permits each: a second one inside the first, or one after the other.
fn deadlock() -> Experiment {
    use Act::{GivePermit, TakePermit};
    let work = || Act::Sleep(Span::Given);
    let inside = || vec![TakePermit, work(), TakePermit, work(), GivePermit, GivePermit];
    let after = vec![TakePermit, work(), GivePermit, TakePermit, work(), GivePermit];
    let lane = |body: Vec<Act>, permits| {
        let calls = ["a", "b"].map(|name| call(name, "work", 1_000));
        Program { permits: Some(permits), ..program([function("work", body)], [gather(calls)]) }
    };
    script([
        ("One permit", lane(inside(), 1)),
        ("Two permits", lane(inside(), 2)),
        ("Given back between", lane(after, 1)),
    ])
}

fn claim(ran: &Ran) -> bool {
    let stalled = |lane: usize| ran.trace.lanes.get(lane).and_then(|lane| lane.stopped()) == Some(StopReason::Stalled);
    stalled(0)
        && stalled(1)
        && !stalled(2)
        && [ran.answered(0), ran.answered(1)] == [0, 0]
        && are_near(&row_ends(ran, 2), &[4.0, 3.0, 4.0])
}
