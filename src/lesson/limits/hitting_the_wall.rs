//! Of more requests at once than a quota allows, the server refuses the rest.

use super::MINUTE;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::Ran;

pub(super) const LESSON: Lesson = Lesson {
    id: "hitting-the-wall",
    title: "Hitting the wall",
    experiment: twenty_at_once,
    claim,
    prediction: Prediction::Refused { lane: 0, most: 20 },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 14), (0, 15)] },
        Beat { at: At::Failed(0, 1), lit: &[(0, 15), (0, 16), (0, 17), (0, 18), (0, 19)] },
        Beat { at: At::End, lit: &[(0, 14)] },
    ],
    knobs: &[Knob::Requests, Knob::Quota],
};

/// Twenty at once against 15 a minute. Five at once would pass.
fn twenty_at_once() -> Experiment {
    let once = LaneSpec { tries: 1, ..no_limits() };
    experiment(calls(20), limited(constant(2.0), 15, MINUTE), [named("All at once", once)])
}

fn claim(ran: &Ran) -> bool {
    let refused = ran.order(0).into_iter().take(5).eq(15..20);
    let failures = ran.trace.lanes.first().map(|lane| &*lane.failures).unwrap_or_default();
    let is_quota = failures.iter().all(|said| said.status == Some(429) && said.body.contains("RESOURCE_EXHAUSTED"));
    refused && is_quota && (ran.answered(0), ran.refused(0)) == (15, 5)
}
