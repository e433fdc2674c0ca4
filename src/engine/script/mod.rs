//! Runs a script in virtual time, under the rules of a language: when a started task first runs, what one does that
//! nobody awaits, what an error does to the others, and what the end of main does to the rest.
//!
//! | point | asyncio | promises | tokio, one thread | tokio, many threads |
//! |---|---|---|---|---|
//! | called, not awaited | nothing runs | runs at once as far as its first wait, then on | nothing runs | nothing runs |
//! | a started task first runs | when main next waits | at once | when main next waits | at once, in a thread of its own |
//! | made first, awaited later | begins when it is awaited | has been running | begins when it is awaited | the same |
//! | a wait for what is over | goes straight on | goes on after what is ready | goes straight on | the same |
//! | gather | a task each | a promise each | futures polled in main's own task | the same |
//! | gather that raises | others live on | others live on | others are dropped | the same |
//! | group | siblings are cancelled, one error when all have ended | the same, by a signal | a task each, which are aborted | the same |
//! | cancelled | when it next has the thread, even before its first line | a sleep or a wait for a permit ends at once; one that is ready runs on to its next | when it next would run | when it next waits |
//! | computing | keeps all others waiting | the same | the same | keeps its own task waiting |
//! | main ends | what is ready has one step more, then all are cancelled | all live on | all are dropped | all are dropped, one that computes when it next waits |
//!
//! In all of them: what waits for another's end is told in the order of the ends; the permits that a call still holds
//! when it ends are given back, as `async with`, `finally` and a dropped guard do; the line for a permit is in the
//! order of asking. An error that main meets where it awaits one call alone ends main.
//!
//! Nothing here is drawn by lot, so a program has one course of events: the ready queue is first in, first out, and
//! timers that are due at one instant fire in the order in which they were set. Tasks on many threads that could act
//! at one instant do so by their numbers, which real threads don't promise.
//!
//! Sources, each point seen running on `CPython` 3.11, Node 20 and tokio 1: the documentation of `asyncio` (Coroutines
//! and Tasks; Event Loop; Runners) and `Lib/asyncio`; ECMA-262, section 9.5 (Jobs), and the HTML standard, section
//! 8.1.7 (Event loops); the documentation of `tokio::runtime`, `tokio::task` and `futures::future`.

mod loops;
mod permits;
mod rows;
mod statements;
mod timers;

use crate::experiment::script::{Act, Call, Dialect, Program, Span, Statement};
use crate::id::PermitNo;
use crate::time::{Instant, from_millis};
use crate::trace::{Gate, Recorder};
use permits::Permits;
use rows::{End, Rows};
use statements::Wait;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use timers::{Key, Timers, What};

/// Runs a program to its end, or until nothing in it could ever go on, and writes what happens to `recorder`.
pub fn run(program: &Program, dialect: Dialect, lane: u8, recorder: &Recorder) {
    let mut machine = Machine::new(program, dialect, lane, recorder);
    machine.begin();
    match dialect {
        Dialect::Asyncio => machine.asyncio(),
        Dialect::Promises => machine.promises(),
        Dialect::TokioOneThread => machine.tokio_one(),
        Dialect::TokioManyThreads => machine.tokio_many(),
    }
    machine.finish();
}

/// Main.
const MAIN: u32 = 0;

/// What drives a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// A task of its own.
    Task,
    /// Main's task: it runs when main is polled.
    Inline,
    /// A thread of its own, for what only computes.
    Thread,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Main has not come to it.
    Unmade,
    /// It is made, and nothing of it runs.
    Lazy,
    /// It runs, or could.
    Ready,
    /// It sleeps.
    Asleep(Key),
    /// It keeps a thread that is not everybody's.
    Computing,
    /// It waits for a permit.
    AtPermit,
    /// It is over.
    Over,
}

/// A call, or main.
#[derive(Debug)]
struct Fiber<'a> {
    name: &'a str,
    body: &'a [Act],
    given: Duration,
    /// The next thing in its body.
    next: usize,
    home: Home,
    stage: Stage,
    /// It is to end.
    is_cancelled: bool,
    /// What it waited for was broken off, so that it ends when it next runs.
    is_thrown: bool,
    /// It stands in the ready queue.
    is_queued: bool,
    holds: Vec<PermitNo>,
    end: Option<End>,
    /// Its place among those that have ended.
    rank: usize,
}

/// Something to do with the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    /// A timer fires.
    Fire(Key, u32, What),
    /// A call goes on.
    Step(u32),
    /// Main is told that a call has ended.
    Heard(u32),
    /// It can be seen that a promise is kept or broken: only what was to follow it can tell.
    Seen(u32),
    /// Main has ended, and the loop is to stop.
    Stop,
}

/// A program under way.
#[derive(Debug)]
struct Machine<'a> {
    program: &'a Program,
    dialect: Dialect,
    now: Instant,
    rows: Rows<'a>,
    fibers: Vec<Fiber<'a>>,
    timers: Timers,
    ready: VecDeque<Job>,
    /// What fell due while the thread was kept.
    overdue: VecDeque<Job>,
    permits: Permits,
    /// The next of main's statements.
    next: usize,
    /// The item of the next call that main makes.
    next_item: u32,
    wait: Wait,
    /// The calls of whose ends main has been told.
    heard: BTreeSet<u32>,
    /// The promises of which it can be seen that they are kept or broken.
    seen: BTreeSet<u32>,
    /// The calls of the last gather that came to its end.
    results: Vec<u32>,
    /// The calls in main's task that could go on.
    woken: VecDeque<u32>,
    /// Who of main's task keeps main's thread, where there are others.
    busy: Option<u32>,
    is_stopping: bool,
    ends: usize,
}

impl<'a> Machine<'a> {
    fn new(program: &'a Program, dialect: Dialect, lane: u8, recorder: &'a Recorder) -> Self {
        let main = Fiber::new("main", &[], Duration::ZERO, Stage::Ready);
        let calls = program.main.iter().flat_map(Statement::calls);
        let fiber = |call: &'a Call| {
            let body = program.function(&call.function).map_or(&[][..], |function| &function.body);
            Fiber::new(&call.name, body, from_millis(call.millis), Stage::Unmade)
        };
        Self {
            program,
            dialect,
            now: Instant::ZERO,
            rows: Rows::new(program, lane, recorder),
            fibers: std::iter::once(main).chain(calls.map(fiber)).collect(),
            timers: Timers::default(),
            ready: VecDeque::new(),
            overdue: VecDeque::new(),
            permits: Permits::new(program.permits.unwrap_or(0)),
            next: 0,
            next_item: 1,
            wait: Wait::Nothing,
            heard: BTreeSet::new(),
            seen: BTreeSet::new(),
            results: Vec::new(),
            woken: VecDeque::new(),
            busy: None,
            is_stopping: false,
            ends: 0,
        }
    }

    fn begin(&mut self) {
        self.rows.started();
        self.rows.asked(self.now, MAIN);
        self.push_step(MAIN);
    }

    fn fiber(&mut self, item: u32) -> &mut Fiber<'a> {
        &mut self.fibers[item as usize]
    }

    fn is_over(&self, item: u32) -> bool {
        self.fibers[item as usize].end.is_some()
    }

    /// Whether main can tell that it is over.
    fn is_done(&self, item: u32) -> bool {
        if self.dialect == Dialect::Promises { self.seen.contains(&item) } else { self.is_over(item) }
    }

    fn is_tokio(&self) -> bool {
        matches!(self.dialect, Dialect::TokioOneThread | Dialect::TokioManyThreads)
    }

    /// Whether it keeps others from running while it computes.
    fn shares_thread(&self, item: u32) -> bool {
        let home = self.fibers[item as usize].home;
        match self.dialect {
            Dialect::TokioManyThreads => item == MAIN || home == Home::Inline,
            _ => home != Home::Thread,
        }
    }

    fn note_ready(&mut self, item: u32) {
        if self.shares_thread(item) && !self.is_over(item) {
            self.rows.ready(self.now, item);
        }
    }

    /// Puts a call into the ready queue, once.
    fn push_step(&mut self, item: u32) {
        if !std::mem::replace(&mut self.fiber(item).is_queued, true) {
            self.ready.push_back(Job::Step(item));
        }
    }

    /// What a call waited for has come.
    fn wake(&mut self, item: u32) {
        self.fiber(item).stage = Stage::Ready;
        self.note_ready(item);
        if self.is_tokio() && self.fiber(item).home == Home::Inline && item != MAIN {
            self.woken.push_back(item);
            self.push_step(MAIN);
        } else {
            self.push_step(item);
        }
    }

    /// A call goes on, as far as its next wait or its end.
    fn go_on(&mut self, item: u32) {
        if self.shares_thread(item) {
            self.rows.runs(self.now, item);
        }
        loop {
            let fiber = self.fiber(item);
            let body = fiber.body;
            let Some(act) = body.get(fiber.next) else {
                let nothing = self.nothing();
                return self.over(item, End::Returned(nothing));
            };
            fiber.next += 1;
            if !self.act(item, act) {
                return;
            }
        }
    }

    /// What a function gives back that says nothing of it, as its language prints it.
    fn nothing(&self) -> String {
        let nothing = match self.dialect {
            Dialect::Asyncio => "None",
            Dialect::Promises => "undefined",
            Dialect::TokioOneThread | Dialect::TokioManyThreads => "()",
        };
        nothing.to_owned()
    }

    /// Does one thing, and says whether the call goes on at once.
    fn act(&mut self, item: u32, act: &Act) -> bool {
        match act {
            Act::Say(text) => {
                let line = text.replace("{name}", self.fiber(item).name);
                self.rows.said(self.now, item, &line);
                true
            }
            Act::Sleep(span) => self.sleep(item, *span),
            Act::Compute(span) => self.compute(item, *span),
            Act::TakePermit => self.take_permit(item),
            Act::GivePermit => {
                if let Some(permit) = self.fiber(item).holds.pop() {
                    self.give_back(item, permit);
                }
                true
            }
            Act::Fail(message) => {
                let message = message.replace("{name}", self.fiber(item).name);
                self.over(item, End::Failed(message));
                false
            }
            Act::Return(value) => {
                let value = value.replace("{name}", self.fiber(item).name);
                self.over(item, End::Returned(value));
                false
            }
        }
    }

    fn length(&self, item: u32, span: Span) -> Duration {
        match span {
            Span::Given => self.fibers[item as usize].given,
            Span::Millis(millis) => from_millis(millis),
        }
    }

    /// One that was told to end does so where it would wait, in the languages where it runs on until then.
    fn ends_here(&mut self, item: u32) -> bool {
        let ends = self.fiber(item).is_cancelled && !matches!(self.dialect, Dialect::Asyncio);
        if ends {
            self.over(item, End::Cancelled);
        }
        ends
    }

    fn sleep(&mut self, item: u32, span: Span) -> bool {
        if self.ends_here(item) {
            return false;
        }
        let length = self.length(item, span);
        if self.dialect == Dialect::Asyncio && length.is_zero() && self.fiber(item).home != Home::Thread {
            // A sleep of no time sets no timer: it lets the others go first.
            self.wake(item);
            return false;
        }
        let until = self.now + length;
        self.rows.sleeping(self.now, item, until);
        let key = self.timers.set(until, item, What::Wake);
        self.fiber(item).stage = Stage::Asleep(key);
        false
    }

    fn compute(&mut self, item: u32, span: Span) -> bool {
        let length = self.length(item, span);
        if length.is_zero() {
            return true;
        }
        let until = self.now + length;
        self.rows.computing(self.now, item);
        if self.shares_thread(item) && self.dialect != Dialect::TokioManyThreads {
            self.keep_thread(until);
            return true;
        }
        if self.shares_thread(item) {
            self.busy = Some(item);
        }
        self.timers.set(until, item, What::Computed);
        self.fiber(item).stage = Stage::Computing;
        false
    }

    fn take_permit(&mut self, item: u32) -> bool {
        if self.ends_here(item) {
            return false;
        }
        match self.permits.take(item) {
            Ok(permit) => {
                self.granted(item, permit);
                if self.dialect == Dialect::Promises {
                    // Even a promise that is kept already is heard of later.
                    self.wake(item);
                }
                self.dialect != Dialect::Promises
            }
            Err(ahead) => {
                self.rows.waiting(self.now, item, Gate::Semaphore, ahead);
                self.fiber(item).stage = Stage::AtPermit;
                false
            }
        }
    }

    fn granted(&mut self, item: u32, permit: PermitNo) {
        self.rows.granted(self.now, item, Gate::Semaphore, permit);
        self.fiber(item).holds.push(permit);
    }

    fn give_back(&mut self, item: u32, permit: PermitNo) {
        self.rows.released(self.now, item, permit);
        if let Some(next) = self.permits.give(permit) {
            self.granted(next, permit);
            self.wake(next);
        }
    }

    /// Tells a call to end. When it does, is the language's affair.
    fn cancel(&mut self, item: u32) {
        let fiber = self.fiber(item);
        let stage = fiber.stage;
        if matches!(stage, Stage::Unmade | Stage::Over) {
            return;
        }
        fiber.is_cancelled = true;
        match stage {
            Stage::Lazy => {
                fiber.stage = Stage::Over;
                fiber.end = Some(End::Cancelled);
                self.rows.gone(self.now, item);
            }
            Stage::Asleep(key) => {
                self.timers.clear(key);
                self.throw(item);
            }
            Stage::AtPermit => {
                self.permits.leave(item);
                self.throw(item);
            }
            // What stands in the ready queue ends when its turn comes.
            Stage::Ready if self.dialect == Dialect::TokioManyThreads => self.fiber(item).is_thrown = true,
            // In its own thread it runs on to its next wait.
            _ => {}
        }
    }

    fn throw(&mut self, item: u32) {
        self.fiber(item).is_thrown = true;
        self.wake(item);
    }

    /// A call has ended.
    fn over(&mut self, item: u32, end: End) {
        self.ends += 1;
        let rank = self.ends;
        let fiber = self.fiber(item);
        if let Stage::Asleep(key) = fiber.stage {
            self.timers.clear(key);
        }
        let fiber = self.fiber(item);
        fiber.stage = Stage::Over;
        fiber.rank = rank;
        let holds = std::mem::take(&mut fiber.holds);
        let home = fiber.home;
        self.permits.leave(item);
        for permit in holds.into_iter().rev() {
            self.give_back(item, permit);
        }
        self.rows.ended(self.now, item, &end);
        self.fiber(item).end = Some(end);
        if item == MAIN {
            return self.main_is_over();
        }
        if self.dialect == Dialect::Promises {
            self.ready.push_back(Job::Seen(item));
        }
        if home != Home::Inline {
            self.tell_main(item);
        }
    }

    /// What the end of main does to the rest.
    fn main_is_over(&mut self) {
        for item in self.items().filter(|&item| self.fibers[item as usize].stage == Stage::Lazy).collect::<Vec<_>>() {
            self.fiber(item).stage = Stage::Over;
            self.rows.gone(self.now, item);
        }
        match self.dialect {
            Dialect::Asyncio => self.ready.push_back(Job::Stop),
            Dialect::Promises => {}
            Dialect::TokioOneThread | Dialect::TokioManyThreads => {
                self.is_stopping = true;
                for item in self.items() {
                    self.drop_call(item);
                }
            }
        }
    }

    fn items(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.fibers.len()).unwrap_or(u32::MAX)
    }

    /// A future is dropped; one that is being polled in another thread, once that is over.
    fn drop_call(&mut self, item: u32) {
        let stage = self.fiber(item).stage;
        match stage {
            Stage::Unmade | Stage::Over => {}
            Stage::Computing if !self.shares_thread(item) => self.fiber(item).is_cancelled = true,
            _ => self.over(item, End::Cancelled),
        }
    }
}

impl<'a> Fiber<'a> {
    fn new(name: &'a str, body: &'a [Act], given: Duration, stage: Stage) -> Self {
        Self {
            name,
            body,
            given,
            next: 0,
            home: Home::Task,
            stage,
            is_cancelled: false,
            is_thrown: false,
            is_queued: false,
            holds: Vec::new(),
            end: None,
            rank: 0,
        }
    }
}
