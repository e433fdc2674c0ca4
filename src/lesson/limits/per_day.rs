//! Against a day's quota no wait of seconds helps, whatever delay the refusal names.

use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule::Ignore;
use crate::port::FailureKind;

pub(super) const LESSON: Lesson = Lesson {
    id: "per-day",
    title: "The quota of a day",
    experiment: three_a_day,
    claim,
    prediction: Prediction::Refused { lane: 1, most: 50 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 3), (0, 9)] },
        Beat { at: At::ItemEnded(1, 3), lit: &[(1, 3)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 9)] },
    ],
    knobs: &[Knob::Tries(1), Knob::FirstDelayTenths(1), Knob::Honour(1)],
};

/// Ten calls against three a day.
fn three_a_day() -> Experiment {
    let server = Simulated { requests_per_day: Some(3), ..constant(2.0) };
    let goes_on = LaneSpec { refusals: Ignore, jitter: Jitter::None, ..LaneSpec::sequential() };
    experiment(calls(10), server, [named("Stops", LaneSpec::sequential()), named("Tries again", goes_on)])
}

fn claim(ran: &Ran) -> bool {
    let is_day = |lane: &crate::trace::LaneTrace| lane.failures.iter().all(|said| said.kind == FailureKind::QuotaDay);
    ran.trace.lanes.iter().all(is_day)
        && [0, 1].map(|lane| (ran.answered(lane), ran.refused(lane))) == [(3, 1), (3, 35)]
        && are_near(&ran.ends(), &[6.4, 125.0])
}
