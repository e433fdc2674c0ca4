//! Adaptive limit: how many at once, found out by asking.
//!
//! A limit on the attempts in flight that learns what the server bears: up by `1 / limit` after each
//! answer, so by about 1 once as many have been answered as may be in flight; halved by a refusal,
//! down by a tenth after another failure. Additive increase, multiplicative decrease: two lanes that
//! share a server and hear the same news end up with equal limits, wherever they began.
//!
//! After `n` answers in a row a limit `l` has become `sqrt(l^2 + 2 n)`, a little more at small `l`.
//!
//! Source: D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
//! Avoidance in Computer Networks", Computer Networks and ISDN Systems 17(1), 1989; for calls in flight
//! instead of packets, Netflix's `concurrency-limits`, 2018.

use crate::policy::adaptive::Learned;

/// Where a limit starts, how far it goes, how it falls. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    start: u32,
    floor: u32,
    ceiling: u32,
    refused: f64,
    failed: f64,
}

/// Why some figures make no adaptive limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None in flight learns nothing; a browser fails requests past about 1 350 unfinished ones.
    #[error("floor, start and ceiling must rise in this order, from 1 to 1000 in flight")]
    BadBounds,
    /// Bad news must lower the limit.
    #[error("the factors after a refusal and a failure must lie between 0 and 1")]
    BadDown,
}

impl Default for Params {
    /// 4 in flight at first, never below 1 or above 1 000; halved by a refusal, times 0.9 after
    /// another failure.
    ///
    /// ```
    /// use lanescope::policy::adaptive_limit::Params;
    /// assert_eq!(Params::new(4, 1, 1_000, 0.5, 0.9), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { start: 4, floor: 1, ceiling: 1_000, refused: 0.5, failed: 0.9 }
    }
}

impl Params {
    /// `start` in flight at first, between `floor` and `ceiling` ever after; times `refused` after a
    /// refusal, times `failed` after another failure.
    ///
    /// # Errors
    /// [`ParamsError`] unless 1 <= `floor` <= `start` <= `ceiling` <= 1 000 and both factors lie
    /// between 0 and 1, neither included.
    pub fn new(start: u32, floor: u32, ceiling: u32, refused: f64, failed: f64) -> Result<Self, ParamsError> {
        let in_order = 1 <= floor && floor <= start && start <= ceiling && ceiling <= 1_000;
        if !in_order {
            return Err(ParamsError::BadBounds);
        }
        let down = |factor: f64| factor > 0.0 && factor < 1.0;
        if down(refused) && down(failed) {
            Ok(Self { start, floor, ceiling, refused, failed })
        } else {
            Err(ParamsError::BadDown)
        }
    }

    /// How many may be in flight at first, at least and at most.
    #[must_use]
    pub fn bounds(self) -> [u32; 3] {
        [self.start, self.floor, self.ceiling]
    }
}

/// A limit in use.
#[derive(Clone, Debug)]
pub struct AdaptiveLimit {
    params: Params,
    limit: f64,
}

impl AdaptiveLimit {
    /// At its starting limit.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, limit: f64::from(params.start) }
    }

    /// How many may be in flight: the whole part of what was learned.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 1 and 1 000.
    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// Moves the limit after an attempt.
    pub fn learn(&mut self, outcome: Learned) {
        let moved = match outcome {
            Learned::Answered => self.limit + 1.0 / self.limit,
            Learned::Refused => self.limit * self.params.refused,
            Learned::Failed => self.limit * self.params.failed,
        };
        self.limit = moved.min(f64::from(self.params.ceiling)).max(f64::from(self.params.floor));
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::Learned::{Answered, Failed, Refused};
    use super::*;
    use proptest::prelude::*;

    fn limit(start: u32) -> AdaptiveLimit {
        AdaptiveLimit::new(Params::new(start, 1, 1_000, 0.5, 0.9).expect("valid"))
    }

    fn limits(mut limit: AdaptiveLimit, outcomes: &[Learned]) -> Vec<u32> {
        let moved = |&outcome: &Learned| {
            limit.learn(outcome);
            limit.limit()
        };
        outcomes.iter().map(moved).collect()
    }

    #[test]
    fn a_round_of_answers_adds_about_one_and_a_refusal_halves() {
        // 4.25, 4.49, 4.71, 4.92, 5.12; 2.56; 2.30, 2.07, 1.87, 1.68; 1 is the floor.
        let heard =
            [Answered, Answered, Answered, Answered, Answered, Refused, Failed, Failed, Failed, Failed, Refused];
        assert_eq!(limits(limit(4), &heard), [4, 4, 4, 4, 5, 2, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn two_lanes_that_share_a_server_end_up_alike() {
        let (mut a, mut b) = (limit(2), limit(40));
        for _ in 0..20_000 {
            let outcome = if a.limit + b.limit > 50.0 { Refused } else { Answered };
            a.learn(outcome);
            b.learn(outcome);
        }
        assert!((a.limit - b.limit).abs() < 0.1, "{} and {}", a.limit, b.limit);
    }

    #[test]
    fn figures_outside_their_bounds_make_no_limit() {
        assert_eq!(Params::new(4, 0, 9, 0.5, 0.9), Err(ParamsError::BadBounds));
        assert_eq!(Params::new(4, 5, 9, 0.5, 0.9), Err(ParamsError::BadBounds));
        assert_eq!(Params::new(4, 1, 1_001, 0.5, 0.9), Err(ParamsError::BadBounds));
        assert_eq!(Params::new(4, 1, 9, 1.0, 0.9), Err(ParamsError::BadDown));
        assert_eq!(Params::new(4, 1, 9, 0.5, f64::NAN), Err(ParamsError::BadDown));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// `(l + 1 / l)^2 = l^2 + 2 + 1 / l^2`, so after `n` answers the square lies between these.
        #[test]
        fn answers_raise_it_as_the_square_root(start in 1u32..200, answers in 1u32..2_000) {
            let mut grown = limit(start);
            for _ in 0..answers {
                grown.learn(Answered);
            }
            let (from, n) = (f64::from(start), f64::from(answers));
            let square = grown.limit * grown.limit;
            prop_assert!(square >= from * from + 2.0 * n - 1e-6, "{square}");
            prop_assert!(square <= from * from + 2.0 * n + n / (from * from) + 1e-6, "{square}");
        }

        #[test]
        fn the_bounds_hold_whatever_is_heard(
            floor in 1u32..10, width in 0u32..10, heard in prop::collection::vec(0usize..3, 1..200),
        ) {
            let params = Params::new(floor, floor, floor + width, 0.5, 0.9).expect("valid");
            let heard: Vec<Learned> = heard.into_iter().map(|what| [Answered, Refused, Failed][what]).collect();
            for limit in limits(AdaptiveLimit::new(params), &heard) {
                prop_assert!((floor..=floor + width).contains(&limit));
            }
        }
    }
}
