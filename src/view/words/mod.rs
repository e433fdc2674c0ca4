//! What the page says, as plain functions of what happened.

pub mod entered;
pub mod failure;
pub mod finding;
pub mod headline;
pub mod lane;
pub mod phase;
pub mod units;
pub mod why;
