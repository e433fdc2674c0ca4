//! What the page says, as plain functions of what happened.

pub mod assignment;
pub mod code;
pub mod critical;
pub mod entered;
pub mod failure;
pub mod finding;
pub mod forensics;
pub mod handed;
pub mod headline;
pub mod hover;
pub mod lane;
pub mod lens;
pub mod lesson;
pub mod limit;
pub mod phase;
pub mod spell;
pub mod talk;
pub mod task;
pub mod units;
pub mod why;
