//! Of a budget of requests and one of tokens, the size of a call says which one binds.

use crate::experiment::limits::{RequestBucket, TokenBudget};
use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::{calls, experiment, named, no_limits};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::port::Settings;

pub(super) const LESSON: Lesson = Lesson {
    id: "two-budgets",
    title: "Two budgets",
    experiment: both_budgets,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 100 },
    beats: &[
        Beat { at: At::Start, lit: &[(0, 29), (0, 30)] },
        Beat { at: At::Sent(0, 31), lit: &[(0, 30)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 59)] },
    ],
    knobs: &[Knob::CallTokens(0), Knob::Capacity(0)],
};

/// Sixty calls of 3 000 tokens, 7 of them the prompt's, under 60 requests and 90 000 tokens a minute.
fn both_budgets() -> Experiment {
    let server = Simulated {
        first_byte_millis: Amount::Constant(500.0),
        answer_tokens: Amount::Constant(2_993.0),
        tokens_per_second: 2_000,
        ..Simulated::default()
    };
    let lane = LaneSpec {
        request_bucket: Some(RequestBucket { capacity: 60, per_minute: 60 }),
        token_budget: Some(TokenBudget { capacity: 90_000, per_minute: 90_000, estimate: 3_000 }),
        ..no_limits()
    };
    let settings = Settings { max_output_tokens: 4_096, ..Settings::default() };
    experiment(Calls { settings, ..calls(60) }, server, [named("Both budgets", lane)])
}

fn claim(ran: &Ran) -> bool {
    let starts: Vec<f64> = [0.0; 30].into_iter().chain((1..=30).map(|n| 2.0 * f64::from(n))).collect();
    // The last takes 0.5 s and 2 993 tokens at 2 000 a second.
    are_near(&ran.starts(0), &starts) && are_near(&ran.ends(), &[61.996_5])
}
