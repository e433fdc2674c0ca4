//! Semaphore: how many at once, first come, first served, unless its line has another order.
//!
//! A permit is a value that carries its holder's tag; dropping it hands it to the first in line.
//! Nobody overtakes but by the line's own order ([`crate::policy::priority`]), and nothing is taken
//! back from a holder. One who leaves the line, or leaves after the permit was already theirs, costs
//! nobody a permit. Permits are numbered, and the lowest free number is given first, so that a slot
//! keeps its place in a drawing.
//!
//! Two kinds wait in the one line. An item that was never started is an entry of a queue and no
//! more, because a hundred thousand of them may wait; whoever drives the run takes their permits
//! from [`Semaphore::next_started`]. A retry waits as a future of its own, [`Semaphore::acquire`].

use crate::id::{PermitNo, Tag};
use crate::policy::priority::{Entry, Line, Order, Ticket};
use crate::time::Instant;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// How many permits there are. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    limit: u16,
}

/// Why a number makes no semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None lets nothing through; a browser fails requests past about 1 350 unfinished ones.
    #[error("the limit must lie between 1 and 1000")]
    BadLimit,
}

impl Params {
    /// One at a time.
    pub const ONE: Self = Self { limit: 1 };
    /// The most permits a semaphore can have.
    pub const MOST: u16 = 1_000;

    /// `limit` permits.
    ///
    /// # Errors
    /// [`ParamsError`] unless `limit` lies between 1 and 1 000.
    ///
    /// ```
    /// use lanescope::policy::semaphore::Params;
    /// assert!(Params::new(4).is_ok() && Params::new(0).is_err() && Params::new(1_001).is_err());
    /// ```
    pub fn new(limit: u16) -> Result<Self, ParamsError> {
        if (1..=Self::MOST).contains(&limit) { Ok(Self { limit }) } else { Err(ParamsError::BadLimit) }
    }

    /// How many permits there are.
    #[must_use]
    pub fn limit(self) -> u16 {
        self.limit
    }
}

/// A semaphore in use.
#[derive(Debug)]
pub struct Semaphore {
    state: RefCell<State>,
    /// What time it is, for a line in which waiting counts.
    now: Cell<Instant>,
}

#[derive(Debug)]
struct State {
    free: BinaryHeap<Reverse<PermitNo>>,
    /// Permits that somebody has.
    out: u16,
    limit: u16,
    line: Line,
    /// Those in line who wait as futures; the others were never started.
    wakers: BTreeMap<Tag, Waker>,
    /// Permits given to items never started, until the driver takes them.
    to_start: VecDeque<(Tag, PermitNo)>,
    driver: Option<Waker>,
    /// Permits given to waiting futures, until they are polled.
    granted: BTreeMap<Tag, PermitNo>,
}

impl Semaphore {
    /// All permits free, nobody in line; first come, first served.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self::ordered(params, Order::Fifo, PermitNo(0))
    }

    /// The same with a line in that order, its permits numbered from `first`.
    #[must_use]
    pub fn ordered(params: Params, order: Order, first: PermitNo) -> Self {
        let state = State {
            free: (0..params.limit).map(|no| Reverse(PermitNo(first.0.saturating_add(no)))).collect(),
            out: 0,
            limit: params.limit,
            line: Line::new(order),
            wakers: BTreeMap::new(),
            to_start: VecDeque::new(),
            driver: None,
            granted: BTreeMap::new(),
        };
        Self { state: RefCell::new(state), now: Cell::new(Instant::ZERO) }
    }

    /// The same semaphore, told the time: what is handed out from here on goes by it.
    pub fn at(&self, now: Instant) -> &Self {
        self.now.set(now);
        self
    }

    /// Puts an item that was never started in line, and says how many stand before it; nothing if its
    /// permit is ready to be taken.
    pub fn join(&self, entry: impl Into<Entry>) -> Option<usize> {
        let (entry, now) = (entry.into(), self.now.get());
        let mut state = self.state.borrow_mut();
        let ticket = state.line.push(entry);
        state.hand_out(now);
        state.line.ahead_of(ticket, now)
    }

    /// Takes those out of the line who were never started and are `meant`, and names them.
    pub fn dismiss_never_started(&self, meant: impl Fn(Tag) -> bool) -> Vec<Tag> {
        let state = &mut *self.state.borrow_mut();
        let mut dismissed = Vec::new();
        for (tag, no) in mem::take(&mut state.to_start) {
            if meant(tag) {
                dismissed.push(tag);
                state.take_back(no);
            } else {
                state.to_start.push_back((tag, no));
            }
        }
        dismissed.extend(state.line.remove_all(|tag| meant(tag) && !state.wakers.contains_key(&tag)));
        state.hand_out(self.now.get());
        dismissed
    }

    /// The next permit of an item that joined the line, with its tag.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: the permit stays ready for the next call.
    pub async fn next_started(&self) -> Permit<'_> {
        std::future::poll_fn(|cx| self.poll_next_started(cx)).await
    }

    /// [`Semaphore::next_started`] for one who polls several.
    pub fn poll_next_started(&self, cx: &mut Context<'_>) -> Poll<Permit<'_>> {
        let mut state = self.state.borrow_mut();
        if let Some((holder, no)) = state.to_start.pop_front() {
            return Poll::Ready(Permit { semaphore: self, no, holder });
        }
        match &mut state.driver {
            Some(driver) => driver.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// One permit for `entry`, in turn.
    ///
    /// # Cancel safety
    /// Dropping the future costs the place in line. A permit that was already given, but not yet
    /// seen, goes to the next.
    pub fn acquire(&self, entry: impl Into<Entry>) -> Acquire<'_> {
        Acquire { semaphore: self, entry: entry.into(), place: Place::NotInLine }
    }

    /// From now on as many permits as that, 1 to what it was made with. Permits that are out beyond it stay out until
    /// they are given back.
    pub fn set_limit(&self, limit: u16) {
        let mut state = self.state.borrow_mut();
        state.limit = limit;
        state.hand_out(self.now.get());
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.state.borrow().line.len()
    }

    /// How many of them were never started.
    pub fn never_started(&self) -> usize {
        let state = self.state.borrow();
        state.line.len() - state.wakers.len()
    }

    /// How many would go before `entry` if it joined now; nothing if it would go at once.
    pub fn ahead_of(&self, entry: Entry) -> Option<usize> {
        let mut state = self.state.borrow_mut();
        if state.line.is_empty() && state.out < state.limit {
            return None;
        }
        let ticket = state.line.push(entry);
        let ahead = state.line.ahead_of(ticket, self.now.get());
        state.line.remove(ticket);
        ahead
    }

    /// How many permits nobody holds.
    pub fn free(&self) -> usize {
        let state = self.state.borrow();
        usize::from(state.limit.saturating_sub(state.out))
    }

    fn give_back(&self, no: PermitNo) {
        let mut state = self.state.borrow_mut();
        state.take_back(no);
        state.hand_out(self.now.get());
    }
}

impl State {
    fn take_back(&mut self, no: PermitNo) {
        self.free.push(Reverse(no));
        self.out -= 1;
    }

    /// Gives free permits to the first in line.
    fn hand_out(&mut self, now: Instant) {
        while self.out < self.limit {
            let Some(Entry { tag, .. }) = self.line.pop(now) else { return };
            let Some(Reverse(no)) = self.free.pop() else { return };
            self.out += 1;
            if let Some(waker) = self.wakers.remove(&tag) {
                self.granted.insert(tag, no);
                waker.wake();
            } else {
                self.to_start.push_back((tag, no));
                if let Some(driver) = self.driver.take() {
                    driver.wake();
                }
            }
        }
    }
}

/// A wait for one permit.
#[must_use = "dropping it leaves the line"]
#[derive(Debug)]
pub struct Acquire<'a> {
    semaphore: &'a Semaphore,
    entry: Entry,
    place: Place,
}

#[derive(Debug, PartialEq)]
enum Place {
    NotInLine,
    InLine(Ticket),
    Served,
}

impl<'a> Future for Acquire<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a>> {
        let (semaphore, Entry { tag, .. }) = (self.semaphore, self.entry);
        let mut state = semaphore.state.borrow_mut();
        if self.place == Place::NotInLine {
            let ticket = state.line.push(self.entry);
            state.wakers.insert(tag, cx.waker().clone());
            state.hand_out(semaphore.now.get());
            self.place = Place::InLine(ticket);
        }
        if self.place == Place::Served {
            return Poll::Pending;
        }
        if let Some(no) = state.granted.remove(&tag) {
            self.place = Place::Served;
            return Poll::Ready(Permit { semaphore, no, holder: tag });
        }
        // It may be polled by another task than before: the newest waker counts.
        if let Some(waker) = state.wakers.get_mut(&tag) {
            waker.clone_from(cx.waker());
        }
        Poll::Pending
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        let Place::InLine(ticket) = self.place else { return };
        let tag = self.entry.tag;
        let granted = {
            let mut state = self.semaphore.state.borrow_mut();
            state.line.remove(ticket);
            state.wakers.remove(&tag);
            state.granted.remove(&tag)
        };
        if let Some(no) = granted {
            self.semaphore.give_back(no);
        }
    }
}

/// The right to be one of so many. Dropping it hands it on.
#[must_use = "dropping it hands the permit on"]
#[derive(Debug)]
pub struct Permit<'a> {
    semaphore: &'a Semaphore,
    no: PermitNo,
    holder: Tag,
}

impl Permit<'_> {
    /// Which permit it is.
    #[must_use]
    pub fn no(&self) -> PermitNo {
        self.no
    }

    /// Who holds it.
    #[must_use]
    pub fn holder(&self) -> Tag {
        self.holder
    }

    /// The same permit, told the time at which it will be given back.
    pub fn tell(&self, now: Instant) {
        self.semaphore.at(now);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.semaphore.give_back(self.no);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use futures::FutureExt;
    use proptest::prelude::*;

    fn semaphore(limit: u16) -> Semaphore {
        Semaphore::new(Params::new(limit).expect("valid"))
    }

    fn tag(item: u32) -> Tag {
        Tag::of_item(0, item)
    }

    fn poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        future.now_or_never()
    }

    #[test]
    fn permits_are_given_in_the_order_of_asking() {
        let s = semaphore(1);
        let first = poll(&mut s.acquire(tag(0))).expect("free");
        let (mut b, mut c) = (s.acquire(tag(1)), s.acquire(tag(2)));
        assert!(poll(&mut b).is_none() && poll(&mut c).is_none());
        drop(first);
        assert!(poll(&mut c).is_none(), "c came after b");
        let second = poll(&mut b).expect("b is next");
        assert_eq!((second.no(), second.holder()), (PermitNo(0), tag(1)));
    }

    #[test]
    fn a_free_permit_is_not_for_one_who_overtakes() {
        let s = semaphore(1);
        let held = poll(&mut s.acquire(tag(0))).expect("free");
        let mut waiting = s.acquire(tag(1));
        assert!(poll(&mut waiting).is_none());
        drop(held);
        let mut late = s.acquire(tag(2));
        assert!(poll(&mut late).is_none(), "the permit is already given to the one in line");
        assert!(poll(&mut waiting).is_some());
    }

    #[test]
    fn a_waiter_that_leaves_after_being_granted_hands_the_permit_on() {
        let s = semaphore(1);
        let held = poll(&mut s.acquire(tag(0))).expect("free");
        let (mut leaver, mut next) = (s.acquire(tag(1)), s.acquire(tag(2)));
        assert!(poll(&mut leaver).is_none() && poll(&mut next).is_none());
        drop(held);
        drop(leaver);
        assert!(poll(&mut next).is_some());
    }

    #[test]
    fn a_retry_stands_behind_items_that_joined_before_it() {
        let s = semaphore(1);
        assert_eq!(s.join(tag(0)), None);
        assert_eq!(s.join(tag(1)), Some(0));
        assert_eq!(s.join(tag(2)), Some(1));
        let first = s.next_started().now_or_never().expect("free");
        let mut retry = s.acquire(tag(0));
        assert!(poll(&mut retry).is_none());
        drop(first);
        assert!(poll(&mut retry).is_none());
        let second = s.next_started().now_or_never().expect("its turn");
        assert_eq!(second.holder(), tag(1));
        assert_eq!(s.dismiss_never_started(|_| true), [tag(2)]);
        drop(second);
        assert!(poll(&mut retry).is_some());
    }

    #[test]
    fn the_lowest_free_number_is_given_first() {
        let s = semaphore(3);
        let take = |item| poll(&mut s.acquire(tag(item))).expect("free");
        let (a, b, _c) = (take(0), take(1), take(2));
        drop(b);
        drop(a);
        assert_eq!(take(3).no(), PermitNo(0));
    }

    #[test]
    fn a_lower_limit_takes_nothing_back_and_holds_until_enough_came_back() {
        let s = semaphore(3);
        let take = |item| poll(&mut s.acquire(tag(item)));
        let held = [take(0), take(1), take(2)].map(|permit| permit.expect("free"));
        s.set_limit(1);
        assert_eq!((s.free(), take(3).is_some()), (0, false));
        let [a, b, c] = held;
        drop((a, b));
        assert_eq!(s.free(), 0, "one is still out");
        drop(c);
        let _one = take(4).expect("the last came back");
        assert_eq!(s.free(), 0);
        s.set_limit(2);
        assert_eq!(s.free(), 1);
    }

    #[test]
    fn a_line_by_priority_lets_the_high_class_overtake_and_takes_nothing_back() {
        use crate::policy::priority::Class::{High, Low, Normal};
        let s = Semaphore::ordered(Params::ONE, Order::Priority { ageing: None }, PermitNo(0));
        let entry = |item, class| Entry { class, ..Entry::from(tag(item)) };
        let held = poll(&mut s.acquire(entry(9, Low))).expect("free");
        for (item, class) in (0..).zip([Low, High, Normal, Low, Normal]) {
            s.join(entry(item, class));
        }
        assert_eq!(s.waiting(), 5, "the holder keeps what it has");
        drop(held);
        let order: Vec<u32> =
            std::iter::from_fn(|| s.next_started().now_or_never()).map(|permit| permit.holder().item).collect();
        assert_eq!(order, [1, 2, 4, 0, 3]);
    }

    proptest! {
        /// Any mix of asking, polling, leaving and giving back leaves all permits, and at no time
        /// are more out than there are.
        #[test]
        fn permits_are_neither_lost_nor_made(limit in 1u16..6, moves in prop::collection::vec((0u8..4, 0usize..8), 0..200)) {
            let s = semaphore(limit);
            let mut waiting: Vec<Acquire<'_>> = Vec::new();
            let mut held: Vec<Permit<'_>> = Vec::new();
            for (step, (what, which)) in moves.into_iter().enumerate() {
                match what {
                    0 => waiting.push(s.acquire(tag(u32::try_from(step).expect("small")))),
                    1 if which < waiting.len() => {
                        if let Some(permit) = poll(&mut waiting[which]) {
                            drop(waiting.remove(which));
                            held.push(permit);
                        }
                    }
                    2 if which < waiting.len() => drop(waiting.remove(which)),
                    3 if which < held.len() => drop(held.remove(which)),
                    _ => {}
                }
                prop_assert!(held.len() <= usize::from(limit));
            }
            drop(waiting);
            drop(held);
            prop_assert_eq!((s.free(), s.waiting()), (usize::from(limit), 0));
        }
    }
}
