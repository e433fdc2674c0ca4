//! A lane that is known to be sound.

use crate::experiment::limits::{
    Adaptive, AdaptiveLimit, Breaker, Hedge, LimitsError, RequestBucket, RetryBudget, TokenBudget, Window,
};
use crate::experiment::{Fallback, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec};
use crate::policy::priority::Order;
use crate::policy::{
    adaptive, adaptive_limit, backoff, circuit_breaker, hedge, refusal, retry, retry_budget, semaphore, sliding_window,
    timeout, token_bucket,
};
use crate::time::from_millis;
use std::time::Duration;

/// A lane that is known to be sound: the only thing the engine accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When an item may start, and when its answer is handed over.
    pub strategy: Strategy,
    /// The permits of each process.
    pub permits: semaphore::Params,
    /// Processes that share the items in turn, each with a semaphore of its own.
    pub processes: u16,
    /// What a permit is held for.
    pub permit: PermitScope,
    /// Who of those who wait goes first.
    pub order: Order,
    /// A limit that learns, below that of `permits`.
    pub adaptive_limit: Option<adaptive_limit::Params>,
    /// Whether the gates of rate are passed before the wait for a permit.
    pub rates_first: bool,
    /// A second copy of a call that takes long.
    pub hedge: Option<hedge::Params>,
    /// Other models when the first can't answer.
    pub fallback: Option<Fallback>,
    /// How often an attempt is made.
    pub retry: retry::Params,
    /// How long to wait between attempts.
    pub backoff: backoff::Params,
    /// How long things may take.
    pub timeout: timeout::Params,
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

/// When an item may start, and when its answer is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// One after the other.
    Sequential,
    /// All at once; all answers together.
    Gather,
    /// All at once; each answer as it comes.
    AsCompleted,
    /// Workers who take items from a queue with room for so many.
    WorkerPool {
        /// How many may wait in it.
        queue: u32,
    },
}

impl Plan {
    /// How many items can have a permit at once.
    #[must_use]
    pub fn limit(&self) -> u16 {
        self.permits.limit().saturating_mul(self.processes)
    }

    /// Whether one who comes later may go first.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.order != Order::Fifo
    }

    /// Whether a permit is kept while its holder backs off.
    #[must_use]
    pub fn keeps_permit(&self) -> bool {
        self.permit != PermitScope::Attempt
    }

    /// Whether an item can have several calls under way at once, under one permit.
    #[must_use]
    pub fn has_copies(&self) -> bool {
        let at_once = |fallback: &Fallback| fallback.rule != crate::experiment::FallbackRule::InOrder;
        self.hedge.is_some() || self.fallback.as_ref().is_some_and(at_once)
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
    /// The queue of a worker pool.
    #[error("the queue must have room for 1 to 100000")]
    BadQueue,
    /// The processes.
    #[error("there can be 1 to 100 processes, with at most 1000 permits in all")]
    BadProcesses,
    /// A wait that makes one count as a class higher.
    #[error("ageing must take 1 ms to 24 h")]
    BadAgeing,
    /// The fallback.
    #[error("a fallback has 1 to 7 models with names, or a text")]
    BadFallback,
}

impl LaneSpec {
    /// The plan that this lane describes.
    ///
    /// # Errors
    /// [`PlanError`] for the first policy whose figures are not sound.
    pub fn validate(&self) -> Result<Plan, PlanError> {
        let is_sequential = self.strategy == StrategySpec::Sequential;
        let adaptive_limit = self.adaptive_limit.filter(|_| !is_sequential);
        let permits = if is_sequential {
            semaphore::Params::ONE
        } else {
            let most = u32::from(semaphore::Params::MOST);
            let limit = adaptive_limit.map_or(self.limit, |learns| Some(learns.ceiling)).unwrap_or(most);
            semaphore::Params::new(u16::try_from(limit).unwrap_or(u16::MAX))?
        };
        Ok(Plan {
            strategy: match self.strategy {
                StrategySpec::Sequential => Strategy::Sequential,
                StrategySpec::Gather => Strategy::Gather,
                StrategySpec::AsCompleted => Strategy::AsCompleted,
                StrategySpec::WorkerPool if !(1..=100_000).contains(&self.queue) => return Err(PlanError::BadQueue),
                StrategySpec::WorkerPool => Strategy::WorkerPool { queue: self.queue },
            },
            permits,
            processes: self.sound_processes(permits, is_sequential)?,
            // A loop goes on to the next item when this one has ended.
            permit: if is_sequential { PermitScope::Item } else { self.permit },
            order: self.order.validate()?,
            adaptive_limit: adaptive_limit.map(AdaptiveLimit::validate).transpose()?,
            rates_first: self.rates_first,
            hedge: self.hedge.map(Hedge::validate).transpose()?,
            fallback: self.fallback.clone().map(Fallback::validate).transpose()?,
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

    fn sound_processes(&self, permits: semaphore::Params, is_sequential: bool) -> Result<u16, PlanError> {
        if is_sequential {
            return Ok(1);
        }
        let processes = u16::try_from(self.processes).ok().filter(|count| (1..=100).contains(count));
        let fits = |count: &u16| permits.limit().checked_mul(*count).is_some_and(|all| all <= semaphore::Params::MOST);
        processes.filter(fits).ok_or(PlanError::BadProcesses)
    }
}

impl OrderSpec {
    fn validate(self) -> Result<Order, PlanError> {
        const DAY: u32 = 86_400_000;
        match self {
            Self::Fifo => Ok(Order::Fifo),
            Self::Fair => Ok(Order::Fair),
            Self::Priority { ageing_millis: Some(millis) } if !(1..=DAY).contains(&millis) => Err(PlanError::BadAgeing),
            Self::Priority { ageing_millis } => Ok(Order::Priority { ageing: ageing_millis.map(from_millis) }),
        }
    }
}

impl Fallback {
    /// The most models of a fallback: with the first, as many as can be asked side by side.
    pub const MOST_MODELS: usize = 7;

    fn validate(self) -> Result<Self, PlanError> {
        let has_something = !self.models.is_empty() || self.text.is_some();
        let are_named = self.models.iter().all(|model| !model.trim().is_empty());
        let fits = has_something && are_named && self.models.len() <= Self::MOST_MODELS;
        if fits { Ok(self) } else { Err(PlanError::BadFallback) }
    }
}
