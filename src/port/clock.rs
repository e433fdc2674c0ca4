//! Time as a parameter.

use crate::time::Instant;
use std::future::Future;

/// What time it is, and how to wait.
pub trait Clock {
    /// A wait in progress. Dropping it stops its timer.
    type Sleep: Future<Output = ()>;

    /// Now. Stands still while one future is polled.
    fn now(&self) -> Instant;

    /// Ends at `at`, never before; at once if that has passed.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the wait and costs nothing.
    fn sleep_until(&self, at: Instant) -> Self::Sleep;
}

impl<C: Clock> Clock for &C {
    type Sleep = C::Sleep;
    fn now(&self) -> Instant {
        (*self).now()
    }
    fn sleep_until(&self, at: Instant) -> Self::Sleep {
        (*self).sleep_until(at)
    }
}
