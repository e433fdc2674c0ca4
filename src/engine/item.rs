//! The life of an item: gates, attempt, and what follows a failure.

use crate::engine::race::{First, race};
use crate::engine::rates::{Passed, came};
use crate::engine::{Lane, attempt};
use crate::experiment::OnFailure;
use crate::id::Tag;
use crate::policy::backoff::Backoff;
use crate::policy::semaphore::Permit;
use crate::port::{Clock, Failure, FailureKind, Service, Usage};
use crate::rng::{Purpose, Stream};
use crate::trace::{Kind, Outcome, StopReason};
use std::pin::pin;

/// Runs one item from its first permit to its end.
pub(crate) async fn run<C: Clock, S: Service>(lane: &Lane<'_, C, S>, permit: Permit<'_>) {
    let tag = permit.holder();
    let mut life = Life { lane, backoff: Backoff::new(lane.plan.backoff), held: None };
    life.hold(tag.at_attempt(1), permit);
    let outcome = match lane.controls {
        None => life.tries(tag).await,
        Some(controls) => {
            // Cancelled first: one that was given up while it stood in line is not sent.
            match race(pin!(controls.cancelled(tag)), pin!(life.tries(tag))).await {
                First::Right(outcome) => outcome,
                First::Left(()) => {
                    lane.record(tag, Kind::Cancelled);
                    Outcome::Cancelled
                }
            }
        }
    };
    life.held = None;
    lane.record(tag, Kind::Ended { outcome });
}

struct Life<'a, C: Clock, S: Service> {
    lane: &'a Lane<'a, C, S>,
    backoff: Backoff,
    held: Option<Held<'a, C, S>>,
}

impl<'a, C: Clock, S: Service> Life<'a, C, S> {
    async fn tries(&mut self, item: Tag) -> Outcome {
        for k in 1_u8.. {
            let tag = item.at_attempt(k);
            let tried = match self.pass_gates(tag).await {
                Ok(passed) => self.attempt(tag, passed).await,
                Err(failure) => Err(failure),
            };
            let Err(failure) = tried else { return Outcome::Answered };
            if let Err(failure) = self.back_off(tag, failure).await {
                if self.lane.plan.on_failure == OnFailure::CancelOthers && self.lane.stop.get().is_none() {
                    self.lane.stop.set(Some(StopReason::OneFailed { failure }));
                }
                return Outcome::Failed;
            }
        }
        Outcome::Failed
    }

    /// All that stands between an item and its attempt, in order.
    ///
    /// 1. The permit: the semaphore, or the item's turn, which is a semaphore of one. It stands first, so that
    ///    nobody takes from a rate and then waits for a slot: what the rates let through goes out at once.
    ///    An item that kept its permit while it backed off passes at once.
    /// 2. The user's pause and the rates, all at the same moment: buckets, window, a rate that learns. A resumed
    ///    run goes on in the order of the line.
    /// 3. The breaker, asked in that very moment: an attempt that waited at a rate is not sent into an outage
    ///    that began meanwhile.
    async fn pass_gates(&mut self, tag: Tag) -> Result<Passed, Failure> {
        self.take_permit(tag).await?;
        let lane = self.lane;
        let rates = async {
            if let Some(rates) = &lane.rates {
                return rates.pass(lane, tag).await;
            }
            lane.wait_while_paused(tag).await;
            Passed::default()
        };
        match race(pin!(lane.clock.sleep_until(lane.deadline)), pin!(rates)).await {
            First::Right(passed) => Ok(passed),
            First::Left(()) => {
                Err(Failure::new(FailureKind::Deadline, "The item's deadline passed at the gates of rate."))
            }
        }
    }

    async fn attempt(&mut self, tag: Tag, passed: Passed) -> Result<Usage, Failure> {
        let lane = self.lane;
        let tried = match &lane.rates {
            None => attempt::run(lane, tag).await,
            Some(rates) => {
                // An attempt that is given up brings no verdict: a probe among them must not be waited for.
                let probe = rates.expect(passed);
                let tried = attempt::run(lane, tag).await;
                probe.came();
                rates.learn(lane, tag, passed, came(&tried));
                tried
            }
        };
        if let (Ok(_), Some(budget)) = (&tried, &lane.retry_budget) {
            budget.borrow_mut().earn();
        }
        tried
    }

    async fn take_permit(&mut self, tag: Tag) -> Result<(), Failure> {
        if self.held.is_some() {
            return Ok(());
        }
        let lane = self.lane;
        if lane.semaphore.free() == 0 || lane.semaphore.waiting() > 0 {
            lane.waiting(tag, lane.semaphore.waiting());
        }
        let permit = pin!(lane.semaphore.acquire(tag));
        match race(pin!(lane.clock.sleep_until(lane.deadline)), permit).await {
            First::Right(permit) => {
                self.hold(tag, permit);
                Ok(())
            }
            First::Left(()) => Err(Failure::new(FailureKind::Deadline, "The item's deadline passed in the line.")),
        }
    }

    /// Waits before another try, or gives the failure that no other try follows: its place of the lane's failures.
    async fn back_off(&mut self, tag: Tag, failure: Failure) -> Result<(), u32> {
        let lane = self.lane;
        let (kind, asked) = lane.plan.refusals.judge(failure.kind, failure.delay());
        let now = lane.clock.now();
        let place = lane.recorder.failed(now, tag, failure);
        if kind.stops_lane() {
            lane.stop.set(Some(StopReason::Failure { failure: place }));
        }
        if !lane.plan.retry.allows_after(tag.attempt, kind) || !lane.spend_retry(tag) {
            return Err(place);
        }
        let mut luck = Stream::new(lane.place.seed, Purpose::Jitter, tag);
        let wait = self.backoff.after_try(tag.attempt, asked, &mut luck);
        let until = now + wait.total();
        if until >= lane.deadline {
            let failure =
                Failure::new(FailureKind::Deadline, "The next wait would have ended past the item's deadline.");
            return Err(lane.recorder.failed(now, tag, failure));
        }
        lane.recorder.backing_off(now, tag, wait);
        if !lane.plan.keep_permit {
            self.held = None;
        }
        lane.clock.sleep_until(until).await;
        Ok(())
    }

    fn hold(&mut self, tag: Tag, permit: Permit<'a>) {
        self.lane.record(tag, Kind::Granted { gate: self.lane.gate, permit: permit.no() });
        self.held = Some(Held { lane: self.lane, tag, permit });
    }
}

/// A permit whose return is written down, however it comes about.
struct Held<'a, C: Clock, S: Service> {
    lane: &'a Lane<'a, C, S>,
    tag: Tag,
    permit: Permit<'a>,
}

impl<C: Clock, S: Service> Drop for Held<'_, C, S> {
    fn drop(&mut self) {
        let permit = self.permit.no();
        self.lane.record(self.tag, Kind::Released { gate: self.lane.gate, permit });
    }
}
