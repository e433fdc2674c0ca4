//! What main does, statement by statement, and what it waits for meanwhile.

use super::{End, Home, Job, MAIN, Machine, Stage};
use crate::engine::script::timers::{Key, What};
use crate::experiment::script::{Call, Dialect, GatherRule, Statement};
use crate::time::from_millis;
use std::collections::VecDeque;
use std::rc::Rc;

/// What main waits for.
#[derive(Debug)]
pub(super) enum Wait {
    /// For nobody.
    Nothing,
    /// For one call.
    One(u32),
    /// For several.
    All(Vec<u32>, GatherRule),
    /// For each of several as it comes.
    Each {
        /// All of them.
        items: Vec<u32>,
        /// How many main has not said yet.
        left: usize,
        /// Whose ends main has been told of and not said yet.
        told: VecDeque<u32>,
    },
    /// For the first of several.
    First(Vec<u32>),
    /// For several, for a while.
    AtMost {
        /// All of them.
        items: Vec<u32>,
        /// The timer; none once it has fired.
        timer: Option<Key>,
    },
}

impl Wait {
    fn items(&self) -> &[u32] {
        match self {
            Self::Nothing => &[],
            Self::One(item) => std::slice::from_ref(item),
            Self::All(items, _) | Self::Each { items, .. } | Self::First(items) | Self::AtMost { items, .. } => items,
        }
    }
}

impl Machine<'_> {
    /// Main goes on, as far as its next wait or its end.
    pub(super) fn go_on_main(&mut self) {
        if self.fiber(MAIN).stage != Stage::Ready {
            return;
        }
        self.rows.runs(self.now, MAIN);
        let program = self.program;
        while self.settle() {
            let Some(statement) = program.main.get(self.next) else {
                let nothing = self.nothing();
                return self.over(MAIN, End::Returned(nothing));
            };
            self.next += 1;
            if !self.do_statement(statement) {
                break;
            }
        }
        self.name_awaited();
    }

    /// Whether main goes on at once, as far as its wait is not to be looked at first.
    fn do_statement(&mut self, statement: &Statement) -> bool {
        match statement {
            Statement::Do(act) => self.act(MAIN, act),
            Statement::Call(_) => {
                let item = self.new_item();
                self.call(item)
            }
            Statement::Make(_) => {
                let item = self.new_item();
                if self.dialect == Dialect::Promises {
                    self.start(item);
                } else {
                    self.rows.made(self.now, item);
                    self.fiber(item).stage = Stage::Lazy;
                }
                true
            }
            Statement::Start(_) => {
                let item = self.new_item();
                self.start(item);
                true
            }
            Statement::Await(name) => self.await_task(name),
            Statement::Gather { calls, rule } => {
                let items = self.new_items(calls);
                self.gather(items.clone(), Wait::All(items, *rule), *rule == GatherRule::Group)
            }
            Statement::GatherInThreads { calls } => self.gather_in_threads(calls),
            Statement::AsCompleted { calls } => {
                let items = self.new_items(calls);
                let wait = Wait::Each { items: items.clone(), left: items.len(), told: VecDeque::new() };
                self.gather(items, wait, false)
            }
            Statement::SayResults => {
                for item in self.results.clone() {
                    self.say_result(item);
                }
                true
            }
            Statement::WaitFirst(names) => {
                let items = self.tasks(names);
                self.wait_for(Wait::First(items))
            }
            Statement::WaitAtMost { tasks, millis } => {
                let items = self.tasks(tasks);
                let timer = self.timers.set(self.now + from_millis(*millis), MAIN, What::Timeout);
                self.wait_for(Wait::AtMost { items, timer: Some(timer) })
            }
            Statement::Cancel(names) => {
                for item in self.items_of(names) {
                    if !self.is_done(item) {
                        self.say(&format!("cancelled: {}", self.name(item)));
                        self.cancel(item);
                    }
                }
                true
            }
            Statement::SayDone(names) => {
                for item in self.items_of(names) {
                    let is_done = if self.is_done(item) { "yes" } else { "no" };
                    self.say(&format!("{} done: {is_done}", self.name(item)));
                }
                true
            }
        }
    }

    fn new_item(&mut self) -> u32 {
        self.next_item += 1;
        self.next_item - 1
    }

    fn new_items(&mut self, calls: &[Call]) -> Vec<u32> {
        calls.iter().map(|_| self.new_item()).collect()
    }

    fn name(&self, item: u32) -> String {
        self.fibers[item as usize].name.to_owned()
    }

    fn items_of(&self, names: &[Rc<str>]) -> Vec<u32> {
        let item = |name: &Rc<str>| self.items().skip(1).find(|&item| self.fibers[item as usize].name == &**name);
        names.iter().filter_map(item).collect()
    }

    /// The items of tasks that are to be waited for together. What was only made becomes a task.
    fn tasks(&mut self, names: &[Rc<str>]) -> Vec<u32> {
        let items = self.items_of(names);
        for &item in &items {
            if self.fiber(item).stage == Stage::Lazy {
                self.start(item);
            }
        }
        items
    }

    fn say(&mut self, line: &str) {
        self.rows.said(self.now, MAIN, line);
    }

    fn say_result(&mut self, item: u32) {
        let line = match &self.fibers[item as usize].end {
            Some(End::Returned(value)) => value.clone(),
            Some(End::Failed(message)) => format!("failed: {message}"),
            Some(End::Cancelled) => "cancelled".to_owned(),
            None => return,
        };
        self.say(&line);
    }

    /// Its life begins.
    fn ask(&mut self, item: u32, home: Home) {
        self.rows.asked(self.now, item);
        let fiber = self.fiber(item);
        fiber.stage = Stage::Ready;
        fiber.home = home;
    }

    /// Starts a task; of promises it runs at once, as far as its first wait.
    fn start(&mut self, item: u32) {
        self.ask(item, Home::Task);
        if self.dialect == Dialect::Promises {
            self.rows.awaiting(self.now, MAIN, item);
            self.go_on(item);
            self.rows.runs(self.now, MAIN);
        } else {
            self.note_ready(item);
            self.push_step(item);
        }
    }

    /// Calls and waits: in main's own task, but for promises.
    fn call(&mut self, item: u32) -> bool {
        if self.dialect == Dialect::Promises {
            self.start(item);
            return self.wait_for(Wait::One(item));
        }
        self.wait = Wait::One(item);
        self.ask(item, Home::Inline);
        self.rows.awaiting(self.now, MAIN, item);
        self.go_on(item);
        self.hear_inline(item);
        true
    }

    fn await_task(&mut self, name: &Rc<str>) -> bool {
        let Some(&item) = self.items_of(std::slice::from_ref(name)).first() else { return true };
        if self.fiber(item).stage == Stage::Lazy { self.call(item) } else { self.wait_for(Wait::One(item)) }
    }

    /// Waits for what runs by itself. Where what is over already is only heard of later, main gives way.
    fn wait_for(&mut self, wait: Wait) -> bool {
        let items = wait.items().to_vec();
        let is_one = matches!(wait, Wait::One(_));
        self.wait = wait;
        let gives_way = match self.dialect {
            Dialect::Asyncio => !is_one,
            Dialect::Promises => true,
            Dialect::TokioOneThread | Dialect::TokioManyThreads => false,
        };
        for item in items.iter().copied().filter(|&item| self.is_over(item)).collect::<Vec<_>>() {
            self.tell_main(item);
        }
        !gives_way || items.is_empty()
    }

    fn gather(&mut self, items: Vec<u32>, wait: Wait, is_group: bool) -> bool {
        if !self.is_tokio() || is_group {
            for &item in &items {
                self.start(item);
            }
            return self.wait_for(wait);
        }
        self.wait = wait;
        for item in items {
            self.ask(item, Home::Inline);
            self.note_ready(item);
            self.woken.push_back(item);
        }
        self.name_awaited();
        self.poll_inline();
        true
    }

    fn gather_in_threads(&mut self, calls: &[Call]) -> bool {
        let items = self.new_items(calls);
        for &item in &items {
            self.ask(item, Home::Thread);
            self.go_on(item);
        }
        self.wait_for(Wait::All(items, GatherRule::Isolate))
    }

    /// The calls in main's own task go on, one after the other.
    pub(super) fn poll_inline(&mut self) {
        while self.busy.is_none() && !self.has_broken_off() {
            let Some(item) = self.woken.pop_front() else { return };
            if !self.is_over(item) {
                self.go_on(item);
                self.hear_inline(item);
            }
        }
    }

    /// Whether one of several that are dropped together has failed.
    fn has_broken_off(&self) -> bool {
        matches!(&self.wait, Wait::All(items, GatherRule::Raise) if self.first_failure(items).is_some())
    }

    fn first_failure(&self, items: &[u32]) -> Option<u32> {
        let failed = items.iter().filter(|&&item| matches!(self.fibers[item as usize].end, Some(End::Failed(_))));
        failed.copied().min_by_key(|&item| self.fibers[item as usize].rank)
    }

    /// A call in main's own task has run: if it has ended, main knows.
    pub(super) fn hear_inline(&mut self, item: u32) {
        if !self.is_over(item) {
            return;
        }
        self.rows.runs(self.now, MAIN);
        if let Wait::Each { told, .. } = &mut self.wait {
            told.push_back(item);
            self.say_told();
        }
        if self.fiber(MAIN).stage == Stage::Ready {
            self.name_awaited();
        }
    }

    /// A call that runs by itself has ended.
    pub(super) fn tell_main(&mut self, item: u32) {
        if !self.wait.items().contains(&item) || self.is_over(MAIN) {
            return;
        }
        let is_met = matches!(self.wait, Wait::Each { .. }) || self.is_met(Self::is_over);
        if !is_met {
            self.name_awaited();
        } else if !self.rows.is_ready(MAIN) {
            self.rows.awaiting(self.now, MAIN, item);
            self.note_ready(MAIN);
        }
        if matches!(self.wait, Wait::One(_)) {
            self.push_step(MAIN);
        } else if self.is_tokio() {
            self.heard(item);
        } else {
            self.ready.push_back(Job::Heard(item));
        }
    }

    /// Main's wait is told of an end.
    pub(super) fn heard(&mut self, item: u32) {
        self.heard.insert(item);
        let has_failed = matches!(self.fiber(item).end, Some(End::Failed(_)));
        match &mut self.wait {
            Wait::Each { items, told, .. } if items.contains(&item) => told.push_back(item),
            Wait::All(items, GatherRule::Group) if has_failed && items.contains(&item) => {
                for other in items.clone() {
                    self.cancel(other);
                }
            }
            _ => {}
        }
        if self.is_met(|machine, item| machine.heard.contains(&item)) {
            self.push_step(MAIN);
        }
    }

    /// Whether main could go on, by what is known of the ends.
    fn is_met(&self, is_known: impl Fn(&Self, u32) -> bool) -> bool {
        let is_known = |&item: &u32| is_known(self, item);
        match &self.wait {
            Wait::Nothing => false,
            Wait::One(item) => is_known(item),
            Wait::All(items, GatherRule::Raise) => {
                items.iter().all(is_known) || self.first_failure(items).is_some_and(|item| is_known(&item))
            }
            Wait::All(items, _) => items.iter().all(is_known),
            Wait::Each { told, .. } => !told.is_empty(),
            Wait::First(items) => items.iter().any(is_known),
            Wait::AtMost { items, timer } => timer.is_none() || items.iter().all(is_known),
        }
    }

    /// The time that main meant to wait at most is over.
    pub(super) fn has_waited_enough(&mut self, key: Key) {
        if let Wait::AtMost { timer, .. } = &mut self.wait
            && *timer == Some(key)
        {
            *timer = None;
            self.note_ready(MAIN);
            self.push_step(MAIN);
        }
    }

    /// Says the results that main has been told of.
    fn say_told(&mut self) {
        while let Wait::Each { told, left, .. } = &mut self.wait {
            let Some(item) = told.pop_front() else { return };
            *left -= 1;
            self.say_result(item);
        }
    }

    /// Names in main's row one that it waits for.
    fn name_awaited(&mut self) {
        let open = self.wait.items().iter().copied().find(|&item| !self.is_over(item));
        if let Some(item) = open.filter(|_| !self.is_over(MAIN) && !self.rows.is_ready(MAIN)) {
            self.rows.awaiting(self.now, MAIN, item);
        }
    }

    /// Ends main's wait if it can end, and says whether main goes on.
    fn settle(&mut self) -> bool {
        if self.is_over(MAIN) {
            return false;
        }
        self.say_told();
        match std::mem::replace(&mut self.wait, Wait::Nothing) {
            Wait::Nothing | Wait::Each { left: 0, .. } => true,
            Wait::One(item) => self.settle_one(item),
            Wait::All(items, rule) => self.settle_all(items, rule),
            Wait::First(items) if items.is_empty() => true,
            Wait::First(items) if items.iter().any(|&item| self.is_over(item)) => {
                let over = items.into_iter().filter(|&item| self.is_over(item));
                if let Some(first) = over.min_by_key(|&item| self.fibers[item as usize].rank) {
                    self.say(&format!("first: {}", self.name(first)));
                }
                true
            }
            Wait::AtMost { items, timer } if timer.is_none() || items.iter().all(|&item| self.is_over(item)) => {
                if let Some(timer) = timer {
                    self.timers.clear(timer);
                }
                let ended = items.into_iter().filter(|&item| self.is_done(item)).count();
                self.say(&format!("ended: {ended}"));
                true
            }
            still => {
                self.wait = still;
                false
            }
        }
    }

    fn settle_one(&mut self, item: u32) -> bool {
        let failure = match &self.fibers[item as usize].end {
            Some(End::Returned(_)) => return true,
            Some(End::Failed(message)) => message.clone(),
            Some(End::Cancelled) => "cancelled".to_owned(),
            None => {
                self.wait = Wait::One(item);
                return false;
            }
        };
        self.over(MAIN, End::Failed(failure));
        false
    }

    fn settle_all(&mut self, items: Vec<u32>, rule: GatherRule) -> bool {
        if let Some(first) = self.first_failure(&items).filter(|_| rule == GatherRule::Raise) {
            self.say_result(first);
            self.results.clear();
            if self.is_tokio() {
                self.woken.clear();
                for item in items {
                    if !self.is_over(item) {
                        self.over(item, End::Cancelled);
                    }
                }
            }
            return true;
        }
        if !items.iter().all(|&item| self.is_over(item)) {
            self.wait = Wait::All(items, rule);
            return false;
        }
        let mut failures = Vec::new();
        for &item in items.iter().filter(|_| rule == GatherRule::Group) {
            if let Some(End::Failed(message)) = &self.fibers[item as usize].end {
                failures.push(message.clone());
            }
        }
        if failures.is_empty() {
            self.results = items;
        } else {
            self.results.clear();
            self.say(&format!("failed: {}", failures.join(", ")));
        }
        true
    }
}
