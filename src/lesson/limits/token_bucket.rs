//! A bucket lets a burst through, and then one at a time at the pace of its refill.

use crate::experiment::limits::RequestBucket;
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "token-bucket",
    title: "How fast, with bursts",
    experiment: bucket_of_five,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 25 },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 4), (0, 5)] },
        Beat { at: At::Sent(0, 6), lit: &[(0, 5)] },
        Beat { at: At::Ended(0, 5), lit: &[(0, 0), (0, 6)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 19)] },
    ],
    knobs: &[Knob::Capacity(0), Knob::PerMinute(0)],
};

/// Twenty calls, a bucket of five and one more a second.
fn bucket_of_five() -> Experiment {
    let bucket = RequestBucket { capacity: 5, per_minute: 60 };
    let lane = LaneSpec { request_bucket: Some(bucket), ..no_limits() };
    experiment(calls(20), constant(2.0), [named("A bucket of 5", lane)])
}

fn claim(ran: &Ran) -> bool {
    let starts: Vec<f64> = [0.0; 5].into_iter().chain((1..=15).map(f64::from)).collect();
    are_near(&ran.starts(0), &starts) && are_near(&ran.ends(), &[17.0])
}
