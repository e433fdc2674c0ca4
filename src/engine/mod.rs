//! Runs a workload under a plan, in whatever world it is given.
//!
//! Ordinary `async` code, generic over [`Clock`] and [`Service`]: the page and the simulation run
//! this very code. Every item is asked at the start and stands in one line; at most as many items as
//! there are permits, and the retries that gave theirs back, are futures at any time. They are driven
//! here, in one [`FuturesUnordered`], so that dropping the run drops every one of them.

mod attempt;
mod bell;
pub mod controls;
mod item;
mod race;
mod rates;

use crate::experiment::plan::{Plan, Strategy};
use crate::experiment::workload::Workload;
use crate::id::Tag;
use crate::policy::retry_budget::RetryBudget;
use crate::policy::semaphore::{self, Permit, Semaphore};
use crate::port::{Clock, Failure, FailureKind, Service, Settings};
use crate::time::Instant;
use crate::trace::{Gate, Kind, Outcome, Recorder, StopReason, Why};
pub use controls::Controls;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use race::{First, first, race};
use rates::Rates;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

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
    let lane = Lane::new(workload, plan, place, world, recorder);
    lane.ask_all();
    let why = lane.drive().await;
    recorder.stop(world.clock.now(), place.lane, why);
}

/// What happens next in a lane.
enum Next<'a> {
    /// An item ended.
    Ended,
    /// An item's permit has come.
    Due(Permit<'a>),
    /// Every item's time is up.
    TimeIsUp,
    /// The time that was left is over.
    Enough,
    /// The user wants something.
    Word,
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
    gate: Gate,
    semaphore: Semaphore,
    /// The gates of rate; none where the lane has none.
    rates: Option<Rates>,
    /// What retries are paid from; none where they are free.
    retry_budget: Option<RefCell<RetryBudget>>,
    /// When every item's time is up: all are asked at once.
    deadline: Instant,
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
        // One after the other is a line with one place; only its name differs.
        let (gate, permits) = match plan.strategy {
            Strategy::Sequential => (Gate::Turn, semaphore::Params::ONE),
            Strategy::Gather(permits) => (Gate::Semaphore, permits),
        };
        Self {
            workload,
            settings: Rc::new(workload.settings().clone()),
            plan,
            place,
            clock: &world.clock,
            service: &world.service,
            controls: world.controls.as_ref(),
            recorder,
            gate,
            semaphore: Semaphore::new(permits),
            rates: Rates::new(plan.rates, world.clock.now()),
            retry_budget: plan.retry_budget.map(|params| RefCell::new(RetryBudget::new(params))),
            deadline: plan.timeout.item_ends(world.clock.now()),
            stop: Cell::new(None),
        }
    }

    fn record(&self, tag: Tag, kind: Kind) {
        self.recorder.record(self.clock.now(), tag, kind);
    }

    fn ask_all(&self) {
        self.record(Tag::of_item(self.place.lane, 0), Kind::Started);
        for item in 0..self.workload.len() {
            let tag = Tag::of_item(self.place.lane, item);
            self.record(tag, Kind::Asked);
            if let Some(ahead) = self.semaphore.join(tag) {
                self.waiting(tag, ahead);
            }
        }
    }

    fn waiting(&self, tag: Tag, ahead: usize) {
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        self.record(tag, Kind::Waiting { gate: self.gate, why: Why::InLine { ahead } });
    }

    /// Starts items as their permits come, until all have ended or one stops the lane.
    async fn drive(&self) -> StopReason {
        let mut unfinished = self.workload.len() as usize;
        let mut running = FuturesUnordered::new();
        // Fused: once it has fired it never does again.
        let mut time_is_up = pin!(self.clock.sleep_until(self.deadline).fuse());
        let mut enough = pin!(self.clock.sleep_until(Instant::NEVER));
        let (mut has_ended, mut drains) = (false, false);
        loop {
            if let Some(controls) = self.controls {
                unfinished -= self.give_up_never_started(|tag| controls.is_draining() || controls.is_cancelled(tag));
                if controls.is_draining() && !drains {
                    drains = true;
                    enough.set(self.clock.sleep_until(self.clock.now() + controls::DRAIN));
                }
            }
            if unfinished == 0 {
                return if drains { StopReason::Drained } else { StopReason::Finished };
            }
            let next = {
                let ended = async {
                    match running.next().await {
                        Some(()) => Next::Ended,
                        None => std::future::pending().await,
                    }
                };
                let due = async {
                    // The deadline first: a permit that falls free at that moment starts nobody.
                    match race(time_is_up.as_mut(), pin!(self.semaphore.next_started())).await {
                        First::Left(()) => Next::TimeIsUp,
                        First::Right(permit) => Next::Due(permit),
                    }
                };
                let enough = async {
                    enough.as_mut().await;
                    Next::Enough
                };
                let word = async {
                    match self.controls {
                        Some(controls) => controls.told().await,
                        None => std::future::pending().await,
                    }
                    Next::Word
                };
                let (ended, due, enough, word) = (pin!(ended), pin!(due), pin!(enough), pin!(word));
                let (work, end) = (pin!(first(ended, due)), pin!(first(enough, word)));
                first(work, end).await
            };
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
                Next::Due(permit) => running.push(item::run(self, permit)),
                Next::TimeIsUp => unfinished -= self.fail_never_started(),
                Next::Enough => return if drains { StopReason::Aborted } else { StopReason::Enough },
                // What it is, the next round sees.
                Next::Word => {}
            }
        }
    }

    /// A paused run sends nothing.
    async fn wait_while_paused(&self, tag: Tag) {
        if let Some(controls) = self.controls.filter(|controls| controls.is_paused()) {
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
        let dismissed = self.semaphore.dismiss_never_started(meant);
        for &tag in &dismissed {
            self.record(tag, Kind::Cancelled);
            self.record(tag, Kind::Ended { outcome: Outcome::Cancelled });
        }
        dismissed.len()
    }

    /// Ends the life of every item that was never started, because its time is up.
    fn fail_never_started(&self) -> usize {
        let dismissed = self.semaphore.dismiss_never_started(|_| true);
        for &tag in &dismissed {
            let failure = Failure::new(FailureKind::Deadline, "The item's deadline passed before its turn came.");
            self.recorder.failed(self.clock.now(), tag, failure);
            self.record(tag, Kind::Ended { outcome: Outcome::Failed });
        }
        dismissed.len()
    }
}
