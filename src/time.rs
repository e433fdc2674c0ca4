//! Time as the engine counts it: whole microseconds since a run began.
//!
//! This is the only place that turns milliseconds, seconds or floating-point figures into time, so
//! that every rounding is made once and the same way on every machine.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment, in whole microseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Instant {
    /// When the run began.
    pub const ZERO: Self = Self(0);
    /// Later than any run lasts.
    pub const NEVER: Self = Self(u64::MAX);

    /// The time since `earlier`, or none at all if that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// Seconds since the run began, for drawing.
    #[must_use]
    pub fn as_secs(self) -> f64 {
        micros_as_secs(self.0)
    }

    /// The moment `millis` after the run began. Negative and not-a-number count as 0.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        Self(micros_from_millis(millis))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(whole_micros(span)))
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// A duration in whole microseconds, as large as fits.
#[must_use]
pub fn whole_micros(span: Duration) -> u64 {
    // Without `as_micros`: numbers of 128 bits are slow in WebAssembly, and this is done at every turn.
    const MOST_SECS: u64 = u64::MAX / 1_000_000 - 1;
    if span.as_secs() > MOST_SECS {
        return u64::MAX;
    }
    span.as_secs() * 1_000_000 + u64::from(span.subsec_micros())
}

/// `millis` in whole microseconds, rounded to the nearest. Negative and not-a-number count as 0.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
pub fn micros_from_millis(millis: f64) -> u64 {
    libm::round(millis * 1_000.0) as u64
}

/// A duration of `secs` seconds, rounded to the nearest microsecond.
#[must_use]
pub fn from_secs(secs: f64) -> Duration {
    Duration::from_micros(micros_from_millis(secs * 1_000.0))
}

/// Whole milliseconds as a duration.
#[must_use]
pub fn from_millis(millis: u32) -> Duration {
    Duration::from_millis(u64::from(millis))
}

/// Microseconds as seconds, for drawing and statistics.
#[must_use]
#[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
pub fn micros_as_secs(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// The longest a JavaScript timer can hold; a longer wait is made of several.
pub const LONGEST_TIMER_MILLIS: u64 = 2_147_483_647;

/// How long to set a JavaScript timer that must not fire before `span` is over: rounded up to a
/// whole millisecond and never above [`LONGEST_TIMER_MILLIS`].
#[must_use]
pub fn timer_millis(span: Duration) -> u32 {
    let millis = whole_micros(span).div_ceil(1_000).min(LONGEST_TIMER_MILLIS);
    u32::try_from(millis).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn odd_figures_become_the_nearest_time_there_is() {
        assert_eq!(Instant::from_millis(1.5), Instant(1_500));
        assert_eq!(Instant::from_millis(f64::NAN), Instant::ZERO);
        assert_eq!(Instant::from_millis(-3.0), Instant::ZERO);
        assert_eq!(Instant::NEVER + Duration::from_secs(1), Instant::NEVER);
    }

    #[test]
    fn a_timer_never_fires_early_and_never_overflows() {
        assert_eq!(timer_millis(Duration::from_micros(1)), 1);
        assert_eq!(timer_millis(Duration::from_micros(2_000)), 2);
        assert_eq!(timer_millis(Duration::MAX), 2_147_483_647);
    }
}
