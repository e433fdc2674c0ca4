//! A quota of requests in any 60 s, as the server counts them.
//!
//! Requests that were let through count, refused ones do not. This is the server's own count; the
//! client's limiters live elsewhere and share no code with it, or one could not test the other.

use crate::time::Instant;
use std::collections::VecDeque;
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);

/// How many requests were let through in the last 60 s.
#[derive(Clone, Debug)]
pub struct Quota {
    limit: u32,
    let_through: VecDeque<Instant>,
}

impl Quota {
    /// At most `limit` in any 60 s.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, let_through: VecDeque::new() }
    }

    /// The limit.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts a request at `now`, or says how long until one could be let through; for ever if the
    /// limit is 0.
    ///
    /// # Errors
    /// The time until the oldest counted request is 60 s old.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        while self.let_through.front().is_some_and(|&oldest| oldest + WINDOW <= now) {
            self.let_through.pop_front();
        }
        if self.let_through.len() < self.limit as usize {
            self.let_through.push_back(now);
            return Ok(());
        }
        Err(self.let_through.front().map_or(Duration::MAX, |&oldest| (oldest + WINDOW).since(now)))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn the_sixteenth_in_a_minute_is_told_when_the_first_leaves() {
        let mut quota = Quota::new(15);
        for n in 0..15 {
            assert_eq!(quota.take(Instant(n * SECOND)), Ok(()));
        }
        assert_eq!(quota.take(Instant(20 * SECOND)), Err(Duration::from_secs(40)));
        assert_eq!(quota.take(Instant(60 * SECOND)), Ok(()));
        assert_eq!(quota.take(Instant(60 * SECOND)), Err(Duration::from_secs(1)));
    }
}
