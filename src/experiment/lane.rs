//! One way of running the workload, as a form or a link has it.

use crate::policy::backoff::Jitter;
use serde::{Deserialize, Serialize};

/// One way of running the workload. May be unsound while somebody edits it; [`LaneSpec::validate`]
/// tells.
///
/// ```
/// use lanescope::experiment::{LaneSpec, StrategySpec};
/// let lane = LaneSpec::default();
/// assert_eq!((lane.strategy, lane.limit), (StrategySpec::Gather, Some(4)));
/// assert_eq!((lane.tries, lane.first_delay_millis, lane.delay_cap_millis), (5, 1_000, 60_000));
/// assert_eq!((lane.attempt_timeout_millis, lane.deadline_millis), (30_000, None));
/// assert!(lane.keep_permit);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LaneSpec {
    /// What it is called.
    pub name: String,
    /// When an item may start. Default gather.
    pub strategy: StrategySpec,
    /// At most so many at once, 1 to 1 000; none for as many as a browser can hold. Default 4.
    pub limit: Option<u32>,
    /// Tries in all, 1 to 20. Default 5.
    pub tries: u32,
    /// The nominal wait after the first try. Default 1 000.
    pub first_delay_millis: u32,
    /// How much longer each wait is than the one before. Default 2.
    pub delay_base: f64,
    /// The longest wait of our own. Default 60 000.
    pub delay_cap_millis: u32,
    /// How waits are spread. Default full.
    pub jitter: Jitter,
    /// Whether an item keeps its permit while it backs off. Default yes, as in most code: the
    /// semaphore stands around the retry loop.
    pub keep_permit: bool,
    /// How long an attempt may take. Default 30 000.
    pub attempt_timeout_millis: u32,
    /// How long an item may take, from being asked. Default no such deadline.
    pub deadline_millis: Option<u32>,
}

/// When an item may start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StrategySpec {
    /// One after the other, each when the one before has ended.
    Sequential,
    /// All at once, under the limit.
    #[default]
    Gather,
}

impl Default for LaneSpec {
    fn default() -> Self {
        Self {
            name: "Concurrent".into(),
            strategy: StrategySpec::Gather,
            limit: Some(4),
            tries: 5,
            first_delay_millis: 1_000,
            delay_base: 2.0,
            delay_cap_millis: 60_000,
            jitter: Jitter::Full,
            keep_permit: true,
            attempt_timeout_millis: 30_000,
            deadline_millis: None,
        }
    }
}

impl LaneSpec {
    /// One after the other.
    #[must_use]
    pub fn sequential() -> Self {
        Self { name: "Sequential".into(), strategy: StrategySpec::Sequential, ..Self::default() }
    }

    /// At most `limit` at once.
    #[must_use]
    pub fn concurrent(limit: u32) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }
}
