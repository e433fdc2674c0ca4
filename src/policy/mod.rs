//! What an attempt must pass, and what follows a failure. One policy a file.
//!
//! Parameters validate themselves and are apart from the machine that uses them. Machines are told
//! the time and draw from a stream they are given; only the semaphore waits, because its waiters
//! wake each other.

pub mod adaptive;
pub mod adaptive_limit;
pub mod backoff;
pub mod circuit_breaker;
pub mod hedge;
pub mod priority;
pub mod refusal;
pub mod retry;
pub mod retry_budget;
pub mod semaphore;
pub mod sliding_window;
pub mod timeout;
pub mod token_bucket;

use crate::time::Instant;

/// What a gate says to an attempt that asks to pass. Why it must wait, the gate's own name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It passes.
    Go,
    /// Not before this moment; then it asks again.
    Wait {
        /// The moment.
        until: Instant,
    },
    /// Never: it asks for more than the gate can ever give.
    Refuse,
}
