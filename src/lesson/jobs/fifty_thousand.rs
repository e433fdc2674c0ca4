//! Fifty thousand prompts take as long as their tightest budget lets them, and 25 in flight are enough for it.

use super::TEN_MINUTES;
use crate::experiment::limits::{RequestBucket, TokenBudget};
use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::{calls, experiment, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near, is_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "fifty-thousand",
    title: "Fifty thousand prompts",
    experiment: fifty_thousand,
    claim,
    prediction: Prediction::Finish { lane: 2, axis_secs: 12_000 },
    beats: &[
        Beat { at: At::Ended(3, 1), lit: &[(3, 0), (3, 24), (3, 25)] },
        Beat { at: At::Sent(1, 500), lit: &[(1, 499)] },
        Beat { at: At::LaneEnded(3), lit: &[(2, 499), (3, 499)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 499)] },
    ],
    knobs: &[Knob::Thinking, Knob::Limit(3), Knob::PerMinute(3)],
};

/// Fifty thousand prompts of 400 tokens and 3 s under 500 requests and 200 000 tokens a minute, as a model at one to
/// a hundred: as many fewer prompts, requests and tokens a minute, and each call takes a hundred times as long. So
/// the job takes as long as the whole one, with as many in flight.
fn fifty_thousand() -> Experiment {
    // Of the 400 tokens 7 are the prompt's; the others come within 9.825 of the 300 s.
    let server = Simulated {
        first_byte_millis: Amount::Constant(290_175.0),
        thinking_tokens: Amount::Constant(353.0),
        answer_tokens: Amount::Constant(40.0),
        tokens_per_second: 40,
        ..Simulated::default()
    };
    let lane = |requests, tokens| LaneSpec {
        request_bucket: Some(RequestBucket { capacity: requests, per_minute: 5 }),
        token_budget: Some(TokenBudget { capacity: tokens, per_minute: 2_000, estimate: 400 }),
        attempt_timeout_millis: TEN_MINUTES,
        ..no_limits()
    };
    let lanes = [
        named("One at a time", LaneSpec { attempt_timeout_millis: TEN_MINUTES, ..LaneSpec::sequential() }),
        named("In bursts", lane(5, 2_000)),
        named("Evenly", lane(1, 400)),
        named("Evenly, 25 in flight", LaneSpec { limit: Some(25), ..lane(1, 400) }),
    ];
    experiment(calls(500), server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let last_starts: Vec<f64> =
        (1..ran.lanes.len()).filter_map(|lane| ran.starts(lane).last().copied()).map(|secs| secs / 60.0).collect();
    are_near(&last_starts, &[99.0, 99.8, 99.8]) && is_near(ran.end(0), 150_000.0) && ran.peak(3) == 25
}
