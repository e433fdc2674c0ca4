//! What is known of a program before a line of it is written: what each function needs, and what everything is called.

use crate::code::Language;
use crate::experiment::script::{Act, Call, Function, GatherRule, Program, Span, Statement};
use crate::figure::plain;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Words that a program says itself, or that a language keeps: what is named so gets another name.
const TAKEN: &[&str] = &[
    "abort",
    "and",
    "array",
    "as",
    "assert",
    "async",
    "asyncio",
    "await",
    "asked",
    "box",
    "break",
    "call",
    "calls",
    "case",
    "catch",
    "class",
    "compute",
    "console",
    "const",
    "continue",
    "crate",
    "def",
    "default",
    "del",
    "delete",
    "do",
    "done",
    "drop",
    "dyn",
    "elif",
    "else",
    "end",
    "ended",
    "enum",
    "error",
    "eval",
    "except",
    "export",
    "extends",
    "extern",
    "failed",
    "false",
    "finally",
    "fn",
    "for",
    "from",
    "function",
    "futures",
    "gen",
    "global",
    "group",
    "if",
    "impl",
    "import",
    "in",
    "in_thread",
    "index",
    "instanceof",
    "interface",
    "is",
    "isinstance",
    "join_all",
    "joined",
    "lambda",
    "left",
    "len",
    "let",
    "line",
    "loop",
    "macro",
    "main",
    "match",
    "mod",
    "move",
    "mut",
    "name",
    "names",
    "new",
    "next",
    "none",
    "nonlocal",
    "not",
    "null",
    "or",
    "override",
    "package",
    "pass",
    "performance",
    "place",
    "print",
    "priv",
    "private",
    "process",
    "promise",
    "protected",
    "pub",
    "public",
    "raise",
    "ref",
    "require",
    "result",
    "results",
    "return",
    "seconds",
    "select_all",
    "self",
    "semaphore",
    "set",
    "set_timeout",
    "signal",
    "sleep",
    "spawn_blocking",
    "static",
    "std",
    "struct",
    "super",
    "switch",
    "task",
    "tasks",
    "throw",
    "time",
    "timeout",
    "tokio",
    "trait",
    "true",
    "try",
    "try_join_all",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "value",
    "var",
    "virtual",
    "void",
    "wait",
    "where",
    "while",
    "with",
    "yield",
];

/// A program and what is known of it.
pub(super) struct Facts<'a> {
    language: Language,
    program: &'a Program,
    /// What main does before it ends.
    pub(super) main: &'a [Statement],
    functions: BTreeMap<&'a str, String>,
    tasks: BTreeMap<&'a str, Task<'a>>,
}

/// A call that main has made and speaks of later.
pub(super) struct Task<'a> {
    /// The name of its call.
    pub(super) name: &'a str,
    /// What holds it.
    pub(super) variable: String,
    /// It was started, and not only made.
    pub(super) is_started: bool,
    /// More is asked of it than its result: whether it is done, or to stop.
    pub(super) is_watched: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn of(language: Language, program: &'a Program) -> Self {
        let ends = |statement: &Statement| matches!(statement, Statement::Do(act) if is_end(act));
        let main = up_to(&program.main, ends);
        let mut names = Names { language, taken: BTreeSet::new() };
        if main.iter().any(|it| matches!(it, Statement::WaitFirst(_))) {
            names.taken.insert("first".to_owned());
        }
        let functions = program.functions.iter().map(|it| (&*it.name, names.fresh(&it.name, "_"))).collect();
        let made = main.iter().enumerate().filter_map(|(place, statement)| match statement {
            Statement::Make(call) | Statement::Start(call) => Some((place, statement, call)),
            _ => None,
        });
        let mut tasks = BTreeMap::new();
        for (place, statement, call) in made {
            let later = &main[place + 1..];
            let awaits = |it: &Statement| matches!(it, Statement::Await(name) if *name == call.name);
            let watches = |it: &Statement| watched(it).contains(&call.name);
            let is_started = matches!(statement, Statement::Start(_));
            let is_watched = later.iter().any(watches);
            if is_watched || later.iter().any(awaits) {
                let variable = names.fresh(&call.name, "_task");
                tasks.insert(&*call.name, Task { name: &call.name, variable, is_started, is_watched });
            }
        }
        Self { language, program, main, functions, tasks }
    }

    /// The permits of the semaphore, if one is used.
    pub(super) fn permits(&self) -> Option<u16> {
        let takes = |act: &Act| matches!(act, Act::TakePermit | Act::GivePermit);
        let main = self.main.iter().any(|it| matches!(it, Statement::Do(act) if takes(act)));
        let uses = main || self.called().any(|function| body(function).iter().any(takes));
        self.program.permits.filter(|_| uses)
    }

    fn calls(&self) -> impl Iterator<Item = (&'a Statement, &'a Call)> {
        self.main.iter().flat_map(|statement| statement.calls().iter().map(move |call| (statement, call)))
    }

    /// The functions that are called.
    pub(super) fn called(&self) -> impl Iterator<Item = &'a Function> {
        self.program.functions.iter().filter(|it| self.calls().any(|(_, call)| call.function == it.name))
    }

    /// Whether a function runs in a thread of its own: then it is no async one.
    pub(super) fn is_plain(&self, function: &Function) -> bool {
        let in_thread = |statement: &Statement| matches!(statement, Statement::GatherInThreads { .. });
        self.calls().any(|(statement, call)| call.function == function.name && in_thread(statement))
    }

    /// Whether any call can fail.
    pub(super) fn fails(&self) -> bool {
        self.called().any(|function| matches!(body(function).last(), Some(Act::Fail(_))))
    }

    /// Whether this call can fail.
    pub(super) fn can_fail(&self, call: &Call) -> bool {
        self.program.function(&call.function).is_some_and(|it| matches!(body(it).last(), Some(Act::Fail(_))))
    }

    /// Whether a failure may end main while what it has started runs on.
    pub(super) fn main_can_fail_others_running(&self) -> bool {
        let starts = |it: &Statement| matches!(it, Statement::Make(_) | Statement::Start(_));
        let awaited = |name: &str| {
            self.calls().any(|(statement, call)| *call.name == *name && starts(statement) && self.can_fail(call))
        };
        self.has(starts)
            && self.has(|it| match it {
                Statement::Do(Act::Fail(_)) => true,
                Statement::Call(call) => self.can_fail(call),
                Statement::Await(name) => awaited(name),
                _ => false,
            })
    }

    /// Whether any call gives a value.
    pub(super) fn returns(&self) -> bool {
        self.called().any(|function| matches!(body(function).last(), Some(Act::Return(_))))
    }

    pub(super) fn has(&self, is: impl Fn(&Statement) -> bool) -> bool {
        self.main.iter().any(is)
    }

    /// Whether main stops what it called before that has ended.
    pub(super) fn cancels(&self) -> bool {
        let cancels = |it: &Statement| matches!(it, Statement::Cancel(tasks) if self.started(tasks).next().is_some());
        self.has(cancels) || self.fails() && self.has(|it| rule(it) == Some(GatherRule::Group))
    }

    /// What a function is called here.
    pub(super) fn function(&self, name: &str) -> &str {
        self.functions.get(name).map_or("", |name| name)
    }

    /// What a call hands over.
    pub(super) fn arguments(&self, call: &Call) -> Vec<String> {
        let Some(function) = self.program.function(&call.function) else { return Vec::new() };
        let name = takes_name(function).then(|| super::text::Quote::Plain.around(&call.name));
        let seconds = takes_time(function).then(|| self.seconds(call.millis));
        name.into_iter().chain(seconds).collect()
    }

    /// The text of a call.
    pub(super) fn call(&self, call: &Call) -> String {
        format!("{}({})", self.function(&call.function), self.arguments(call).join(", "))
    }

    /// So many milliseconds in seconds.
    pub(super) fn seconds(&self, millis: u32) -> String {
        let seconds = plain(f64::from(millis) / 1_000.0);
        if self.language == Language::Rust && !seconds.contains('.') { seconds + ".0" } else { seconds }
    }

    /// How long something takes, in seconds. Main is given no time.
    pub(super) fn span(&self, span: Span, is_main: bool) -> String {
        match span {
            Span::Given if is_main => self.seconds(0),
            Span::Given => "seconds".to_owned(),
            Span::Millis(millis) => self.seconds(millis),
        }
    }

    /// What is known of a call that main speaks of later.
    pub(super) fn task(&self, name: &str) -> Option<&Task<'a>> {
        self.tasks.get(name)
    }

    /// Whether there is nothing to it: it speaks of what is no task.
    pub(super) fn is_idle(&self, statement: &'a Statement) -> bool {
        let names = watched(statement);
        !names.is_empty() && self.started(names).next().is_none()
    }

    /// Those of `names` that are tasks.
    pub(super) fn started(&self, names: &'a [Rc<str>]) -> impl Iterator<Item = &Task<'a>> {
        let is_task = |task: &&Task<'_>| task.is_started || self.language == Language::JavaScript;
        names.iter().filter_map(|name| self.task(name)).filter(is_task)
    }

    /// Whether a statement after `place` speaks of the call of that name.
    pub(super) fn is_named_after(&self, place: usize, name: &str) -> bool {
        let names = |it: &Statement| match it {
            Statement::Await(awaited) => **awaited == *name,
            it => watched(it).iter().any(|watched| **watched == *name),
        };
        self.main[place + 1..].iter().any(names)
    }

    /// Where the results of the gather at `place` are said, if they are.
    pub(super) fn said(&self, place: usize) -> Said {
        let after = &self.main[place + 1..];
        let gathers = |it: &Statement| matches!(it, Statement::Gather { .. } | Statement::GatherInThreads { .. });
        match after.iter().take_while(|it| !gathers(it)).position(|it| *it == Statement::SayResults) {
            Some(0) => Said::Next,
            Some(_) => Said::Later,
            None => Said::Never,
        }
    }
}

/// Where the results of a gather are said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// In the next statement.
    Next,
    /// Further on.
    Later,
    /// Nowhere.
    Never,
}

fn watched(statement: &Statement) -> &[Rc<str>] {
    match statement {
        Statement::WaitFirst(tasks)
        | Statement::WaitAtMost { tasks, .. }
        | Statement::Cancel(tasks)
        | Statement::SayDone(tasks) => tasks,
        _ => &[],
    }
}

/// The rule of a gather.
pub(super) fn rule(statement: &Statement) -> Option<GatherRule> {
    if let Statement::Gather { rule, .. } = statement { Some(*rule) } else { None }
}

fn is_end(act: &Act) -> bool {
    matches!(act, Act::Fail(_) | Act::Return(_))
}

fn up_to<T>(all: &[T], is_end: impl Fn(&T) -> bool) -> &[T] {
    &all[..all.iter().position(is_end).map_or(all.len(), |place| place + 1)]
}

/// What a function does before it ends.
pub(super) fn body(function: &Function) -> &[Act] {
    up_to(&function.body, is_end)
}

/// Where the permit that is taken at `place` is given back: the last taken is the first given.
pub(super) fn given_at(body: &[Act], place: usize) -> Option<usize> {
    let mut held = 0_usize;
    for (at, act) in body.iter().enumerate().skip(place) {
        match act {
            Act::TakePermit => held += 1,
            Act::GivePermit => held = held.saturating_sub(1),
            _ => {}
        }
        if held == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether it needs its name.
pub(super) fn takes_name(function: &Function) -> bool {
    body(function)
        .iter()
        .any(|act| matches!(act, Act::Say(text) | Act::Return(text) | Act::Fail(text) if text.contains("{name}")))
}

/// Whether it needs its time.
pub(super) fn takes_time(function: &Function) -> bool {
    body(function).iter().any(|act| matches!(act, Act::Sleep(Span::Given) | Act::Compute(Span::Given)))
}

/// Whether it waits for anything.
pub(super) fn waits(function: &Function) -> bool {
    body(function).iter().any(|act| matches!(act, Act::Sleep(_) | Act::TakePermit))
}

/// The names that are given away.
struct Names {
    language: Language,
    taken: BTreeSet<String>,
}

impl Names {
    /// A name of `language` that is like `name`, and no one else's.
    fn fresh(&mut self, name: &str, ending: &str) -> String {
        let lower = name.to_lowercase();
        let mut own: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if !own.starts_with(|c: char| c.is_ascii_lowercase()) {
            own.insert_str(0, "task_");
        }
        if TAKEN.contains(&&*own) || self.taken.contains(&self.spelt(&own)) {
            own.push_str(ending);
        }
        let mut spelt = self.spelt(&own);
        let mut number = 2;
        while self.taken.contains(&spelt) {
            spelt = self.spelt(&format!("{own}_{number}"));
            number += 1;
        }
        self.taken.insert(spelt.clone());
        spelt
    }

    /// JavaScript writes its names as one word.
    fn spelt(&self, name: &str) -> String {
        if self.language != Language::JavaScript || name.ends_with('_') {
            return name.to_owned();
        }
        let mut words = name.split('_').filter(|word| !word.is_empty());
        let mut spelt = words.next().unwrap_or_default().to_owned();
        for word in words {
            let (first, rest) = word.split_at(1);
            spelt.push_str(&first.to_uppercase());
            spelt.push_str(rest);
        }
        spelt
    }
}
