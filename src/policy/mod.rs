//! What an attempt must pass, and what follows a failure. One policy a file.
//!
//! Parameters validate themselves and are apart from the machine that uses them. Machines are told
//! the time and draw from a stream they are given; only the semaphore waits, because its waiters
//! wake each other.

pub mod backoff;
pub mod retry;
pub mod semaphore;
pub mod timeout;
