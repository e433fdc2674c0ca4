//! Who waits for a permit while it holds the only one waits for ever.

use super::{calls, gather, program, row_ends, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{GivePermit, Say, Sleep, TakePermit};
use crate::experiment::script::Span::Given;
use crate::experiment::script::{Act, Program};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near};
use crate::time::Instant;
use crate::trace::{Gate, Kind, LaneTrace, StopReason};

pub(super) const LESSON: Lesson = Lesson {
    id: "deadlock",
    title: "Waiting for yourself",
    experiment: deadlock,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::Asleep(0, 1), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 2)] },
    ],
    knobs: &[Knob::Dialect, Knob::Permits(0), Knob::Takes(1)],
};

/// One permit, of which each takes two, or one.
fn deadlock() -> Experiment {
    let once = [TakePermit, Sleep(Given), GivePermit, Say("{name} is done".into())];
    let twice = [TakePermit, Sleep(Given), TakePermit, GivePermit, GivePermit, Say("{name} is done".into())];
    let lane = |body: &[Act]| {
        let both = gather(calls("work", &[("a", 1_000), ("b", 1_000)]));
        Program { permits: Some(1), ..program(&[("work", body)], [both]) }
    };
    script([("Two permits each", lane(&twice)), ("One permit each", lane(&once))])
}

fn claim(ran: &Ran) -> bool {
    let stopped = |lane: usize| ran.trace.lanes.get(lane).and_then(LaneTrace::stopped);
    let waits = |(at, row, kind)| match kind {
        Kind::Waiting { gate: Gate::Semaphore, .. } => Some((Instant::as_secs(at), row)),
        _ => None,
    };
    // The second in line waits from the start, the first from the moment at which it wants more.
    let waiting: Vec<(f64, u32)> = ran.events(0).filter_map(waits).collect();
    stopped(0) == Some(StopReason::Stalled)
        && waiting == [(0.0, 2), (1.0, 1)]
        && ran.answered(0) == 0
        && are_near(&row_ends(ran, 1), &[2.0, 1.0, 2.0])
}
