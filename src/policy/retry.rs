//! Retry: whether a failed attempt is followed by another.
//!
//! The number counts tries in all, the first one included: 5 tries are 4 waits. A failure that no
//! retry can mend (a wrong key, a day's quota, a blocked prompt) is never tried again, whatever
//! delay came with it; an empty answer only twice, because each try is billed.

use crate::port::{FailureKind, Retry};

/// How often an attempt is made. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    tries: u8,
}

/// Why a number makes no retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None would send nothing, and more than 20 is a loop.
    #[error("tries must lie between 1 and 20")]
    BadTries,
}

/// An empty answer is tried this often in all.
const TRIES_FOR_EMPTY: u8 = 3;

impl Default for Params {
    /// The field's usual figure: 5 tries in all.
    ///
    /// ```
    /// use lanescope::policy::retry::Params;
    /// assert_eq!(Params::new(5), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { tries: 5 }
    }
}

impl Params {
    /// `tries` attempts in all, 1 meaning no retry.
    ///
    /// # Errors
    /// [`ParamsError`] unless `tries` lies between 1 and 20.
    pub fn new(tries: u8) -> Result<Self, ParamsError> {
        if (1..=20).contains(&tries) { Ok(Self { tries }) } else { Err(ParamsError::BadTries) }
    }

    /// Tries in all.
    #[must_use]
    pub fn tries(self) -> u8 {
        self.tries
    }

    /// Whether another try may follow when try `k` (from 1) failed like this.
    #[must_use]
    pub fn allows_after(self, k: u8, kind: FailureKind) -> bool {
        let most = match kind.retry() {
            Retry::Never => 1,
            Retry::Limited => self.tries.min(TRIES_FOR_EMPTY),
            Retry::Yes => self.tries,
        };
        k < most
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn five_tries_are_four_retries() {
        let retry = Params::default();
        assert!(retry.allows_after(4, FailureKind::Overloaded));
        assert!(!retry.allows_after(5, FailureKind::Overloaded));
    }

    #[test]
    fn what_cannot_be_mended_is_not_tried_again() {
        for kind in [FailureKind::QuotaDay, FailureKind::QuotaNone, FailureKind::Auth, FailureKind::BlockedPrompt] {
            assert!(!Params::default().allows_after(1, kind), "{kind:?}");
        }
    }

    #[test]
    fn an_empty_answer_is_tried_three_times_at_most() {
        assert!(Params::default().allows_after(2, FailureKind::Empty));
        assert!(!Params::default().allows_after(3, FailureKind::Empty));
    }

    #[test]
    fn no_tries_and_too_many_are_no_policy() {
        assert_eq!(Params::new(0), Err(ParamsError::BadTries));
        assert_eq!(Params::new(21), Err(ParamsError::BadTries));
    }
}
