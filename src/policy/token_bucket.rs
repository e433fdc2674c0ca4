//! Token bucket: how fast, with bursts.
//!
//! A bucket holds up to `capacity` tokens and gains `refill` of them every `per`, evenly. An attempt
//! takes what it costs or waits until the bucket holds that much. Over any stretch of time `w` it
//! lets through at most `capacity + refill * w / per`: against a quota of `q` in any `w`, keep that
//! sum at or below `q`. A capacity of `q`, the usual advice, lets nearly twice the quota through in
//! the first window.
//!
//! What a call costs is often known only afterwards. It then takes an estimate, and the difference is
//! [settled](TokenBucket::settle): a bucket that gave too little away owes it, and whoever comes next
//! waits until the debt is earned.
//!
//! Credit is counted in units of which a token has as many as `per` has microseconds, so every
//! microsecond earns exactly `refill` units: no rounding, and native and wasm agree to the last bit.
//!
//! Source: J. Turner, "New directions in communications", IEEE Communications Magazine 24(10), 1986
//! (the leaky bucket as a meter).

use crate::policy::Answer;
use crate::time::{Instant, micros_as_secs, whole_micros};
use std::time::Duration;

/// How large and how fast a bucket is. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    capacity: u32,
    refill: u32,
    per_micros: u64,
}

/// Why some figures make no bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A bucket that holds nothing lets nothing through.
    #[error("capacity must be at least 1 token")]
    NoCapacity,
    /// A bucket that never refills starves all but its first burst.
    #[error("refill must be at least 1 token")]
    NoRefill,
    /// Outside what the count can hold without overflow.
    #[error("the refill period must lie between 1 microsecond and 1 day")]
    BadPeriod,
}

impl Params {
    /// A bucket of `capacity` tokens that gains `refill` tokens every `per`. There is no usual
    /// figure: it follows from the quota.
    ///
    /// # Errors
    /// [`ParamsError`] when a count is 0, or `per` is not between 1 us and 1 day.
    pub fn new(capacity: u32, refill: u32, per: Duration) -> Result<Self, ParamsError> {
        match (capacity, refill, whole_micros(per)) {
            (0, ..) => Err(ParamsError::NoCapacity),
            (_, 0, _) => Err(ParamsError::NoRefill),
            (.., per_micros @ 1..=86_400_000_000) => Ok(Self { capacity, refill, per_micros }),
            _ => Err(ParamsError::BadPeriod),
        }
    }

    /// The most tokens it can hold.
    #[must_use]
    pub fn capacity(self) -> u32 {
        self.capacity
    }

    /// Tokens it gains a second, for drawing.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.refill) / micros_as_secs(self.per_micros)
    }

    fn units(self, tokens: u32) -> i128 {
        i128::from(tokens) * i128::from(self.per_micros)
    }
}

/// A bucket in use. Pure: it is told the time and never sleeps. An earlier time than the last one
/// counts as the last.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    params: Params,
    /// Below 0 after a call that cost more than it took.
    credit: i128,
    as_of: Instant,
}

impl TokenBucket {
    /// A full bucket at `now`.
    #[must_use]
    pub fn full(params: Params, now: Instant) -> Self {
        Self { params, credit: params.units(params.capacity), as_of: now }
    }

    /// Takes `cost` tokens at `now`, or says when they will be there.
    pub fn ask(&mut self, cost: u32, now: Instant) -> Answer {
        let answer = self.ready(cost, now);
        if answer == Answer::Go {
            self.credit -= self.params.units(cost);
        }
        answer
    }

    /// What [`Self::ask`] would say; nothing is taken.
    #[must_use]
    pub fn ready(&mut self, cost: u32, now: Instant) -> Answer {
        if cost > self.params.capacity {
            return Answer::Refuse;
        }
        self.refill(now);
        let left = self.credit - self.params.units(cost);
        if left >= 0 {
            return Answer::Go;
        }
        let micros = left.unsigned_abs().div_ceil(u128::from(self.params.refill));
        Answer::Wait { until: self.as_of + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)) }
    }

    /// Corrects a call that took `estimated` tokens and is now known to have cost `actual`: takes the
    /// difference, if need be into debt, or gives it back as far as it fits.
    pub fn settle(&mut self, estimated: u32, actual: u32, now: Instant) {
        self.refill(now);
        self.give(self.params.units(estimated) - self.params.units(actual));
    }

    /// Whole tokens in it at `now`; 0 in debt.
    pub fn level(&mut self, now: Instant) -> u32 {
        self.refill(now);
        u32::try_from(self.credit.max(0) / self.params.units(1)).unwrap_or(u32::MAX)
    }

    /// The most tokens it can hold.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.params.capacity
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.0.saturating_sub(self.as_of.0);
        self.give(i128::from(elapsed) * i128::from(self.params.refill));
        self.as_of = self.as_of.max(now);
    }

    fn give(&mut self, units: i128) {
        self.credit = (self.credit + units).min(self.params.units(self.params.capacity));
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000;

    fn bucket(capacity: u32, refill: u32, per_secs: u64) -> TokenBucket {
        let params = Params::new(capacity, refill, Duration::from_secs(per_secs)).expect("valid");
        TokenBucket::full(params, Instant(0))
    }

    /// The instants, in microseconds, at which `n` attempts of `cost`, all asked at 0, pass.
    fn passes(mut bucket: TokenBucket, cost: u32, n: usize) -> Vec<u64> {
        let mut now = Instant(0);
        let mut pass = || loop {
            match bucket.ask(cost, now) {
                Answer::Go => break now.0,
                Answer::Wait { until } => now = until,
                Answer::Refuse => panic!("larger than the bucket"),
            }
        };
        (0..n).map(|_| pass()).collect()
    }

    #[test]
    fn the_capacity_passes_at_once_and_the_rest_at_the_refill() {
        assert_eq!(passes(bucket(5, 1, 1), 1, 8), [0, 0, 0, 0, 0, SECOND, 2 * SECOND, 3 * SECOND]);
    }

    #[test]
    fn a_capacity_of_the_quota_lets_nearly_twice_the_quota_through_in_the_first_window() {
        for (capacity, sent) in [(15, 29), (5, 19), (1, 15)] {
            let at = passes(bucket(capacity, 15, 60), 1, 40);
            assert_eq!(at.iter().filter(|&&at| at < 60 * SECOND).count(), sent, "capacity {capacity}");
        }
    }

    #[test]
    fn sixty_calls_of_3000_under_90_000_a_minute_are_30_at_once_and_then_one_every_2_s() {
        let at = passes(bucket(90_000, 90_000, 60), 3_000, 60);
        let expected: Vec<u64> = (0..60).map(|n: u64| n.saturating_sub(29) * 2 * SECOND).collect();
        assert_eq!(at, expected);
        assert_eq!(passes(bucket(90_000, 90_000, 60), 1_500, 60), [0; 60], "where the limits cross");
    }

    #[test]
    fn an_attempt_larger_than_the_bucket_is_refused_not_kept_waiting() {
        assert_eq!(bucket(5, 1, 1).ask(6, Instant(0)), Answer::Refuse);
    }

    #[test]
    fn a_wait_takes_nothing_and_neither_does_looking() {
        let mut b = bucket(1, 1, 1);
        assert_eq!(b.ready(1, Instant(0)), Answer::Go);
        assert_eq!(b.ask(1, Instant(0)), Answer::Go);
        for _ in 0..3 {
            assert_eq!(b.ask(1, Instant(10)), Answer::Wait { until: Instant(SECOND) });
        }
        assert_eq!(b.ask(1, Instant(SECOND)), Answer::Go);
    }

    #[test]
    fn an_underestimate_delays_the_next_by_the_difference_over_the_rate() {
        let mut b = bucket(10, 2, 1);
        assert_eq!(b.ask(10, Instant(0)), Answer::Go);
        assert_eq!(b.ready(1, Instant(0)), Answer::Wait { until: Instant(SECOND / 2) });
        b.settle(10, 17, Instant(0));
        assert_eq!(b.ready(1, Instant(0)), Answer::Wait { until: Instant(SECOND / 2 + 7 * SECOND / 2) });
        assert_eq!(b.level(Instant(0)), 0, "in debt");
    }

    #[test]
    fn an_overestimate_comes_back_as_far_as_it_fits() {
        let mut b = bucket(10, 1, 1);
        assert_eq!(b.ask(8, Instant(0)), Answer::Go);
        b.settle(8, 3, Instant(0));
        assert_eq!(b.level(Instant(0)), 7);
        b.settle(8, 0, Instant(0));
        assert_eq!(b.level(Instant(0)), 10);
    }

    /// A bucket filled microsecond by microsecond, its level counted in `1 / per` tokens.
    #[derive(Clone)]
    struct Model {
        capacity: i64,
        refill: i64,
        per: i64,
        level: i64,
        now: u64,
    }

    impl Model {
        fn tick_to(&mut self, now: u64) {
            for _ in self.now..now {
                self.level = (self.level + self.refill).min(self.capacity * self.per);
            }
            self.now = now;
        }

        fn ask(&mut self, cost: i64) -> Answer {
            if cost > self.capacity {
                return Answer::Refuse;
            }
            let mut later = self.clone();
            while later.level < cost * later.per {
                later.tick_to(later.now + 1);
            }
            if later.now > self.now {
                return Answer::Wait { until: Instant(later.now) };
            }
            self.level -= cost * self.per;
            Answer::Go
        }

        fn settle(&mut self, estimated: i64, actual: i64) {
            self.level = (self.level + (estimated - actual) * self.per).min(self.capacity * self.per);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn no_stretch_lets_through_more_than_capacity_and_refill(
            capacity in 1u32..20, refill in 1u32..50, per_secs in 1u64..90, n in 1usize..60,
        ) {
            let at = passes(bucket(capacity, refill, per_secs), 1, n);
            for (i, from) in at.iter().enumerate() {
                for (to, through) in at[i..].iter().zip(1u64..) {
                    let allowed = u64::from(capacity) * per_secs * SECOND + (to - from) * u64::from(refill);
                    prop_assert!(through * per_secs * SECOND <= allowed, "{through} from {from} to {to}");
                }
            }
        }

        #[test]
        fn it_agrees_with_a_bucket_filled_by_the_microsecond(
            capacity in 1u32..8, refill in 1u32..6, per in 1u32..20,
            moves in prop::collection::vec((0u64..40, any::<bool>(), 0u32..10, 0u32..10), 1..60),
        ) {
            let params = Params::new(capacity, refill, Duration::from_micros(u64::from(per))).expect("valid");
            let mut bucket = TokenBucket::full(params, Instant(0));
            let (capacity, refill, per) = (i64::from(capacity), i64::from(refill), i64::from(per));
            let mut model = Model { capacity, refill, per, level: capacity * per, now: 0 };
            for (later, asks, a, b) in moves {
                model.tick_to(model.now + later);
                let now = Instant(model.now);
                if asks {
                    prop_assert_eq!(bucket.ask(a, now), model.ask(i64::from(a)));
                } else {
                    bucket.settle(a, b, now);
                    model.settle(i64::from(a), i64::from(b));
                }
                prop_assert_eq!(i64::from(bucket.level(now)), model.level.max(0) / per);
            }
        }
    }
}
