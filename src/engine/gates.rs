//! The order of the gates, and the permits that pass them.

use crate::engine::Lane;
use crate::engine::item::Life;
use crate::engine::race::{First, race};
use crate::engine::rates::Passed;
use crate::experiment::PermitScope;
use crate::id::Tag;
use crate::policy::semaphore::Permit;
use crate::port::{Clock, Failure, FailureKind, Service};
use crate::trace::{Gate, Kind};
use std::pin::pin;

/// That an attempt may go out, and what it holds while it is out.
pub(super) struct Through<'a, C: Clock, S: Service> {
    /// What the rates are to learn from it.
    pub(super) passed: Option<Passed<'a>>,
    /// The permit, where it is this attempt's alone.
    pub(super) slot: Option<Held<'a, C, S>>,
}

impl<'a, C: Clock, S: Service> Life<'a, C, S> {
    /// All that stands between an item and its attempt, in order.
    ///
    /// 1. The permit: the semaphore, a worker, or the item's turn, which is a semaphore of one. It stands first, so
    ///    that nobody takes from a rate and then waits for a slot: what the rates let through goes out at once. One
    ///    who holds the permit for longer than an attempt passes at once.
    /// 2. The user's pause and the rates, all at the same moment: buckets, window, a rate that learns. A resumed
    ///    run goes on in the order of the line.
    /// 3. The breaker, asked in that very moment: an attempt that waited at a rate is not sent into an outage
    ///    that began meanwhile.
    ///
    /// A lane may have the rates first, as learners write it: then what was taken from a bucket waits for a slot,
    /// and what goes out is no longer what the bucket let through. The breaker is asked last all the same.
    pub(super) async fn pass_gates(&self, tag: Tag) -> Result<Through<'a, C, S>, Failure> {
        if self.lane.plan.rates_first {
            let mut passed = self.pass_rates(tag).await?;
            let slot = self.take_permit(tag).await?;
            self.pass_breaker(passed.as_mut(), tag).await?;
            return Ok(Through { passed, slot });
        }
        // Most attempts of most lanes wait for nothing here: they pass without another future.
        let slot = match self.permit.take() {
            Some(permit) => self.grant(tag, permit),
            None => self.take_permit(tag).await?,
        };
        let passed = if self.has_rates() { self.pass_rates(tag).await? } else { self.in_time(tag).map(|()| None)? };
        Ok(Through { passed, slot })
    }

    /// Whether anything can hold an attempt back at the rates.
    fn has_rates(&self) -> bool {
        self.lane.rates.is_some() || self.lane.is_paused()
    }

    fn in_time(&self, tag: Tag) -> Result<(), Failure> {
        let is_late = self.lane.deadline(tag) <= self.lane.clock.now();
        if is_late { Err(too_late("The item's deadline passed at the gates of rate.")) } else { Ok(()) }
    }

    async fn pass_rates(&self, tag: Tag) -> Result<Option<Passed<'a>>, Failure> {
        let lane = self.lane;
        let rates = async {
            if let Some(rates) = &lane.rates {
                return Some(rates.pass(lane, tag, self.first_in_line.take()).await);
            }
            lane.wait_while_paused(tag).await;
            None
        };
        match race(pin!(lane.clock.sleep_until(lane.deadline(tag))), pin!(rates)).await {
            First::Right(passed) => Ok(passed),
            First::Left(()) => Err(too_late("The item's deadline passed at the gates of rate.")),
        }
    }

    async fn pass_breaker(&self, passed: Option<&mut Passed<'_>>, tag: Tag) -> Result<(), Failure> {
        let lane = self.lane;
        let breaker = async {
            match passed {
                Some(passed) => passed.pass_breaker(lane, tag).await,
                None => lane.wait_while_paused(tag).await,
            }
        };
        match race(pin!(lane.clock.sleep_until(lane.deadline(tag))), pin!(breaker)).await {
            First::Right(()) => Ok(()),
            First::Left(()) => Err(too_late("The item's deadline passed at the circuit breaker.")),
        }
    }

    async fn take_permit(&self, tag: Tag) -> Result<Option<Held<'a, C, S>>, Failure> {
        if self.held.borrow().is_some() {
            return Ok(None);
        }
        let permit = match self.permit.take() {
            Some(permit) => permit,
            None => self.wait_for_permit(tag).await?,
        };
        Ok(self.grant(tag, permit))
    }

    /// The permit, if it is this attempt's alone; one that is held for longer stays with the item.
    fn grant(&self, tag: Tag, permit: Permit<'a>) -> Option<Held<'a, C, S>> {
        self.lane.record(tag, Kind::Granted { gate: self.lane.gate, permit: permit.no() });
        let held = Held { lane: self.lane, tag, permit };
        if self.lane.plan.permit == PermitScope::Attempt {
            return Some(held);
        }
        self.held.replace(Some(held));
        None
    }

    async fn wait_for_permit(&self, tag: Tag) -> Result<Permit<'a>, Failure> {
        let lane = self.lane;
        let entry = lane.entry(tag);
        let semaphore = lane.slots.of(tag.item).at(entry.joined);
        if let Some(ahead) = semaphore.ahead_of(entry) {
            lane.waiting(tag, lane.gate, ahead);
        }
        match race(pin!(lane.clock.sleep_until(lane.deadline(tag))), pin!(semaphore.acquire(entry))).await {
            First::Right(permit) => Ok(permit),
            First::Left(()) => Err(too_late("The item's deadline passed in the line.")),
        }
    }
}

fn too_late(message: &str) -> Failure {
    Failure::new(FailureKind::Deadline, message)
}

/// A permit whose return is written down, however it comes about.
pub(super) struct Held<'a, C: Clock, S: Service> {
    lane: &'a Lane<'a, C, S>,
    tag: Tag,
    permit: Permit<'a>,
}

impl<C: Clock, S: Service> Drop for Held<'_, C, S> {
    fn drop(&mut self) {
        let permit = self.permit.no();
        self.lane.record(self.tag, Kind::Released { gate: self.lane.gate, permit });
        self.permit.tell(self.lane.clock.now());
    }
}

/// Where an item that was never started stands: before the rates if they come first, else before the permits.
pub(super) fn door<C: Clock, S: Service>(lane: &Lane<'_, C, S>) -> Gate {
    if lane.plan.rates_first && lane.rates.is_some() { Gate::Rate } else { lane.gate }
}
