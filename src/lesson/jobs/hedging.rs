//! A copy of each call that takes long cuts the tail, for few more calls.

use super::TEN_MINUTES;
use crate::experiment::limits::Hedge;
use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::{calls, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::Ran;
use crate::time::micros_as_secs;

pub(super) const LESSON: Lesson = Lesson {
    id: "hedging",
    title: "A second copy",
    experiment: hedging,
    claim,
    prediction: Prediction::Wins(Best::Soonest),
    beats: &[
        Beat { at: At::ItemEnded(1, 16), lit: &[(0, 16), (1, 16)] },
        Beat { at: At::ItemEnded(0, 16), lit: &[(0, 16), (1, 16)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 270)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 270)] },
    ],
    knobs: &[Knob::HedgeTenths(1), Knob::Seed],
};

/// Calls of about a second, one of twenty of which takes more than six.
fn hedging() -> Experiment {
    let server = Simulated {
        first_byte_millis: Amount::LogNormal { median: 1_000.0, p95: 6_000.0 },
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 1_000,
        ..Simulated::default()
    };
    let alone = LaneSpec { tries: 1, attempt_timeout_millis: TEN_MINUTES, ..LaneSpec::concurrent(50) };
    let copied = LaneSpec { hedge: Some(Hedge::AfterMillis(6_000)), ..alone.clone() };
    experiment(calls(400), server, [named("No copies", alone), named("A copy after 6 s", copied)])
}

/// The 99th percentile of 400 draws is near 12.6 medians in the first lane and near 7.6 in the second; both deviate.
fn claim(ran: &Ran) -> bool {
    let [alone, copied] = &*ran.lanes else { return false };
    let median = micros_as_secs(alone.stats.service.p50_micros);
    let [of_alone, of_copied] = [alone, copied].map(|lane| micros_as_secs(lane.stats.service.p99_micros));
    (0.8..1.25).contains(&median)
        && (7.5..20.0).contains(&of_alone)
        && (6.2..9.5).contains(&of_copied)
        && of_copied < of_alone
        && (ran.answered(0), ran.answered(1)) == (400, 400)
        && ran.calls(0) == 400
        && (408..=432).contains(&ran.calls(1))
}
