//! One cook, many pots: what async does and what it does not, with small programs that ask nobody. They are the same
//! under every dialect; these have the default one.

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

use crate::experiment::script::Act::Say;
use crate::experiment::script::{Act, Call, Dialect, Function, GatherRule, Program, Script, Statement};
use crate::experiment::server::{Server, Simulated};
use crate::experiment::sketch::named;
use crate::experiment::{Experiment, LaneSpec, Workload};
use crate::lesson::Lesson;
use crate::lesson::ran::{Ran, is_near};
use crate::trace::Outcome;
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

fn script<const LANES: usize>(lanes: [(&str, Program); LANES]) -> Experiment {
    let (names, programs): (Vec<&str>, Vec<Program>) = lanes.into_iter().unzip();
    Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Script(Script { programs, ..Script::default() }),
        server: Server::Simulated(Simulated::default()),
        lanes: names.into_iter().map(|name| named(name, LaneSpec::default())).collect(),
    }
}

fn program(functions: &[(&str, &[Act])], main: impl Into<Vec<Statement>>) -> Program {
    let function = |&(name, body): &(&str, &[Act])| Function { name: name.into(), body: body.into() };
    Program { functions: functions.iter().map(function).collect(), main: main.into(), permits: None }
}

fn call(function: &str, name: &str, millis: u32) -> Call {
    Call { name: name.into(), function: function.into(), millis }
}

/// A call of one function for each of these names and times.
fn calls(function: &str, of: &[(&str, u32)]) -> Vec<Call> {
    of.iter().map(|&(name, millis)| call(function, name, millis)).collect()
}

fn each(calls: Vec<Call>, statement: fn(Call) -> Statement) -> Vec<Statement> {
    calls.into_iter().map(statement).collect()
}

fn gather(calls: Vec<Call>) -> Statement {
    Statement::Gather { calls, rule: GatherRule::Isolate }
}

fn say(line: &str) -> Statement {
    Statement::Do(Say(line.into()))
}

fn names(names: &[&str]) -> Vec<Rc<str>> {
    names.iter().map(|&name| name.into()).collect()
}

/// Starts all and then awaits each, in order.
fn start_and_await(calls: Vec<Call>) -> Vec<Statement> {
    let names: Vec<Rc<str>> = calls.iter().map(|call| call.name.clone()).collect();
    let awaits = names.into_iter().map(Statement::Await);
    each(calls, Statement::Start).into_iter().chain(awaits).collect()
}

/// Whose rules held.
fn dialect(ran: &Ran) -> Dialect {
    ran.trace.experiment.workload.script().map_or(Dialect::default(), |script| script.dialect)
}

/// When the rows of a lane were over, in seconds: main, then its calls in order.
fn row_ends(ran: &Ran, lane: usize) -> Vec<f64> {
    (0..ran.rows(lane).len()).map(|row| ran.item_end(lane, row)).collect()
}

/// How the rows of a lane ended, in the same order.
fn outcomes(ran: &Ran, lane: usize) -> Vec<Outcome> {
    ran.rows(lane).iter().filter_map(|row| row.outcome).collect()
}

/// Whether a lane's program printed these lines and no others, each at its second.
fn has_said(ran: &Ran, lane: usize, lines: &[(f64, &str)]) -> bool {
    let said = ran.said(lane);
    said.len() == lines.len() && said.iter().zip(lines).all(|(a, b)| a.1 == b.1 && is_near(a.0, b.0))
}
