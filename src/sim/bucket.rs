//! A quota that refills evenly: so much at once, and then as it comes back.
//!
//! Kept in whole numbers: a request weighs as many units as the quota's time has microseconds, and each microsecond
//! brings back as many units as the quota lets through in that time.

use crate::time::{Instant, whole_micros};
use std::time::Duration;

/// What is left of it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Units of a request.
    weight: u128,
    /// The most units.
    most: u128,
    level: u128,
    /// When the level was that.
    at: Instant,
}

impl Bucket {
    /// Full: `burst` at once, of a quota that counts by `window`.
    #[must_use]
    pub fn full(burst: u32, window: Duration) -> Self {
        let weight = u128::from(whole_micros(window).max(1));
        let most = weight * u128::from(burst);
        Self { weight, most, level: most, at: Instant::ZERO }
    }

    /// Whether `cost` could be let through at `now`, with `limit` coming back in each window.
    ///
    /// # Errors
    /// The time until there is room; none if there never is.
    pub fn has_room(&mut self, cost: u32, limit: u32, now: Instant) -> Result<(), Option<Duration>> {
        let passed = u128::from(whole_micros(now.since(self.at)));
        self.level = (self.level + passed * u128::from(limit)).min(self.most);
        self.at = self.at.max(now);
        let wanted = self.weight * u128::from(cost);
        if wanted <= self.level {
            return Ok(());
        }
        if wanted > self.most || limit == 0 {
            return Err(None);
        }
        let micros = (wanted - self.level).div_ceil(u128::from(limit));
        Err(Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))))
    }

    /// Takes `cost` out.
    pub fn take(&mut self, cost: u32) {
        self.level = self.level.saturating_sub(self.weight * u128::from(cost));
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_goes_at_once_and_then_one_comes_back_each_fifth_of_a_second() {
        let mut bucket = Bucket::full(5, Duration::from_secs(1));
        for _ in 0..5 {
            assert_eq!(bucket.has_room(1, 5, Instant::ZERO), Ok(()));
            bucket.take(1);
        }
        assert_eq!(bucket.has_room(1, 5, Instant::ZERO), Err(Some(Duration::from_millis(200))));
        assert_eq!(bucket.has_room(1, 5, Instant(199_999)), Err(Some(Duration::from_micros(1))));
        assert_eq!(bucket.has_room(1, 5, Instant(200_000)), Ok(()));
        assert_eq!(bucket.has_room(6, 5, Instant(200_000)), Err(None));
    }

    proptest! {
        /// Never more in any stretch than the burst and what comes back in it.
        #[test]
        fn no_stretch_has_more_than_the_burst_and_what_came_back(
            burst in 1u32..8, limit in 1u32..50, gaps in prop::collection::vec(0u64..400_000, 1..60),
        ) {
            let window = Duration::from_secs(1);
            let mut bucket = Bucket::full(burst, window);
            let (mut now, mut through) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                if bucket.has_room(1, limit, Instant(now)).is_ok() {
                    bucket.take(1);
                    through.push(now);
                }
            }
            for (n, from) in through.iter().enumerate() {
                for (count, to) in (1_u64..).zip(&through[n..]) {
                    prop_assert!((count - u64::from(burst).min(count)) * 1_000_000 <= (to - from) * u64::from(limit));
                }
            }
        }
    }
}
