//! A task that nobody awaits lives as long as main, or longer: that is the language's affair.

use super::{call, dialect, has_said, outcomes, program, row_ends, say, script};
use crate::experiment::Experiment;
use crate::experiment::script::Act::{Fail, Say, Sleep};
use crate::experiment::script::Span::{Given, Millis};
use crate::experiment::script::{Act, Dialect, Statement};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near};
use crate::trace::Outcome;

pub(super) const LESSON: Lesson = Lesson {
    id: "forgotten-task",
    title: "The forgotten task",
    experiment: forgotten_task,
    claim,
    prediction: Prediction::Wins(Best::MostAnswered),
    beats: &[
        Beat { at: At::ItemEnded(0, 0), lit: &[(0, 0), (0, 1)] },
        Beat { at: At::ItemEnded(1, 1), lit: &[(1, 1)] },
        Beat { at: At::Failed(2, 1), lit: &[(2, 0), (2, 1)] },
    ],
    knobs: &[Knob::Dialect, Knob::Takes(1)],
};

/// A task that is started by a main that returns, by one that stays, and one whose failure nobody hears of.
fn forgotten_task() -> Experiment {
    let functions: &[(&str, &[Act])] = &[
        ("save", &[Say("{name} begins".into()), Sleep(Given), Say("{name} is saved".into())]),
        ("lose", &[Say("{name} begins".into()), Sleep(Given), Fail("the disk is full".into())]),
    ];
    let main = |function, stays: bool| {
        let stay = stays.then_some(Statement::Do(Sleep(Millis(2_000))));
        let start = Statement::Start(call(function, "report", 1_000));
        [start].into_iter().chain(stay).chain([say("main returns")]).collect::<Vec<_>>()
    };
    script([
        ("Main returns", program(functions, main("save", false))),
        ("Main stays", program(functions, main("save", true))),
        ("It fails, main stays", program(functions, main("lose", true))),
    ])
}

fn claim(ran: &Ran) -> bool {
    use Outcome::{Answered, Cancelled, Failed};
    let (begins, returns) = ((0.0, "report begins"), (0.0, "main returns"));
    let (said, end, outcome) = match dialect(ran) {
        Dialect::Asyncio => ([returns, begins].to_vec(), 0.0, Cancelled),
        Dialect::Promises => ([begins, returns, (1.0, "report is saved")].to_vec(), 1.0, Answered),
        Dialect::TokioOneThread | Dialect::TokioManyThreads => ([returns].to_vec(), 0.0, Cancelled),
    };
    let stays = [begins, (1.0, "report is saved"), (2.0, "main returns")];
    let is_so = |lane: usize, said: &[(f64, &str)], ends: &[f64], outcome: Outcome| {
        has_said(ran, lane, said) && are_near(&row_ends(ran, lane), ends) && outcomes(ran, lane) == [Answered, outcome]
    };
    is_so(0, &said, &[0.0, end], outcome)
        && is_so(1, &stays, &[2.0, 1.0], Answered)
        && is_so(2, &[begins, (2.0, "main returns")], &[2.0, 1.0], Failed)
}
