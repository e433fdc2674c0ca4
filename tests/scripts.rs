//! What holds for every script, whatever its programs do and whose rules hold.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/lives.rs"]
mod lives;

use lanescope::experiment::preset::race;
use lanescope::experiment::script::{Act, Call, Dialect, Function, GatherRule, Program, Script, Span, Statement};
use lanescope::experiment::share::{decode, encode};
use lanescope::experiment::{Experiment, Workload};
use lanescope::lab::simulate;
use lanescope::time::{Instant, from_millis};
use lanescope::trace::log::first_difference;
use lanescope::trace::span::{Cause, Fold, Phase, Row};
use lanescope::trace::{Gate, Kind, LaneTrace, StopReason, Trace};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

fn experiment(program: Program, dialect: Dialect) -> Experiment {
    let mut experiment = race();
    experiment.lanes.truncate(1);
    experiment.workload = Workload::Script(Script { dialect, programs: vec![program] });
    experiment
}

fn run(program: &Program, dialect: Dialect) -> (LaneTrace, Fold) {
    let lane = simulate(&experiment(program.clone(), dialect)).expect("sound").lanes.remove(0);
    let fold = Fold::of(&lane.events);
    (lane, fold)
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL.to_vec())
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![Just(Span::Given), (0u32..4).prop_map(|halves| Span::Millis(halves * 500))]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Say("{name} speaks".into())),
        5 => span().prop_map(Act::Sleep),
        3 => span().prop_map(Act::Compute),
        1 => Just(Act::TakePermit),
        1 => Just(Act::GivePermit),
        1 => Just(Act::Fail("{name} fails".into())),
        1 => Just(Act::Return("{name}".into())),
    ]
}

/// What a function does that may run in a thread of its own.
fn plain_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Say("{name} speaks".into())),
        span().prop_map(Act::Sleep),
        span().prop_map(Act::Compute),
        Just(Act::Fail("{name} fails".into())),
    ]
}

/// A statement before its calls and tasks have names: what it is, how many calls, and some luck.
type Sketch = (u8, u8, u32, Act);

/// The statements of these sketches. A task is named once main has made or started it, and awaited at most once, as
/// a future can be.
fn statements(sketches: Vec<Sketch>, functions: usize) -> Vec<Statement> {
    let (mut made, mut tasks, mut count) = (Vec::<Rc<str>>::new(), Vec::<Rc<str>>::new(), 0_u32);
    let mut statements = Vec::new();
    for (kind, calls, luck, act) in sketches {
        let mut call = |plain: bool| {
            count += 1;
            let function = if plain { "plain".to_owned() } else { letter((luck + count) as usize % functions) };
            Call { name: format!("task_{count}").into(), function: function.into(), millis: (luck + count) % 5 * 500 }
        };
        let several = |call: &mut dyn FnMut(bool) -> Call, plain| (0..=calls % 3).map(|_| call(plain)).collect();
        let rule = [GatherRule::Isolate, GatherRule::Raise, GatherRule::Group][luck as usize % 3];
        let statement = match kind % 14 {
            0 => Statement::Do(act),
            1 => Statement::Call(call(false)),
            2 => {
                let call = call(false);
                made.push(call.name.clone());
                Statement::Make(call)
            }
            3 | 4 => {
                let call = call(false);
                tasks.push(call.name.clone());
                Statement::Start(call)
            }
            5 if !made.is_empty() => Statement::Await(made.remove(luck as usize % made.len())),
            6 if !tasks.is_empty() => Statement::Await(tasks[luck as usize % tasks.len()].clone()),
            7 | 8 => Statement::Gather { calls: several(&mut call, false), rule },
            9 => Statement::GatherInThreads { calls: several(&mut call, true) },
            10 => Statement::AsCompleted { calls: several(&mut call, false) },
            11 if !tasks.is_empty() => Statement::WaitFirst(tasks.clone()),
            12 if !tasks.is_empty() => Statement::WaitAtMost { tasks: tasks.clone(), millis: luck % 5 * 500 },
            13 if !tasks.is_empty() => Statement::Cancel(vec![tasks[luck as usize % tasks.len()].clone()]),
            _ => Statement::SayDone(tasks.clone()),
        };
        statements.push(statement);
    }
    statements.push(Statement::SayResults);
    statements
}

fn letter(number: usize) -> String {
    ["ask", "fetch", "work"][number % 3].to_owned()
}

fn programs() -> impl Strategy<Value = Program> {
    let bodies = prop::collection::vec(prop::collection::vec(act(), 0..5), 3);
    let plain = prop::collection::vec(plain_act(), 0..4);
    let sketches = prop::collection::vec((any::<u8>(), any::<u8>(), 0u32..60, act()), 1..8);
    (bodies, plain, sketches, 1u16..3).prop_map(|(bodies, plain, sketches, permits)| {
        let function = |(number, body): (usize, Vec<Act>)| Function { name: letter(number).into(), body };
        let mut functions: Vec<Function> = bodies.into_iter().enumerate().map(function).collect();
        functions.push(Function { name: "plain".into(), body: plain });
        Program { main: statements(sketches, 3), functions, permits: Some(permits) }
    })
}

/// The rows whose stretches of computing keep one thread: those that have a thread of their own are left out.
fn on_the_thread(program: &Program, fold: &Fold) -> Vec<(Instant, Instant)> {
    let mut in_threads = BTreeSet::new();
    let mut item = 1_usize;
    for statement in &program.main {
        for _ in statement.calls() {
            if matches!(statement, Statement::GatherInThreads { .. }) {
                in_threads.insert(item);
            }
            item += 1;
        }
    }
    let rows = fold.rows.iter().enumerate().filter(|(item, _)| !in_threads.contains(item));
    let spans = rows.flat_map(|(_, row)| &row.spans).filter(|span| span.phase == Phase::Computing);
    let mut stretches: Vec<(Instant, Instant)> = spans.map(|span| (span.from, span.to)).collect();
    stretches.sort_unstable();
    stretches
}

fn calls(function: &str, millis: &[u32]) -> Vec<Call> {
    let call = |(number, &millis): (usize, &u32)| Call {
        name: format!("task_{number}").into(),
        function: function.into(),
        millis,
    };
    millis.iter().enumerate().map(call).collect()
}

fn sleeping(main: Vec<Statement>) -> Program {
    let fetch = Function { name: "fetch".into(), body: vec![Act::Sleep(Span::Given)] };
    Program { functions: vec![fetch], main, permits: None }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_ends_or_stalls_and_a_second_run_is_the_same(program in programs(), dialect in dialects()) {
        let (lane, _) = run(&program, dialect);
        prop_assert!(matches!(lane.stopped(), Some(StopReason::Finished | StopReason::Stalled)), "{:?}", lane.stopped());
        let again = run(&program, dialect).0.to_text();
        prop_assert_eq!(first_difference(&lane.to_text(), &again), None);
    }

    #[test]
    fn only_what_waits_for_permits_stalls(program in programs(), dialect in dialects()) {
        let mut program = program;
        let takes = |act: &Act| matches!(act, Act::TakePermit);
        for function in &mut program.functions {
            function.body.retain(|act| !takes(act));
        }
        program.main.retain(|statement| !matches!(statement, Statement::Do(act) if takes(act)));
        prop_assert_eq!(run(&program, dialect).0.stopped(), Some(StopReason::Finished));
    }

    #[test]
    fn the_spans_of_every_row_touch_and_cover_its_life(program in programs(), dialect in dialects()) {
        let (_, mut fold) = run(&program, dialect);
        // What was never awaited has no life.
        fold.rows.retain(|row| !(row.spans.is_empty() && (row.made.is_some() || row.ended.is_none())));
        lives::spans_touch_and_cover(&fold)?;
    }

    #[test]
    fn every_row_that_begins_ends_once_and_after_that_nothing_happens_to_it(
        program in programs(),
        dialect in dialects(),
    ) {
        let (lane, _) = run(&program, dialect);
        prop_assert!(lane.events.is_sorted_by_key(|event| event.at));
        let mut lives: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for event in &lane.events {
            let (begun, ended) = lives.entry(event.tag.item).or_default();
            match event.kind {
                Kind::Made => prop_assert!(*begun == 0),
                Kind::Asked => *begun += 1,
                Kind::Ended { .. } => *ended += 1,
                Kind::Started | Kind::Stopped { .. } | Kind::Released { .. } => {}
                _ => prop_assert!(*begun == 1 && *ended == 0, "{event:?}"),
            }
        }
        prop_assert!(lives.values().all(|&(begun, ended)| begun <= 1 && ended == 1), "{lives:?}");
    }

    #[test]
    fn on_one_thread_no_two_compute_at_once(program in programs(), place in 0usize..3) {
        let dialect = [Dialect::Asyncio, Dialect::Promises, Dialect::TokioOneThread][place];
        let (_, fold) = run(&program, dialect);
        for pair in on_the_thread(&program, &fold).windows(2) {
            prop_assert!(pair[0].1 <= pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn whoever_is_ready_and_waits_for_the_thread_waits_for_one_who_computes(
        program in programs(),
        dialect in dialects(),
    ) {
        let (_, fold) = run(&program, dialect);
        let is_kept = |from: Instant, to: Instant| {
            let computing = fold.rows.iter().flat_map(|row| &row.spans).filter(|span| span.phase == Phase::Computing);
            let parts = computing.map(|span| (span.from.max(from), span.to.min(to))).filter(|(from, to)| from < to);
            // On many threads main's own calls keep main's alone, and others overlap them.
            parts.map(|(from, to)| to.since(from)).sum::<std::time::Duration>() >= to.since(from)
        };
        for span in fold.rows.iter().flat_map(Row::all_spans).filter(|span| span.from < span.to) {
            if let Cause::Permit { gate: Gate::Thread, by, .. } = span.cause {
                prop_assert!(is_kept(span.from, span.to), "{span:?}");
                let by = by.expect("who kept it is named");
                let kept = fold.rows[by.item as usize].spans.iter().filter(|span| span.phase == Phase::Computing);
                prop_assert!(kept.into_iter().any(|kept| span.from < kept.to && kept.to <= span.to), "{span:?}");
            }
        }
    }

    #[test]
    fn permits_are_given_once_and_come_back(program in programs(), dialect in dialects()) {
        let (lane, _) = run(&program, dialect);
        let mut out = BTreeSet::new();
        for event in &lane.events {
            match event.kind {
                Kind::Granted { gate: Gate::Semaphore, permit } => {
                    prop_assert!(out.insert(permit), "{permit:?} was given twice");
                }
                Kind::Released { gate: Gate::Semaphore, permit } => {
                    prop_assert!(out.remove(&permit), "{permit:?} was given back twice");
                }
                _ => {}
            }
            prop_assert!(out.len() <= usize::from(program.permits.unwrap_or(0)));
        }
        prop_assert!(out.is_empty() || lane.stopped() == Some(StopReason::Stalled), "{out:?} never came back");
    }

    #[test]
    fn a_gather_of_sleeps_takes_the_longest_and_a_row_of_them_the_sum(
        millis in prop::collection::vec(0u32..5_000, 1..12),
        dialect in dialects(),
    ) {
        let all = || calls("fetch", &millis);
        let gather = |rule| sleeping(vec![Statement::Gather { calls: all(), rule }]);
        let longest = Instant::ZERO + from_millis(millis.iter().copied().max().unwrap_or(0));
        for rule in [GatherRule::Isolate, GatherRule::Raise, GatherRule::Group] {
            prop_assert_eq!(run(&gather(rule), dialect).1.latest, longest);
        }
        prop_assert_eq!(run(&sleeping(vec![Statement::AsCompleted { calls: all() }]), dialect).1.latest, longest);
        let in_a_row = sleeping(all().into_iter().map(Statement::Call).collect());
        prop_assert_eq!(run(&in_a_row, dialect).1.latest, Instant::ZERO + from_millis(millis.iter().sum()));
    }

    #[test]
    fn a_script_comes_back_from_a_link_and_its_run_from_a_file(program in programs(), dialect in dialects()) {
        let experiment = experiment(program, dialect);
        let link = encode(&experiment).expect("small");
        prop_assert_eq!(decode(&link), Ok(experiment.clone()));
        let trace = simulate(&experiment).expect("sound");
        prop_assert!(trace.is_consistent());
        let json = serde_json::to_string(&trace).expect("json");
        prop_assert_eq!(serde_json::from_str::<Trace>(&json).expect("the same"), trace);
    }
}

#[test]
fn a_script_needs_a_program_for_each_lane() {
    let mut experiment = experiment(sleeping(Vec::new()), Dialect::Asyncio);
    assert!(experiment.plans().is_ok());
    experiment.lanes.push(experiment.lanes[0].clone());
    let said = experiment.plans().expect_err("a lane has no program").to_string();
    assert_eq!(said, "workload: a script has as many programs as there are lanes");
}

#[test]
fn main_can_not_wait_for_itself() {
    let experiment = experiment(sleeping(vec![Statement::Await("main".into())]), Dialect::Asyncio);
    assert!(experiment.plans().is_err());
}
