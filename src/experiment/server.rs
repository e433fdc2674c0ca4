//! Who answers: a simulated Gemini with figures of one's own, one that was fitted to a real run, or the real one.
//!
//! The figures of a simulated server are data only; `sim/server.rs` is what acts on them. The first
//! rule of the fault list that fits an attempt decides it. A cut of the quota decides none: of all that
//! are in force the lowest holds.

use crate::experiment::recorded::{Recorded, Take};
use crate::time::{Instant, from_millis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Who answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    /// A server made of figures, in exact virtual time.
    Simulated(Simulated),
    /// A server as a real run showed it, in exact virtual time.
    Recorded(Recorded),
    /// Gemini, or a server that speaks its protocol. Where it is belongs to the visit, not here.
    Gemini,
}

/// The figures of a simulated server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Simulated {
    /// Milliseconds from the request to the first byte. Default log-normal, median 4 400, p95 6 400.
    pub first_byte_millis: Amount,
    /// The same for calls of some models, by name, in place of `first_byte_millis`. Default none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub first_byte_by_model: BTreeMap<String, Amount>,
    /// Tokens thought before the answer begins. Default none.
    pub thinking_tokens: Amount,
    /// Tokens of an answer. Default log-normal, median 60, p95 90.
    pub answer_tokens: Amount,
    /// How many tokens come a second, thinking and answer alike. Default 36.
    pub tokens_per_second: u32,
    /// The same, drawn for each request, in place of `tokens_per_second`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pace: Option<Amount>,
    /// Figures of some models alone, by name. Default none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_model: BTreeMap<String, OfModel>,
    /// Milliseconds to open a connection, paid by a request that finds none idle. Default 0.
    pub connect_millis: u32,
    /// Whether a request takes over a connection that another has left; else it opens its own. Default yes.
    #[serde(skip_serializing_if = "is_true")]
    pub reuses_connections: bool,
    /// How latency grows with the requests in flight. Default not at all.
    pub load: Load,
    /// Milliseconds until a refusal is there. Default 400.
    pub refusal_millis: u32,
    /// Requests let through in any 60 s; none for no quota. Default none.
    pub requests_per_minute: Option<u32>,
    /// The window that `requests_per_minute` counts in, for lessons that have no minute. Default 60 000.
    #[serde(skip_serializing_if = "is_a_minute")]
    pub quota_window_millis: u32,
    /// Requests that may come at once where that quota refills evenly; none where it counts a window. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_burst: Option<u32>,
    /// Tokens let through in any 60 s, prompt, thinking and answer of a call together; none for no quota.
    /// (Gemini itself counts those of prompts.) Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u32>,
    /// Requests let through from the run's beginning to 24 h after it; none for no quota. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<u32>,
    /// What goes wrong. The first rule that fits an attempt decides it. Default nothing.
    pub faults: Vec<Rule>,
}

impl Default for Simulated {
    fn default() -> Self {
        Self {
            first_byte_millis: Amount::LogNormal { median: 4_400.0, p95: 6_400.0 },
            first_byte_by_model: BTreeMap::new(),
            thinking_tokens: Amount::Constant(0.0),
            answer_tokens: Amount::LogNormal { median: 60.0, p95: 90.0 },
            tokens_per_second: 36,
            pace: None,
            by_model: BTreeMap::new(),
            connect_millis: 0,
            reuses_connections: true,
            load: Load::None,
            refusal_millis: 400,
            requests_per_minute: None,
            quota_window_millis: MINUTE_MILLIS,
            quota_burst: None,
            tokens_per_minute: None,
            requests_per_day: None,
            faults: Vec::new(),
        }
    }
}

/// What differs for the calls of a model; what is not given is that of all calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OfModel {
    /// Tokens thought before the answer begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_tokens: Option<Amount>,
    /// Tokens of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_tokens: Option<Amount>,
    /// How many tokens come a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pace: Option<Amount>,
}

const MINUTE_MILLIS: u32 = 60_000;
/// The most figures of [`Amount::Quantiles`]: a link holds several such amounts.
const MOST_QUANTILES: usize = 101;
/// The fewest tokens a second.
const LEAST_PACE: f64 = 0.01;
/// More than any quota of requests.
const MOST_REQUESTS: u32 = 1_000_000;

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_a_minute(millis: &u32) -> bool {
    *millis == MINUTE_MILLIS
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_true(yes: &bool) -> bool {
    *yes
}

/// A figure that may differ from request to request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Amount {
    /// The same for all.
    Constant(f64),
    /// One for each item, starting over when they run out.
    Listed(Vec<f64>),
    /// Anything from `low` to `high`, evenly.
    Uniform {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// The longer, the rarer, with no memory of how long it has taken: what queueing theory takes for granted.
    Exponential {
        /// The mean. Three in ten draws lie above it, and one in twenty above its threefold.
        mean: f64,
    },
    /// Mostly near the median, now and then far above it: how latencies are in the field.
    LogNormal {
        /// Half of the draws lie below.
        median: f64,
        /// All but one in twenty lie below.
        p95: f64,
    },
    /// As it was measured: figures in order that part the draws into equal shares, the least of them first and the
    /// most last; between two of them anything, evenly.
    Quantiles(Vec<f64>),
}

/// How latency grows with the requests in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Load {
    /// It does not.
    #[default]
    None,
    /// Times `c^exponent` with `c` requests in flight.
    Power {
        /// From 0 to 2.
        exponent: f64,
    },
}

/// What goes wrong, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which attempts it strikes.
    #[serde(default)]
    pub when: When,
    /// What happens to them.
    pub fault: Fault,
}

/// Which attempts a rule strikes: those that fit all that is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Only calls of this model. Default of any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only these items, counted from 0. Default all.
    pub items: Option<Vec<u32>>,
    /// Only the first so many attempts of an item. Default all.
    pub first_attempts: Option<u8>,
    /// Only while at least so many requests are in flight, this one included. Default always.
    pub in_flight_at_least: Option<u32>,
    /// Only attempts that arrive then or later, in milliseconds since the lane began. Default from its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_millis: Option<u32>,
    /// Only attempts that arrive before then, in milliseconds since the lane began. Default to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_millis: Option<u32>,
    /// How likely it then is, 0 to 1. Default 1.
    pub probability: f64,
}

impl Default for When {
    fn default() -> Self {
        Self {
            model: None,
            items: None,
            first_attempts: None,
            in_flight_at_least: None,
            from_millis: None,
            to_millis: None,
            probability: 1.0,
        }
    }
}

impl When {
    /// The first moment at which it can strike.
    #[must_use]
    pub fn begins(&self) -> Instant {
        Instant::ZERO + from_millis(self.from_millis.unwrap_or(0))
    }

    /// The first moment at which it no longer can; never, if it has no end.
    #[must_use]
    pub fn ends(&self) -> Instant {
        self.to_millis.map_or(Instant::NEVER, |millis| Instant::ZERO + from_millis(millis))
    }
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The server answers with this status instead: 429, 500, 502, 503 or 504, 400 or 404.
    Status(u16),
    /// No byte ever comes.
    Stall,
    /// The connection breaks in the middle of the answer.
    Cut,
    /// An error with this status comes in the middle of a 200 stream.
    ErrorInStream(u16),
    /// All of it takes so many times as long.
    Slow(f64),
    /// The connection is refused.
    Network,
    /// The quota of requests is this many in any of its windows, if that is fewer than it is. It strikes
    /// no attempt by itself.
    QuotaCut(u32),
}

/// Why a server's figures make no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// A figure is negative, not a number or beyond all use.
    #[error("{what} is out of bounds")]
    OutOfBounds {
        /// Which figure.
        what: &'static str,
    },
}

impl Server {
    /// The figures that it is made of; none of the real one.
    #[must_use]
    pub fn simulated(&self) -> Option<&Simulated> {
        match self {
            Self::Simulated(figures) | Self::Recorded(Recorded { figures, .. }) => Some(figures),
            Self::Gemini => None,
        }
    }

    /// The same, to be changed.
    pub fn simulated_mut(&mut self) -> Option<&mut Simulated> {
        match self {
            Self::Simulated(figures) | Self::Recorded(Recorded { figures, .. }) => Some(figures),
            Self::Gemini => None,
        }
    }

    /// What a real run showed, if it is a server fitted to one.
    #[must_use]
    pub fn recorded(&self) -> Option<&Recorded> {
        if let Self::Recorded(recorded) = self { Some(recorded) } else { None }
    }

    /// The attempts that it answers as they were answered in a real run.
    #[must_use]
    pub fn takes(&self) -> &[Take] {
        self.recorded().map(|recorded| &*recorded.takes).unwrap_or_default()
    }

    /// The same, to be changed.
    pub fn takes_mut(&mut self) -> Option<&mut Vec<Take>> {
        if let Self::Recorded(recorded) = self { Some(&mut recorded.takes) } else { None }
    }

    /// The quota of requests in any window of that length, as far as it is known and counted so.
    #[must_use]
    pub fn quota(&self) -> Option<(u32, Duration)> {
        let figures = self.simulated()?;
        let limit = figures.requests_per_minute.filter(|_| figures.quota_burst.is_none());
        limit.map(|limit| (limit, from_millis(figures.quota_window_millis)))
    }

    /// The same, where nothing cuts it for a while.
    #[must_use]
    pub fn steady_quota(&self) -> Option<(u32, Duration)> {
        let cuts = |figures: &Simulated| figures.faults.iter().any(|rule| matches!(rule.fault, Fault::QuotaCut(_)));
        self.quota().filter(|_| !self.simulated().is_some_and(cuts))
    }

    /// # Errors
    /// The first figure that is out of bounds.
    pub fn validate(&self) -> Result<(), ServerError> {
        match self {
            Self::Gemini => Ok(()),
            Self::Simulated(figures) => figures.validate(),
            Self::Recorded(recorded) => recorded.validate(),
        }
    }
}

impl Simulated {
    /// Has `fault` strike attempts with this probability, whichever they are and whenever they are made, and no other
    /// do so.
    pub fn strike_any(&mut self, fault: Option<Fault>, probability: f64) {
        self.faults.retain(|rule| !rule.is_plain());
        if let Some(fault) = fault {
            self.faults.insert(0, Rule { when: When { probability, ..When::default() }, fault });
        }
    }

    /// # Errors
    /// The first figure that is out of bounds.
    pub fn validate(&self) -> Result<(), ServerError> {
        let check = |good: bool, what| if good { Ok(()) } else { Err(ServerError::OutOfBounds { what }) };
        let mut first_bytes = self.first_byte_by_model.values().chain([&self.first_byte_millis]);
        check(first_bytes.all(|amount| amount.is_within(3_600_000.0)), "first byte")?;
        check(self.thinking_tokens.is_within(65_536.0), "thinking tokens")?;
        check(self.answer_tokens.is_within(65_536.0), "answer tokens")?;
        check((1..=100_000).contains(&self.tokens_per_second), "tokens a second")?;
        check(self.pace.as_ref().is_none_or(Amount::is_pace), "tokens a second")?;
        check(self.by_model.values().all(OfModel::is_sound), "figures of a model")?;
        check(self.connect_millis <= 60_000, "connect time")?;
        check(self.refusal_millis <= 60_000, "refusal time")?;
        check(self.requests_per_minute.is_none_or(|n| n <= MOST_REQUESTS), "requests a minute")?;
        check((1..=86_400_000).contains(&self.quota_window_millis), "window of requests")?;
        check(self.quota_burst.is_none_or(|n| (1..=1_000_000).contains(&n)), "burst of requests")?;
        check(self.tokens_per_minute.is_none_or(|n| n <= 1_000_000_000), "tokens a minute")?;
        check(self.requests_per_day.is_none_or(|n| n <= 1_000_000_000), "requests a day")?;
        check(self.load.is_sound(), "load exponent")?;
        check(self.faults.len() <= 100, "number of fault rules")?;
        check(self.faults.iter().all(Rule::is_sound), "fault rule")?;
        check(self.faults.iter().all(|rule| rule.when.begins() < rule.when.ends()), "end of a fault rule")
    }
}

impl Amount {
    fn is_within(&self, most: f64) -> bool {
        let fits = |figure: f64| (0.0..=most).contains(&figure);
        match self {
            Self::Constant(figure) => fits(*figure),
            Self::Listed(figures) => !figures.is_empty() && figures.len() <= 1_000 && figures.iter().all(|&f| fits(f)),
            Self::Uniform { low, high } => fits(*low) && fits(*high) && low <= high,
            Self::Exponential { mean } => fits(*mean),
            Self::LogNormal { median, p95 } => *median > 0.0 && fits(*median) && fits(*p95) && median <= p95,
            Self::Quantiles(figures) => {
                (2..=MOST_QUANTILES).contains(&figures.len()) && figures.iter().all(|&f| fits(f)) && figures.is_sorted()
            }
        }
    }

    /// Whether it can be how many tokens come a second: never so few that an answer takes for ever.
    fn is_pace(&self) -> bool {
        let least = match self {
            Self::Constant(figure) | Self::Uniform { low: figure, .. } => *figure,
            // The lowest draw in 10 000 or so.
            Self::Exponential { mean } => mean / 10_000.0,
            Self::LogNormal { median, p95 } => median * median / p95 * median / p95,
            Self::Listed(figures) | Self::Quantiles(figures) => figures.iter().copied().fold(f64::INFINITY, f64::min),
        };
        least >= LEAST_PACE && self.is_within(100_000.0)
    }
}

/// The figure below which this share of the draws lies, with `figures` at even shares from 0 to 1.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // At most 101 figures.
pub fn at_share(figures: &[f64], share: f64) -> f64 {
    let place = share * figures.len().saturating_sub(1) as f64;
    let below = libm::floor(place) as usize;
    let Some(&low) = figures.get(below).or(figures.last()) else { return 0.0 };
    let high = figures.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (place - below as f64)
}

impl OfModel {
    fn is_sound(&self) -> bool {
        let are_tokens = |amount: &Option<Amount>| amount.as_ref().is_none_or(|amount| amount.is_within(65_536.0));
        are_tokens(&self.thinking_tokens)
            && are_tokens(&self.answer_tokens)
            && self.pace.as_ref().is_none_or(Amount::is_pace)
    }
}

impl Load {
    fn is_sound(self) -> bool {
        match self {
            Self::None => true,
            Self::Power { exponent } => (0.0..=2.0).contains(&exponent),
        }
    }
}

impl Rule {
    /// Whether it has a start or an end.
    #[must_use]
    pub fn is_spell(&self) -> bool {
        self.when.from_millis.is_some() || self.when.to_millis.is_some()
    }

    /// Whether it strikes attempts whenever they are made. A cut of the quota strikes none.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.is_spell() && !matches!(self.fault, Fault::QuotaCut(_))
    }

    fn is_sound(&self) -> bool {
        let fault = match self.fault {
            Fault::Status(status) | Fault::ErrorInStream(status) => {
                matches!(status, 400 | 404 | 429 | 500 | 502 | 503 | 504)
            }
            Fault::Slow(factor) => (0.01..=1_000.0).contains(&factor),
            Fault::QuotaCut(limit) => limit <= MOST_REQUESTS,
            Fault::Stall | Fault::Cut | Fault::Network => true,
        };
        fault && (0.0..=1.0).contains(&self.when.probability)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn with(when: When) -> Simulated {
        Simulated { faults: vec![Rule { when, fault: Fault::QuotaCut(2) }], ..Simulated::default() }
    }

    #[test]
    fn a_rule_ends_after_it_begins() {
        let between = |from_millis, to_millis| with(When { from_millis, to_millis, ..When::default() }).validate();
        let wrong = Err(ServerError::OutOfBounds { what: "end of a fault rule" });
        assert_eq!(between(Some(5_000), Some(5_001)), Ok(()));
        assert_eq!(between(Some(5_000), None), Ok(()));
        assert_eq!(between(None, Some(1)), Ok(()));
        assert_eq!(between(Some(5_000), Some(5_000)), wrong);
        assert_eq!(between(Some(5_000), Some(4_000)), wrong);
        assert_eq!(between(None, Some(0)), wrong);
    }

    #[test]
    fn a_fault_that_strikes_any_leaves_spells_and_quotas_as_they_are() {
        let spell = Rule { when: When { from_millis: Some(5_000), ..When::default() }, fault: Fault::Stall };
        let of_one = When { items: Some(vec![3]), first_attempts: Some(1), ..When::default() };
        let barred = Rule { when: When { model: Some("m".into()), ..When::default() }, fault: Fault::QuotaCut(0) };
        let faults = vec![Rule { when: of_one, fault: Fault::Stall }, spell.clone(), barred.clone()];
        let mut figures = Simulated { faults, ..Simulated::default() };
        figures.strike_any(Some(Fault::Cut), 0.5);
        let any = Rule { when: When { probability: 0.5, ..When::default() }, fault: Fault::Cut };
        assert_eq!(figures.faults, [any, spell.clone(), barred.clone()]);
        figures.strike_any(None, 0.5);
        assert_eq!(figures.faults, [spell, barred]);
    }

    #[test]
    fn times_that_are_not_given_are_not_written() {
        let text = |when| serde_json::to_string(&with(when).faults).expect("json");
        assert!(!text(When::default()).contains("millis"));
        let spell = When { from_millis: Some(5_000), to_millis: Some(10_000), ..When::default() };
        let written = text(spell.clone());
        assert!(written.contains(r#""from_millis":5000,"to_millis":10000"#), "{written}");
        assert!(written.contains(r#"{"quota-cut":2}"#), "{written}");
        assert_eq!(serde_json::from_str::<Vec<Rule>>(&written).expect("rules"), with(spell).faults);
    }
}
