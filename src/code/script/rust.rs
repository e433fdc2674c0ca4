//! A program for Rust's tokio, on one thread or on many.

use super::Line;
use super::facts::{Facts, Said, Task, body, given_at, takes_name, takes_time};
use super::text::{Quote, Text};
use crate::experiment::script::{Act, Call, Function, GatherRule, Span, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(super) fn program(facts: &Facts<'_>, many_threads: bool) -> Vec<Line> {
    let mut it = Rust {
        facts,
        fails: facts.fails(),
        text: Text::new("    "),
        uses: BTreeMap::new(),
        computes: false,
        main_fails: false,
        waited: BTreeSet::new(),
        results: None,
    };
    for function in facts.called() {
        it.function(function);
    }
    let functions = std::mem::replace(&mut it.text, Text::new("    "));
    it.main();
    let mut head = it.head();
    head.append(functions);
    head.add(if many_threads { "#[tokio::main]" } else { r#"#[tokio::main(flavor = "current_thread")]"# });
    head.add(if it.main_fails { "async fn main() -> Result<(), Failure> {" } else { "async fn main() {" });
    head.append(it.text);
    head.lines()
}

struct Rust<'a> {
    facts: &'a Facts<'a>,
    /// Whether the functions give a `Result`.
    fails: bool,
    text: Text,
    /// What is used, by module.
    uses: BTreeMap<&'static str, BTreeSet<&'static str>>,
    computes: bool,
    main_fails: bool,
    /// The tasks that main has waited for: a handle gives its result but once.
    waited: BTreeSet<&'a str>,
    /// Of the gather before, if they are still to be said.
    results: Option<Results>,
}

/// What a gather has left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Results {
    /// Values in the order of asking.
    Values,
    /// Values and failures.
    Settled,
    /// Values and their places in the order of asking.
    Placed,
}

/// Where an act stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Main,
    Async,
    Thread,
}

impl<'a> Rust<'a> {
    fn head(&mut self) -> Text {
        let mut head = Text::new("    ");
        let fails = self.fails || self.main_fails;
        if self.facts.permits().is_some() {
            self.uses("tokio::sync", "Semaphore");
        }
        if self.computes {
            self.uses("std::time", "Duration");
        }
        let futures =
            if self.uses.keys().any(|module| module.starts_with("futures")) { r#"futures = "0.3", "# } else { "" };
        head.add(format!(r#"// Cargo.toml: {futures}tokio = {{ version = "1", features = ["full"] }}"#));
        for (module, names) in &self.uses {
            let names: Vec<&str> = names.iter().copied().collect();
            match &*names {
                [name] => head.add(format!("use {module}::{name};")),
                names => head.add(format!("use {module}::{{{}}};", names.join(", "))),
            }
        }
        head.paragraph();
        if fails {
            head.add("type Failure = Box<dyn std::error::Error + Send + Sync>;");
            head.paragraph();
        }
        if let Some(permits) = self.facts.permits() {
            head.add(format!("static SEMAPHORE: Semaphore = Semaphore::const_new({permits});"));
            head.paragraph();
        }
        if self.computes {
            head.add("// Stands for work: it keeps the thread.");
            head.open("fn compute(seconds: f64) {");
            head.add("std::thread::sleep(Duration::from_secs_f64(seconds));");
            head.close("}");
            head.paragraph();
        }
        head
    }

    fn uses(&mut self, module: &'static str, name: &'static str) {
        self.uses.entry(module).or_default().insert(name);
    }

    fn function(&mut self, function: &Function) {
        let place = if self.facts.is_plain(function) { Place::Thread } else { Place::Async };
        let start = if place == Place::Thread { "fn" } else { "async fn" };
        let parameters = [takes_name(function).then_some("name: &str"), takes_time(function).then_some("seconds: f64")];
        let parameters: Vec<&str> = parameters.into_iter().flatten().collect();
        let gives = match (self.fails, self.facts.returns()) {
            (true, true) => " -> Result<String, Failure>",
            (true, false) => " -> Result<(), Failure>",
            (false, true) => " -> String",
            (false, false) => "",
        };
        let name = self.facts.function(&function.name);
        self.text.open(format!("{start} {name}({}){gives} {{", parameters.join(", ")));
        let mut held = Vec::new();
        for (at, act) in body(function).iter().enumerate() {
            match act {
                Act::TakePermit | Act::GivePermit if place == Place::Thread => {}
                Act::TakePermit => {
                    // A guard: what is not dropped by itself is so at the end.
                    let number = if held.is_empty() { String::new() } else { (held.len() + 1).to_string() };
                    let unused = if given_at(body(function), at).is_none() { "_" } else { "" };
                    let guard = format!("{unused}permit{number}");
                    self.text.add(format!("let {guard} = SEMAPHORE.acquire().await.unwrap();"));
                    held.push(guard);
                }
                Act::GivePermit => {
                    if let Some(guard) = held.pop() {
                        self.text.add(format!("drop({guard});"));
                    }
                }
                act => self.act(act, place),
            }
        }
        if !matches!(body(function).last(), Some(Act::Return(_) | Act::Fail(_))) {
            match (self.fails, self.facts.returns()) {
                (true, true) => self.text.add("Ok(String::new())"),
                (true, false) => self.text.add("Ok(())"),
                (false, true) => self.text.add("String::new()"),
                (false, false) => {}
            }
        }
        self.text.close("}");
        self.text.paragraph();
    }

    fn act(&mut self, act: &Act, place: Place) {
        let words = |text: &str| if place == Place::Main { text.replace("{name}", "main") } else { text.to_owned() };
        let line = match act {
            Act::Say(text) => format!("println!({});", Quote::Format.around(&words(text))),
            Act::Sleep(span) if place != Place::Thread => {
                self.uses("tokio::time", "sleep");
                format!("sleep({}).await;", self.duration(*span, place))
            }
            Act::Sleep(span) | Act::Compute(span) => {
                self.computes = true;
                format!("compute({});", self.facts.span(*span, place == Place::Main))
            }
            Act::TakePermit => "SEMAPHORE.acquire().await.unwrap().forget();".to_owned(),
            Act::GivePermit => "SEMAPHORE.add_permits(1);".to_owned(),
            Act::Fail(text) => {
                let text = words(text);
                let value = if text.contains("{name}") { value(&text) } else { Quote::Plain.around(&text) };
                format!("Err({value}.into())")
            }
            Act::Return(_) if place == Place::Main => return,
            Act::Return(text) if self.fails => format!("Ok({})", value(text)),
            Act::Return(text) => value(text),
        };
        self.text.add(line);
    }

    fn duration(&mut self, span: Span, place: Place) -> String {
        self.uses("std::time", "Duration");
        match span {
            Span::Given if place == Place::Main => "Duration::ZERO".to_owned(),
            Span::Given => "Duration::from_secs_f64(seconds)".to_owned(),
            Span::Millis(millis) => format!("Duration::from_millis({millis})"),
        }
    }

    fn main(&mut self) {
        self.text.enter();
        let fails = matches!(self.facts.main.last(), Some(Statement::Do(Act::Fail(_))));
        self.main_fails = fails;
        for (place, statement) in self.facts.main.iter().enumerate() {
            self.statement(place, statement);
        }
        if self.main_fails && !fails {
            self.text.add("Ok(())");
        }
        self.text.close("}");
    }

    fn statement(&mut self, place: usize, statement: &'a Statement) {
        match statement {
            _ if self.facts.is_idle(statement) => {}
            Statement::Do(act) => self.act(act, Place::Main),
            Statement::Call(call) => {
                let line = format!("{}.await{};", self.facts.call(call), self.or_fail("", "?"));
                self.text.add(line);
            }
            Statement::Make(call) => self.keep(call, &self.facts.call(call)),
            Statement::Start(call) => self.keep(call, &format!("tokio::spawn({})", self.facts.call(call))),
            Statement::Await(name) => self.wait_for(place, name),
            Statement::Gather { calls, rule } => self.gather(calls, *rule, self.facts.said(place)),
            Statement::GatherInThreads { calls } => {
                self.uses("tokio::task", "spawn_blocking");
                self.uses("futures::future", "try_join_all");
                let calls: Vec<String> =
                    calls.iter().map(|call| format!("spawn_blocking(|| {})", self.facts.call(call))).collect();
                self.joined("try_join_all([", &calls, "])\n.await\n.unwrap();", self.facts.said(place));
            }
            Statement::SayResults => {
                if let Some(results) = self.results.take() {
                    self.say_results(results);
                }
            }
            Statement::AsCompleted { calls } => self.as_completed(calls),
            Statement::WaitFirst(names) => {
                self.uses("futures::future", "select_all");
                self.waited.extend(names.iter().map(|name| &**name));
                let said: Vec<String> = self.facts.started(names).map(|task| Quote::Plain.around(task.name)).collect();
                self.text.list("let (_, first, _) = select_all([", &self.with("&mut ", names), "])\n.await;");
                self.text.list("let names = [", &said, "];");
                self.text.add(r#"println!("first: {}", names[first]);"#);
            }
            Statement::WaitAtMost { tasks, millis } => {
                self.uses("futures::future", "join_all");
                self.uses("tokio::time", "timeout");
                self.waited.extend(tasks.iter().map(|name| &**name));
                let most = self.duration(Span::Millis(*millis), Place::Main);
                let all = self.with("&mut ", tasks);
                self.text.list("let left = [", &all, "]\n.into_iter()\n.filter(|task| !task.is_finished());");
                self.text.add(format!("let _ = timeout({most}, join_all(left)).await;"));
                self.text.list(
                    "let done = [",
                    &self.with("&", tasks),
                    "]\n.into_iter()\n.filter(|task| task.is_finished());",
                );
                self.text.add(r#"println!("ended: {}", done.count());"#);
            }
            Statement::Cancel(names) => {
                self.text.list("for (name, task) in [", &self.named(names), "] {");
                self.text.enter();
                self.text.open("if !task.is_finished() {");
                self.text.add("task.abort();");
                self.text.add(r#"println!("cancelled: {name}");"#);
                self.text.close("}");
                self.text.close("}");
            }
            Statement::SayDone(names) => {
                self.text.list("for (name, task) in [", &self.named(names), "] {");
                self.text.enter();
                self.text.add(r#"let done = if task.is_finished() { "yes" } else { "no" };"#);
                self.text.add(r#"println!("{name} done: {done}");"#);
                self.text.close("}");
            }
        }
    }

    /// `otherwise`, or where calls can fail `failing`: then so can main.
    fn or_fail(&mut self, otherwise: &'static str, failing: &'static str) -> &'static str {
        if !self.fails {
            return otherwise;
        }
        self.main_fails = true;
        failing
    }

    /// Makes or starts a call; what is spoken of later has a variable.
    fn keep(&mut self, call: &Call, made: &str) {
        let Some(task) = self.facts.task(&call.name) else { return self.text.add(format!("{made};")) };
        let polls = |it: &Statement| match it {
            Statement::WaitFirst(names) | Statement::WaitAtMost { tasks: names, .. } => names.contains(&call.name),
            Statement::Await(name) => *name == call.name && task.is_watched,
            _ => false,
        };
        let change = if task.is_started && self.facts.has(polls) { "mut " } else { "" };
        self.text.add(format!("let {change}{} = {made};", task.variable));
    }

    fn wait_for(&mut self, place: usize, name: &'a str) {
        let Some(task) = self.facts.task(name) else { return };
        let variable = &task.variable;
        if !task.is_started {
            let question = self.or_fail("", "?");
            return self.text.add(format!("{variable}.await{question};"));
        }
        let result = self.or_fail(".unwrap()", "??");
        let line = if task.is_watched && self.facts.is_named_after(place, name) {
            format!("(&mut {variable}).await{result};")
        } else {
            format!("{variable}.await{result};")
        };
        if self.waited.insert(name) {
            return self.text.add(line);
        }
        self.text.open(format!("if !{variable}.is_finished() {{"));
        self.text.add(line);
        self.text.close("}");
    }

    /// The calls as futures of one type, which those of several functions are only in boxes.
    fn futures(&mut self, calls: &[Call]) -> Vec<String> {
        let functions: BTreeSet<&str> = calls.iter().map(|call| &*call.function).collect();
        let boxed = if functions.len() > 1 { ".boxed()" } else { "" };
        if !boxed.is_empty() {
            self.uses("futures::future", "FutureExt");
        }
        calls.iter().map(|call| self.facts.call(call) + boxed).collect()
    }

    fn gather(&mut self, calls: &[Call], rule: GatherRule, said: Said) {
        match rule {
            GatherRule::Raise if self.fails => self.raising(calls, said),
            GatherRule::Group => self.group(calls, said),
            _ => {
                let made = self.futures(calls);
                self.uses("futures::future", "join_all");
                self.joined("join_all([", &made, "])\n.await;", said);
            }
        }
    }

    fn joined(&mut self, before: &str, calls: &[String], after: &str, said: Said) {
        let kept = if said == Said::Never { "" } else { "let results = " };
        self.text.list(&format!("{kept}{before}"), calls, after);
        let results = if self.fails { Results::Settled } else { Results::Values };
        self.results = (said != Said::Never).then_some(results);
    }

    fn raising(&mut self, calls: &[Call], said: Said) {
        self.uses("futures::future", "try_join_all");
        let made = self.futures(calls);
        self.text.add("// When one fails, the others are dropped.");
        self.text.list("let joined = try_join_all([", &made, "])\n.await;");
        self.results = (said == Said::Later).then_some(Results::Values);
        match said {
            Said::Never => {
                self.text.open("if let Err(error) = joined {");
                self.text.add(r#"println!("failed: {error}");"#);
                self.text.close("}");
            }
            Said::Next => {
                self.text.open("match joined {");
                self.text.open("Ok(results) => {");
                self.say_results(Results::Values);
                self.text.close("}");
                self.text.add(r#"Err(error) => println!("failed: {error}"),"#);
                self.text.close("}");
            }
            Said::Later => {
                self.text.open("let results = joined.unwrap_or_else(|error| {");
                self.text.add(r#"println!("failed: {error}");"#);
                self.text.add("Vec::new()");
                self.text.close("});");
            }
        }
    }

    fn group(&mut self, calls: &[Call], said: Said) {
        self.uses("tokio::task", "JoinSet");
        self.text.add("let mut group = JoinSet::new();");
        for (place, call) in calls.iter().enumerate() {
            let call = self.facts.call(call);
            self.text.add(match said {
                Said::Never => format!("group.spawn({call});"),
                _ => format!("group.spawn(async {{ ({place}, {call}.await) }});"),
            });
        }
        if said != Said::Never {
            self.text.add("let mut results = Vec::new();");
        }
        self.text.open("while let Some(ended) = group.join_next().await {");
        let place = if said == Said::Never { "" } else { "place, " };
        match (self.fails, said) {
            (false, Said::Never) => self.text.add("ended.unwrap();"),
            (false, _) => self.text.add("results.push(ended.unwrap());"),
            (true, Said::Never) => {
                self.text.open("if let Err(error) = ended.unwrap() {");
                self.text.add("group.shutdown().await; // the others are cancelled");
                self.text.add(r#"println!("failed: {error}");"#);
                self.text.close("}");
            }
            (true, _) => {
                self.text.open("match ended.unwrap() {");
                self.text.add(format!("({place}Ok(value)) => results.push(({place}value)),"));
                self.text.open("(_, Err(error)) => {");
                self.text.add("group.shutdown().await; // the others are cancelled");
                self.text.add("results.clear();");
                self.text.add(r#"println!("failed: {error}");"#);
                self.text.close("}");
                self.text.close("}");
            }
        }
        self.text.close("}");
        if said != Said::Never {
            self.text.add("results.sort();");
        }
        self.results = (said != Said::Never).then_some(Results::Placed);
    }

    fn say_results(&mut self, results: Results) {
        let shown = if self.facts.returns() { "{}" } else { "{:?}" };
        match results {
            Results::Values => self.text.open("for value in results {"),
            Results::Placed => self.text.open("for (_, value) in results {"),
            Results::Settled => {
                self.text.open("for result in results {");
                self.say_settled();
                return self.text.close("}");
            }
        }
        self.text.add(say("value", shown));
        self.text.close("}");
    }

    fn say_settled(&mut self) {
        let shown = if self.facts.returns() { "{}" } else { "{:?}" };
        self.text.open("match result {");
        self.text.add(format!("Ok(value) => {},", say("value", shown).trim_end_matches(';')));
        self.text.add(r#"Err(error) => println!("failed: {error}"),"#);
        self.text.close("}");
    }

    fn as_completed(&mut self, calls: &[Call]) {
        self.uses("futures::stream", "FuturesUnordered");
        self.uses("futures::stream", "StreamExt");
        let made = self.futures(calls);
        self.text.list("let mut asked = FuturesUnordered::from_iter([", &made, "]);");
        self.text.open("while let Some(result) = asked.next().await {");
        if self.fails {
            self.say_settled();
        } else {
            self.text.add(say("result", if self.facts.returns() { "{}" } else { "{:?}" }));
        }
        self.text.close("}");
    }

    /// The handles of tasks.
    fn with(&self, before: &str, names: &'a [Rc<str>]) -> Vec<String> {
        self.facts.started(names).map(|task| format!("{before}{}", task.variable)).collect()
    }

    /// The handles of tasks, each with its name: a handle does not know it.
    fn named(&self, names: &'a [Rc<str>]) -> Vec<String> {
        let pair = |task: &Task<'_>| format!("({}, &{})", Quote::Plain.around(task.name), task.variable);
        self.facts.started(names).map(pair).collect()
    }
}

fn say(value: &str, shown: &str) -> String {
    format!("println!(\"{}\");", shown.replace('{', &format!("{{{value}")))
}

/// A text as a value.
fn value(text: &str) -> String {
    match text {
        "{name}" => "name.to_owned()".to_owned(),
        text if text.contains("{name}") => format!("format!({})", Quote::Format.around(text)),
        text => format!("{}.to_owned()", Quote::Plain.around(text)),
    }
}
