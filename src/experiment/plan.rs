//! A lane that is known to be sound.

use crate::experiment::{LaneSpec, StrategySpec};
use crate::policy::{backoff, retry, semaphore, timeout};
use crate::time::from_millis;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
            )?,
            // A loop that waits keeps its turn, whatever the semaphore of another lane would do.
            keep_permit: self.keep_permit || self.strategy == StrategySpec::Sequential,
        })
    }
}
