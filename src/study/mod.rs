//! Many runs of one experiment: what changes when a setting does, and what is luck; and what can be reckoned
//! before the first.
//!
//! A [`Task`] says which runs there are, each a lane with a seed; a [`Trial`] is one of them and comes to an
//! [`Outcome`]; a [`Ledger`] keeps the outcomes and shares the runs out, in any order and to any number of workers.

pub mod axis;
pub mod bands;
pub mod fit;
pub mod ledger;
pub mod map;
pub mod outcome;
pub mod planner;
pub mod setting;
pub mod sweep;
pub mod task;
pub mod trial;
pub mod work;

pub use axis::Axis;
pub use bands::Bands;
pub use ledger::Ledger;
pub use map::Map;
pub use outcome::Outcome;
pub use setting::Setting;
pub use sweep::Sweep;
pub use task::{StudyError, Task};
pub use trial::Trial;
