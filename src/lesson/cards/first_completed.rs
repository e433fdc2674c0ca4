//! The first to end may have failed: it is not the first success.

use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, constant, experiment, named, no_limits};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, Fallback, FallbackRule, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::port::Settings;

pub(super) const LESSON: Lesson = Lesson {
    id: "card-first-completed",
    title: "First completed, first success",
    experiment: three_models,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 0)] },
        Beat { at: At::Failed(1, 1), lit: &[(1, 0)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 0)] },
    ],
    knobs: &[Knob::Tries(0), Knob::Requests],
};

const QUICKEST: &str = "gemini-flash-lite-latest";
const MODELS: [(&str, f64); 3] = [(QUICKEST, 1.0), ("gemini-3.5-flash-lite", 1.2), ("gemini-flash-latest", 1.5)];

/// Three models of 1, 1.2 and 1.5 s asked at once, the quickest of which fails.
fn three_models() -> Experiment {
    let first_byte = |secs: f64| Amount::Constant(secs * 1_000.0 - 250.0);
    let fails = When { model: Some(QUICKEST.into()), ..When::default() };
    let server = Simulated {
        first_byte_by_model: MODELS.iter().map(|&(model, secs)| (model.to_owned(), first_byte(secs))).collect(),
        // It fails when its answer would have been there.
        refusal_millis: 1_000,
        faults: vec![Rule { when: fails, fault: Fault::Status(503) }],
        ..constant(1.0)
    };
    let lane = |name, rule| {
        let models = MODELS[1..].iter().map(|&(model, _)| model.into()).collect();
        let fallback = Fallback { models, rule, at_once: true, text: None };
        named(name, LaneSpec { fallback: Some(fallback), tries: 1, ..no_limits() })
    };
    let settings = Settings { model: QUICKEST.into(), ..Settings::default() };
    let lanes = [
        lane("The first to finish", FallbackRule::FirstFinished),
        lane("The first to succeed", FallbackRule::FirstSuccess),
    ];
    experiment(Calls { settings, ..calls(1) }, server, lanes)
}

fn claim(ran: &Ran) -> bool {
    are_near(&ran.ends(), &[1.0, 1.2]) && [ran.answered(0), ran.answered(1)] == [0, 1]
}
