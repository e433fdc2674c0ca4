//! The one semaphore of a program: permits with numbers, and a line in the order of asking.

use crate::id::PermitNo;
use std::collections::{BTreeSet, VecDeque};

/// Free permits, and who waits for one.
#[derive(Debug, Default)]
pub(super) struct Permits {
    free: BTreeSet<PermitNo>,
    line: VecDeque<u32>,
}

impl Permits {
    pub(super) fn new(count: u16) -> Self {
        Self { free: (0..count).map(PermitNo).collect(), line: VecDeque::new() }
    }

    /// The lowest that is free; else the item stands in line, and is told how many stand before it.
    pub(super) fn take(&mut self, item: u32) -> Result<PermitNo, usize> {
        self.free.pop_first().ok_or_else(|| {
            self.line.push_back(item);
            self.line.len() - 1
        })
    }

    /// Gives one back, and says who gets it, which is who stands first.
    pub(super) fn give(&mut self, permit: PermitNo) -> Option<u32> {
        let next = self.line.pop_front();
        if next.is_none() {
            self.free.insert(permit);
        }
        next
    }

    /// It no longer waits.
    pub(super) fn leave(&mut self, item: u32) {
        self.line.retain(|&other| other != item);
    }
}
