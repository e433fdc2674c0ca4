//! The permits of a lane: one semaphore, or one for each of several processes that share the items in turn.

use crate::experiment::Plan;
use crate::id::{PermitNo, Tag};
use crate::policy::priority::Entry;
use crate::policy::semaphore::{Permit, Semaphore};
use crate::time::Instant;
use std::task::{Context, Poll};

/// The permits of a lane, in use.
#[derive(Debug)]
pub(crate) struct Slots(Vec<Semaphore>);

impl Slots {
    pub(crate) fn new(plan: &Plan) -> Self {
        let first = |process: u16| PermitNo(process.saturating_mul(plan.permits.limit()));
        Self((0..plan.processes).map(|process| Semaphore::ordered(plan.permits, plan.order, first(process))).collect())
    }

    /// The semaphore that an item's process has.
    pub(crate) fn of(&self, item: u32) -> &Semaphore {
        &self.0[item as usize % self.0.len()]
    }

    /// Puts an item that was never started in its line: how many stand before it, if it has to wait.
    pub(crate) fn join(&self, entry: Entry, now: Instant) -> Option<usize> {
        self.of(entry.tag.item).at(now).join(entry)
    }

    /// The next permit of an item that joined a line.
    pub(crate) fn poll_next_started(&self, cx: &mut Context<'_>) -> Poll<Permit<'_>> {
        let ready = self.0.iter().find_map(|semaphore| match semaphore.poll_next_started(cx) {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        });
        ready.map_or(Poll::Pending, Poll::Ready)
    }

    /// Takes those out of the lines who were never started and are `meant`.
    pub(crate) fn dismiss_never_started(&self, meant: impl Fn(Tag) -> bool) -> Vec<Tag> {
        self.0.iter().flat_map(|semaphore| semaphore.dismiss_never_started(&meant)).collect()
    }

    pub(crate) fn set_limit(&self, limit: u16, now: Instant) {
        for semaphore in &self.0 {
            semaphore.at(now).set_limit(limit);
        }
    }

    /// How many wait who were never started.
    pub(crate) fn never_started(&self) -> usize {
        self.0.iter().map(Semaphore::never_started).sum()
    }
}
