//! Virtual time: it stands still while anything can run, then jumps to the next timer.

use crate::port::Clock;
use crate::time::Instant;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The clock of one simulated world. Clones share the same time.
#[derive(Clone, Debug, Default)]
pub struct SimClock(Rc<RefCell<Timers>>);

/// Timers due at one instant fire in the order they were set. A binary heap whose entries know their places, so that a
/// timer that is dropped, as most timeouts are, leaves nothing behind.
#[derive(Debug, Default)]
struct Timers {
    now: Instant,
    next: u64,
    heap: Vec<Entry>,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    set: u64,
    slot: u32,
}

#[derive(Debug)]
struct Slot {
    /// Where in the heap its entry is.
    place: usize,
    waker: Waker,
    /// Counts who had the slot before.
    turn: u32,
}

/// Which timer a sleeper set.
#[derive(Clone, Copy, Debug)]
struct Key {
    slot: u32,
    turn: u32,
}

impl SimClock {
    /// Jumps to the next timer and wakes who waits for it. Says whether there was one.
    pub(crate) fn fire_next(&self) -> bool {
        let waker = self.0.borrow_mut().pop();
        let fired = waker.is_some();
        if let Some(waker) = waker {
            waker.wake();
        }
        fired
    }
}

impl Entry {
    fn is_before(self, other: Self) -> bool {
        (self.at, self.set) < (other.at, other.set)
    }
}

impl Timers {
    fn set(&mut self, at: Instant, waker: Waker) -> Key {
        let place = self.heap.len();
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize].waker = waker;
            slot
        } else {
            self.slots.push(Slot { place, waker, turn: 0 });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        let entry = Entry { at, set: self.next, slot };
        self.next += 1;
        self.heap.push(entry);
        self.rise(place, entry);
        Key { slot, turn: self.slots[slot as usize].turn }
    }

    fn pop(&mut self) -> Option<Waker> {
        let first = *self.heap.first()?;
        self.now = self.now.max(first.at);
        Some(self.remove(first.slot))
    }

    /// The slot of a timer that has not fired.
    fn live(&mut self, key: Key) -> Option<&mut Slot> {
        self.slots.get_mut(key.slot as usize).filter(|slot| slot.turn == key.turn)
    }

    /// Takes a timer out and frees its slot.
    fn remove(&mut self, slot: u32) -> Waker {
        let freed = &mut self.slots[slot as usize];
        freed.turn = freed.turn.wrapping_add(1);
        let (place, waker) = (freed.place, std::mem::replace(&mut freed.waker, Waker::noop().clone()));
        self.free.push(slot);
        if let Some(last) = self.heap.pop().filter(|last| last.slot != slot) {
            // Where there was a gap, the last goes, and from there to where it belongs.
            let place = self.sink(place);
            self.rise(place, last);
        }
        waker
    }

    /// Moves the gap at `place` down to where it has nothing below it.
    fn sink(&mut self, mut place: usize) -> usize {
        loop {
            let left = 2 * place + 1;
            let Some(&one) = self.heap.get(left) else { return place };
            let (below, entry) = match self.heap.get(left + 1) {
                Some(&other) if other.is_before(one) => (left + 1, other),
                _ => (left, one),
            };
            self.put(place, entry);
            place = below;
        }
    }

    /// Puts an entry into the gap at `place`, or as far above it as it belongs.
    fn rise(&mut self, mut place: usize, entry: Entry) {
        while place > 0 {
            let above = (place - 1) / 2;
            if !entry.is_before(self.heap[above]) {
                break;
            }
            self.put(place, self.heap[above]);
            place = above;
        }
        self.put(place, entry);
    }

    fn put(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.slots[entry.slot as usize].place = place;
    }
}

impl Clock for SimClock {
    type Sleep = Sleep;

    fn now(&self) -> Instant {
        self.0.borrow().now
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Sleep { timers: self.0.clone(), at, key: None }
    }
}

/// A wait in virtual time. Dropping it forgets its timer.
#[must_use = "dropping it forgets the wait"]
#[derive(Debug)]
pub struct Sleep {
    timers: Rc<RefCell<Timers>>,
    at: Instant,
    key: Option<Key>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { timers, at, key } = &mut *self;
        let mut timers = timers.borrow_mut();
        if *at <= timers.now {
            return Poll::Ready(());
        }
        match *key {
            // A timer that never fires is none, or time would jump to it.
            None if *at == Instant::NEVER => {}
            None => *key = Some(timers.set(*at, cx.waker().clone())),
            Some(key) => {
                if let Some(slot) = timers.live(key) {
                    slot.waker.clone_from(cx.waker());
                }
            }
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut timers = self.timers.borrow_mut();
        if timers.live(key).is_some() {
            timers.remove(key.slot);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against looking through all that is left.
        #[test]
        fn the_earliest_fires_and_of_those_the_first_set(moves in prop::collection::vec((0u64..30, 0u8..4, 0usize..40), 1..200)) {
            let mut timers = Timers::default();
            let mut left: Vec<(u64, u64, Key)> = Vec::new();
            for (set, (later, what, which)) in (0..).zip(moves) {
                match what {
                    0 | 1 => {
                        let at = timers.now.0 + later;
                        left.push((at, set, timers.set(Instant(at), Waker::noop().clone())));
                    }
                    2 => {
                        let first = left.iter().copied().min_by_key(|&(at, set, _)| (at, set));
                        prop_assert_eq!(timers.pop().is_some(), first.is_some());
                        if let Some((at, set, key)) = first {
                            prop_assert_eq!(timers.now.0, at);
                            prop_assert!(timers.live(key).is_none());
                            left.retain(|other| other.1 != set);
                        }
                    }
                    _ if left.is_empty() => {}
                    _ => {
                        let (.., key) = left.swap_remove(which % left.len());
                        timers.remove(key.slot);
                        prop_assert!(timers.live(key).is_none());
                    }
                }
                prop_assert_eq!(timers.heap.len(), left.len());
                prop_assert!(left.iter().all(|&(.., key)| timers.slots[key.slot as usize].turn == key.turn));
            }
        }
    }
}
