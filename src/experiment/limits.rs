//! A lane's gates of rate, as a form or a link has them. Each may be unsound while somebody edits it.

pub use crate::policy::adaptive::Rule as AdaptiveRule;
use crate::policy::{adaptive, adaptive_limit, circuit_breaker, hedge, retry_budget, sliding_window, token_bucket};
use crate::time::from_millis;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// Answers that a percentile needs: the fewest of which the 95th is not simply the longest.
const SEEN_BEFORE_A_PERCENTILE: u16 = 20;

/// Requests as they come, in bursts of up to a bucket's capacity, refilled evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestBucket {
    /// How many requests can go at once when it is full.
    pub capacity: u32,
    /// How many it gains a minute.
    pub per_minute: u32,
}

/// Tokens, estimated before a call and corrected after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenBudget {
    /// How many tokens can go at once when it is full.
    pub capacity: u32,
    /// How many it gains a minute.
    pub per_minute: u32,
    /// What a call is taken to cost until its usage is known.
    pub estimate: u32,
}

/// At most so many requests in any window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How many.
    pub requests: u32,
    /// In any stretch this long.
    pub window_millis: u32,
}

/// A rate that learns from answers and refusals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Adaptive {
    /// Starts a second at first. Default 1.
    pub start: f64,
    /// Never slower than this. Default 0.1.
    pub floor: f64,
    /// Never faster than this. Default 100.
    pub ceiling: f64,
    /// How it learns. Default multiplicative.
    pub rule: AdaptiveRule,
}

impl Default for Adaptive {
    fn default() -> Self {
        Self { start: 1.0, floor: 0.1, ceiling: 100.0, rule: AdaptiveRule::MULTIPLICATIVE }
    }
}

/// A limit on the attempts in flight that learns from answers and refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AdaptiveLimit {
    /// So many in flight at first. Default 4.
    pub start: u32,
    /// Never fewer than this. Default 1.
    pub floor: u32,
    /// Never more than this. Default 100.
    pub ceiling: u32,
}

impl Default for AdaptiveLimit {
    fn default() -> Self {
        Self { start: 4, floor: 1, ceiling: 100 }
    }
}

/// When a second copy of a call goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Hedge {
    /// So many milliseconds after the first was sent.
    AfterMillis(u32),
    /// Once it has taken longer than so many of 100 answered calls of the lane, 50 to 99.
    Percentile(u8),
}

/// A breaker that stops asking a server that fails.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row that open it. Default 3.
    pub failures: u32,
    /// Or this share of failures, 0 to 1, among the last `window` calls. Default none.
    pub share: Option<f64>,
    /// How many calls the share is of. Default 10.
    pub window: u32,
    /// How long it stays open before one call probes. Default 30 000.
    pub cooldown_millis: u32,
    /// Answers, with more in flight after each, before it is closed again. Default 0: at once.
    pub ramp: u32,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 3, share: None, window: 10, cooldown_millis: 30_000, ramp: 0 }
    }
}

/// Retries that answers must earn first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryBudget {
    /// Retries it can hold, and begins with. Default 10.
    pub most: u32,
    /// What an answer earns. Default 0.1.
    pub ratio: f64,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self { most: 10, ratio: 0.1 }
    }
}

/// What makes a gate of rate unsound.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// The bucket of requests.
    #[error("bucket of requests: {0}")]
    Requests(token_bucket::ParamsError),
    /// The bucket of tokens.
    #[error("bucket of tokens: {0}")]
    Tokens(token_bucket::ParamsError),
    /// It would wait for ever.
    #[error("bucket of tokens: a call's estimate must fit into it")]
    EstimateTooLarge,
    /// The window.
    #[error("window: {0}")]
    Window(#[from] sliding_window::ParamsError),
    /// The adaptive rate.
    #[error("adaptive rate: {0}")]
    Adaptive(#[from] adaptive::ParamsError),
    /// The breaker.
    #[error("circuit breaker: {0}")]
    Breaker(#[from] circuit_breaker::ParamsError),
    /// The retry budget.
    #[error("retry budget: {0}")]
    RetryBudget(#[from] retry_budget::ParamsError),
    /// The adaptive limit.
    #[error("adaptive limit: {0}")]
    AdaptiveLimit(#[from] adaptive_limit::ParamsError),
    /// The hedge.
    #[error("hedge: {0}")]
    Hedge(#[from] hedge::ParamsError),
}

impl RequestBucket {
    pub(super) fn validate(self) -> Result<token_bucket::Params, LimitsError> {
        token_bucket::Params::new(self.capacity, self.per_minute, MINUTE).map_err(LimitsError::Requests)
    }
}

impl TokenBudget {
    pub(super) fn validate(self) -> Result<(token_bucket::Params, u32), LimitsError> {
        let bucket = token_bucket::Params::new(self.capacity, self.per_minute, MINUTE).map_err(LimitsError::Tokens)?;
        if self.estimate > self.capacity { Err(LimitsError::EstimateTooLarge) } else { Ok((bucket, self.estimate)) }
    }
}

impl Window {
    pub(super) fn validate(self) -> Result<sliding_window::Params, LimitsError> {
        Ok(sliding_window::Params::new(self.requests, from_millis(self.window_millis))?)
    }
}

impl Adaptive {
    pub(super) fn validate(self) -> Result<adaptive::Params, LimitsError> {
        Ok(adaptive::Params::new(self.start, self.floor, self.ceiling, self.rule)?)
    }
}

impl AdaptiveLimit {
    pub(super) fn validate(self) -> Result<adaptive_limit::Params, LimitsError> {
        Ok(adaptive_limit::Params::new(self.start, self.floor, self.ceiling, 0.5, 0.9)?)
    }
}

impl Hedge {
    pub(super) fn validate(self) -> Result<hedge::Params, LimitsError> {
        let after = match self {
            Self::AfterMillis(millis) => hedge::After::Delay(from_millis(millis)),
            Self::Percentile(percent) => hedge::After::Percentile { percent, at_least: SEEN_BEFORE_A_PERCENTILE },
        };
        Ok(hedge::Params::new(after)?)
    }
}

impl Breaker {
    pub(super) fn validate(self) -> Result<circuit_breaker::Params, LimitsError> {
        let share = self.share.map(|share| (share, self.window));
        let cooldown = from_millis(self.cooldown_millis);
        Ok(circuit_breaker::Params::new(self.failures, share, cooldown, self.ramp)?)
    }
}

impl RetryBudget {
    pub(super) fn validate(self) -> Result<retry_budget::Params, LimitsError> {
        Ok(retry_budget::Params::new(self.most, self.most, self.ratio)?)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_begins_with_is_the_policys_own_default() {
        assert_eq!(Adaptive::default().validate(), Ok(adaptive::Params::default()));
        assert_eq!(Breaker::default().validate(), Ok(circuit_breaker::Params::default()));
        assert_eq!(RetryBudget::default().validate(), Ok(retry_budget::Params::default()));
    }

    #[test]
    fn an_estimate_that_can_never_pass_is_no_plan() {
        let budget = TokenBudget { capacity: 10, per_minute: 60, estimate: 11 };
        assert_eq!(budget.validate(), Err(LimitsError::EstimateTooLarge));
    }
}
