//! What happened, and what it means.
//!
//! A run is recorded as [`event`]s and nothing else; [`span`]s with their [`span::Cause`]s, the
//! [`critical`] path, [`stats`], [`stretch`]es, [`bound`]s and [`window`]s are pure functions of them.

pub mod bound;
pub mod critical;
pub mod event;
pub mod export;
pub mod finding;
mod flat;
pub mod handed;
pub mod limit_found;
pub mod log;
pub mod recorder;
pub mod span;
pub mod stall;
pub mod stats;
pub mod stretch;
pub mod window;

pub use event::{Event, Gate, Kind, Opened, Outcome, StopReason, Why};
pub use log::{Answer, LaneTrace, Trace};
pub use recorder::Recorder;
