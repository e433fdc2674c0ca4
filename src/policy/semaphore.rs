//! Semaphore: how many at once, first come, first served.
//!
//! A permit is a value that carries its holder's tag; dropping it hands it to the first in line.
//! Nobody overtakes: one who asks while others wait stands at the end, even if a permit is free at
//! that moment. One who leaves the line, or leaves after the permit was already theirs, costs
//! nobody a permit. Permits are numbered, and the lowest free number is given first, so that a slot
//! keeps its place in a drawing.
//!
//! Two kinds wait in the one line. An item that was never started is an entry of a queue and no
//! more, because a hundred thousand of them may wait; whoever drives the run takes their permits
//! from [`Semaphore::next_started`]. A retry waits as a future of its own, [`Semaphore::acquire`].

use crate::id::{PermitNo, Tag};
use std::cell::RefCell;
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
pub struct Semaphore(RefCell<State>);

#[derive(Debug)]
struct State {
    free: BinaryHeap<Reverse<PermitNo>>,
    line: VecDeque<Waiter>,
    /// Permits given to items never started, until the driver takes them.
    to_start: VecDeque<(Tag, PermitNo)>,
    driver: Option<Waker>,
    /// Permits given to waiting futures, until they are polled.
    granted: BTreeMap<Ticket, PermitNo>,
    next_ticket: Ticket,
}

type Ticket = u64;

#[derive(Debug)]
enum Waiter {
    NeverStarted(Tag),
    Future(Ticket, Waker),
}

impl Semaphore {
    /// All permits free, nobody in line.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self(RefCell::new(State {
            free: (0..params.limit).map(|no| Reverse(PermitNo(no))).collect(),
            line: VecDeque::new(),
            to_start: VecDeque::new(),
            driver: None,
            granted: BTreeMap::new(),
            next_ticket: 0,
        }))
    }

    /// Puts an item that was never started at the end of the line, and says how many stand before
    /// it; nothing if its permit is ready to be taken.
    pub fn join(&self, tag: Tag) -> Option<usize> {
        let mut state = self.0.borrow_mut();
        state.line.push_back(Waiter::NeverStarted(tag));
        state.hand_out();
        state.line.len().checked_sub(1)
    }

    /// Takes those out of the line who were never started and are `meant`, and names them.
    pub fn dismiss_never_started(&self, meant: impl Fn(Tag) -> bool) -> Vec<Tag> {
        let mut state = self.0.borrow_mut();
        let mut dismissed = Vec::new();
        for (tag, no) in mem::take(&mut state.to_start) {
            if meant(tag) {
                dismissed.push(tag);
                state.free.push(Reverse(no));
            } else {
                state.to_start.push_back((tag, no));
            }
        }
        state.line.retain(|waiter| match waiter {
            Waiter::NeverStarted(tag) if meant(*tag) => {
                dismissed.push(*tag);
                false
            }
            Waiter::NeverStarted(_) | Waiter::Future(..) => true,
        });
        state.hand_out();
        dismissed
    }

    /// The next permit of an item that joined the line, with its tag.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: the permit stays ready for the next call.
    pub async fn next_started(&self) -> Permit<'_> {
        std::future::poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            if let Some((holder, no)) = state.to_start.pop_front() {
                return Poll::Ready(Permit { semaphore: self, no, holder });
            }
            state.driver = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// One permit for `tag`, in turn.
    ///
    /// # Cancel safety
    /// Dropping the future costs the place in line. A permit that was already given, but not yet
    /// seen, goes to the next.
    pub fn acquire(&self, tag: Tag) -> Acquire<'_> {
        Acquire { semaphore: self, tag, place: Place::NotInLine }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.0.borrow().line.len()
    }

    /// How many permits nobody holds.
    pub fn free(&self) -> usize {
        self.0.borrow().free.len()
    }

    fn give_back(&self, no: PermitNo) {
        let mut state = self.0.borrow_mut();
        state.free.push(Reverse(no));
        state.hand_out();
    }
}

impl State {
    /// Gives free permits to the first in line.
    fn hand_out(&mut self) {
        while !self.line.is_empty() {
            let Some(Reverse(no)) = self.free.pop() else { return };
            match self.line.pop_front() {
                Some(Waiter::NeverStarted(tag)) => {
                    self.to_start.push_back((tag, no));
                    if let Some(driver) = self.driver.take() {
                        driver.wake();
                    }
                }
                Some(Waiter::Future(ticket, waker)) => {
                    self.granted.insert(ticket, no);
                    waker.wake();
                }
                None => {}
            }
        }
    }
}

/// A wait for one permit.
#[must_use = "dropping it leaves the line"]
#[derive(Debug)]
pub struct Acquire<'a> {
    semaphore: &'a Semaphore,
    tag: Tag,
    place: Place,
}

#[derive(Debug)]
enum Place {
    NotInLine,
    InLine(Ticket),
    Served,
}

impl<'a> Future for Acquire<'a> {
    type Output = Permit<'a>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a>> {
        let semaphore = self.semaphore;
        let mut state = semaphore.0.borrow_mut();
        let granted = match self.place {
            Place::NotInLine => {
                let ticket = state.next_ticket;
                state.next_ticket += 1;
                state.line.push_back(Waiter::Future(ticket, cx.waker().clone()));
                state.hand_out();
                self.place = Place::InLine(ticket);
                state.granted.remove(&ticket)
            }
            Place::InLine(ticket) => {
                let granted = state.granted.remove(&ticket);
                if granted.is_none() {
                    state.renew(ticket, cx.waker());
                }
                granted
            }
            Place::Served => None,
        };
        match granted {
            Some(no) => {
                self.place = Place::Served;
                Poll::Ready(Permit { semaphore, no, holder: self.tag })
            }
            None => Poll::Pending,
        }
    }
}

impl State {
    /// A future may be polled by another task than before: the newest waker counts.
    fn renew(&mut self, ticket: Ticket, waker: &Waker) {
        let mine = self.line.iter_mut().find_map(|waiter| match waiter {
            Waiter::Future(other, waker) if *other == ticket => Some(waker),
            _ => None,
        });
        if let Some(mine) = mine {
            mine.clone_from(waker);
        }
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        let Place::InLine(ticket) = self.place else { return };
        let granted = {
            let mut state = self.semaphore.0.borrow_mut();
            state.line.retain(|waiter| !matches!(waiter, Waiter::Future(other, _) if *other == ticket));
            state.granted.remove(&ticket)
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
