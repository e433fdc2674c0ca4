//! A breaker asks a server that is down four times where others ask sixty, and has its questions left for later.

use super::{MINUTE, sent_before};
use crate::experiment::limits::{Breaker, RequestBucket};
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits, outage};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "circuit-breaker",
    title: "A circuit breaker",
    experiment: into_an_outage,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 200 },
    beats: &[
        Beat { at: At::Failed(0, 3), lit: &[(0, 2), (0, 3)] },
        Beat { at: At::Failed(0, 4), lit: &[(0, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 59)] },
        Beat { at: At::ItemEnded(0, 4), lit: &[(0, 4), (0, 5)] },
    ],
    knobs: &[Knob::CooldownSecs(0), Knob::Breaker(1)],
};

/// One call a second into an outage of a minute.
fn into_an_outage() -> Experiment {
    let server = Simulated { faults: vec![outage(0, MINUTE)], ..constant(2.0) };
    // Nothing is saved up in a bucket of one.
    let bucket = RequestBucket { capacity: 1, per_minute: 60 };
    let lane = |name, breaker| named(name, LaneSpec { request_bucket: Some(bucket), breaker, tries: 1, ..no_limits() });
    let lanes = [lane("With a breaker", Some(Breaker::default())), lane("Without", None)];
    experiment(calls(60), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let first: Vec<f64> = ran.starts(0).into_iter().take(6).collect();
    [0, 1].map(|lane| (sent_before(ran, lane, 60.0), ran.answered(lane))) == [(4, 56), (60, 0)]
        && are_near(&first, &[0.0, 1.0, 2.0, 32.4, 62.8, 64.8])
        && are_near(&ran.ends(), &[120.8, 59.4])
}
