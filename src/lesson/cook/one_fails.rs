//! What one failure does to the others.

use super::{call, dialect, function, program, row_ends, script, sleeps, waits};
use crate::experiment::Experiment;
use crate::experiment::script::{Act, Dialect, GatherRule, Span, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "one-fails",
    title: "One of five fails",
    experiment: one_of_five,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 7 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 2), (1, 2), (2, 2)] },
        Beat { at: At::ItemEnded(1, 5), lit: &[(1, 3), (1, 4), (1, 5)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(2)],
};

/// Five calls, the second of which fails: isolating, raising, and a task group.
fn one_of_five() -> Experiment {
    let calls = || {
        let ask = [("a", 500), ("b", 1_000), ("c", 1_500), ("d", 2_000), ("e", 2_500)];
        ask.map(|(name, millis)| call(name, if name == "b" { "fail" } else { "ask" }, millis)).to_vec()
    };
    let fails = || function("fail", [Act::Sleep(Span::Given), Act::Fail("{name} failed".into())]);
    let gather = |rule| Statement::Gather { calls: calls(), rule };
    let lane = |main: Vec<Statement>| program([waits("ask"), fails()], main);
    script([
        ("Isolating", lane(vec![gather(GatherRule::Isolate), Statement::SayResults])),
        ("Raising", lane(vec![gather(GatherRule::Raise), sleeps(2_000)])),
        ("A task group", lane(vec![gather(GatherRule::Group)])),
    ])
}

fn claim(ran: &Ran) -> bool {
    use Outcome::{Answered, Cancelled, Failed};
    let calls = |lane| ran.rows(lane).iter().skip(1).filter_map(|row| row.outcome).collect::<Vec<_>>();
    let given_up = [Answered, Failed, Cancelled, Cancelled, Cancelled];
    let all = [Answered, Failed, Answered, Answered, Answered];
    let (to_their_ends, at_once) = ([0.5, 1.0, 1.5, 2.0, 2.5], [0.5, 1.0, 1.0, 1.0, 1.0]);
    let (outcomes, ends) = match dialect(ran) {
        Dialect::Asyncio | Dialect::Promises => (all, to_their_ends),
        Dialect::TokioOneThread | Dialect::TokioManyThreads => (given_up, at_once),
    };
    let lane = |lane: usize, main: f64, outcomes: [Outcome; 5], ends: [f64; 5]| {
        calls(lane) == outcomes && are_near(&row_ends(ran, lane), &[[main].as_slice(), &ends].concat())
    };
    lane(0, 2.5, all, to_their_ends) && lane(1, 3.0, outcomes, ends) && lane(2, 1.0, given_up, at_once)
}
