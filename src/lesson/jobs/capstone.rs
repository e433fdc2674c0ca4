//! With classes, a rate that learns, back-off and a breaker a job gets through an outage with few calls to spare.

use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker};
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits, outage};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, OrderSpec, PermitScope};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::Ran;
use crate::policy::backoff::Jitter;
use crate::policy::priority::Class::{High, Low, Normal};
use crate::policy::refusal;
use crate::time::Instant;

pub(super) const LESSON: Lesson = Lesson {
    id: "capstone",
    title: "Everything together",
    experiment: capstone,
    claim,
    prediction: Prediction::Order { lane: 1, items: &[21, 22, 123, 193] },
    beats: &[
        Beat { at: At::LaneEnded(0), lit: &[(0, 3), (0, 193)] },
        Beat { at: At::ItemEnded(1, 193), lit: &[(1, 3), (1, 123), (1, 193)] },
        Beat { at: At::Failed(1, 10), lit: &[(1, 150), (1, 158), (1, 162)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 165)] },
    ],
    knobs: &[Knob::Tries(0), Knob::Order(1), Knob::Breaker(1)],
};

/// Two hundred calls against ten a second with an outage of 15 s in it: without any care, and with all of it.
fn capstone() -> Experiment {
    let classes = vec![Normal, Low, Normal, High, Normal, Low, Normal, Low, Normal, Low];
    let server = Simulated { faults: vec![outage(12_000, 27_000)], ..limited(constant(1.0), 20, 2_000) };
    let careless = LaneSpec { jitter: Jitter::None, refusals: refusal::Rule::Ignore, ..no_limits() };
    let careful = LaneSpec {
        order: OrderSpec::Priority { ageing_millis: None },
        permit: PermitScope::Attempt,
        adaptive: Some(Adaptive { start: 5.0, rule: AdaptiveRule::ADDITIVE, ..Adaptive::default() }),
        breaker: Some(Breaker { failures: 5, cooldown_millis: 5_000, ..Breaker::default() }),
        ..LaneSpec::concurrent(20)
    };
    let lanes = [named("Without care", careless), named("With care", careful)];
    experiment(Calls { classes, ..calls(200) }, server, lanes)
}

fn claim(ran: &Ran) -> bool {
    let workload = &ran.trace.experiment.workload;
    let high = (0_u32..).zip(ran.rows(1)).filter(|&(item, _)| workload.class(item) == High);
    let mut ends: Vec<Instant> = high.filter_map(|(_, row)| row.ended).collect();
    ends.sort();
    // All were asked at once. The 95th percentile by nearest rank, the 19th of twenty.
    let is_soon = ends.len() == 20 && ends.get(18).is_some_and(|at| at.as_secs() < 10.0);
    // At most 1.2 attempts an item, of two hundred.
    let is_met = |lane| ran.answered(lane) == 200 && ran.calls(lane) <= 240;
    is_soon && is_met(1) && ran.answered(0) < 200 && ran.calls(0) > 240
}
