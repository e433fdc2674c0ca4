//! What happened, and what it means.
//!
//! A run is recorded as [`event`]s and nothing else; [`span`]s with their [`span::Cause`]s, the
//! [`critical`] path, [`stats`] and [`bound`]s are pure functions of them.

pub mod bound;
pub mod critical;
pub mod event;
pub mod export;
pub mod finding;
mod flat;
pub mod log;
pub mod recorder;
pub mod span;
pub mod stats;

pub use event::{Event, Gate, Kind, Outcome, StopReason, Why};
pub use log::{Answer, LaneTrace, Trace};
pub use recorder::Recorder;
