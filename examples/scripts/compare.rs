//! What the engine says a program prints, beside what it prints.

use crate::real::Real;
use crate::samples;
use lanescope::experiment::script::{Act, Dialect, Function, Program, Script, Span, Statement};
use lanescope::experiment::server::{Server, Simulated};
use lanescope::experiment::{Experiment, LaneSpec, Workload};
use lanescope::lab::simulate;
use lanescope::lesson;
use lanescope::time::Instant;
use lanescope::trace::{Event, Kind, StopReason};
use std::error::Error;
use std::process::ExitCode;

struct Case {
    /// A file's name.
    name: String,
    /// What the table says.
    label: String,
    program: Program,
}

/// What the engine says.
struct Expected {
    lines: Vec<(Instant, String)>,
    is_stuck: bool,
    /// Whether a call began at the instant at which main ended.
    is_close: bool,
}

/// What the names of the further programs begin with.
const SAMPLE: &str = "sample";

fn cases(start: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for row in lesson::all() {
        let Workload::Script(script) = (row.experiment)().workload else { continue };
        for (number, program) in script.programs.iter().enumerate() {
            let lane = char::from(b'A' + u8::try_from(number).unwrap_or(0));
            let name = format!("{}-{}", row.id, lane.to_ascii_lowercase());
            cases.push(Case { name, label: format!("{}, {lane}", row.id), program: a_fifth(program) });
        }
    }
    let samples = if start.starts_with(SAMPLE) { samples::all() } else { Vec::new() };
    for (name, program) in samples {
        cases.push(Case { label: format!("({name})"), name: format!("{SAMPLE}-{name}"), program: a_fifth(&program) });
    }
    cases.retain(|case| case.name.starts_with(start));
    cases
}

fn a_fifth(program: &Program) -> Program {
    let span = |span: &mut Span| {
        if let Span::Millis(millis) = span {
            *millis /= 5;
        }
    };
    let act = |act: &mut Act| {
        if let Act::Sleep(of) | Act::Compute(of) = act {
            span(of);
        }
    };
    let mut program = program.clone();
    program.functions.iter_mut().for_each(|Function { body, .. }| body.iter_mut().for_each(act));
    for statement in &mut program.main {
        match statement {
            Statement::Do(plain) => act(plain),
            Statement::Call(call) | Statement::Make(call) | Statement::Start(call) => call.millis /= 5,
            Statement::Gather { calls, .. }
            | Statement::GatherInThreads { calls }
            | Statement::AsCompleted { calls } => calls.iter_mut().for_each(|call| call.millis /= 5),
            Statement::WaitAtMost { millis, .. } => *millis /= 5,
            Statement::Await(_)
            | Statement::SayResults
            | Statement::WaitFirst(_)
            | Statement::Cancel(_)
            | Statement::SayDone(_) => {}
        }
    }
    program
}

fn expected(program: &Program, dialect: Dialect) -> Result<Expected, Box<dyn Error>> {
    let trace = simulate(&Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Script(Script { dialect, programs: vec![program.clone()] }),
        server: Server::Simulated(Simulated::default()),
        lanes: vec![LaneSpec::default()],
    })?;
    let lane = trace.lanes.first().ok_or("a run without a lane")?;
    let lines = lane.said().map(|(at, _, line)| (at, line.to_owned())).collect();
    let at = |is: fn(&Event) -> bool| lane.events.iter().filter(move |event| is(event)).map(|event| event.at);
    let end = at(|event| event.tag.item == 0 && matches!(event.kind, Kind::Ended { .. })).next_back();
    let is_close = at(|event| event.tag.item != 0 && event.kind == Kind::Asked).any(|begin| Some(begin) == end);
    Ok(Expected { lines, is_stuck: lane.stopped() == Some(StopReason::Stalled), is_close })
}

/// Whether threads can act at one instant: then nobody promises the order of what they print there.
fn has_threads(program: &Program, dialect: Dialect) -> bool {
    let in_threads = |statement: &Statement| matches!(statement, Statement::GatherInThreads { .. });
    dialect == Dialect::TokioManyThreads || program.main.iter().any(in_threads)
}

/// `lines` with those of one instant in the order of their texts.
fn sorted(mut lines: Vec<String>, expected: &Expected) -> Vec<String> {
    let mut rest = &mut *lines;
    for instant in expected.lines.chunk_by(|one, other| one.0 == other.0) {
        let (now, later) = rest.split_at_mut(instant.len().min(rest.len()));
        now.sort();
        rest = later;
    }
    lines
}

/// Whether both say the same; nothing where on many threads it is luck whether a call still begins.
fn agrees(real: &Real, case: &Case, dialect: Dialect) -> Result<Option<bool>, Box<dyn Error>> {
    let expected = expected(&case.program, dialect)?;
    if dialect == Dialect::TokioManyThreads && expected.is_close && !expected.is_stuck {
        return Ok(None);
    }
    let mut printed = real.lines(&case.name, dialect, expected.is_stuck)?;
    let mut said: Vec<String> = expected.lines.iter().map(|(_, line)| line.clone()).collect();
    if has_threads(&case.program, dialect) {
        printed = sorted(printed, &expected);
        said = sorted(said, &expected);
    }
    if printed != said {
        eprintln!("{} under {dialect:?}\n  the engine: {said:?}\n  in reality: {printed:?}", case.label);
    }
    Ok(Some(printed == said))
}

/// The table of the scripts whose names begin so.
pub(crate) fn print(start: &str) -> Result<ExitCode, Box<dyn Error>> {
    let cases = cases(start);
    let real = Real::made(cases.iter().map(|case| (&*case.name, &case.program)))?;
    println!("| script, lane | CPython | Node | tokio, one thread | tokio, many threads |");
    println!("|---|---|---|---|---|");
    let mut all_agree = !cases.is_empty();
    for case in &cases {
        let mut row = format!("| {} |", case.label);
        for dialect in Dialect::ALL {
            row += match agrees(&real, case, dialect)? {
                Some(true) => " same |",
                Some(false) => {
                    all_agree = false;
                    " differs |"
                }
                None => " by luck |",
            };
        }
        println!("{row}");
    }
    Ok(if all_agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
