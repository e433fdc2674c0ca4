//! Virtual time: it stands still while anything can run, then jumps to the next timer.

use crate::port::Clock;
use crate::time::Instant;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The clock of one simulated world. Clones share the same time.
#[derive(Clone, Debug, Default)]
pub struct SimClock(Rc<RefCell<Timers>>);

/// Timers due at one instant fire in the order they were set. A dropped timer leaves its entry in
/// the heap, to be passed over when its time comes.
#[derive(Debug, Default)]
struct Timers {
    now: Instant,
    next: u64,
    due: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: Instant,
    set: u64,
    slot: u32,
}

#[derive(Debug)]
struct Slot {
    set: u64,
    waker: Waker,
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

impl Timers {
    fn set(&mut self, at: Instant, waker: Waker) -> Entry {
        let set = self.next;
        self.next += 1;
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Slot { set, waker };
            slot
        } else {
            self.slots.push(Slot { set, waker });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        };
        let entry = Entry { at, set, slot };
        self.due.push(Reverse(entry));
        entry
    }

    fn pop(&mut self) -> Option<Waker> {
        while let Some(Reverse(entry)) = self.due.pop() {
            if self.is_live(entry) {
                self.now = self.now.max(entry.at);
                return Some(self.clear(entry));
            }
        }
        None
    }

    fn is_live(&self, entry: Entry) -> bool {
        self.slots[entry.slot as usize].set == entry.set
    }

    /// Frees the slot of a live entry.
    fn clear(&mut self, entry: Entry) -> Waker {
        self.free.push(entry.slot);
        let slot = std::mem::replace(
            &mut self.slots[entry.slot as usize],
            Slot { set: u64::MAX, waker: Waker::noop().clone() },
        );
        slot.waker
    }
}

impl Clock for SimClock {
    type Sleep = Sleep;

    fn now(&self) -> Instant {
        self.0.borrow().now
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Sleep { timers: self.0.clone(), at, entry: None }
    }
}

/// A wait in virtual time. Dropping it forgets its timer.
#[must_use = "dropping it forgets the wait"]
#[derive(Debug)]
pub struct Sleep {
    timers: Rc<RefCell<Timers>>,
    at: Instant,
    entry: Option<Entry>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { timers, at, entry } = &mut *self;
        let mut timers = timers.borrow_mut();
        if *at <= timers.now {
            return Poll::Ready(());
        }
        match *entry {
            // A timer that never fires is none, or time would jump to it.
            None if *at == Instant::NEVER => {}
            Some(entry) => timers.slots[entry.slot as usize].waker.clone_from(cx.waker()),
            None => *entry = Some(timers.set(*at, cx.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(entry) = self.entry else { return };
        let mut timers = self.timers.borrow_mut();
        if timers.is_live(entry) {
            timers.clear(entry);
        }
    }
}
