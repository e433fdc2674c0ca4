//! What the page says, as plain functions of what happened.

pub mod assignment;
pub mod code;
pub mod critical;
pub mod entered;
pub mod failure;
pub mod finding;
pub mod forensics;
pub mod group;
pub mod handed;
pub mod headline;
pub mod hover;
pub mod lane;
pub mod lens;
pub mod lesson;
pub mod limit;
pub mod phase;
pub mod planner;
pub mod runs;
pub mod spell;
pub mod spoken;
pub mod study;
pub mod talk;
pub mod task;
pub mod told;
pub mod units;
pub mod why;
