//! One branch: attempts one after the other, until an answer comes or no other try follows.

use crate::engine::attempt;
use crate::engine::gates::Through;
use crate::engine::item::{Life, Question};
use crate::engine::rates::Passed;
use crate::experiment::OnFailure;
use crate::id::Tag;
use crate::policy::backoff::Backoff;
use crate::port::{Clock, Failure, FailureKind, Service};
use crate::rng::{Purpose, Stream};
use crate::time::Instant;
use crate::trace::StopReason;

/// Somebody who wants to know when an attempt of a branch goes out.
pub(super) trait Watch {
    fn sent(&self, attempt: Tag, at: Instant);
    fn over(&self);
}

/// Nobody does.
impl Watch for () {
    fn sent(&self, _: Tag, _: Instant) {}
    fn over(&self) {}
}

impl<'a, C: Clock, S: Service> Life<'a, C, S> {
    /// Tries until there is an answer, or gives the place of the last failure. `first` has passed the gates of the
    /// first attempt.
    pub(super) async fn tries(
        &self,
        question: &Question,
        mut first: Option<Through<'a, C, S>>,
        watch: &dyn Watch,
    ) -> Result<String, u32> {
        let lane = self.lane;
        let mut backoff = Backoff::new(lane.plan.backoff);
        let mut attempt = 0_u8;
        loop {
            attempt = attempt.saturating_add(1);
            let tag = question.tag.at_attempt(attempt);
            let through = match first.take() {
                Some(through) => Ok(through),
                None => self.pass_gates(tag).await,
            };
            let mut slot = None;
            let failure = match through {
                Ok(through) => {
                    slot = through.slot;
                    match self.attempt(tag, question, through.passed, watch).await {
                        Ok(answer) => return Ok(answer),
                        Err(failure) => failure,
                    }
                }
                Err(failure) => failure,
            };
            let until = self.back_off(tag, failure, question, &mut backoff)?;
            // A permit of this attempt alone is free for others while it waits.
            drop(slot);
            lane.clock.sleep_until(until).await;
        }
    }

    /// One attempt that has passed the gates.
    pub(super) async fn attempt(
        &self,
        tag: Tag,
        question: &Question,
        passed: Option<Passed<'a>>,
        watch: &dyn Watch,
    ) -> Result<String, Failure> {
        let lane = self.lane;
        watch.sent(tag, lane.clock.now());
        let tried = attempt::run(lane, tag, question).await;
        watch.over();
        let came = tried.as_ref().map(|brought| brought.usage).map_err(|failure| failure.kind);
        if let Some(passed) = passed {
            passed.came(lane, tag, came);
        }
        lane.learn(tag, came);
        tried.map(|brought| brought.text)
    }

    /// Writes a failure down, and gives its kind, the delay that counts and its place.
    pub(super) fn note(
        &self,
        tag: Tag,
        failure: Failure,
        question: &Question,
    ) -> (FailureKind, Option<std::time::Duration>, u32) {
        let lane = self.lane;
        let (kind, asked) = lane.plan.refusals.judge(failure.kind, failure.delay());
        let place = lane.recorder.failed(lane.clock.now(), tag, failure);
        let is_this_models = matches!(kind, FailureKind::NotFound | FailureKind::QuotaDay | FailureKind::QuotaNone);
        let is_quota = matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay);
        if is_quota && lane.plan.on_failure == OnFailure::StopAtRefusal && lane.stop.get().is_none() {
            lane.stop.set(Some(StopReason::OneFailed { failure: place }));
        } else if kind.stops_lane() && !(question.has_stand_in && is_this_models) {
            lane.stop.set(Some(StopReason::Failure { failure: place }));
        }
        (kind, asked, place)
    }

    /// When to try again, or the failure that no other try follows: its place of the lane's failures.
    fn back_off(&self, tag: Tag, failure: Failure, question: &Question, backoff: &mut Backoff) -> Result<Instant, u32> {
        let lane = self.lane;
        let (kind, asked, place) = self.note(tag, failure, question);
        let is_over = lane.stop.get().is_some();
        if is_over || !lane.plan.retry.allows_after(tag.attempt, kind) || !lane.spend_retry(tag) {
            return Err(place);
        }
        let now = lane.clock.now();
        let mut luck = Stream::new(lane.place.seed, Purpose::Jitter, tag);
        let wait = backoff.after_try(tag.attempt, asked, &mut luck);
        let until = now + wait.total();
        if until >= lane.deadline(tag) {
            let failure =
                Failure::new(FailureKind::Deadline, "The next wait would have ended past the item's deadline.");
            return Err(lane.recorder.failed(now, tag, failure));
        }
        lane.recorder.backing_off(now, tag, wait);
        Ok(until)
    }
}
