//! Runs a workload under a plan, in whatever world it is given.
//!
//! Ordinary `async` code, generic over [`Clock`] and [`Service`]: the page and the simulation run
//! this very code. Items are asked when the plan has it and stand in one line as entries of a queue; only
//! those that have begun are futures, driven here as `Tasks`, so that dropping the run drops
//! every one of them. An item is a chain of steps (`item`), a step has one branch or several (`branches`),
//! a branch tries until it is answered (`tries`), and each try passes the gates (`gates`).

mod attempt;
mod bell;
mod branches;
pub mod controls;
mod gates;
mod item;
mod race;
mod rates;
pub mod script;
mod slots;
mod tasks;
mod tries;

use crate::experiment::plan::{Plan, Strategy};
use crate::experiment::workload::Workload;
use crate::id::Tag;
use crate::policy::adaptive::Learned;
use crate::policy::adaptive_limit::AdaptiveLimit;
use crate::policy::hedge::Hedge;
use crate::policy::priority::Entry;
use crate::policy::retry_budget::RetryBudget;
use crate::policy::semaphore::Permit;
use crate::port::{Clock, Failure, FailureKind, Service, Settings, Usage};
use crate::time::Instant;
use crate::trace::{Gate, Kind, Outcome, Recorder, StopReason, Why};
pub use controls::Controls;
use rates::Rates;
use slots::Slots;
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tasks::Tasks;

/// What a run needs of the world around it.
#[derive(Clone, Debug)]
pub struct World<C, S> {
    /// Time.
    pub clock: C,
    /// Who answers.
    pub service: S,
    /// What the user may do meanwhile; none where nobody is there to do it.
    pub controls: Option<Controls>,
}

/// Which lane of which luck.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What luck grows from.
    pub seed: u64,
    /// The lane's number.
    pub lane: u8,
}

/// Runs `workload` under `plan` and writes what happens to `recorder`.
///
/// # Cancel safety
/// Dropping the future aborts what is under way and gives all permits back; the recorder then still
/// needs [`Recorder::stop`] to end the lives of the items.
pub async fn run<C: Clock, S: Service>(
    workload: &Workload,
    plan: &Plan,
    place: Place,
    world: &World<C, S>,
    recorder: &Recorder,
) {
    recorder.expect(workload.len());
    let lane = Lane::new(workload, plan, place, world, recorder);
    lane.record(Tag::of_item(place.lane, 0), Kind::Started);
    lane.tell_limit(Tag::of_item(place.lane, 0));
    let why = lane.drive().await;
    recorder.stop(world.clock.now(), place.lane, why);
}

/// What happens next in a lane.
enum Next {
    /// An item ended.
    Ended,
    /// The time of some who were never started is up.
    TimeIsUp,
    /// The time that was left is over.
    Enough,
    /// The user wants something.
    Word,
    /// It is time to ask for another item.
    Ask,
}

/// What the items of a lane share.
struct Lane<'a, C, S> {
    workload: &'a Workload,
    settings: Rc<Settings>,
    plan: &'a Plan,
    place: Place,
    clock: &'a C,
    service: &'a S,
    controls: Option<&'a Controls>,
    recorder: &'a Recorder,
    /// What a permit is called.
    gate: Gate,
    slots: Slots,
    /// The gates of rate; none where the lane has none.
    rates: Option<Rates>,
    /// What retries are paid from; none where they are free.
    retry_budget: Option<RefCell<RetryBudget>>,
    /// How many permits there are, where that is learned.
    limit: Option<RefCell<AdaptiveLimit>>,
    /// When a call takes long enough for a copy.
    hedge: Option<RefCell<Hedge>>,
    /// When each item was asked, in order, as far as they were.
    asked: RefCell<Vec<Instant>>,
    /// When the next is to be asked.
    asks_at: Cell<Instant>,
    /// What stops the lane.
    stop: Cell<Option<StopReason>>,
}

impl<'a, C: Clock, S: Service> Lane<'a, C, S> {
    fn new(
        workload: &'a Workload,
        plan: &'a Plan,
        place: Place,
        world: &'a World<C, S>,
        recorder: &'a Recorder,
    ) -> Self {
        let now = world.clock.now();
        let slots = Slots::new(plan);
        let limit = plan.adaptive_limit.map(AdaptiveLimit::new);
        if let Some(limit) = &limit {
            slots.set_limit(permits(limit), now);
        }
        Self {
            workload,
            settings: Rc::new(workload.settings().cloned().unwrap_or_default()),
            plan,
            place,
            clock: &world.clock,
            service: &world.service,
            controls: world.controls.as_ref(),
            recorder,
            // One after the other is a line with one place; only its name differs.
            gate: if plan.strategy == Strategy::Sequential { Gate::Turn } else { Gate::Semaphore },
            slots,
            rates: Rates::new(plan.rates, plan.order, now),
            retry_budget: plan.retry_budget.map(|params| RefCell::new(RetryBudget::new(params))),
            limit: limit.map(RefCell::new),
            hedge: plan.hedge.map(|params| RefCell::new(Hedge::new(params))),
            asked: RefCell::default(),
            asks_at: Cell::new(now),
            stop: Cell::new(None),
        }
    }

    fn record(&self, tag: Tag, kind: Kind) {
        self.recorder.record(self.clock.now(), tag, kind);
    }

    fn waiting(&self, tag: Tag, gate: Gate, ahead: usize) {
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        self.record(tag, Kind::Waiting { gate, why: Why::InLine { ahead } });
    }

    /// What goes with the calls of an item.
    fn settings_for(&self, item: u32) -> Rc<Settings> {
        let model = self.workload.model(item);
        if Rc::ptr_eq(&model, &self.settings.model) {
            return self.settings.clone();
        }
        Rc::new(Settings { model, ..(*self.settings).clone() })
    }

    /// One who joins a line now.
    fn entry(&self, tag: Tag) -> Entry {
        let (class, tenant) = (self.workload.class(tag.item), self.workload.tenant(tag.item));
        Entry { tag, class, tenant, joined: self.clock.now() }
    }

    /// When an item's time is up.
    fn deadline(&self, tag: Tag) -> Instant {
        self.asked.borrow().get(tag.item as usize).map_or(Instant::NEVER, |&at| self.plan.timeout.item_ends(at))
    }

    /// Asks for the items whose time has come, as far as there is room for them.
    fn ask_due(&self) {
        let now = self.clock.now();
        while self.asks_at.get() <= now && self.has_room() {
            let next = self.asked_so_far();
            if next >= self.workload.len() {
                return;
            }
            self.asked.borrow_mut().push(now);
            self.asks_at.set(self.asks_at.get() + self.workload.gap_before(next + 1, self.place.seed));
            let tag = Tag::of_item(self.place.lane, next);
            self.recorder.record(now, tag, Kind::Asked);
            let (gate, entry) = (gates::door(self), self.entry(tag));
            let ahead = match &self.rates {
                Some(rates) if gate == Gate::Rate => rates.line().at(now).join(entry).map(|ahead| ahead + 1),
                _ => self.slots.join(entry, now),
            };
            if let Some(ahead) = ahead {
                self.waiting(tag, gate, ahead);
            }
        }
    }

    fn asked_so_far(&self) -> u32 {
        u32::try_from(self.asked.borrow().len()).unwrap_or(u32::MAX)
    }

    /// When the next item is to be asked; never, where that hangs on a place in the queue.
    fn next_ask(&self) -> Instant {
        if self.asked_so_far() < self.workload.len() && self.has_room() { self.asks_at.get() } else { Instant::NEVER }
    }

    /// Whether the queue has room for one more.
    fn has_room(&self) -> bool {
        let Strategy::WorkerPool { queue } = self.plan.strategy else { return true };
        let line =
            self.rates.as_ref().filter(|_| gates::door(self) == Gate::Rate).map(|rates| rates.line().never_started());
        line.unwrap_or_else(|| self.slots.never_started()) < queue as usize
    }

    /// The next permit, or first place before the rates, of an item that was never started.
    fn poll_next_started(&self, cx: &mut Context<'_>) -> Poll<Permit<'_>> {
        match &self.rates {
            Some(rates) if gates::door(self) == Gate::Rate => rates.line().poll_next_started(cx),
            _ => self.slots.poll_next_started(cx),
        }
    }

    fn dismiss_never_started(&self, meant: impl Fn(Tag) -> bool) -> Vec<Tag> {
        match &self.rates {
            Some(rates) if gates::door(self) == Gate::Rate => rates.line().dismiss_never_started(meant),
            _ => self.slots.dismiss_never_started(meant),
        }
    }

    /// Starts items as their permits come, until all have ended or one stops the lane.
    async fn drive(&self) -> StopReason {
        let mut unfinished = self.workload.len() as usize;
        let mut running = Tasks::new();
        let (mut deadline, mut ask_at) = (Instant::NEVER, Instant::NEVER);
        let mut time_is_up = pin!(self.clock.sleep_until(deadline));
        let mut time_to_ask = pin!(self.clock.sleep_until(ask_at));
        let mut enough = pin!(self.clock.sleep_until(Instant::NEVER));
        self.ask_due();
        let (mut has_ended, mut drains) = (false, false);
        loop {
            // Whatever else came first at this moment, the time of some who were never started may be up.
            if deadline <= self.clock.now() {
                unfinished -= self.fail_never_started();
            }
            if let Some(controls) = self.controls {
                unfinished -= self.give_up_never_started(|tag| controls.is_draining() || controls.is_cancelled(tag));
                if controls.is_draining() && !drains {
                    drains = true;
                    unfinished -= self.workload.len() as usize - self.asked.borrow().len();
                    enough.set(self.clock.sleep_until(self.clock.now() + controls::DRAIN));
                }
            }
            if !drains {
                self.ask_due();
            }
            if let Some(at) = changed(&mut deadline, self.next_deadline()) {
                time_is_up.set(self.clock.sleep_until(at));
            }
            if let Some(at) = changed(&mut ask_at, if drains { Instant::NEVER } else { self.next_ask() }) {
                time_to_ask.set(self.clock.sleep_until(at));
            }
            if unfinished == 0 {
                return if drains { StopReason::Drained } else { StopReason::Finished };
            }
            let mut word = pin!(async {
                match self.controls {
                    Some(controls) => controls.told().await,
                    None => pending().await,
                }
            });
            // What can happen at one moment happens in this order. The deadline stands before the permit: one that
            // falls free at that moment starts nobody.
            let next = poll_fn(|cx| {
                loop {
                    if let Poll::Ready(Some(())) = running.poll_next(cx) {
                        return Poll::Ready(Next::Ended);
                    }
                    if time_is_up.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Next::TimeIsUp);
                    }
                    let Poll::Ready(permit) = self.poll_next_started(cx) else { break };
                    running.push(item::run(self, permit));
                    // One who went made room for another.
                    if matches!(self.plan.strategy, Strategy::WorkerPool { .. }) {
                        return Poll::Ready(Next::Ask);
                    }
                }
                if time_to_ask.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Next::Ask);
                }
                if enough.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Next::Enough);
                }
                word.as_mut().poll(cx).map(|()| Next::Word)
            });
            let next = next.await;
            match next {
                Next::Ended => {
                    unfinished -= 1;
                    if let Some(why) = self.stop.get() {
                        return why;
                    }
                    if let Some(span) = self.plan.after_first.filter(|_| !has_ended && !drains) {
                        enough.set(self.clock.sleep_until(self.clock.now() + span));
                    }
                    has_ended = true;
                }
                Next::Enough => return if drains { StopReason::Aborted } else { StopReason::Enough },
                // What it is, the next round sees.
                Next::TimeIsUp | Next::Word | Next::Ask => {}
            }
        }
    }

    /// What the retry budget and the limit learn of an attempt.
    fn learn(&self, tag: Tag, came: Result<Usage, FailureKind>) {
        if let (Ok(_), Some(budget)) = (came, &self.retry_budget) {
            budget.borrow_mut().earn();
        }
        if let Some(limit) = &self.limit {
            limit.borrow_mut().learn(match came {
                Ok(_) => Learned::Answered,
                Err(FailureKind::RateLimit) => Learned::Refused,
                Err(_) => Learned::Failed,
            });
            self.slots.set_limit(permits(&limit.borrow()), self.clock.now());
            self.tell_limit(tag);
        }
    }

    fn tell_limit(&self, tag: Tag) {
        if let Some(limit) = &self.limit {
            self.record(tag, Kind::Gauge { gate: Gate::Semaphore, value: limit.borrow().limit() });
        }
    }

    /// What the hedge learns of an answer to a call whose first copy was sent at `sent`.
    fn learn_duration(&self, sent: Instant) {
        if let Some(hedge) = &self.hedge {
            hedge.borrow_mut().learn(self.clock.now().since(sent));
        }
    }

    /// How long after being sent a call gets a copy, as far as that is known.
    fn hedge_after(&self) -> Option<Duration> {
        self.hedge.as_ref().and_then(|hedge| hedge.borrow().after())
    }

    fn is_paused(&self) -> bool {
        self.controls.is_some_and(Controls::is_paused)
    }

    /// A paused run sends nothing.
    async fn wait_while_paused(&self, tag: Tag) {
        if let Some(controls) = self.controls.filter(|_| self.is_paused()) {
            self.record(tag, Kind::Held { gate: Gate::Pause, until: Instant::NEVER });
            controls.resumed().await;
        }
    }

    /// Pays for a retry, if the lane has a budget for them. Says whether it could.
    fn spend_retry(&self, tag: Tag) -> bool {
        let Some(budget) = &self.retry_budget else { return true };
        let paid = budget.borrow_mut().spend();
        self.record(tag, Kind::Gauge { gate: Gate::RetryBudget, value: budget.borrow().level() });
        paid
    }

    /// Ends the lives of items that were never started, because the user gives them up.
    fn give_up_never_started(&self, meant: impl Fn(Tag) -> bool) -> usize {
        let dismissed = self.dismiss_never_started(meant);
        for &tag in &dismissed {
            self.record(tag, Kind::Cancelled);
            self.record(tag, Kind::Ended { outcome: Outcome::Cancelled });
        }
        dismissed.len()
    }

    /// When the time of the next item is up, started or not.
    fn next_deadline(&self) -> Instant {
        if !self.plan.timeout.has_deadline() {
            return Instant::NEVER;
        }
        let asked = self.asked.borrow();
        let now = self.clock.now();
        // They were asked in order, so their time is up in order.
        let over = asked.partition_point(|&at| self.plan.timeout.item_ends(at) <= now);
        asked.get(over).map_or(Instant::NEVER, |&at| self.plan.timeout.item_ends(at))
    }

    /// Ends the life of every item that was never started and whose time is up.
    fn fail_never_started(&self) -> usize {
        let now = self.clock.now();
        let dismissed = self.dismiss_never_started(|tag| self.deadline(tag) <= now);
        for &tag in &dismissed {
            let failure = Failure::new(FailureKind::Deadline, "The item's deadline passed before its turn came.");
            self.recorder.failed(self.clock.now(), tag, failure);
            self.record(tag, Kind::Ended { outcome: Outcome::Failed });
        }
        dismissed.len()
    }
}

fn permits(limit: &AdaptiveLimit) -> u16 {
    u16::try_from(limit.limit()).unwrap_or(u16::MAX)
}

/// Takes `new` over; the new one, if it is another.
fn changed(old: &mut Instant, new: Instant) -> Option<Instant> {
    let is_other = *old != new;
    *old = new;
    is_other.then_some(new)
}
