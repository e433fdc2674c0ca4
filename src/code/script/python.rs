//! A program for Python's asyncio.

use super::Line;
use super::facts::{Facts, Said, Task, body, takes_name, takes_time};
use super::text::{Quote, Text};
use crate::experiment::script::{Act, Call, Function, GatherRule, Statement};

pub(super) fn program(facts: &Facts<'_>) -> Vec<Line> {
    let mut it = Python { facts, text: Text::new("    "), sleeps: false, computes: false, held: 0, results: None };
    for function in facts.called() {
        it.function(function);
    }
    it.main();
    let mut head = Text::new("    ");
    head.add("import asyncio");
    if it.sleeps || it.computes {
        head.add("import time");
    }
    head.paragraph();
    if let Some(permits) = facts.permits() {
        head.add(format!("semaphore = asyncio.Semaphore({permits})"));
        head.paragraph();
    }
    if it.computes {
        if facts.has(|it| matches!(it, Statement::GatherInThreads { .. })) {
            head.add("# Stands for a client that blocks. Beside it other threads run; beside work in Python itself they would not.");
        } else {
            head.add("# Stands for work: it keeps the thread.");
        }
        head.open("def compute(seconds):");
        head.add("time.sleep(seconds)");
        head.paragraph();
    }
    head.append(it.text);
    head.lines()
}

struct Python<'a> {
    facts: &'a Facts<'a>,
    text: Text,
    sleeps: bool,
    computes: bool,
    /// The permits of the function that is written.
    held: usize,
    /// Of the gather before, if they are still to be said: whether failures are among them.
    results: Option<bool>,
}

/// Where an act stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Main,
    Async,
    Thread,
}

impl<'a> Python<'a> {
    fn function(&mut self, function: &Function) {
        let place = if self.facts.is_plain(function) { Place::Thread } else { Place::Async };
        let start = if place == Place::Thread { "def" } else { "async def" };
        let parameters = [takes_name(function).then_some("name"), takes_time(function).then_some("seconds")];
        let parameters: Vec<&str> = parameters.into_iter().flatten().collect();
        self.text.open(format!("{start} {}({}):", self.facts.function(&function.name), parameters.join(", ")));
        for act in body(function) {
            self.act(act, place);
        }
        self.pass();
        self.held = 0;
        self.text.paragraph();
    }

    fn act(&mut self, act: &Act, place: Place) {
        let words = |text: &str| if place == Place::Main { text.replace("{name}", "main") } else { text.to_owned() };
        let line = match act {
            Act::Say(text) => format!("print({})", value(&words(text))),
            Act::Sleep(span) if place == Place::Thread => {
                self.sleeps = true;
                format!("time.sleep({})", self.facts.span(*span, place == Place::Main))
            }
            Act::Sleep(span) => format!("await asyncio.sleep({})", self.facts.span(*span, place == Place::Main)),
            Act::Compute(span) => {
                self.computes = true;
                format!("compute({})", self.facts.span(*span, place == Place::Main))
            }
            Act::TakePermit if place == Place::Main => "await semaphore.acquire()".to_owned(),
            Act::GivePermit if place == Place::Main => "semaphore.release()".to_owned(),
            Act::TakePermit | Act::GivePermit => return self.permit(act, place),
            Act::Fail(text) => format!("raise RuntimeError({})", value(&words(text))),
            Act::Return(_) if place == Place::Main => "return".to_owned(),
            Act::Return(text) => format!("return {}", value(text)),
        };
        self.text.add(line);
    }

    /// Holds a permit for a block; what is open still, the function's end closes.
    fn permit(&mut self, act: &Act, place: Place) {
        match (act, self.held) {
            // A thread can't wait for what belongs to the loop.
            _ if place == Place::Thread => {}
            (Act::TakePermit, held) => {
                self.held = held + 1;
                self.text.open("async with semaphore:");
            }
            (_, 0) => {}
            (_, held) => {
                self.held = held - 1;
                self.pass();
                self.text.end();
            }
        }
    }

    /// A block has at least a line.
    fn pass(&mut self) {
        if self.text.ends_with(':') {
            self.text.add("pass");
        }
    }

    fn main(&mut self) {
        self.text.open("async def main():");
        for (place, statement) in self.facts.main.iter().enumerate() {
            self.statement(place, statement);
        }
        self.pass();
        self.text.paragraph();
        self.text.add("asyncio.run(main())");
    }

    fn statement(&mut self, place: usize, statement: &'a Statement) {
        match statement {
            _ if self.facts.is_idle(statement) => {}
            Statement::Do(act) => self.act(act, Place::Main),
            Statement::Call(call) => self.text.add(format!("await {}", self.facts.call(call))),
            Statement::Make(call) => self.keep(call, &self.facts.call(call)),
            Statement::Start(call) => self.keep(call, &self.task(call)),
            Statement::Await(name) => {
                if let Some(task) = self.facts.task(name) {
                    self.text.add(format!("await {}", task.variable));
                }
            }
            Statement::Gather { calls, rule } => self.gather(calls, *rule, self.facts.said(place)),
            Statement::GatherInThreads { calls } => {
                let calls: Vec<String> = calls.iter().map(|call| self.in_thread(call)).collect();
                self.isolated(&calls, self.facts.said(place));
            }
            Statement::SayResults => {
                if let Some(settled) = self.results.take() {
                    self.say_results(settled);
                }
            }
            Statement::AsCompleted { calls } => self.as_completed(calls),
            Statement::WaitFirst(names) => self.wait_first(&variables(self.facts.started(names))),
            Statement::WaitAtMost { tasks, millis } => {
                let tasks = variables(self.facts.started(tasks));
                let after = format!("], timeout={})", self.facts.seconds(*millis));
                self.text.list("done, left = await asyncio.wait([", &tasks, &after);
                self.text.add(r#"print(f"ended: {len(done)}")"#);
            }
            Statement::Cancel(names) => {
                self.text.list("for task in [", &variables(self.facts.started(names)), "]:");
                self.text.enter();
                self.text.open("if task.cancel():");
                self.text.add(r#"print(f"cancelled: {task.get_name()}")"#);
                self.text.end();
                self.text.end();
            }
            Statement::SayDone(names) => {
                self.text.list("for task in [", &variables(self.facts.started(names)), "]:");
                self.text.enter();
                self.text.add(r#"print(f"{task.get_name()} done: {'yes' if task.done() else 'no'}")"#);
                self.text.end();
            }
        }
    }

    /// Makes or starts a call; what is spoken of later has a variable.
    fn keep(&mut self, call: &Call, made: &str) {
        match self.facts.task(&call.name) {
            Some(task) => self.text.add(format!("{} = {made}", task.variable)),
            None => self.text.add(made),
        }
    }

    fn task(&self, call: &Call) -> String {
        let made = self.facts.call(call);
        match self.facts.task(&call.name).filter(|task| task.is_watched) {
            Some(_) => format!("asyncio.create_task({made}, name={})", Quote::Plain.around(&call.name)),
            None => format!("asyncio.create_task({made})"),
        }
    }

    fn in_thread(&self, call: &Call) -> String {
        let function = self.facts.function(&call.function).to_owned();
        let all: Vec<String> = std::iter::once(function).chain(self.facts.arguments(call)).collect();
        format!("asyncio.to_thread({})", all.join(", "))
    }

    fn gather(&mut self, calls: &[Call], rule: GatherRule, said: Said) {
        let made: Vec<String> = calls.iter().map(|call| self.facts.call(call)).collect();
        if rule == GatherRule::Isolate || rule == GatherRule::Raise && !self.facts.fails() {
            return self.isolated(&made, said);
        }
        if self.facts.fails() {
            if said == Said::Later {
                self.text.add("results = []");
            }
            let others = if rule == GatherRule::Group { "are cancelled" } else { "run on" };
            self.text.add(format!("# When one fails, the others {others}."));
            self.text.open("try:");
        }
        if rule == GatherRule::Group {
            self.group(&made, said);
        } else {
            let kept = if said == Said::Never { "" } else { "results = " };
            self.text.list(&format!("{kept}await asyncio.gather("), &made, ")");
        }
        if said == Said::Next {
            self.say_results(false);
        }
        self.results = (said == Said::Later).then_some(false);
        if self.facts.fails() {
            self.text.end();
            if rule == GatherRule::Group {
                self.text.open("except* RuntimeError as failed:");
                self.text.add(r#"print(f"failed: {failed.exceptions[0]}")"#);
            } else {
                self.text.open("except RuntimeError as error:");
                self.text.add(r#"print(f"failed: {error}")"#);
            }
            self.text.end();
        }
    }

    fn group(&mut self, made: &[String], said: Said) {
        self.text.open("async with asyncio.TaskGroup() as group:");
        let tasks: Vec<String> = made.iter().map(|call| format!("group.create_task({call})")).collect();
        if said == Said::Never {
            for task in &tasks {
                self.text.add(task);
            }
        } else {
            self.text.list("tasks = [", &tasks, "]");
        }
        self.text.end();
        if said != Said::Never {
            self.text.add("results = [task.result() for task in tasks]");
        }
    }

    /// Each failure is a result like others.
    fn isolated(&mut self, made: &[String], said: Said) {
        let kept = if said == Said::Never { "" } else { "results = " };
        let before = format!("{kept}await asyncio.gather(");
        if self.facts.fails() {
            let arguments: Vec<String> =
                made.iter().cloned().chain(std::iter::once("return_exceptions=True".to_owned())).collect();
            self.text.list(&before, &arguments, ")");
        } else {
            self.text.list(&before, made, ")");
        }
        self.results = (said != Said::Never).then_some(self.facts.fails());
    }

    fn say_results(&mut self, settled: bool) {
        self.text.open("for result in results:");
        if settled {
            self.text.add(r#"print(f"failed: {result}" if isinstance(result, Exception) else result)"#);
        } else {
            self.text.add("print(result)");
        }
        self.text.end();
    }

    fn as_completed(&mut self, calls: &[Call]) {
        let tasks: Vec<String> =
            calls.iter().map(|call| format!("asyncio.create_task({})", self.facts.call(call))).collect();
        self.text.list("tasks = [", &tasks, "]");
        self.text.open("for task in asyncio.as_completed(tasks):");
        if self.facts.fails() {
            self.text.open("try:");
            self.text.add("print(await task)");
            self.text.end();
            self.text.open("except RuntimeError as error:");
            self.text.add(r#"print(f"failed: {error}")"#);
            self.text.end();
        } else {
            self.text.add("print(await task)");
        }
        self.text.end();
    }

    fn wait_first(&mut self, tasks: &[String]) {
        self.text.list("tasks = [", tasks, "]");
        self.text.add("done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)");
        self.text.add("first = next(task for task in tasks if task in done)");
        self.text.add(r#"print(f"first: {first.get_name()}")"#);
    }
}

fn variables<'a>(tasks: impl Iterator<Item = &'a Task<'a>>) -> Vec<String> {
    tasks.map(|task| task.variable.clone()).collect()
}

/// A text as a value.
fn value(text: &str) -> String {
    match text {
        "{name}" => "name".to_owned(),
        text if text.contains("{name}") => format!("f{}", Quote::Format.around(text)),
        text => Quote::Plain.around(text),
    }
}
