//! A lane that is known to be sound.

use crate::experiment::limits::{Adaptive, Breaker, LimitsError, RequestBucket, RetryBudget, TokenBudget, Window};
use crate::experiment::{LaneSpec, OnFailure, StrategySpec};
use crate::policy::{
    adaptive, backoff, circuit_breaker, refusal, retry, retry_budget, semaphore, sliding_window, timeout, token_bucket,
};
use crate::time::from_millis;
use std::time::Duration;

/// A lane that is known to be sound: the only thing the engine accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// When an item may start.
    pub strategy: Strategy,
    /// How often an attempt is made.
    pub retry: retry::Params,
    /// How long to wait between attempts.
    pub backoff: backoff::Params,
    /// How long things may take.
    pub timeout: timeout::Params,
    /// Whether an item keeps its permit while it backs off.
    pub keep_permit: bool,
    /// What to do with a 429.
    pub refusals: refusal::Rule,
    /// How fast attempts go out.
    pub rates: Rates,
    /// A budget that all retries of the lane share.
    pub retry_budget: Option<retry_budget::Params>,
    /// What a failed item does to the others.
    pub on_failure: OnFailure,
    /// How long after the first item has ended the rest is given up.
    pub after_first: Option<Duration>,
}

/// The gates of rate that an attempt passes, those that the lane has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Requests, in bursts.
    pub requests: Option<token_bucket::Params>,
    /// Tokens, and what a call is taken to cost.
    pub tokens: Option<(token_bucket::Params, u32)>,
    /// Requests in any window.
    pub window: Option<sliding_window::Params>,
    /// A rate that learns.
    pub pace: Option<adaptive::Params>,
    /// A breaker.
    pub breaker: Option<circuit_breaker::Params>,
}

/// When an item may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// One after the other.
    Sequential,
    /// All at once, under a limit.
    Gather(semaphore::Params),
}

impl Plan {
    /// How many attempts can be under way at once.
    #[must_use]
    pub fn limit(&self) -> u16 {
        match self.strategy {
            Strategy::Sequential => 1,
            Strategy::Gather(semaphore) => semaphore.limit(),
        }
    }
}

/// Why a lane is not sound. Each names the field it is about.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The limit.
    #[error(transparent)]
    Semaphore(#[from] semaphore::ParamsError),
    /// The tries.
    #[error(transparent)]
    Retry(#[from] retry::ParamsError),
    /// The delays.
    #[error(transparent)]
    Backoff(#[from] backoff::ParamsError),
    /// The timeouts.
    #[error(transparent)]
    Timeout(#[from] timeout::ParamsError),
    /// The gates of rate.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

impl LaneSpec {
    /// The plan that this lane describes.
    ///
    /// # Errors
    /// [`PlanError`] for the first policy whose figures are not sound.
    pub fn validate(&self) -> Result<Plan, PlanError> {
        let limit = self.limit.unwrap_or(u32::from(semaphore::Params::MOST));
        let semaphore = semaphore::Params::new(u16::try_from(limit).unwrap_or(u16::MAX))?;
        Ok(Plan {
            strategy: match self.strategy {
                StrategySpec::Sequential => Strategy::Sequential,
                StrategySpec::Gather => Strategy::Gather(semaphore),
            },
            retry: retry::Params::new(u8::try_from(self.tries).unwrap_or(u8::MAX))?,
            backoff: backoff::Params::new(
                from_millis(self.first_delay_millis),
                self.delay_base,
                from_millis(self.delay_cap_millis),
                self.jitter,
            )?,
            timeout: timeout::Params::new(
                from_millis(self.attempt_timeout_millis),
                self.deadline_millis.map(from_millis),
            )?
            .with_silence(
                self.first_byte_timeout_millis.map(from_millis),
                self.stall_timeout_millis.map(from_millis),
            )?,
            // A loop that waits keeps its turn, whatever the semaphore of another lane would do.
            keep_permit: self.keep_permit || self.strategy == StrategySpec::Sequential,
            refusals: self.refusals,
            rates: Rates {
                requests: self.request_bucket.map(RequestBucket::validate).transpose()?,
                tokens: self.token_budget.map(TokenBudget::validate).transpose()?,
                window: self.window.map(Window::validate).transpose()?,
                pace: self.adaptive.map(Adaptive::validate).transpose()?,
                breaker: self.breaker.map(Breaker::validate).transpose()?,
            },
            retry_budget: self.retry_budget.map(RetryBudget::validate).transpose()?,
            on_failure: self.on_failure,
            after_first: self.after_first_millis.map(from_millis),
        })
    }
}
