//! Whose turn it is: the loop of each language.

use super::{End, Fiber, Home, Job, MAIN, Machine, Stage};
use crate::engine::script::timers::{Key, What};
use crate::experiment::script::Dialect;
use crate::time::Instant;
use crate::trace::StopReason;
use std::time::Duration;

/// How many tasks tokio runs before it looks at main and the timers again: `event_interval`.
const TURN: usize = 61;

/// What waits for ever does so for this long in the record, so that the wait can be seen.
const SEEN_STUCK: Duration = Duration::from_secs(1);

impl Machine<'_> {
    /// A round does what was ready when it began; timers are looked at between rounds.
    pub(super) fn asyncio(&mut self) {
        let mut has_cancelled = false;
        loop {
            self.collect_due();
            let round = self.ready.len();
            if round == 0 && !self.jump() {
                return;
            }
            for _ in 0..round {
                if let Some(job) = self.ready.pop_front() {
                    self.do_job(job);
                }
            }
            if self.is_stopping && !std::mem::replace(&mut has_cancelled, true) {
                for item in self.items() {
                    self.cancel(item);
                }
            }
        }
    }

    /// All jobs, then one timer, then all jobs again.
    pub(super) fn promises(&mut self) {
        loop {
            while let Some(job) = self.ready.pop_front() {
                self.do_job(job);
            }
            if let Some(job) = self.overdue.pop_front() {
                self.do_job(job);
            } else if let Some((key, item, what)) = self.timers.due(self.now) {
                self.fire(key, item, what);
            } else if !self.jump() {
                return;
            }
        }
    }

    /// Main first, then the tasks in turn, then the timers.
    pub(super) fn tokio_one(&mut self) {
        loop {
            if let Some(place) = self.ready.iter().position(|&job| job == Job::Step(MAIN)) {
                self.ready.remove(place);
                self.step(MAIN);
            }
            for _ in 0..TURN {
                let Some(place) = self.ready.iter().position(|&job| job != Job::Step(MAIN)) else { break };
                if let Some(job) = self.ready.remove(place) {
                    self.do_job(job);
                }
            }
            while let Some(job) = self.overdue.pop_front() {
                self.do_job(job);
            }
            while let Some((key, item, what)) = self.timers.due(self.now) {
                self.fire(key, item, what);
            }
            if self.ready.is_empty() && !self.jump() {
                return;
            }
        }
    }

    /// Whoever could act now, by number.
    pub(super) fn tokio_many(&mut self) {
        loop {
            while let Some((key, item, what)) = self.timers.due(self.now) {
                self.fire(key, item, what);
            }
            let number = |job: &Job| if let Job::Step(item) = *job { item } else { MAIN };
            let first = (0..self.ready.len()).min_by_key(|&place| number(&self.ready[place]));
            if let Some(job) = first.and_then(|place| self.ready.remove(place)) {
                self.do_job(job);
            } else if !self.jump() {
                return;
            }
        }
    }

    /// Time goes on to the next timer, if there is one.
    fn jump(&mut self) -> bool {
        let next = self.timers.next();
        self.now = self.now.max(next.unwrap_or(self.now));
        next.is_some()
    }

    /// Puts the timers that are due behind what is ready.
    fn collect_due(&mut self) {
        self.ready.append(&mut self.overdue);
        while let Some((key, item, what)) = self.timers.due(self.now) {
            if self.is_in_thread(item, what) {
                self.fire(key, item, what);
            } else {
                self.note_ready(item);
                self.ready.push_back(Job::Fire(key, item, what));
            }
        }
    }

    /// Somebody keeps the thread until then: what falls due meanwhile has to wait, but for what has a thread of its
    /// own.
    pub(super) fn keep_thread(&mut self, until: Instant) {
        while let Some((key, item, what)) = self.timers.due(until) {
            self.now = self.now.max(key.0);
            if self.is_in_thread(item, what) {
                self.fire(key, item, what);
            } else {
                self.note_ready(item);
                self.overdue.push_back(Job::Fire(key, item, what));
            }
        }
        self.now = until;
    }

    fn is_in_thread(&self, item: u32, what: What) -> bool {
        what != What::Timeout && self.fibers[item as usize].home == Home::Thread
    }

    fn do_job(&mut self, job: Job) {
        match job {
            Job::Fire(key, item, what) => self.fire(key, item, what),
            Job::Step(item) => self.step(item),
            Job::Heard(item) => self.heard(item),
            Job::Seen(item) => {
                self.seen.insert(item);
            }
            Job::Stop => self.is_stopping = true,
        }
    }

    fn fire(&mut self, key: Key, item: u32, what: What) {
        match what {
            What::Timeout => self.has_waited_enough(key),
            // One that was broken off meanwhile sleeps no more.
            What::Wake if self.fiber(item).stage != Stage::Asleep(key) => {}
            _ if self.fiber(item).home == Home::Thread => {
                self.fiber(item).stage = Stage::Ready;
                self.go_on(item);
            }
            What::Wake => self.wake(item),
            What::Computed => {
                if self.busy == Some(item) {
                    self.busy = None;
                }
                self.fiber(item).stage = Stage::Ready;
                if item != MAIN && self.fiber(item).home == Home::Inline {
                    self.woken.push_front(item);
                    self.push_step(MAIN);
                } else {
                    self.push_step(item);
                }
            }
        }
    }

    /// A call has its turn.
    fn step(&mut self, item: u32) {
        self.fiber(item).is_queued = false;
        if self.is_over(item) {
            return;
        }
        if item == MAIN {
            return self.poll_main();
        }
        let Fiber { is_thrown, is_cancelled, .. } = *self.fiber(item);
        // An aborted task of many threads that was computing runs on to where it waits.
        let runs_on = match self.dialect {
            Dialect::Asyncio | Dialect::TokioOneThread => false,
            Dialect::Promises | Dialect::TokioManyThreads => !is_thrown,
        };
        if is_cancelled && !runs_on {
            self.over(item, End::Cancelled);
        } else {
            self.go_on(item);
        }
        if self.fiber(item).home == Home::Inline && self.is_over(item) {
            self.go_on_main();
        }
    }

    /// Main's task has its turn: first the calls in it, then main itself.
    fn poll_main(&mut self) {
        self.poll_inline();
        if self.busy.is_none() {
            self.go_on_main();
        }
    }

    /// All that could happen has happened.
    pub(super) fn finish(&mut self) {
        let is_stuck = |fiber: &Fiber<'_>| !matches!(fiber.stage, Stage::Unmade | Stage::Lazy | Stage::Over);
        let is_stuck = self.fibers.iter().any(is_stuck);
        let at = if is_stuck { self.now + SEEN_STUCK } else { self.now };
        for item in self.items() {
            if self.fiber(item).stage == Stage::Lazy {
                self.fiber(item).stage = Stage::Over;
                self.rows.gone(at, item);
            }
        }
        self.rows.stopped(at, if is_stuck { StopReason::Stalled } else { StopReason::Finished });
    }
}
