//! What is to happen later: by time, and of one instant in the order in which it was set.

use crate::time::Instant;
use std::collections::BTreeMap;

/// When a timer is due, and which it is of those that are due then.
pub(super) type Key = (Instant, u64);

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A sleep is over.
    Wake,
    /// A thread has computed.
    Computed,
    /// Main has waited long enough.
    Timeout,
}

/// All timers.
#[derive(Debug, Default)]
pub(super) struct Timers {
    set: BTreeMap<Key, (u32, What)>,
    count: u64,
}

impl Timers {
    pub(super) fn set(&mut self, at: Instant, item: u32, what: What) -> Key {
        let key = (at, self.count);
        self.count += 1;
        self.set.insert(key, (item, what));
        key
    }

    pub(super) fn clear(&mut self, key: Key) {
        self.set.remove(&key);
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.set.first_key_value().map(|(&(at, _), _)| at)
    }

    /// The next one, if it is due by `now`.
    pub(super) fn due(&mut self, now: Instant) -> Option<(Key, u32, What)> {
        let entry = self.set.first_entry().filter(|entry| entry.key().0 <= now)?;
        let (key, (item, what)) = entry.remove_entry();
        Some((key, item, what))
    }
}
