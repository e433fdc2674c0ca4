//! Adaptive rate: how fast, found out by asking.
//!
//! Attempts start evenly, `rate` of them a second, and what comes back moves the rate. Two rules:
//!
//! - [`Rule::Multiplicative`], times a factor both ways, is what many hand-written clients do and what
//!   they call AIMD. It is not: between two clients who hear the same news the ratio never changes, and
//!   the rate never settles. It climbs over the limit, is halved and climbs again, one refusal for
//!   every ln 2 / ln 1.1 = 7.3 answers (12 %) whatever the limit is.
//! - [`Rule::Additive`], a step up and a factor down, is the textbook's additive increase,
//!   multiplicative decrease. Each refusal halves the difference between two clients, and the higher
//!   the limit, the rarer the refusals.
//!
//! Finding a limit costs refusals, and the rule sets the price.
//!
//! The interval is `1 s / rate`, rounded up to a whole microsecond: never faster than the rate. The
//! rate itself is made of products, sums and bounds only, which native and wasm compute alike.
//!
//! Source: D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
//! Avoidance in Computer Networks", Computer Networks and ISDN Systems 17(1), 1989.

use crate::policy::Answer;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a rate learns. Rates are in starts a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "AdaptiveRule"))]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Times a factor, up and down. [`Rule::MULTIPLICATIVE`] has the usual figures.
    Multiplicative {
        /// After an answer: above 1, at most 10. Usual 1.1.
        up: f64,
        /// After a refusal: above 0, below 1. Usual 0.5.
        refused: f64,
        /// After another failure: above 0, below 1. Usual 0.9.
        failed: f64,
    },
    /// A step up, a factor down; other failures leave it. [`Rule::ADDITIVE`] has the usual figures.
    Additive {
        /// Starts a second more after an answer: above 0, at most 100. Usual 0.1.
        step: f64,
        /// Times this after a refusal: above 0, below 1. Usual 0.5.
        refused: f64,
    },
}

impl Rule {
    /// Up by a tenth, halved by a refusal, down by a tenth after another failure.
    pub const MULTIPLICATIVE: Self = Self::Multiplicative { up: 1.1, refused: 0.5, failed: 0.9 };
    /// Up by a tenth of a start a second, halved by a refusal.
    pub const ADDITIVE: Self = Self::Additive { step: 0.1, refused: 0.5 };
}

/// Where a rate starts, how far it goes, how it learns. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    start: f64,
    floor: f64,
    ceiling: f64,
    rule: Rule,
}

/// Why some figures make no adaptive rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A rate of 0 never starts again, and one past 1 000 is no rate of calls.
    #[error("floor, start and ceiling must rise in this order, above 0 and up to 1000 a second")]
    BadBounds,
    /// An answer must raise the rate.
    #[error("the factor after an answer must lie above 1 and up to 10")]
    BadUp,
    /// An answer must raise the rate.
    #[error("the step after an answer must lie above 0 and up to 100 a second")]
    BadStep,
    /// Bad news must lower the rate.
    #[error("the factors after a refusal and a failure must lie between 0 and 1")]
    BadDown,
}

impl Default for Params {
    /// 1 start a second at first, never below 0.1 or above 100, the multiplicative rule.
    ///
    /// ```
    /// use lanescope::policy::adaptive::{Params, Rule};
    /// let rule = Rule::Multiplicative { up: 1.1, refused: 0.5, failed: 0.9 };
    /// assert_eq!(Params::new(1.0, 0.1, 100.0, rule), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { start: 1.0, floor: 0.1, ceiling: 100.0, rule: Rule::MULTIPLICATIVE }
    }
}

impl Params {
    /// `start` starts a second at first, between `floor` and `ceiling` a second ever after.
    ///
    /// # Errors
    /// [`ParamsError`] unless 0 < `floor` <= `start` <= `ceiling` <= 1 000 and the rule's figures lie
    /// within their bounds.
    pub fn new(start: f64, floor: f64, ceiling: f64, rule: Rule) -> Result<Self, ParamsError> {
        let in_order = 0.0 < floor && floor <= start && start <= ceiling && ceiling <= 1_000.0;
        if !in_order {
            return Err(ParamsError::BadBounds);
        }
        let down = |factor: f64| factor > 0.0 && factor < 1.0;
        match rule {
            Rule::Multiplicative { up, .. } if !(up > 1.0 && up <= 10.0) => Err(ParamsError::BadUp),
            Rule::Additive { step, .. } if !(step > 0.0 && step <= 100.0) => Err(ParamsError::BadStep),
            Rule::Multiplicative { refused, failed, .. } if !(down(refused) && down(failed)) => {
                Err(ParamsError::BadDown)
            }
            Rule::Additive { refused, .. } if !down(refused) => Err(ParamsError::BadDown),
            _ => Ok(Self { start, floor, ceiling, rule }),
        }
    }

    /// Starts a second at first, at least and at most.
    #[must_use]
    pub fn bounds(self) -> [f64; 3] {
        [self.start, self.floor, self.ceiling]
    }

    /// How it learns.
    #[must_use]
    pub fn rule(self) -> Rule {
        self.rule
    }
}

/// What became of an attempt, as far as a limit learns from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// It was answered.
    Answered,
    /// The server refused it for coming too soon: a 429.
    Refused,
    /// It failed in another way.
    Failed,
}

/// A rate in use. Pure: it is told the time and never sleeps.
#[derive(Clone, Debug)]
pub struct AdaptiveRate {
    params: Params,
    rate: f64,
    last: Option<Instant>,
}

impl AdaptiveRate {
    /// At its starting rate; the first start passes at once.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, rate: params.start, last: None }
    }

    /// Starts at `now`, or says when the next start is due at the rate of this moment. The rate may
    /// change meanwhile, so whoever waited asks again.
    pub fn ask(&mut self, now: Instant) -> Answer {
        let answer = self.ready(now);
        if answer == Answer::Go {
            self.last = Some(now);
        }
        answer
    }

    /// What [`Self::ask`] would say; nothing starts.
    #[must_use]
    pub fn ready(&self, now: Instant) -> Answer {
        match self.last.map(|last| last + self.interval()) {
            Some(until) if now < until => Answer::Wait { until },
            _ => Answer::Go,
        }
    }

    /// Moves the rate after an attempt.
    pub fn learn(&mut self, outcome: Learned) {
        let moved = match (self.params.rule, outcome) {
            (Rule::Multiplicative { up, .. }, Learned::Answered) => self.rate * up,
            (Rule::Multiplicative { failed, .. }, Learned::Failed) => self.rate * failed,
            (Rule::Additive { step, .. }, Learned::Answered) => self.rate + step,
            (Rule::Additive { .. }, Learned::Failed) => self.rate,
            (Rule::Multiplicative { refused, .. } | Rule::Additive { refused, .. }, Learned::Refused) => {
                self.rate * refused
            }
        };
        // Not `clamp`: its message would bring the printer of floating-point numbers into the page.
        self.rate = moved.min(self.params.ceiling).max(self.params.floor);
    }

    /// Starts a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Positive, and the cast saturates.
    fn interval(&self) -> Duration {
        Duration::from_micros(libm::ceil(1e6 / self.rate) as u64)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::Learned::{Answered, Failed, Refused};
    use super::*;
    use proptest::prelude::*;

    fn rate(start: f64, rule: Rule) -> AdaptiveRate {
        AdaptiveRate::new(Params::new(start, 0.1, 100.0, rule).expect("valid"))
    }

    /// The rate after each outcome.
    fn after(mut rate: AdaptiveRate, outcomes: &[Learned]) -> Vec<f64> {
        let moved = |&outcome: &Learned| {
            rate.learn(outcome);
            rate.rate()
        };
        outcomes.iter().map(moved).collect()
    }

    #[test]
    fn each_rule_moves_the_rate_as_computed_by_hand() {
        // Halves and quarters, which are exact.
        let times = Rule::Multiplicative { up: 1.5, refused: 0.5, failed: 0.75 };
        let heard = [Answered, Answered, Refused, Failed, Answered];
        assert_eq!(after(rate(1.0, times), &heard), [1.5, 2.25, 1.125, 0.843_75, 1.265_625]);
        let plus = Rule::Additive { step: 0.25, refused: 0.5 };
        assert_eq!(after(rate(1.0, plus), &heard), [1.25, 1.5, 0.75, 0.75, 1.0]);
    }

    #[test]
    fn starts_are_spaced_by_the_rate_of_the_moment() {
        let mut r = rate(3.0, Rule::ADDITIVE);
        assert_eq!(r.ask(Instant(0)), Answer::Go);
        assert_eq!(r.ask(Instant(0)), Answer::Wait { until: Instant(333_334) });
        assert_eq!(r.ask(Instant(333_334)), Answer::Go);
        r.learn(Refused);
        assert_eq!(r.ready(Instant(333_334)), Answer::Wait { until: Instant(333_334 + 666_667) });
    }

    /// The share of refusals against a server that refuses whatever comes faster than `limit` a second.
    fn share_refused(mut rate: AdaptiveRate, limit: f64) -> f64 {
        let mut refused = 0_u32;
        for _ in 0..20_000 {
            let is_too_fast = rate.rate() > limit;
            refused += u32::from(is_too_fast);
            rate.learn(if is_too_fast { Refused } else { Answered });
        }
        f64::from(refused) / 20_000.0
    }

    #[test]
    fn the_multiplicative_rule_pays_12_percent_whatever_the_limit_and_the_additive_less_the_higher_it_is() {
        for (limit, additive) in [(5.0, 1.0 / 26.0), (10.0, 1.0 / 51.0)] {
            let share = share_refused(rate(1.0, Rule::MULTIPLICATIVE), limit);
            assert!((share - 0.121).abs() < 0.005, "{share} at {limit}");
            let share = share_refused(rate(1.0, Rule::ADDITIVE), limit);
            assert!((share - additive).abs() < 0.002, "{share} at {limit}");
        }
    }

    #[test]
    fn only_the_additive_rule_brings_two_clients_together() {
        let round: Vec<Learned> = std::iter::repeat_n(Answered, 20).chain([Refused]).collect();
        let end = |start, rule| after(rate(start, rule), &round.repeat(20)).last().copied().expect("not empty");
        assert!((end(4.0, Rule::ADDITIVE) - end(1.0, Rule::ADDITIVE)).abs() < 1e-3);
        // 8 % up and halved every ninth time keeps clear of the bounds.
        let times = Rule::Multiplicative { up: 1.08, refused: 0.5, failed: 0.9 };
        let round: Vec<Learned> = std::iter::repeat_n(Answered, 9).chain([Refused]).collect();
        let end = |start| after(rate(start, times), &round.repeat(20)).last().copied().expect("not empty");
        assert!((end(4.0) / end(1.0) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn figures_outside_their_bounds_make_no_rate() {
        let new = |start, floor, rule| Params::new(start, floor, 100.0, rule).err();
        assert_eq!(new(1.0, 0.0, Rule::ADDITIVE), Some(ParamsError::BadBounds));
        assert_eq!(new(f64::NAN, 0.1, Rule::ADDITIVE), Some(ParamsError::BadBounds));
        assert_eq!(new(1.0, 0.1, Rule::Additive { step: 0.0, refused: 0.5 }), Some(ParamsError::BadStep));
        let times = |up, refused, failed| Rule::Multiplicative { up, refused, failed };
        assert_eq!(new(1.0, 0.1, times(1.0, 0.5, 0.9)), Some(ParamsError::BadUp));
        assert_eq!(new(1.0, 0.1, times(1.1, 0.5, 1.0)), Some(ParamsError::BadDown));
        assert_eq!(new(1.0, 0.1, times(1.1, f64::NAN, 0.9)), Some(ParamsError::BadDown));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        fn the_bounds_hold_and_the_instant_named_is_the_first_that_succeeds(
            additive: bool, heard in prop::collection::vec((0usize..3, 0u64..3_000_000), 1..200),
        ) {
            let mut r = rate(1.0, if additive { Rule::ADDITIVE } else { Rule::MULTIPLICATIVE });
            let (mut now, mut last): (u64, Option<u64>) = (0, None);
            for (what, later) in heard {
                now += later;
                let before = r.rate();
                r.learn([Answered, Refused, Failed][what]);
                prop_assert!((0.1..=100.0).contains(&r.rate()));
                let (lower, higher) = if what == 0 { (before, r.rate()) } else { (r.rate(), before) };
                prop_assert!(lower <= higher);
                let answer = r.ask(Instant(now));
                // Starts earned since the last one, at this rate; the very first start is due at once.
                let earned = |at: u64| last.map_or(1.0, |last| (at - last) as f64 * r.rate() / 1e6);
                if let Answer::Wait { until } = answer {
                    prop_assert!(now < until.0 && earned(until.0 - 1) < 1.0 && earned(until.0) > 1.0 - 1e-12);
                    prop_assert_eq!(r.clone().ask(until), Answer::Go);
                } else {
                    prop_assert!(earned(now) > 1.0 - 1e-12);
                    last = Some(now);
                }
            }
        }
    }
}
