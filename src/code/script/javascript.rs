//! A program for JavaScript's promises, as a module of Node.

use super::Line;
use super::facts::{Facts, Said, Task, body, given_at, takes_name, takes_time, waits};
use super::text::{Quote, Text};
use crate::experiment::script::{Act, Call, Function, GatherRule, Statement};
use std::collections::BTreeSet;

pub(super) fn program(facts: &Facts<'_>) -> Vec<Line> {
    let mut it =
        JavaScript { facts, text: Text::new("  "), uses: BTreeSet::new(), given: BTreeSet::new(), results: None };
    for function in facts.called() {
        it.function(function);
    }
    it.main();
    let mut head = Text::new("  ");
    it.imports(&mut head);
    it.helpers(&mut head);
    head.append(it.text);
    head.lines()
}

struct JavaScript<'a> {
    facts: &'a Facts<'a>,
    text: Text,
    uses: BTreeSet<Helper>,
    /// The names that main has given to values of its own: it can give each but once.
    given: BTreeSet<String>,
    /// What keeps the results of the gather before, if they are still to be said, and whether failures are among them.
    results: Option<(String, bool)>,
}

/// What stands before the functions, if it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Helper {
    Sleep,
    Compute,
    InThread,
    Task,
}

/// Where an act stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Main,
    /// In a function that can be told to stop, or not.
    Async {
        stops: bool,
    },
    Thread,
}

impl<'a> JavaScript<'a> {
    fn imports(&self, head: &mut Text) {
        if self.uses.contains(&Helper::Sleep) && self.facts.cancels() {
            head.add(r#"import { setTimeout as wait } from "node:timers/promises";"#);
        }
        if self.uses.contains(&Helper::InThread) {
            head.add(r#"import { Worker } from "node:worker_threads";"#);
        }
        head.paragraph();
    }

    fn helpers(&self, head: &mut Text) {
        if self.uses.contains(&Helper::Sleep) {
            if self.facts.cancels() {
                head.add("const sleep = (seconds, signal) => wait(seconds * 1000, null, { signal });");
            } else {
                head.open("function sleep(seconds) {");
                head.add("return new Promise((resolve) => setTimeout(resolve, seconds * 1000));");
                head.close("}");
            }
            head.paragraph();
        }
        if self.uses.contains(&Helper::Compute) {
            head.open("function compute(seconds) {");
            head.add("const end = performance.now() + seconds * 1000;");
            head.add("while (performance.now() < end); // stands for work: it keeps the thread");
            head.close("}");
            head.paragraph();
        }
        if let Some(permits) = self.facts.permits() {
            semaphore(head, self.facts.cancels());
            head.paragraph();
            head.add(format!("const semaphore = new Semaphore({permits});"));
            head.paragraph();
        }
        if self.uses.contains(&Helper::Task) {
            self.task_class(head);
        }
        if self.uses.contains(&Helper::InThread) {
            in_thread(head, self.uses.contains(&Helper::Compute));
        }
    }

    /// What is asked of it decides what it has.
    fn task_class(&self, head: &mut Text) {
        let cancels = self.facts.has(|it| matches!(it, Statement::Cancel(_)));
        let waits = self.facts.has(|it| matches!(it, Statement::WaitFirst(_) | Statement::WaitAtMost { .. }));
        if cancels {
            head.add("// A promise can't tell whether it is done, and can't be cancelled: this can.");
        } else {
            head.add("// A promise can't tell whether it is done: this can.");
        }
        head.open("class Task {");
        head.add("done = false;");
        if cancels {
            head.add("abort = new AbortController();");
            head.open("constructor(name, start) {");
        } else {
            head.open("constructor(name, result) {");
        }
        head.add("this.name = name;");
        let result = if cancels { "start(this.abort.signal)" } else { "result" };
        if cancels || waits {
            head.add(format!("this.result = {result};"));
            head.open("const end = () => {");
            head.add("this.done = true;");
            head.add("return this;");
            head.close("};");
            head.add("this.ended = this.result.then(end, end); // well or not");
        } else {
            head.open(format!("this.result = {result}.finally(() => {{"));
            head.add("this.done = true;");
            head.close("});");
        }
        head.close("}");
        head.close("}");
        head.paragraph();
    }

    fn function(&mut self, function: &Function) {
        let is_plain = self.facts.is_plain(function);
        let stops = !is_plain && self.facts.cancels() && waits(function);
        let parameters = [
            takes_name(function).then_some("name"),
            takes_time(function).then_some("seconds"),
            stops.then_some("signal"),
        ];
        let parameters: Vec<&str> = parameters.into_iter().flatten().collect();
        let start = if is_plain { "function" } else { "async function" };
        self.text.open(format!("{start} {}({}) {{", self.facts.function(&function.name), parameters.join(", ")));
        let mut held = 0_usize;
        for (at, act) in body(function).iter().enumerate() {
            match act {
                Act::TakePermit | Act::GivePermit if is_plain => {}
                Act::TakePermit if given_at(body(function), at) == Some(at + 1) => {
                    self.act(act, Place::Async { stops });
                    self.text.add("semaphore.release();");
                }
                Act::TakePermit => {
                    held += 1;
                    self.act(act, Place::Async { stops });
                    self.text.open("try {");
                }
                Act::GivePermit if at > 0 && given_at(body(function), at - 1) == Some(at) => {}
                Act::GivePermit if held == 0 => {}
                Act::GivePermit => {
                    held -= 1;
                    self.release();
                }
                act => self.act(act, if is_plain { Place::Thread } else { Place::Async { stops } }),
            }
        }
        (0..held).for_each(|_| self.release());
        self.text.close("}");
        self.text.paragraph();
    }

    fn release(&mut self) {
        self.text.close("} finally {");
        self.text.enter();
        self.text.add("semaphore.release();");
        self.text.close("}");
    }

    fn act(&mut self, act: &Act, place: Place) {
        let words = |text: &str| if place == Place::Main { text.replace("{name}", "main") } else { text.to_owned() };
        let line = match act {
            Act::Say(text) => format!("console.log({});", value(&words(text))),
            Act::Sleep(span) if place != Place::Thread => {
                self.uses.insert(Helper::Sleep);
                let signal = if place == (Place::Async { stops: true }) { ", signal" } else { "" };
                format!("await sleep({}{signal});", self.facts.span(*span, place == Place::Main))
            }
            Act::Sleep(span) | Act::Compute(span) => {
                self.uses.insert(Helper::Compute);
                format!("compute({});", self.facts.span(*span, place == Place::Main))
            }
            Act::TakePermit if place == (Place::Async { stops: true }) => "await semaphore.acquire(signal);".to_owned(),
            Act::TakePermit => "await semaphore.acquire();".to_owned(),
            Act::GivePermit => "semaphore.release();".to_owned(),
            Act::Fail(text) => format!("throw new Error({});", value(&words(text))),
            Act::Return(_) if place == Place::Main => "return;".to_owned(),
            Act::Return(text) => format!("return {};", value(text)),
        };
        self.text.add(line);
    }

    fn main(&mut self) {
        self.text.open("async function main() {");
        for (place, statement) in self.facts.main.iter().enumerate() {
            self.statement(place, statement);
        }
        self.text.close("}");
        self.text.paragraph();
        if self.facts.main_can_fail_others_running() {
            self.text.add("// Not awaited: when main fails the others run on. So it is in a browser; Node ends them.");
            self.text.add("main();");
        } else {
            self.text.add("await main();");
        }
    }

    fn statement(&mut self, place: usize, statement: &'a Statement) {
        match statement {
            _ if self.facts.is_idle(statement) => {}
            Statement::Do(act) => self.act(act, Place::Main),
            Statement::Call(call) => self.text.add(format!("await {};", self.facts.call(call))),
            Statement::Make(call) | Statement::Start(call) => self.keep(call),
            Statement::Await(name) => {
                if let Some(task) = self.facts.task(name) {
                    let result = if task.is_watched { ".result" } else { "" };
                    self.text.add(format!("await {}{result};", task.variable));
                }
            }
            Statement::Gather { calls, rule } => self.gather(calls, *rule, self.facts.said(place)),
            Statement::GatherInThreads { calls } => {
                self.uses.insert(Helper::InThread);
                let calls: Vec<String> = calls.iter().map(|call| self.in_thread(call)).collect();
                self.isolated(&calls, self.facts.said(place));
            }
            Statement::SayResults => {
                if let Some((results, settled)) = self.results.take() {
                    self.say_results(&results, settled);
                }
            }
            Statement::AsCompleted { calls } => self.as_completed(calls),
            Statement::WaitFirst(names) => {
                let ended = with(self.facts.started(names), ".ended");
                let first = self.fresh("first");
                self.text.list(&format!("const {first} = await Promise.race(["), &ended, "]);");
                self.text.add(format!("console.log(`first: ${{{first}.name}}`);"));
            }
            Statement::WaitAtMost { tasks, millis } => {
                self.uses.insert(Helper::Sleep);
                let ended = with(self.facts.started(tasks), ".ended");
                let after = format!("]), sleep({})]);", self.facts.seconds(*millis));
                self.text.list("await Promise.race([Promise.all([", &ended, &after);
                let tasks = with(self.facts.started(tasks), "");
                let done = self.fresh("done");
                self.text.list(&format!("const {done} = ["), &tasks, "].filter((task) => task.done);");
                self.text.add(format!("console.log(`ended: ${{{done}.length}}`);"));
            }
            Statement::Cancel(names) => {
                let tasks = with(self.facts.started(names), "");
                self.text.list("for (const task of [", &tasks, "]) {");
                self.text.enter();
                self.text.add("if (task.done) continue;");
                self.text.add("task.abort.abort();");
                self.text.add("console.log(`cancelled: ${task.name}`);");
                self.text.close("}");
            }
            Statement::SayDone(names) => {
                self.text.list("for (const task of [", &with(self.facts.started(names), ""), "]) {");
                self.text.enter();
                self.text.add(r#"console.log(`${task.name} done: ${task.done ? "yes" : "no"}`);"#);
                self.text.close("}");
            }
        }
    }

    /// A name for a value of main.
    fn fresh(&mut self, name: &str) -> String {
        let mut fresh = name.to_owned();
        let mut number = 2;
        while !self.given.insert(fresh.clone()) {
            fresh = format!("{name}{number}");
            number += 1;
        }
        fresh
    }

    /// Makes a call, which starts it; what is spoken of later has a variable.
    fn keep(&mut self, call: &Call) {
        let made = self.facts.call(call);
        let task = self.facts.task(&call.name);
        if self.facts.can_fail(call) && !task.is_some_and(|task| task.is_watched) {
            self.text.add("// If it fails while nobody awaits it, Node ends the program; in a browser it goes on.");
        }
        let Some(task) = task else { return self.text.add(made + ";") };
        let name = Quote::Plain.around(&call.name);
        let variable = &task.variable;
        if !task.is_watched {
            return self.text.add(format!("const {variable} = {made};"));
        }
        self.uses.insert(Helper::Task);
        if self.facts.has(|it| matches!(it, Statement::Cancel(_))) {
            let made = self.with_signal(call, "signal");
            self.text.add(format!("const {variable} = new Task({name}, (signal) => {made});"));
        } else {
            self.text.add(format!("const {variable} = new Task({name}, {made});"));
        }
    }

    fn with_signal(&self, call: &Call, signal: &str) -> String {
        let mut arguments = self.facts.arguments(call);
        if self.facts.called().any(|function| function.name == call.function && waits(function)) {
            arguments.push(signal.to_owned());
        }
        format!("{}({})", self.facts.function(&call.function), arguments.join(", "))
    }

    fn in_thread(&self, call: &Call) -> String {
        let function = self.facts.function(&call.function).to_owned();
        let all: Vec<String> = std::iter::once(function).chain(self.facts.arguments(call)).collect();
        format!("inThread({})", all.join(", "))
    }

    fn gather(&mut self, calls: &[Call], rule: GatherRule, said: Said) {
        let made: Vec<String> = calls.iter().map(|call| self.facts.call(call)).collect();
        if rule == GatherRule::Isolate || !self.facts.fails() {
            return self.isolated(&made, said);
        }
        let is_group = rule == GatherRule::Group;
        let (abort, asked) =
            if is_group { (self.fresh("abort"), self.fresh("calls")) } else { (String::new(), String::new()) };
        let results = if said == Said::Never { String::new() } else { self.fresh("results") };
        if is_group {
            self.text.add("// There is no task group here: a signal tells the others to stop.");
            self.text.add(format!("const {abort} = new AbortController();"));
            let signal = format!("{abort}.signal");
            let made: Vec<String> = calls.iter().map(|call| self.with_signal(call, &signal)).collect();
            self.text.list(&format!("const {asked} = ["), &made, "];");
        }
        if !is_group {
            self.text.add("// When one fails, the others run on.");
        }
        if said == Said::Later {
            self.text.add(format!("let {results} = [];"));
        }
        self.text.open("try {");
        let kept = match said {
            Said::Never => String::new(),
            Said::Next => format!("const {results} = "),
            Said::Later => format!("{results} = "),
        };
        if is_group {
            self.text.add(format!("{kept}await Promise.all({asked});"));
        } else {
            self.text.list(&format!("{kept}await Promise.all(["), &made, "]);");
        }
        if said == Said::Next {
            self.say_results(&results, false);
        }
        self.text.close("} catch (error) {");
        self.text.enter();
        if is_group {
            self.text.add(format!("{abort}.abort();"));
            self.text.add(format!("await Promise.allSettled({asked});"));
        }
        self.text.add("console.log(`failed: ${error.message}`);");
        self.text.close("}");
        self.results = (said == Said::Later).then_some((results, false));
    }

    /// Each failure is a result like others.
    fn isolated(&mut self, made: &[String], said: Said) {
        let all = if self.facts.fails() { "allSettled" } else { "all" };
        if said == Said::Never {
            self.results = None;
            return self.text.list(&format!("await Promise.{all}(["), made, "]);");
        }
        let results = self.fresh("results");
        self.text.list(&format!("const {results} = await Promise.{all}(["), made, "]);");
        self.results = Some((results, self.facts.fails()));
    }

    fn say_results(&mut self, results: &str, settled: bool) {
        if settled {
            self.text.open(format!("for (const {{ status, value, reason }} of {results}) {{"));
            self.text.add(r#"console.log(status === "fulfilled" ? value : `failed: ${reason.message}`);"#);
        } else {
            self.text.open(format!("for (const result of {results}) {{"));
            self.text.add("console.log(result);");
        }
        self.text.close("}");
    }

    fn as_completed(&mut self, calls: &[Call]) {
        let left = self.fresh("left");
        let made: Vec<String> = calls.iter().map(|call| self.facts.call(call)).collect();
        self.text.add("// There is no as_completed here: a race of those that are left, until none is.");
        self.text.add(format!("const {left} = new Set();"));
        self.text.list("for (const call of [", &made, "]) {");
        self.text.enter();
        if self.facts.fails() {
            self.text.open("const ended = call.then(");
            self.text.add("(value) => ({ ended, line: value }),");
            self.text.add("(error) => ({ ended, line: `failed: ${error.message}` }),");
            self.text.close(");");
        } else {
            self.text.add("const ended = call.then((value) => ({ ended, line: value }));");
        }
        self.text.add(format!("{left}.add(ended);"));
        self.text.close("}");
        self.text.open(format!("while ({left}.size > 0) {{"));
        self.text.add(format!("const {{ ended, line }} = await Promise.race({left});"));
        self.text.add(format!("{left}.delete(ended);"));
        self.text.add("console.log(line);");
        self.text.close("}");
    }
}

/// First come, first served; a permit goes straight to the one that waits.
fn semaphore(head: &mut Text, stops: bool) {
    head.open("class Semaphore {");
    head.add("waiting = [];");
    head.open("constructor(permits) {");
    head.add("this.permits = permits;");
    head.close("}");
    head.open(if stops { "async acquire(signal) {" } else { "async acquire() {" });
    if stops {
        head.add("signal?.throwIfAborted();");
    }
    head.add("if (this.permits > 0) this.permits -= 1;");
    if stops {
        head.open("else await new Promise((resolve, reject) => {");
        head.add("this.waiting.push(resolve);");
        head.open(r#"signal?.addEventListener("abort", () => {"#);
        head.add("this.waiting = this.waiting.filter((other) => other !== resolve);");
        head.add("reject(signal.reason);");
        head.close("});");
        head.close("});");
    } else {
        head.add("else await new Promise((resolve) => this.waiting.push(resolve));");
    }
    head.close("}");
    head.open("release() {");
    head.add("if (this.waiting.length > 0) this.waiting.shift()();");
    head.add("else this.permits += 1;");
    head.close("}");
    head.close("}");
}

fn in_thread(head: &mut Text, computes: bool) {
    head.add("// A worker shares no functions with us: it gets their text.");
    head.open("function inThread(work, ...given) {");
    head.open("const code = `");
    head.add(r#"const { parentPort } = require("node:worker_threads");"#);
    head.add(if computes { "${compute} ${work}" } else { "${work}" });
    head.add("parentPort.postMessage(${work.name}(...${JSON.stringify(given)}));`;");
    head.end();
    head.open("return new Promise((resolve, reject) => {");
    head.add(r#"new Worker(code, { eval: true }).on("message", resolve).on("error", reject);"#);
    head.close("});");
    head.close("}");
    head.paragraph();
}

fn with<'a>(tasks: impl Iterator<Item = &'a Task<'a>>, ending: &str) -> Vec<String> {
    tasks.map(|task| format!("{}{ending}", task.variable)).collect()
}

/// A text as a value.
fn value(text: &str) -> String {
    match text {
        "{name}" => "name".to_owned(),
        text if text.contains("{name}") => Quote::Template.around(text),
        text => Quote::Plain.around(text),
    }
}
