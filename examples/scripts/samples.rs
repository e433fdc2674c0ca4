//! Programs that go where the lessons don't: what follows a failure, what is spoken of twice, odd names.

use lanescope::experiment::script::{Act, Call, Function, GatherRule, Program, Span, Statement};
use std::rc::Rc;

fn function(name: &str, body: &[Act]) -> Function {
    Function { name: name.into(), body: body.to_vec() }
}

fn call(function: &str, name: &str, millis: u32) -> Call {
    Call { name: name.into(), function: function.into(), millis }
}

fn say(text: &str) -> Act {
    Act::Say(text.into())
}

fn names(all: &[&str]) -> Vec<Rc<str>> {
    all.iter().map(|&name| name.into()).collect()
}

/// Begins and ends with a word, and gives a value.
fn fetch() -> Function {
    let body = [say("{name} begins"), Act::Sleep(Span::Given), say("{name} ends"), Act::Return("{name}: ok".into())];
    function("fetch", &body)
}

fn refuse() -> Function {
    function("refuse", &[Act::Sleep(Span::Given), Act::Fail("no answer".into())])
}

fn crunch() -> Function {
    let body = [Act::Compute(Span::Given), say("{name} computed"), Act::Return("{name}".into())];
    function("crunch", &body)
}

fn program(functions: &[Function], main: Vec<Statement>) -> Program {
    Program { functions: functions.to_vec(), main, permits: None }
}

fn five(rule: GatherRule, then: &[Statement]) -> Program {
    let calls = vec![
        call("fetch", "a", 500),
        call("refuse", "b", 1_000),
        call("fetch", "c", 1_500),
        call("fetch", "d", 2_000),
        call("fetch", "e", 2_500),
    ];
    let mut main = vec![Statement::Gather { calls, rule }];
    main.extend_from_slice(then);
    main.push(Statement::Do(say("main goes on")));
    main.push(Statement::Do(Act::Sleep(Span::Millis(2_000))));
    program(&[fetch(), refuse()], main)
}

fn start_three(function: &str) -> Vec<Statement> {
    let call = |name, millis| Statement::Start(call(function, name, millis));
    vec![call("one", 1_000), call("two", 2_000), call("three", 3_000)]
}

/// All of them, each with its name.
pub(crate) fn all() -> Vec<(String, Program)> {
    let mut all = gathers();
    all.extend(tasks());
    all.extend(blocked());
    all.into_iter().map(|(name, program)| (name.to_owned(), program)).collect()
}

fn gathers() -> Vec<(&'static str, Program)> {
    let said = [Statement::SayResults];
    let later = [Statement::Do(say("now")), Statement::SayResults];
    let well = |rule| {
        let calls = vec![call("fetch", "a", 2_000), call("fetch", "b", 1_000)];
        program(&[fetch()], vec![Statement::Gather { calls, rule }, Statement::SayResults])
    };
    let sixes = [("a", 5), ("b", 1), ("c", 4), ("d", 2), ("e", 6), ("f", 3)];
    let as_completed = |failing: &[&str]| {
        let of = |name| if failing.contains(&name) { "refuse" } else { "fetch" };
        let calls = sixes.iter().map(|&(name, seconds)| call(of(name), name, seconds * 1_000)).collect();
        let functions = if failing.is_empty() { vec![fetch()] } else { vec![fetch(), refuse()] };
        program(&functions, vec![Statement::AsCompleted { calls }])
    };
    vec![
        ("isolated", five(GatherRule::Isolate, &said)),
        ("raised", five(GatherRule::Raise, &[])),
        ("raised-said", five(GatherRule::Raise, &said)),
        ("raised-later", five(GatherRule::Raise, &later)),
        ("group", five(GatherRule::Group, &[])),
        ("group-said", five(GatherRule::Group, &said)),
        ("group-later", five(GatherRule::Group, &later)),
        ("well-isolated", well(GatherRule::Isolate)),
        ("well-raised", well(GatherRule::Raise)),
        ("well-grouped", well(GatherRule::Group)),
        ("as-completed", as_completed(&[])),
        ("as-completed-failing", as_completed(&["b", "e"])),
    ]
}

fn tasks() -> Vec<(&'static str, Program)> {
    let both = || names(&["A", "B"]);
    let three = || names(&["one", "two", "three"]);
    let two_tasks = vec![
        Statement::Start(call("fetch", "A", 2_000)),
        Statement::Start(call("fetch", "B", 1_000)),
        Statement::SayDone(both()),
        Statement::Await("A".into()),
        Statement::SayDone(both()),
        Statement::Await("B".into()),
        Statement::Do(say("main has both {and} `$` \"more\" \\ {name}")),
    ];
    let made = |last: Statement| {
        vec![
            Statement::Do(say("main begins")),
            Statement::Make(call("fetch", "fetch", 1_000)),
            Statement::Make(call("fetch", "await", 1_000)),
            Statement::Do(say("made")),
            last,
        ]
    };
    let forgotten = |function: &str, more: &[Statement]| {
        let start = Statement::Start(call(function, "forgotten", 1_000));
        [&[Statement::Do(say("main begins")), start], more, &[Statement::Do(say("main ends"))]].concat()
    };
    let mut first = start_three("fetch");
    first.extend([
        Statement::WaitFirst(three()),
        Statement::WaitAtMost { tasks: names(&["two", "three"]), millis: 1_500 },
        Statement::Cancel(three()),
        Statement::Do(Act::Sleep(Span::Millis(1_000))),
        Statement::SayDone(three()),
    ]);
    let mut plainly = start_three("fetch");
    plainly.extend([
        Statement::WaitFirst(three()),
        Statement::WaitAtMost { tasks: three(), millis: 1_500 },
        Statement::Await("one".into()),
        Statement::Await("three".into()),
        Statement::SayDone(three()),
    ]);
    let sleep = Statement::Do(Act::Sleep(Span::Millis(1_500)));
    let failing = vec![
        Statement::Start(call("refuse", "no", 500)),
        Statement::Start(call("fetch", "yes", 1_000)),
        Statement::Await("no".into()),
        Statement::Do(say("never said")),
    ];
    let stopping = |end: Act| vec![Statement::Do(say("said")), Statement::Do(end), Statement::Do(say("never said"))];
    let called = vec![
        Statement::Call(call("fetch", "a b", 1_000)),
        Statement::Call(call("refuse", "\"c\"", 500)),
        Statement::Do(say("never said")),
    ];
    vec![
        ("two-tasks", program(&[fetch()], two_tasks)),
        ("made", program(&[fetch()], made(Statement::Do(Act::Sleep(Span::Millis(1_500)))))),
        ("made-awaited", program(&[fetch()], made(Statement::Await("await".into())))),
        ("forgotten", program(&[fetch()], forgotten("fetch", &[]))),
        ("forgotten-long", program(&[fetch()], forgotten("fetch", &[sleep]))),
        ("wait-first", program(&[fetch()], first)),
        ("wait-plainly", program(&[fetch()], plainly)),
        ("failing-task", program(&[fetch(), refuse()], failing)),
        ("main-returns", program(&[], stopping(Act::Return("nothing".into())))),
        ("main-fails", program(&[], stopping(Act::Fail("on purpose".into())))),
        ("called", program(&[fetch(), refuse()], called)),
    ]
}

fn blocked() -> Vec<(&'static str, Program)> {
    let three = || vec![call("crunch", "x", 1_000), call("crunch", "y", 1_000), call("crunch", "z", 1_000)];
    let gather = Statement::Gather { calls: three(), rule: GatherRule::Isolate };
    let in_threads = Statement::GatherInThreads { calls: three() };
    let asleep = vec![
        Statement::Start(call("fetch", "y", 1_000)),
        Statement::Start(call("fetch", "z", 3_000)),
        Statement::Start(call("crunch", "x", 2_000)),
        Statement::Await("x".into()),
        Statement::Await("z".into()),
    ];
    let mixed = Function {
        name: "work".into(),
        body: vec![
            Act::Compute(Span::Millis(200)),
            Act::Sleep(Span::Given),
            Act::Compute(Span::Millis(200)),
            say("{name} ready"),
        ],
    };
    let works = vec![call("work", "a", 1_000), call("work", "b", 1_000), call("work", "c", 1_000)];
    let mixed = program(&[mixed], vec![Statement::Gather { calls: works, rule: GatherRule::Isolate }]);
    let permit = [Act::TakePermit, say("{name} in"), Act::Sleep(Span::Given), say("{name} out"), Act::GivePermit];
    let guarded = |body: &[Act], limit| Program {
        functions: vec![function("guarded", body)],
        main: vec![
            Statement::Gather {
                calls: vec![call("guarded", "a", 1_000), call("guarded", "b", 1_100), call("guarded", "c", 1_200)],
                rule: GatherRule::Isolate,
            },
            Statement::Do(say("all done")),
        ],
        permits: Some(limit),
    };
    let twice = [Act::TakePermit, say("{name} has one"), Act::TakePermit, say("{name} has two")];
    vec![
        ("computing", program(&[crunch()], vec![gather, Statement::SayResults])),
        ("in-threads", program(&[crunch()], vec![in_threads, Statement::SayResults])),
        ("asleep", program(&[fetch(), crunch()], asleep)),
        ("waits-overlap", mixed),
        ("permits", guarded(&permit, 2)),
        ("deadlock", guarded(&twice, 1)),
    ]
}
