//! One cook, many pots: small programs without a network. They are the same under every dialect; these have the
//! default one.

use crate::experiment::script::Act::{Compute, Fail, GivePermit, Return, Say, Sleep, TakePermit};
use crate::experiment::script::Span::{Given, Millis};
use crate::experiment::script::{Act, Call, Function, GatherRule, Program, Script, Statement};
use crate::experiment::server::{Server, Simulated};
use crate::experiment::sketch::named;
use crate::experiment::{Experiment, LaneSpec, Workload};
use std::rc::Rc;

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

/// A cook who stands beside each pot, and one who puts all of them on.
pub(super) fn breakfast() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("prepare", &[Sleep(Given), Say("{name} is ready".into())])];
    let pots = || calls("prepare", &[("coffee", 3_000), ("toast", 2_000), ("eggs", 4_000)]);
    script([
        ("One by one", program(functions, each(pots(), Statement::Call))),
        ("All at once", program(functions, [gather(pots())])),
    ])
}

/// A function that is called and left, and the same awaited.
pub(super) fn never_awaited() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("greet", &[Sleep(Given), Say("{name} was said".into())])];
    let hello = || call("greet", "hello", 1_000);
    let rest = || [say("main goes on"), Statement::Do(Sleep(Millis(2_000)))];
    let main = |first: Statement| [vec![first], rest().into()].concat();
    script([
        ("Called and left", program(functions, main(Statement::Make(hello())))),
        ("Awaited", program(functions, main(Statement::Call(hello())))),
    ])
}

/// Three calls of 1 s: awaited one by one, started first, gathered, and only made first.
pub(super) fn await_in_a_row() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("fetch", &[Sleep(Given), Say("{name} is here".into())])];
    let three = || calls("fetch", &[("first", 1_000), ("second", 1_000), ("third", 1_000)]);
    let awaits = names(&["first", "second", "third"]).into_iter().map(Statement::Await);
    let made = each(three(), Statement::Make).into_iter().chain(awaits);
    script([
        ("Awaited in a row", program(functions, each(three(), Statement::Call))),
        ("Started, then awaited", program(functions, start_and_await(three()))),
        ("Gathered", program(functions, [gather(three())])),
        ("Made, then awaited", program(functions, made.collect::<Vec<_>>())),
    ])
}

/// Three tasks that work, wait and work again.
pub(super) fn one_thread() -> Experiment {
    let body = [Compute(Millis(200)), Sleep(Given), Compute(Millis(200)), Say("{name} is done".into())];
    let functions: &[(&str, &[Act])] = &[("work", &body)];
    let three = || calls("work", &[("red", 1_000), ("green", 1_000), ("blue", 1_000)]);
    script([
        ("In a row", program(functions, each(three(), Statement::Call))),
        ("Together", program(functions, [gather(three())])),
    ])
}

/// A long task and a short one, awaited in the order of starting.
pub(super) fn tasks() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("work", &[Say("{name} begins".into()), Sleep(Given)])];
    let both = || Statement::SayDone(names(&["a", "b"]));
    let main = [
        Statement::Start(call("work", "a", 2_000)),
        Statement::Start(call("work", "b", 1_000)),
        both(),
        Statement::Await("a".into()),
        say("main has heard of a"),
        Statement::Await("b".into()),
        say("main has heard of b"),
        both(),
    ];
    script([("Two tasks", program(functions, main))])
}

/// A task that is started by a main that returns, by one that stays, and one whose failure nobody hears of.
pub(super) fn forgotten_task() -> Experiment {
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

/// Six calls, their results all together or each as it comes.
pub(super) fn gather_or_as_completed() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("fetch", &[Sleep(Given), Return("{name}".into())])];
    let secs = [("one", 5), ("two", 1), ("three", 4), ("four", 2), ("five", 6), ("six", 3)];
    let six = || calls("fetch", &secs.map(|(name, secs)| (name, secs * 1_000)));
    script([
        ("Gathered", program(functions, [gather(six()), Statement::SayResults])),
        ("As completed", program(functions, [Statement::AsCompleted { calls: six() }])),
    ])
}

/// The first of three, then at most 1.5 s more for the others, then no more.
pub(super) fn wait_first() -> Experiment {
    let functions: &[(&str, &[Act])] = &[("work", &[Sleep(Given), Say("{name} is done".into())])];
    let starts = each(calls("work", &[("short", 1_000), ("middle", 2_000), ("long", 3_000)]), Statement::Start);
    let rest = [
        Statement::WaitFirst(names(&["short", "middle", "long"])),
        Statement::WaitAtMost { tasks: names(&["middle", "long"]), millis: 1_500 },
        Statement::Cancel(names(&["middle", "long"])),
    ];
    script([("First, then a while, then no more", program(functions, [starts, rest.into()].concat()))])
}

/// Five calls, the second of which fails, under three rules.
pub(super) fn one_fails() -> Experiment {
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

/// One that computes beside two that sleep; three that block; the same three in threads.
pub(super) fn blocked_loop() -> Experiment {
    let functions: &[(&str, &[Act])] = &[
        ("rest", &[Sleep(Given), Say("{name} is awake".into())]),
        ("work", &[Compute(Given), Say("{name} has worked".into())]),
    ];
    let sleepers = calls("rest", &[("y", 1_000), ("z", 3_000)]);
    let beside = start_and_await([sleepers, vec![call("work", "x", 2_000)]].concat());
    let three = || calls("work", &[("one", 1_000), ("two", 1_000), ("three", 1_000)]);
    script([
        ("Two sleep, one computes", program(functions, beside)),
        ("Three block", program(functions, [gather(three())])),
        ("Three in threads", program(functions, [Statement::GatherInThreads { calls: three() }])),
    ])
}

/// One permit, of which each takes two, or one.
pub(super) fn deadlock() -> Experiment {
    let once = [TakePermit, Sleep(Given), GivePermit, Say("{name} is done".into())];
    let twice = [TakePermit, Sleep(Given), TakePermit, GivePermit, GivePermit, Say("{name} is done".into())];
    let lane = |body: &[Act]| {
        let both = gather(calls("work", &[("a", 1_000), ("b", 1_000)]));
        Program { permits: Some(1), ..program(&[("work", body)], [both]) }
    };
    script([("Two permits each", lane(&twice)), ("One permit each", lane(&once))])
}
