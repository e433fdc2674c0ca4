//! A rate that grows by a factor is no additive increase, and it swings for ever.

use crate::experiment::limits::{Adaptive, AdaptiveRule};
use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, limited, named, no_limits};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::{Gate, Kind};

pub(super) const LESSON: Lesson = Lesson {
    id: "card-aimd",
    title: "Times 1.1 and halved is AIMD",
    experiment: two_rules,
    claim,
    prediction: Prediction::Truth { lane: 0 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 31)] },
        Beat { at: At::Failed(1, 1), lit: &[(1, 66)] },
        Beat { at: At::End, lit: &[(0, 199), (1, 199)] },
    ],
    knobs: &[Knob::Requests, Knob::Quota],
};

/// A rate that grows by a factor and one that grows by a step, against five a second in bursts of five.
fn two_rules() -> Experiment {
    let server = Simulated { refusal_millis: 100, quota_burst: Some(5), ..limited(constant(0.4), 5, 1_000) };
    let lane = |name, rule| {
        let adaptive = Adaptive { rule, ..Adaptive::default() };
        named(name, LaneSpec { adaptive: Some(adaptive), tries: 1, ..no_limits() })
    };
    let lanes = [lane("Times 1.1", AdaptiveRule::MULTIPLICATIVE), lane("Plus 0.1", AdaptiveRule::ADDITIVE)];
    experiment(calls(200), server, lanes)
}

/// The least and the most that a lane's rate was after its first refusal, in starts a second.
fn swing(ran: &Ran, lane: usize) -> (f64, f64) {
    let after = ran.events(lane).skip_while(|(.., kind)| !matches!(kind, Kind::Failed { .. }));
    let rates = after.filter_map(|(.., kind)| match kind {
        Kind::Gauge { gate: Gate::Pace, value } => Some(f64::from(value) / 1_000.0),
        _ => None,
    });
    rates.fold((f64::INFINITY, 0.0), |(least, most), rate| (rate.min(least), rate.max(most)))
}

fn claim(ran: &Ran) -> bool {
    let ((least, most), (low, high)) = (swing(ran, 0), swing(ran, 1));
    are_near(&[least, most, low, high], &[3.899, 10.288, 3.5, 7.3])
        && [ran.refused(0), ran.refused(1)] == [22, 4]
        && [ran.calls(0), ran.calls(1)] == [200, 200]
}
