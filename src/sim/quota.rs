//! Quotas as the server counts them: so much in any window, or out of a bucket; of requests or of tokens.
//!
//! What was let through counts, what was refused does not. This is the server's own count; the
//! client's limiters live elsewhere and share no code with it, or one could not test the other.

use crate::sim::bucket::Bucket;
use crate::time::Instant;
use std::collections::VecDeque;
use std::time::Duration;

/// How much was let through in the last window.
#[derive(Clone, Debug)]
pub struct Quota {
    limit: u32,
    window: Duration,
    let_through: VecDeque<(Instant, u32)>,
    used: u64,
    /// Counts in place of the window.
    bucket: Option<Bucket>,
}

impl Quota {
    /// At most `limit` in any `window`.
    #[must_use]
    pub fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window, let_through: VecDeque::new(), used: 0, bucket: None }
    }

    /// The same, but `burst` at once, and then as it comes back evenly.
    #[must_use]
    pub fn in_bursts(self, burst: u32) -> Self {
        Self { bucket: Some(Bucket::full(burst, self.window)), ..self }
    }

    /// The limit.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Changes the limit; what was let through counts as before.
    pub fn set_limit(&mut self, limit: u32) {
        self.limit = limit;
    }

    /// Whether `cost` could be let through at `now`; nothing is counted.
    ///
    /// # Errors
    /// The time until there is room; none if the limit is below `cost`, and there never is.
    pub fn has_room(&mut self, cost: u32, now: Instant) -> Result<(), Option<Duration>> {
        if let Some(bucket) = &mut self.bucket {
            return bucket.has_room(cost, self.limit, now);
        }
        while let Some(&(oldest, spent)) = self.let_through.front()
            && oldest + self.window <= now
        {
            self.let_through.pop_front();
            self.used -= u64::from(spent);
        }
        let mut too_many = (self.used + u64::from(cost)).saturating_sub(u64::from(self.limit));
        if too_many == 0 {
            return Ok(());
        }
        for &(at, spent) in &self.let_through {
            too_many = too_many.saturating_sub(u64::from(spent));
            if too_many == 0 {
                return Err(Some((at + self.window).since(now)));
            }
        }
        Err(None)
    }

    /// Counts `cost` at `now`.
    pub fn count(&mut self, cost: u32, now: Instant) {
        if let Some(bucket) = &mut self.bucket {
            return bucket.take(cost);
        }
        self.let_through.push_back((now, cost));
        self.used += u64::from(cost);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;
    const MINUTE: Duration = Duration::from_secs(60);

    fn take(quota: &mut Quota, cost: u32, secs: u64) -> Result<(), Option<Duration>> {
        let now = Instant(secs * SECOND);
        quota.has_room(cost, now).inspect(|()| quota.count(cost, now))
    }

    #[test]
    fn the_sixteenth_in_a_minute_is_told_when_the_first_leaves() {
        let mut quota = Quota::new(15, MINUTE);
        for n in 0..15 {
            assert_eq!(take(&mut quota, 1, n), Ok(()));
        }
        assert_eq!(take(&mut quota, 1, 20), Err(Some(Duration::from_secs(40))));
        assert_eq!(take(&mut quota, 1, 60), Ok(()));
        assert_eq!(take(&mut quota, 1, 60), Err(Some(Duration::from_secs(1))));
    }

    #[test]
    fn a_lower_limit_counts_what_was_let_through_before_it() {
        let mut quota = Quota::new(5, MINUTE);
        for secs in 0..5 {
            assert_eq!(take(&mut quota, 1, secs), Ok(()));
        }
        quota.set_limit(2);
        // All but one of the five must leave: the fourth does at 63 s.
        assert_eq!(take(&mut quota, 1, 10), Err(Some(Duration::from_secs(53))));
        assert_eq!(take(&mut quota, 1, 63), Ok(()));
    }

    #[test]
    fn a_large_call_waits_until_enough_has_left() {
        let mut quota = Quota::new(100, MINUTE);
        for (secs, cost) in [(0, 40), (10, 40), (20, 20)] {
            assert_eq!(take(&mut quota, cost, secs), Ok(()));
        }
        assert_eq!(take(&mut quota, 40, 30), Err(Some(Duration::from_secs(30))));
        assert_eq!(take(&mut quota, 41, 30), Err(Some(Duration::from_secs(40))));
        assert_eq!(take(&mut quota, 101, 30), Err(None), "it can never pass");
    }
}
