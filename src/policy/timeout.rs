//! Timeouts: how long an attempt, and an item with all its waits, may take.
//!
//! The attempt's clock runs from the moment it is sent to the last byte; the item's from the moment
//! it was asked, queueing included. A wait that would end past the item's deadline fails at once:
//! sleeping first would only make the same failure later.

use crate::time::Instant;
use std::time::Duration;

/// How long things may take. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    attempt: Duration,
    item: Option<Duration>,
    first_byte: Option<Duration>,
    stall: Option<Duration>,
}

/// Why some figures make no timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Nothing can be answered in no time, and past a day nothing is.
    #[error("a timeout must lie between 1 ms and 24 h")]
    OutOfBounds,
}

impl Default for Params {
    /// 30 s for an attempt, no deadline for an item.
    ///
    /// ```
    /// use lanescope::policy::timeout::Params;
    /// assert_eq!(Params::new(std::time::Duration::from_secs(30), None), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { attempt: Duration::from_secs(30), item: None, first_byte: None, stall: None }
    }
}

impl Params {
    /// At most `attempt` for an attempt, and at most `item` for an item, where given.
    ///
    /// # Errors
    /// [`ParamsError`] when one of them lies outside 1 ms to 24 h.
    pub fn new(attempt: Duration, item: Option<Duration>) -> Result<Self, ParamsError> {
        let fits = is_in_bounds(attempt) && item.is_none_or(is_in_bounds);
        let params = Self { attempt, item, first_byte: None, stall: None };
        if fits { Ok(params) } else { Err(ParamsError::OutOfBounds) }
    }

    /// The same, but an attempt is also given up when its first byte takes longer than `first_byte`, or when
    /// nothing comes for `stall` after that; where given.
    ///
    /// # Errors
    /// [`ParamsError`] when one of them lies outside 1 ms to 24 h.
    pub fn with_silence(self, first_byte: Option<Duration>, stall: Option<Duration>) -> Result<Self, ParamsError> {
        let fits = first_byte.is_none_or(is_in_bounds) && stall.is_none_or(is_in_bounds);
        if fits { Ok(Self { first_byte, stall, ..self }) } else { Err(ParamsError::OutOfBounds) }
    }

    /// When an attempt sent at `sent` has been without a byte for too long: never, without such a timeout.
    #[must_use]
    pub fn first_byte_by(self, sent: Instant) -> Instant {
        self.first_byte.map_or(Instant::NEVER, |span| sent + span)
    }

    /// When an attempt whose last chunk came at `last` has been silent for too long: never, without such a timeout.
    #[must_use]
    pub fn next_chunk_by(self, last: Instant) -> Instant {
        self.stall.map_or(Instant::NEVER, |span| last + span)
    }

    /// How long an attempt may take.
    #[must_use]
    pub fn attempt(self) -> Duration {
        self.attempt
    }

    /// When an attempt sent at `sent` has taken too long.
    #[must_use]
    pub fn attempt_ends(self, sent: Instant) -> Instant {
        sent + self.attempt
    }

    /// Whether items have a deadline.
    #[must_use]
    pub fn has_deadline(self) -> bool {
        self.item.is_some()
    }

    /// When an item asked at `asked` has taken too long: never, without a deadline.
    #[must_use]
    pub fn item_ends(self, asked: Instant) -> Instant {
        self.item.map_or(Instant::NEVER, |item| asked + item)
    }
}

fn is_in_bounds(span: Duration) -> bool {
    (Duration::from_millis(1)..=Duration::from_hours(24)).contains(&span)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn without_a_deadline_an_item_may_take_for_ever() {
        assert_eq!(Params::default().item_ends(Instant(5)), Instant::NEVER);
        assert_eq!(Params::default().attempt_ends(Instant(5)), Instant(30_000_005));
    }

    #[test]
    fn no_time_is_no_timeout() {
        assert_eq!(Params::new(Duration::ZERO, None), Err(ParamsError::OutOfBounds));
        let minute = Duration::from_secs(60);
        assert_eq!(Params::new(minute, Some(Duration::ZERO)), Err(ParamsError::OutOfBounds));
    }
}
