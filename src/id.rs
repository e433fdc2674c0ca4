//! Names for the things of a run: small numbers with types, and the [`Tag`] that puts them together.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Which part of a run something belongs to: the lane, the item, its step, branch and attempt.
///
/// Items, steps and branches count from 0 inside and from 1 where people read; attempts count from
/// 1 everywhere, 0 standing for "before the first attempt". Eight bytes, so that an event is small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// The item of the workload.
    pub item: u32,
    /// The attempt, from 1; 0 before the first.
    pub attempt: u8,
    /// The branch, a hedge or a fallback being another than 0.
    pub branch: u8,
    /// The step of the item's chain.
    pub step: u8,
    /// The lane.
    pub lane: u8,
}

impl Tag {
    /// The item before its first attempt.
    #[must_use]
    pub fn of_item(lane: u8, item: u32) -> Self {
        Self { item, lane, ..Self::default() }
    }

    /// The same branch at another attempt.
    #[must_use]
    pub fn at_attempt(self, attempt: u8) -> Self {
        Self { attempt, ..self }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { item, attempt, branch, step, lane } = self;
        write!(f, "{}/{item}/{step}/{branch}/{attempt}", lane_letter(*lane))
    }
}

/// The letter a lane goes by: A for the first.
#[must_use]
pub fn lane_letter(lane: u8) -> char {
    char::from(b'A' + lane.min(25))
}

/// The number of one permit of a semaphore, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct PermitNo(pub u16);
