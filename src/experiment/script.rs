//! A script: a small program of tasks, and the language whose rules it runs by.
//!
//! Each lane runs a program of its own. Only main makes calls, and what it calls does plain things one after the
//! other: so the tasks of a program, and with them the rows of its lane, are known before it runs.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Small programs, one for each lane, under the rules of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Whose rules hold.
    #[serde(default)]
    pub dialect: Dialect,
    /// The programs, in the order of the lanes.
    pub programs: Vec<Program>,
}

/// Whose rules hold: when a started task first runs, what one does that is not awaited, what an error does to the
/// others, and what the end of main does to the rest. The table stands in [`crate::engine::script`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Python's asyncio.
    #[default]
    Asyncio,
    /// JavaScript's promises.
    Promises,
    /// Rust's tokio on one thread.
    TokioOneThread,
    /// Rust's tokio on many threads.
    TokioManyThreads,
}

impl Dialect {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Asyncio, Self::Promises, Self::TokioOneThread, Self::TokioManyThreads];
}

/// What a lane runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The async functions that main calls.
    pub functions: Vec<Function>,
    /// What main does.
    pub main: Vec<Statement>,
    /// The permits of the one semaphore, where functions take them. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permits: Option<u16>,
}

/// An async function of a name and a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What it is called: a name in all three languages, in lower case.
    pub name: Rc<str>,
    /// What it does.
    pub body: Vec<Act>,
}

/// A plain thing that main or a function does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Prints a line; `{name}` stands for the name that the function was called with.
    Say(Rc<str>),
    /// Waits, the thread being free for others meanwhile: what a request does.
    Sleep(Span),
    /// Keeps the thread: computing, or a client that blocks.
    Compute(Span),
    /// Takes a permit, and waits while there is none.
    TakePermit,
    /// Gives a permit back.
    GivePermit,
    /// Fails with this message.
    Fail(Rc<str>),
    /// Ends with this value; `{name}` as above.
    Return(Rc<str>),
}

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// As long as the call says.
    Given,
    /// So many milliseconds.
    Millis(u32),
}

/// A call of a function. It has a row of its own, named after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The name it is given, and what its task is known by.
    pub name: Rc<str>,
    /// Which function.
    pub function: Rc<str>,
    /// The time it is given, in milliseconds.
    pub millis: u32,
}

/// Something that main does. What it prints is the same in all languages, line by line: a result is printed as its
/// value, that of a call that failed as `failed: <message>`, that of one that was cancelled as `cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    /// A plain thing.
    Do(Act),
    /// Calls a function and waits for its end: `await f()`.
    Call(Call),
    /// Calls a function and keeps what that gives, without waiting: a coroutine, a promise, a future.
    Make(Call),
    /// Starts a task: `create_task`, a call, `spawn`.
    Start(Call),
    /// Waits for what was made or started under that name.
    Await(Rc<str>),
    /// Calls several and waits for all, each result or failure in its place.
    Gather {
        /// The calls, in the order of asking.
        calls: Vec<Call>,
        /// What a failure does.
        #[serde(default)]
        rule: GatherRule,
    },
    /// The same, each in a thread of its own: for functions that only compute. They take and give no permits there.
    GatherInThreads {
        /// The calls.
        calls: Vec<Call>,
    },
    /// Prints the results of the gather before, a line each, in the order of asking.
    SayResults,
    /// Calls several and prints each result as it comes.
    AsCompleted {
        /// The calls, in the order of asking.
        calls: Vec<Call>,
    },
    /// Waits until the first of these tasks has ended, well or not, and prints `first: <name>`.
    WaitFirst(Vec<Rc<str>>),
    /// Waits until all of these tasks have ended, but at most so many milliseconds, and prints how many have:
    /// `ended: <count>`.
    WaitAtMost {
        /// The tasks.
        tasks: Vec<Rc<str>>,
        /// The milliseconds.
        millis: u32,
    },
    /// Cancels those of these tasks that have not ended, and prints `cancelled: <name>` for each.
    Cancel(Vec<Rc<str>>),
    /// Prints for each of these tasks whether it is done: `<name> done: yes`, or `no`.
    SayDone(Vec<Rc<str>>),
}

/// What a failure does in a gather.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GatherRule {
    /// It is a result like others: `return_exceptions=True`, `allSettled`, `join_all` of results.
    #[default]
    Isolate,
    /// Main hears of it at once, prints `failed: <message>`, and goes on: `gather`, `Promise.all`, `try_join_all`.
    /// What becomes of the others is the language's.
    Raise,
    /// The others are cancelled, and main prints `failed: <message>` when all have ended: a task group. Several that
    /// failed at once stand in one line, with commas.
    Group,
}

/// Why a script can't be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A lane has no program, or a program no lane.
    #[error("a script has as many programs as there are lanes")]
    BadCount,
    /// A program calls what it does not have.
    #[error("a program calls a function that it does not have")]
    NoFunction,
    /// Two calls have one name.
    #[error("two calls of a program have the same name")]
    SameName,
    /// It speaks of a task before it made it, or of none at all.
    #[error("a program names a task that it has not made")]
    NoTask,
    /// A name that is none in all three languages.
    #[error("a function's name is of lower-case letters and _")]
    BadName,
    /// It takes or gives permits where there are none.
    #[error("a program takes permits but has none")]
    NoPermits,
    /// More than can be drawn, or longer than a day.
    #[error("a program has at most {} calls, and nothing in it takes more than 24 h", Script::MOST_CALLS)]
    TooLarge,
}

impl Statement {
    /// The calls that it makes, in order.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        match self {
            Self::Call(call) | Self::Make(call) | Self::Start(call) => std::slice::from_ref(call),
            Self::Gather { calls, .. } | Self::GatherInThreads { calls } | Self::AsCompleted { calls } => calls,
            _ => &[],
        }
    }

    /// The same, to be changed.
    pub fn calls_mut(&mut self) -> &mut [Call] {
        match self {
            Self::Call(call) | Self::Make(call) | Self::Start(call) => std::slice::from_mut(call),
            Self::Gather { calls, .. } | Self::GatherInThreads { calls } | Self::AsCompleted { calls } => calls,
            _ => &mut [],
        }
    }

    /// The tasks that it names.
    fn tasks(&self) -> &[Rc<str>] {
        match self {
            Self::Await(task) => std::slice::from_ref(task),
            Self::WaitFirst(tasks) | Self::WaitAtMost { tasks, .. } | Self::Cancel(tasks) | Self::SayDone(tasks) => {
                tasks
            }
            _ => &[],
        }
    }
}

impl Program {
    /// The names of its rows: main, then its calls in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let calls = self.main.iter().flat_map(Statement::calls);
        std::iter::once("main").chain(calls.map(|call| &*call.name))
    }

    /// The function of that name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| &*function.name == name)
    }

    /// The plain things that main and the functions do.
    fn acts(&self) -> impl Iterator<Item = &Act> {
        let plain = self.main.iter().filter_map(|statement| match statement {
            Statement::Do(act) => Some(act),
            _ => None,
        });
        plain.chain(self.functions.iter().flat_map(|function| &function.body))
    }

    fn validate(&self) -> Result<(), ScriptError> {
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        if !self.functions.iter().all(|function| is_name(&function.name)) {
            return Err(ScriptError::BadName);
        }
        let mut known = BTreeSet::from(["main"]);
        for statement in &self.main {
            // Main can't wait for itself.
            if !statement.tasks().iter().all(|task| &**task != "main" && known.contains(&**task)) {
                return Err(ScriptError::NoTask);
            }
            for call in statement.calls() {
                if self.function(&call.function).is_none() {
                    return Err(ScriptError::NoFunction);
                }
                if !known.insert(&call.name) {
                    return Err(ScriptError::SameName);
                }
            }
        }
        if self.permits.is_none() && self.acts().any(|act| matches!(act, Act::TakePermit | Act::GivePermit)) {
            return Err(ScriptError::NoPermits);
        }
        let of_calls = self.main.iter().flat_map(Statement::calls).map(|call| call.millis);
        let of_waits = self.main.iter().filter_map(|statement| match statement {
            Statement::WaitAtMost { millis, .. } => Some(*millis),
            _ => None,
        });
        let of_acts = self.acts().filter_map(|act| match act {
            Act::Sleep(Span::Millis(millis)) | Act::Compute(Span::Millis(millis)) => Some(*millis),
            _ => None,
        });
        let is_long = of_calls.chain(of_waits).chain(of_acts).any(|millis| millis > DAY_MILLIS);
        // Main is known too, and no call.
        if known.len() > Script::MOST_CALLS + 1 || is_long {
            return Err(ScriptError::TooLarge);
        }
        Ok(())
    }
}

const DAY_MILLIS: u32 = 24 * 60 * 60 * 1_000;

impl Script {
    /// The most calls of a program.
    pub const MOST_CALLS: usize = 100;

    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), ScriptError> {
        self.programs.iter().try_for_each(Program::validate)
    }

    /// The rows of a lane's program.
    #[must_use]
    pub fn rows_of(&self, lane: usize) -> u32 {
        let rows = self.programs.get(lane).map_or(0, |program| program.names().count());
        u32::try_from(rows).unwrap_or(u32::MAX)
    }

    /// The rows that the longest of its programs has.
    #[must_use]
    pub fn rows(&self) -> u32 {
        (0..self.programs.len()).map(|lane| self.rows_of(lane)).max().unwrap_or(0)
    }
}
