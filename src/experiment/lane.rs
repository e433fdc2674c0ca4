//! One way of running the workload, as a form or a link has it.

use crate::experiment::limits;
use crate::policy::backoff::Jitter;
use crate::policy::refusal;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// One way of running the workload. May be unsound while somebody edits it; [`LaneSpec::validate`]
/// tells.
///
/// ```
/// use lanescope::experiment::{LaneSpec, PermitScope, StrategySpec};
/// let lane = LaneSpec::default();
/// assert_eq!((lane.strategy, lane.limit), (StrategySpec::Gather, Some(4)));
/// assert_eq!((lane.tries, lane.first_delay_millis, lane.delay_cap_millis), (5, 1_000, 60_000));
/// assert_eq!((lane.attempt_timeout_millis, lane.deadline_millis), (30_000, None));
/// assert_eq!(lane.permit, PermitScope::Step);
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
    /// What a permit is held for. Default a step with all its tries, as in most code: the semaphore stands
    /// around the retry loop.
    pub permit: PermitScope,
    /// How many items may wait for a worker, of a worker pool; 1 to 100 000. Default 40.
    #[serde(skip_serializing_if = "is_forty")]
    pub queue: u32,
    /// Who of those who wait goes first. Default who came first.
    #[serde(skip_serializing_if = "is_usual")]
    pub order: OrderSpec,
    /// Processes that share the items in turn, each with a semaphore of its own; 1 to 100. Default 1.
    #[serde(skip_serializing_if = "is_one")]
    pub processes: u32,
    /// A limit that learns, in place of `limit`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive_limit: Option<limits::AdaptiveLimit>,
    /// Whether the gates of rate are passed before the wait for a permit. Default no: after it.
    #[serde(skip_serializing_if = "is_usual")]
    pub rates_first: bool,
    /// A second copy of a call that takes long. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<limits::Hedge>,
    /// Other models, and at last a fixed text, when the first can't answer. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// How long an attempt may take. Default 30 000.
    pub attempt_timeout_millis: u32,
    /// How long an item may take, from being asked. Default no such deadline.
    pub deadline_millis: Option<u32>,
    /// How long the first byte of an attempt may take. Default no such timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_timeout_millis: Option<u32>,
    /// How long nothing may come once it has. Default no such timeout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_timeout_millis: Option<u32>,
    /// What to do with a 429. Default to honour it.
    #[serde(skip_serializing_if = "is_usual")]
    pub refusals: refusal::Rule,
    /// Requests a minute, in bursts. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_bucket: Option<limits::RequestBucket>,
    /// Tokens a minute, estimated and corrected. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<limits::TokenBudget>,
    /// Requests in any window. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<limits::Window>,
    /// A rate that learns. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<limits::Adaptive>,
    /// A circuit breaker. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<limits::Breaker>,
    /// A budget that all retries of the lane share. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_budget: Option<limits::RetryBudget>,
    /// What a failed item does to the others. Default nothing.
    #[serde(skip_serializing_if = "is_usual")]
    pub on_failure: OnFailure,
    /// How long after the first item has ended the rest is given up. Default never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_first_millis: Option<u32>,
}

/// What is usual stays out of links, which hold 8 kB.
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_one(count: &u32) -> bool {
    *count == 1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_forty(count: &u32) -> bool {
    *count == 40
}

/// What a permit is held for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PermitScope {
    /// One attempt: it is free for others while its holder backs off, and a retry queues at the end of the line.
    Attempt,
    /// A step with all its tries and its copies, back-off included.
    #[default]
    Step,
    /// The whole item, all steps of its chain.
    Item,
}

/// Who of those who wait goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OrderSpec {
    /// Who came first.
    #[default]
    Fifo,
    /// The higher class, then who came first.
    Priority {
        /// How long one waits until it counts as one class higher, in milliseconds. Default never.
        #[serde(default)]
        ageing_millis: Option<u32>,
    },
    /// Tenants in turn, each in the order of coming.
    Fair,
}

/// Other models to ask when the first can't answer, or at once with it, and a fixed text last of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Fallback {
    /// The models, up to 7.
    pub models: Vec<Rc<str>>,
    /// How they are asked. Default in order.
    pub rule: FallbackRule,
    /// Whether they are asked at once with the first model, in place of after it. Not in order. Default no.
    pub at_once: bool,
    /// Stands in for the answer when every model failed. It is not from a model and is counted apart. Default none.
    pub text: Option<Rc<str>>,
}

impl Default for Fallback {
    fn default() -> Self {
        Self {
            models: vec!["gemini-flash-lite-latest".into()],
            rule: FallbackRule::InOrder,
            at_once: false,
            text: None,
        }
    }
}

/// How the models of a fallback are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FallbackRule {
    /// One after the other, each when the one before has failed.
    #[default]
    InOrder,
    /// All at once; the first answer wins, a failure does not.
    FirstSuccess,
    /// All at once; the first to end decides, even with a failure.
    FirstFinished,
}

/// What an item that failed for good does to the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Nothing: they go on, as under `gather(return_exceptions=True)` or `allSettled`.
    #[default]
    Isolate,
    /// Nothing either, but the caller hears of the failure alone: `gather` as it is, or `Promise.all`.
    Raise,
    /// All that has not ended is given up, as in a task group.
    CancelOthers,
    /// All is given up with the first refusal for quota; another failure does nothing. To find a limit.
    StopAtRefusal,
}

/// When an item may start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StrategySpec {
    /// One after the other, each when the one before has ended.
    Sequential,
    /// All at once, under the limit; the answers are handed over together.
    #[default]
    Gather,
    /// All at once, under the limit; each answer is handed over as it comes.
    AsCompleted,
    /// As many workers as the limit, who take items from a queue that a producer fills.
    WorkerPool,
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
            permit: PermitScope::default(),
            queue: 40,
            order: OrderSpec::default(),
            processes: 1,
            adaptive_limit: None,
            rates_first: false,
            hedge: None,
            fallback: None,
            attempt_timeout_millis: 30_000,
            deadline_millis: None,
            first_byte_timeout_millis: None,
            stall_timeout_millis: None,
            refusals: refusal::Rule::default(),
            request_bucket: None,
            token_budget: None,
            window: None,
            adaptive: None,
            breaker: None,
            retry_budget: None,
            on_failure: OnFailure::default(),
            after_first_millis: None,
        }
    }
}

impl LaneSpec {
    /// One after the other.
    #[must_use]
    pub fn sequential() -> Self {
        Self { name: "Sequential".into(), strategy: StrategySpec::Sequential, ..Self::default() }
    }

    /// The most calls that an item of so many steps can take.
    #[must_use]
    pub fn most_calls(&self, steps: u8) -> u64 {
        let models = self.fallback.as_ref().map_or(0, |fallback| fallback.models.len()) as u64;
        let copies = u64::from(self.hedge.is_some());
        u64::from(self.tries) * (1 + copies + models) * u64::from(steps)
    }

    /// What stands in for the answers that no model gives.
    #[must_use]
    pub fn fixed_text(&self) -> Option<&str> {
        self.fallback.as_ref()?.text.as_deref()
    }

    /// At most `limit` at once.
    #[must_use]
    pub fn concurrent(limit: u32) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }
}
