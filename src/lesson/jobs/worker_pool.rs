//! Workers with a short queue are as fast as a task each, and hold far fewer items in memory.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec, StrategySpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Kind;

pub(super) const LESSON: Lesson = Lesson {
    id: "worker-pool",
    title: "A pool of workers",
    experiment: worker_pool,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 2_500 },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 0), (0, 9_999)] },
        Beat { at: At::Start, lit: &[(1, 0), (1, 19), (1, 20), (1, 59)] },
        Beat { at: At::Sent(1, 21), lit: &[(1, 20), (1, 60)] },
        Beat { at: At::End, lit: &[(0, 9_999), (1, 9_999)] },
    ],
    knobs: &[Knob::Limit(1), Knob::Limit(0), Knob::CallTenths],
};

/// Ten thousand calls: a task for each behind a semaphore, or workers and a short queue.
fn worker_pool() -> Experiment {
    let workers = LaneSpec { strategy: StrategySpec::WorkerPool, queue: 40, ..LaneSpec::concurrent(20) };
    let lanes = [named("A task each", LaneSpec::concurrent(20)), named("Twenty workers", workers)];
    experiment(calls(10_000), constant(2.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    let alive = |lane| most(ran, lane, |kind| kind == Kind::Asked, |kind| matches!(kind, Kind::Ended { .. }));
    let at_work = |lane| {
        most(ran, lane, |kind| matches!(kind, Kind::Granted { .. }), |kind| matches!(kind, Kind::Released { .. }))
    };
    are_near(&ran.ends(), &[1_000.0, 1_000.0])
        && (alive(0), alive(1)) == (10_000, 60)
        && (at_work(0), at_work(1)) == (20, 20)
}

/// The most of a lane that are so far counted up and not yet down.
fn most(ran: &Ran, lane: usize, up: fn(Kind) -> bool, down: fn(Kind) -> bool) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for (.., kind) in ran.events(lane) {
        now = (now + usize::from(up(kind))).saturating_sub(usize::from(down(kind)));
        most = most.max(now);
    }
    most
}
