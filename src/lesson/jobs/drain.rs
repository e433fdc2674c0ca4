//! A run that is dropped leaves calls that were sent and never answered; one that runs out does not.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "drain",
    title: "Stopping halfway",
    experiment: drain,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 30 },
    beats: &[
        Beat { at: At::LaneEnded(1), lit: &[(1, 8), (1, 9), (1, 10), (1, 11)] },
        Beat { at: At::Ended(0, 12), lit: &[(0, 8), (0, 9), (0, 10), (0, 11)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 39)] },
    ],
    knobs: &[Knob::AfterFirstTenths(1), Knob::Limit(1)],
};

/// A run of 50 s, long enough to stop it halfway; and the same dropped after 12 s, which is 7 s after its first
/// answers.
fn drain() -> Experiment {
    let dropped = LaneSpec { after_first_millis: Some(7_000), ..LaneSpec::concurrent(4) };
    let lanes = [named("Four at a time", LaneSpec::concurrent(4)), named("Dropped after 12 s", dropped)];
    experiment(calls(40), constant(5.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    let [whole, dropped] = &*ran.lanes else { return false };
    // Where it would have run out: what is under way at 12 s is over at 15 s, and nothing more has begun by then.
    let begun_by_12_s = ran.starts(0).iter().filter(|&&at| at <= 12.0).count();
    let over_by_15_s = (0..12).filter(|&item| (0.1..15.1).contains(&ran.item_end(0, item))).count();
    are_near(&ran.ends(), &[50.0, 12.0])
        && (begun_by_12_s, over_by_15_s) == (12, 12)
        && (ran.calls(0), whole.stats.succeeded, whole.stats.lost_attempts) == (40, 40, 0)
        && (ran.calls(1), dropped.stats.succeeded, dropped.stats.given_up_attempts) == (12, 8, 4)
}
