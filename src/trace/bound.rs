//! How fast a lane could have been at best.
//!
//! Over the durations of its successful attempts, no schedule under a limit of `m` ends before the
//! longest of them, nor before their sum over `m`; and a quota of `q` requests in any window `w`
//! puts the last start no earlier than `(ceil(n / q) - 1) x w`. The greatest of these is the bound;
//! efficiency is the bound over what it took.
//!
//! Source: R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Applied Mathematics
//! 17(2), 1969, whose other half says that no list schedule takes more than `2 - 1/m` times the
//! best.

use std::time::Duration;

/// What a lane is bound by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The longest successful attempt.
    pub longest: Duration,
    /// All successful attempts, shared out evenly.
    pub shared: Duration,
    /// The last start that the quota allows.
    pub quota: Duration,
}

impl Bound {
    /// The bound for attempts that took `durations`, `limit` at once, under a quota of so many requests in any
    /// window of that length.
    #[must_use]
    pub fn new(durations: impl IntoIterator<Item = Duration>, limit: u16, quota: Option<(u32, Duration)>) -> Self {
        let (mut longest, mut sum, mut count) = (Duration::ZERO, Duration::ZERO, 0_u32);
        for duration in durations {
            longest = longest.max(duration);
            sum += duration;
            count += 1;
        }
        let quota = match quota {
            Some((q, window)) if q > 0 && count > 0 => window * (count.div_ceil(q) - 1),
            _ => Duration::ZERO,
        };
        Self { longest, shared: sum / u32::from(limit.max(1)), quota }
    }

    /// The least time that it could have taken.
    #[must_use]
    pub fn least(self) -> Duration {
        self.longest.max(self.shared).max(self.quota)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn secs(s: &[u64]) -> impl Iterator<Item = Duration> {
        s.iter().map(|&s| Duration::from_secs(s))
    }

    #[test]
    fn the_longest_or_the_share_or_the_quota_counts() {
        assert_eq!(Bound::new(secs(&[3, 2, 4]), 8, None).least(), Duration::from_secs(4));
        assert_eq!(Bound::new(secs(&[3, 2, 4]), 1, None).least(), Duration::from_secs(9));
        assert_eq!(Bound::new(secs(&[1; 20]), 20, Some((15, MINUTE))).least(), MINUTE);
        assert_eq!(Bound::new(secs(&[1; 15]), 20, Some((15, MINUTE))).least(), Duration::from_secs(1));
    }

    #[test]
    fn nothing_answered_is_bound_by_nothing() {
        assert_eq!(Bound::new(secs(&[]), 4, Some((5, MINUTE))).least(), Duration::ZERO);
    }
}
