//! Runs the programs, each against a stand-in of its own.

use crate::cases::Case;
use crate::compare::{Call, Row, expected, sorted};
use crate::project::Project;
use crate::stand_in::{Setup, StandIn, serve};
use lanescope::code::Language;
use lanescope::experiment::Server;
use serde_json::Value;
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::runtime::Builder;

/// No case takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(20);

/// All cases in all languages, the languages of a case together; one at a time, since what else is at work on the machine
/// makes a program late.
pub(crate) fn all(project: &Project, cases: &[Case]) -> Vec<Row> {
    let of = |(place, case)| Language::ALL.map(|language| row(project, case, place, language));
    cases.iter().enumerate().flat_map(of).collect()
}

/// A program that is wrong is wrong each time; a machine that stood still for a moment made it late once. So the first
/// run decides if it agrees, and otherwise both that follow it must.
fn row(project: &Project, case: &Case, place: usize, language: Language) -> Row {
    let first = run(project, case, place, language);
    if first.agrees() {
        return first;
    }
    eprintln!("{}, {}, again: | {first} |", case.name, language.name());
    let second = run(project, case, place, language);
    if second.agrees() { run(project, case, place, language) } else { second }
}

fn run(project: &Project, case: &Case, place: usize, language: Language) -> Row {
    let expected = expected(case).unwrap_or_default();
    match seen(&mut project.command(language, place), case) {
        Ok((seen, complaint)) => Row::of(&expected, &sorted(seen), complaint),
        Err(error) => Row::of(&expected, &[], format!(": {error}")),
    }
}

/// What a stand-in sees of a program.
fn seen(command: &mut Command, case: &Case) -> Result<(Vec<Call>, String), Box<dyn Error>> {
    let Server::Simulated(figures) = &case.experiment.server else {
        return Err("a case has a simulated server".into());
    };
    let calls = case.experiment.workload.calls().ok_or("a case has calls")?;
    let setup = Setup {
        figures: figures.clone(),
        seed: case.experiment.seed,
        prompts: calls.prompts.iter().map(ToString::to_string).collect(),
        ..Setup::default()
    };
    let models = ["gemini-flash-latest", "second", "third"].map(str::to_owned);
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let port = listener.local_addr()?.port();
    runtime.spawn(serve(listener, None, StandIn::new(setup, &models)));
    let address = format!("http://127.0.0.1:{port}");
    command.env("GOOGLE_GEMINI_BASE_URL", address).env("GEMINI_API_KEY", "of-no-account").env("NO_PROXY", "127.0.0.1");
    command.env_remove("GOOGLE_API_KEY").stdout(Stdio::null()).stderr(Stdio::piped());
    let complaint = ended(command.spawn()?)?;
    // Whoever has left is noticed a moment later.
    std::thread::sleep(Duration::from_millis(100));
    let log = log(port)?;
    let calls = log["requests"].as_array().ok_or("no log")?.iter().map(call);
    Ok((calls.collect(), complaint))
}

fn call(seen: &Value) -> Call {
    let millis = |name: &str| seen[name].as_f64().unwrap_or(f64::INFINITY);
    Call {
        start: millis("startedMillis"),
        end: millis("endedMillis"),
        prompt: seen["item"].as_u64().and_then(|item| u32::try_from(item).ok()),
        is_refused: seen["status"].as_u64().is_some_and(|status| status >= 400),
    }
}

/// Waits until a program has ended; what it complains of.
fn ended(mut child: Child) -> Result<String, Box<dyn Error>> {
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if let Some(status) = child.try_wait()? {
            let mut said = String::new();
            if let Some(stderr) = &mut child.stderr {
                stderr.read_to_string(&mut said)?;
            }
            let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no word");
            return Ok(if status.success() { String::new() } else { format!(": it ended with {status}: {last}") });
        }
        std::thread::sleep(PAUSE);
    }
    child.kill()?;
    child.wait()?;
    Ok(": it did not end".to_owned())
}

fn log(port: u16) -> Result<Value, Box<dyn Error>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.write_all(b"GET /__log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    let from = said.find('{').ok_or("no log")?;
    let to = said.rfind('}').ok_or("no log")?;
    Ok(serde_json::from_str(&said[from..=to])?)
}
