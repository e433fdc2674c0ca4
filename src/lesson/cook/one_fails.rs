//! What one failure does to the others.

use super::{call, calls, dialect, has_said, outcomes, program, row_ends, say, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Fail, Return, Sleep};
use crate::experiment::script::Span::{Given, Millis};
use crate::experiment::script::{Act, Dialect, GatherRule, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "one-fails",
    title: "One of five fails",
    experiment: one_fails,
    claim,
    prediction: Prediction::Finish { lane: 1, axis_secs: 7 },
    beats: &[
        Beat { at: At::Failed(0, 1), lit: &[(0, 2), (1, 2), (2, 2)] },
        Beat { at: At::ItemEnded(1, 5), lit: &[(1, 3), (1, 4), (1, 5)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(2)],
};

/// Five calls, the second of which fails, under three rules.
fn one_fails() -> Experiment {
    let functions: &[(&str, &[Act])] = &[
        ("fetch", &[Sleep(Given), Return("{name}".into())]),
        ("break_down", &[Sleep(Given), Fail("{name} broke down".into())]),
    ];
    let five = || {
        let millis = [("one", 500), ("three", 1_500), ("four", 2_000), ("five", 2_500)];
        let mut five = calls("fetch", &millis);
        five.insert(1, call("break_down", "two", 1_000));
        five
    };
    let gathered =
        |rule, rest: &[Statement]| program(functions, [&[Statement::Gather { calls: five(), rule }], rest].concat());
    let live_on = [say("main goes on"), Statement::Do(Sleep(Millis(2_000)))];
    script([
        ("Isolating", gathered(GatherRule::Isolate, &[Statement::SayResults])),
        ("Raising", gathered(GatherRule::Raise, &live_on)),
        ("A group", gathered(GatherRule::Group, &[say("main goes on")])),
    ])
}

fn claim(ran: &Ran) -> bool {
    use Outcome::{Answered, Cancelled, Failed};
    let all = [Answered, Answered, Failed, Answered, Answered, Answered];
    let given_up = [Answered, Answered, Failed, Cancelled, Cancelled, Cancelled];
    let (to_their_ends, at_once) = ([0.5, 1.0, 1.5, 2.0, 2.5], [0.5, 1.0, 1.0, 1.0, 1.0]);
    let raising = match dialect(ran) {
        Dialect::Asyncio | Dialect::Promises => (all, to_their_ends),
        Dialect::TokioOneThread | Dialect::TokioManyThreads => (given_up, at_once),
    };
    let is_so = |lane: usize, main: f64, (outcome, ends): ([Outcome; 6], [f64; 5])| {
        outcomes(ran, lane) == outcome && are_near(&row_ends(ran, lane), &[[main].as_slice(), &ends].concat())
    };
    let in_place = ["one", "failed: two broke down", "three", "four", "five"].map(|line| (2.5, line));
    let heard = [(1.0, "failed: two broke down"), (1.0, "main goes on")];
    is_so(0, 2.5, (all, to_their_ends))
        && is_so(1, 3.0, raising)
        && is_so(2, 1.0, (given_up, at_once))
        && has_said(ran, 0, &in_place)
        && has_said(ran, 1, &heard)
        && has_said(ran, 2, &heard)
}
