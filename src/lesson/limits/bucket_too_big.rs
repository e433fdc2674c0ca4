//! A bucket that holds a minute's quota lets nearly two through in its first minute.

use super::{MINUTE, sent_before};
use crate::experiment::limits::RequestBucket;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::Ran;

pub(super) const LESSON: Lesson = Lesson {
    id: "bucket-too-big",
    title: "A bucket that is too big",
    experiment: three_capacities,
    claim,
    prediction: Prediction::Refused { lane: 0, most: 40 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 14), (0, 15)] },
        Beat { at: At::Failed(1, 1), lit: &[(1, 15)] },
        Beat { at: At::Sent(2, 16), lit: &[(2, 15)] },
        Beat { at: At::LaneEnded(2), lit: &[(2, 39)] },
    ],
    knobs: &[Knob::Capacity(0), Knob::PerMinute(0)],
};

/// Buckets of several capacities, all refilled at the server's rate of 15 a minute.
fn three_capacities() -> Experiment {
    let lane = |capacity: u32| {
        let bucket = RequestBucket { capacity, per_minute: 15 };
        named(format!("Capacity {capacity}"), LaneSpec { request_bucket: Some(bucket), tries: 1, ..no_limits() })
    };
    experiment(calls(40), limited(constant(2.0), 15, MINUTE), [15, 5, 1].map(lane))
}

fn claim(ran: &Ran) -> bool {
    [0, 1, 2].map(|lane| (sent_before(ran, lane, 60.0), ran.refused(lane))) == [(29, 14), (19, 4), (15, 0)]
}
