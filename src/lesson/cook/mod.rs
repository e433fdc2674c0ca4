//! One cook, many pots: what async does and what it doesn't, with small programs that ask nobody.

mod await_in_a_row;
mod blocked_loop;
mod breakfast;
mod deadlock;
mod forgotten_task;
mod gather_or_as_completed;
mod never_awaited;
mod one_fails;
mod one_thread;
mod tasks;
mod wait_first;

use crate::experiment::script::{Act, Call, Dialect, Function, GatherRule, Program, Script, Span, Statement};
use crate::experiment::server::{Server, Simulated};
use crate::experiment::sketch::named;
use crate::experiment::workload::Workload;
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::ran::{Ran, is_near};
use std::rc::Rc;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[
    breakfast::LESSON,
    never_awaited::LESSON,
    await_in_a_row::LESSON,
    one_thread::LESSON,
    tasks::LESSON,
    forgotten_task::LESSON,
    gather_or_as_completed::LESSON,
    wait_first::LESSON,
    one_fails::LESSON,
    blocked_loop::LESSON,
    deadlock::LESSON,
];

/// A program for each lane, in Python.
fn script(lanes: impl IntoIterator<Item = (&'static str, Program)>) -> Experiment {
    let (names, programs): (Vec<_>, Vec<_>) = lanes.into_iter().unzip();
    Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Script(Script { dialect: Dialect::default(), programs }),
        server: Server::Simulated(Simulated::default()),
        lanes: names.into_iter().map(|name| named(name, LaneSpec::default())).collect(),
    }
}

/// A program of these functions.
fn program(functions: impl Into<Vec<Function>>, main: impl Into<Vec<Statement>>) -> Program {
    Program { functions: functions.into(), main: main.into(), permits: None }
}

fn function(name: &str, body: impl Into<Vec<Act>>) -> Function {
    Function { name: name.into(), body: body.into() }
}

/// A function that waits as long as it is told to, and gives back the name that it was called with.
fn waits(name: &str) -> Function {
    function(name, [Act::Sleep(Span::Given), Act::Return("{name}".into())])
}

/// A call of `function` under a name, with so many milliseconds.
fn call(name: &str, function: &str, millis: u32) -> Call {
    Call { name: name.into(), function: function.into(), millis }
}

fn gather(calls: impl Into<Vec<Call>>) -> Statement {
    Statement::Gather { calls: calls.into(), rule: GatherRule::Isolate }
}

fn awaited(name: &str) -> Statement {
    Statement::Await(name.into())
}

fn tasks(names: &[&str]) -> Vec<Rc<str>> {
    names.iter().map(|&name| name.into()).collect()
}

/// Main waits itself.
fn sleeps(millis: u32) -> Statement {
    Statement::Do(Act::Sleep(Span::Millis(millis)))
}

/// Whose rules held.
fn dialect(ran: &Ran) -> Dialect {
    match &ran.trace.experiment.workload {
        Workload::Script(script) => script.dialect,
        Workload::Calls(_) => Dialect::default(),
    }
}

/// When the rows of a lane were over, in seconds: main, then its calls in order.
fn row_ends(ran: &Ran, lane: usize) -> Vec<f64> {
    (0..ran.rows(lane).len()).map(|row| ran.item_end(lane, row)).collect()
}

/// Whether a lane's program printed these lines and no others, each at its second.
fn has_said(ran: &Ran, lane: usize, lines: &[(f64, &str)]) -> bool {
    let said = ran.said(lane);
    said.len() == lines.len() && said.iter().zip(lines).all(|(a, b)| a.1 == b.1 && is_near(a.0, b.0))
}
