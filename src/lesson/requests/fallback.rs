//! Of several models asked at once, the first to finish is not always the first to succeed.

use super::{QUICKEST, SLOWEST, USUAL, by_model};
use crate::experiment::server::{Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, experiment, named, no_limits};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, Fallback, FallbackRule, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near};
use crate::port::Settings;

pub(super) const LESSON: Lesson = Lesson {
    id: "fallback",
    title: "First finished, first success",
    experiment: fallback,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 0), (1, 0)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 0)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 0)] },
    ],
    knobs: &[Knob::TimeoutTenths(1), Knob::Fallback(1), Knob::Tries(0)],
};

const QUICK: &str = "gemini-3.5-flash-lite";

/// A model of 4 s is given 3; then three others are asked at once, the quickest of which fails.
fn fallback() -> Experiment {
    let others = [(QUICKEST, 1.0), (QUICK, 1.2), (USUAL, 1.5)];
    let fails = When { model: Some(QUICKEST.into()), ..When::default() };
    let server = Simulated {
        // It fails when its answer would have been there.
        refusal_millis: 1_000,
        faults: vec![Rule { when: fails, fault: Fault::Status(503) }],
        ..by_model(&[(SLOWEST, 4.0), others[0], others[1], others[2]])
    };
    let lane = |name, rule| {
        let models = others.iter().map(|&(model, _)| model.into()).collect();
        let fallback = Fallback { models, rule, ..Fallback::default() };
        named(name, LaneSpec { fallback: Some(fallback), tries: 1, attempt_timeout_millis: 3_000, ..no_limits() })
    };
    let settings = Settings { model: SLOWEST.into(), ..Settings::default() };
    let lanes = [
        lane("The first to finish", FallbackRule::FirstFinished),
        lane("The first to succeed", FallbackRule::FirstSuccess),
    ];
    experiment(Calls { settings, ..calls(1) }, server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let of = |lane: usize| (ran.calls(lane), ran.answered(lane), given_up(ran, lane));
    are_near(&ran.ends(), &[4.0, 4.2]) && of(0) == (4, 0, 2) && of(1) == (4, 1, 1)
}

fn given_up(ran: &Ran, lane: usize) -> u32 {
    ran.lanes.get(lane).map_or(0, |lane| lane.stats.given_up_attempts)
}
