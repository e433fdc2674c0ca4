//! What many runs say, and what can be reckoned before the first one.

pub mod planner;
