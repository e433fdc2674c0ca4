//! A bucket that holds 500 and gains 500 a minute lets almost a thousand through in the first minute.

use crate::experiment::limits::RequestBucket;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::Ran;

pub(super) const LESSON: Lesson = Lesson {
    id: "card-bucket-of-500",
    title: "A bucket of 500 keeps to 500",
    experiment: two_buckets,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Sent(0, 500), lit: &[(0, 0), (0, 499)] },
        Beat { at: At::Failed(0, 1), lit: &[(0, 500)] },
        Beat { at: At::Millis(60_000), lit: &[(0, 998), (1, 499)] },
    ],
    knobs: &[Knob::Capacity(0), Knob::PerMinute(0)],
};

/// A thousand calls against 500 in any minute, with a bucket of 500 and with one of one.
fn two_buckets() -> Experiment {
    let lane = |capacity: u32| {
        let bucket = RequestBucket { capacity, per_minute: 500 };
        named(format!("Capacity {capacity}"), LaneSpec { request_bucket: Some(bucket), tries: 1, ..no_limits() })
    };
    experiment(calls(1_000), limited(constant(2.0), 500, 60_000), [500, 1].map(lane))
}

fn claim(ran: &Ran) -> bool {
    let found = [0, 1].map(|lane| (ran.starts(lane).iter().filter(|&&at| at < 60.0).count(), ran.refused(lane)));
    found == [(999, 499), (500, 0)]
}
