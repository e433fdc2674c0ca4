//! Sliding window: at most so many in any stretch of time, exactly.
//!
//! It remembers when each of the last `limit` attempts passed. A pass at `t` counts until `t + window`
//! and no longer: at that very moment another may follow. So no stretch as long as the window ever
//! holds more than `limit` passes, which a token bucket of the same figures does not promise. It
//! bursts all the same: after an idle window, `limit` pass at once.
//!
//! Source: the sliding window log, as in N. Mahdi, "An alternative approach to rate limiting", Figma,
//! 2017. It costs 8 bytes a remembered pass.

use crate::policy::Answer;
use crate::time::Instant;
use std::collections::VecDeque;
use std::time::Duration;

/// How many, in how long. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    limit: u32,
    window: Duration,
}

/// Why some figures make no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None lets nothing through, and each pass is remembered.
    #[error("the limit must lie between 1 and 100 000")]
    BadLimit,
    /// Shorter than a timer can keep, or longer than any quota with room for calls that arrive late.
    #[error("the window must lie between 1 ms and 25 h")]
    BadWindow,
}

impl Params {
    /// At most `limit` passes in any `window`. There is no usual figure: it is the quota's own.
    ///
    /// # Errors
    /// [`ParamsError`] unless `limit` lies between 1 and 100 000 and `window` between 1 ms and 25 h.
    ///
    /// ```
    /// use lanescope::policy::sliding_window::{Params, ParamsError};
    /// use std::time::Duration;
    /// assert!(Params::new(10, Duration::from_secs(1)).is_ok());
    /// assert_eq!(Params::new(0, Duration::from_secs(1)), Err(ParamsError::BadLimit));
    /// assert_eq!(Params::new(10, Duration::ZERO), Err(ParamsError::BadWindow));
    /// ```
    pub fn new(limit: u32, window: Duration) -> Result<Self, ParamsError> {
        if !(1..=100_000).contains(&limit) {
            return Err(ParamsError::BadLimit);
        }
        if !(Duration::from_millis(1)..=Duration::from_hours(25)).contains(&window) {
            return Err(ParamsError::BadWindow);
        }
        Ok(Self { limit, window })
    }

    /// How many pass in any window.
    #[must_use]
    pub fn limit(self) -> u32 {
        self.limit
    }

    /// How long the window is.
    #[must_use]
    pub fn window(self) -> Duration {
        self.window
    }
}

/// A window in use. Pure: it is told the time, which must not run backwards, and never sleeps.
#[derive(Clone, Debug)]
pub struct SlidingWindow {
    params: Params,
    /// When each leaves the window, the oldest first: never more than `limit`.
    leaving: VecDeque<Instant>,
}

impl SlidingWindow {
    /// Nothing has passed yet.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, leaving: VecDeque::new() }
    }

    /// Passes at `now`, or says when the oldest pass will have left.
    pub fn ask(&mut self, now: Instant) -> Answer {
        let answer = self.ready(now);
        if answer == Answer::Go {
            let left = self.left(now);
            self.leaving.drain(..left);
            self.leaving.push_back(now + self.params.window);
        }
        answer
    }

    /// What [`Self::ask`] would say; nothing passes.
    #[must_use]
    pub fn ready(&self, now: Instant) -> Answer {
        match self.leaving.front() {
            Some(&until) if self.fill(now) >= self.params.limit => Answer::Wait { until },
            _ => Answer::Go,
        }
    }

    /// How many passes count at `now`.
    #[must_use]
    pub fn fill(&self, now: Instant) -> u32 {
        u32::try_from(self.leaving.len() - self.left(now)).unwrap_or(u32::MAX)
    }

    /// How many pass in any window.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.params.limit
    }

    /// How many of those remembered no longer count at `now`.
    fn left(&self, now: Instant) -> usize {
        self.leaving.partition_point(|&leaves| leaves <= now)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000;

    fn window(limit: u32, millis: u64) -> SlidingWindow {
        SlidingWindow::new(Params::new(limit, Duration::from_millis(millis)).expect("valid"))
    }

    #[test]
    fn ten_pass_and_the_eleventh_waits_for_the_first_to_leave() {
        let mut w = window(10, 1_000);
        let mut now = Instant(0);
        let mut at = Vec::new();
        while at.len() < 20 {
            match w.ask(now) {
                Answer::Go => at.push(now.0),
                Answer::Wait { until } => now = until,
                Answer::Refuse => panic!("a window never refuses"),
            }
        }
        assert_eq!((&at[..10], &at[10..]), (&[0; 10][..], &[SECOND; 10][..]));
    }

    #[test]
    fn a_pass_leaves_exactly_a_window_later() {
        let mut w = window(1, 1_000);
        assert_eq!(w.ask(Instant(5)), Answer::Go);
        assert_eq!((w.fill(Instant(SECOND + 4)), w.fill(Instant(SECOND + 5))), (1, 0));
        assert_eq!(w.ask(Instant(SECOND + 4)), Answer::Wait { until: Instant(SECOND + 5) });
        assert_eq!(w.ask(Instant(SECOND + 5)), Answer::Go);
    }

    #[test]
    fn after_an_idle_window_it_bursts() {
        let mut w = window(3, 1_000);
        for at in [0, 900_000, 950_000, 5 * SECOND, 5 * SECOND, 5 * SECOND] {
            assert_eq!(w.ask(Instant(at)), Answer::Go);
        }
        assert_eq!((w.fill(Instant(5 * SECOND)), w.limit()), (3, 3));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Against the plain definition: every pass so far is looked at, at every ask.
        #[test]
        fn it_passes_whenever_the_limit_allows_and_never_else(
            limit in 1u32..6, millis in 1u64..4, gaps in prop::collection::vec(0u64..1_500, 1..80),
        ) {
            let mut w = window(limit, millis);
            let (width, limit) = (millis * 1_000, limit as usize);
            let counted = |at: u64, passed: &[u64]| passed.iter().filter(|&&p| p <= at && at < p + width).count();
            let mut passed: Vec<u64> = Vec::new();
            let mut now = 0;
            for gap in gaps {
                now += gap;
                prop_assert_eq!(w.fill(Instant(now)) as usize, counted(now, &passed));
                if let Answer::Wait { until } = w.ask(Instant(now)) {
                    // What counts only shrinks while nothing passes: too early by 1 us is too early by more.
                    prop_assert!(now < until.0 && counted(until.0 - 1, &passed) >= limit);
                    prop_assert!(counted(until.0, &passed) < limit);
                    prop_assert_eq!(w.clone().ask(until), Answer::Go);
                } else {
                    prop_assert!(counted(now, &passed) < limit);
                    passed.push(now);
                }
            }
            for (i, from) in passed.iter().enumerate() {
                for (to, through) in passed[i..].iter().zip(1..) {
                    prop_assert!(through <= limit || to - from >= width, "{through} from {from} to {to}");
                }
            }
        }
    }
}
