//! The items that have begun: many futures, driven by one.
//!
//! It polls in the very order in which `FuturesUnordered` does: who was woken first is polled first, and after as many
//! polls as there are tasks it lets others run. But a task takes over the place of one that ended: a run of a hundred
//! thousand items allocates for as many as are under way at once.

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The tasks under way. Dropping it drops them, the one that was polled last first.
pub(crate) struct Tasks<F> {
    places: Vec<Place<F>>,
    free: Vec<usize>,
    /// Tasks begun and polled so far, and calls made for them.
    turns: u64,
    woken: Arc<Woken>,
}

struct Place<F> {
    /// None between two tasks.
    future: Pin<Box<Option<F>>>,
    /// When it was begun or last polled.
    turn: u64,
    call: Arc<Call>,
    /// The same.
    waker: Waker,
}

/// The call of one task. It is taken over with the place, unless somebody may still make it.
struct Call {
    place: usize,
    /// Tells it from others that the place had.
    no: u64,
    /// Whether it stands in line.
    waits: AtomicBool,
    /// Whether it was made since its task was last polled.
    made: AtomicBool,
    woken: Arc<Woken>,
}

/// Who was woken, in order, and who is to hear of it.
#[derive(Default)]
struct Woken {
    line: Mutex<VecDeque<(usize, u64)>>,
    driver: Mutex<Option<Waker>>,
}

impl<F: Future> Tasks<F> {
    pub(crate) fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new(), turns: 0, woken: Arc::default() }
    }

    /// Begins a task. It is polled when those woken before it were.
    pub(crate) fn push(&mut self, future: F) {
        let place = self.free.pop().unwrap_or(self.places.len());
        if let Some(free) = self.places.get_mut(place) {
            free.future.as_mut().set(Some(future));
        } else {
            let (call, waker) = self.call(place);
            self.places.push(Place { future: Box::pin(Some(future)), turn: 0, call, waker });
        }
        self.turns += 1;
        self.places[place].turn = self.turns;
        self.places[place].call.stand_in_line();
    }

    /// The output of the next that ends; none where none is under way.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let under_way = self.places.len() - self.free.len();
        let (mut polled, mut came_back) = (0, 0);
        while let Some((place, no)) = self.woken.next_or_watch(cx.waker()) {
            let task = &mut self.places[place];
            if task.call.no != no {
                continue;
            }
            task.call.waits.store(false, Relaxed);
            task.call.made.store(false, Relaxed);
            let Some(future) = task.future.as_mut().as_pin_mut() else { continue };
            if let Poll::Ready(output) = future.poll(&mut Context::from_waker(&task.waker)) {
                self.end(place);
                return Poll::Ready(Some(output));
            }
            self.turns += 1;
            task.turn = self.turns;
            polled += 1;
            came_back += u8::from(task.call.made.load(Relaxed));
            if polled == under_way || came_back == 2 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        if under_way == 0 { Poll::Ready(None) } else { Poll::Pending }
    }

    fn end(&mut self, place: usize) {
        let task = &mut self.places[place];
        task.future.as_mut().set(None);
        // The place itself has it twice.
        if task.call.waits.swap(true, Relaxed) || Arc::strong_count(&task.call) > 2 {
            let (call, waker) = self.call(place);
            let task = &mut self.places[place];
            (task.call, task.waker) = (call, waker);
        } else {
            task.call.waits.store(false, Relaxed);
        }
        self.free.push(place);
    }

    fn call(&mut self, place: usize) -> (Arc<Call>, Waker) {
        self.turns += 1;
        let (waits, made) = (AtomicBool::new(false), AtomicBool::new(false));
        let call = Arc::new(Call { place, no: self.turns, waits, made, woken: self.woken.clone() });
        (call.clone(), Waker::from(call))
    }
}

impl<F> Drop for Tasks<F> {
    #[allow(clippy::cast_possible_truncation, reason = "it is below their count")]
    fn drop(&mut self) {
        let count = self.places.len() as u64;
        // The turn and the place in one number, which sorts as the turns do.
        let mut order: Vec<u64> = (0..).zip(&self.places).map(|(place, task)| task.turn * count + place).collect();
        order.sort_unstable();
        for both in order.into_iter().rev() {
            self.places[(both % count) as usize].future.as_mut().set(None);
        }
    }
}

impl Call {
    /// Says whether it did not stand there.
    fn stand_in_line(&self) -> bool {
        let is_new = !self.waits.swap(true, Relaxed);
        if is_new {
            lock(&self.woken.line).push_back((self.place, self.no));
        }
        is_new
    }
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.made.store(true, Relaxed);
        if self.stand_in_line() {
            let driver = mem::take(&mut *lock(&self.woken.driver));
            if let Some(driver) = driver {
                driver.wake();
            }
        }
    }
}

impl Woken {
    /// The first in line; where there is none, `driver` hears of the next.
    fn next_or_watch(&self, driver: &Waker) -> Option<(usize, u64)> {
        let mut line = lock(&self.line);
        let next = line.pop_front();
        if next.is_none() {
            match &mut *lock(&self.driver) {
                Some(old) => old.clone_from(driver),
                none => *none = Some(driver.clone()),
            }
        }
        next
    }
}

/// Nobody else is there, as far as the engine goes; a waker must be able to change threads all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use futures::StreamExt;
    use futures::stream::FuturesUnordered;
    use proptest::prelude::*;
    use std::cell::RefCell;

    /// What tasks did, and how each can be woken.
    #[derive(Default)]
    struct Seen {
        log: Vec<String>,
        wakers: Vec<Option<Waker>>,
    }

    /// A task that does one of its acts at each poll, and ends after the last: wakes nobody, itself or another, and
    /// keeps its waker where others find it or takes it back.
    struct Task<'a> {
        name: usize,
        acts: Vec<u8>,
        seen: &'a RefCell<Seen>,
    }

    impl Future for Task<'_> {
        type Output = usize;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
            let (name, act) = (self.name, self.acts.pop());
            self.seen.borrow_mut().log.push(format!("polled {name}"));
            let is_kept = act.is_some_and(|act| act % 2 == 0);
            self.seen.borrow_mut().wakers[name] = is_kept.then(|| cx.waker().clone());
            match act {
                None => return Poll::Ready(name),
                Some(0..4) => {}
                Some(4..8) => cx.waker().wake_by_ref(),
                Some(other) => wake(self.seen, usize::from(other - 8)),
            }
            Poll::Pending
        }
    }

    impl Drop for Task<'_> {
        fn drop(&mut self) {
            self.seen.borrow_mut().log.push(format!("dropped {}", self.name));
        }
    }

    fn wake(seen: &RefCell<Seen>, whom: usize) {
        let waker = seen.borrow().wakers.get(whom).cloned().flatten();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What is seen of some moves: a task begun with those acts, one woken, or all polled.
    fn seen_of(moves: &[(u8, usize, Vec<u8>)], is_ours: bool) -> Vec<String> {
        let seen = RefCell::new(Seen::default());
        let (mut ours, mut theirs) = (Tasks::new(), FuturesUnordered::new());
        let mut cx = Context::from_waker(Waker::noop());
        for (what, whom, acts) in moves {
            match what {
                0 => {
                    let name = seen.borrow().wakers.len();
                    seen.borrow_mut().wakers.push(None);
                    let task = Task { name, acts: acts.clone(), seen: &seen };
                    if is_ours { ours.push(task) } else { theirs.push(task) }
                }
                1 => wake(&seen, *whom),
                _ => {
                    let came = if is_ours { ours.poll_next(&mut cx) } else { theirs.poll_next_unpin(&mut cx) };
                    seen.borrow_mut().log.push(format!("{came:?}"));
                }
            }
        }
        drop((ours, theirs));
        seen.into_inner().log
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn they_are_polled_and_dropped_as_futures_unordered_has_it(
            moves in prop::collection::vec((0u8..4, 0usize..12, prop::collection::vec(0u8..20, 0..6)), 1..60),
        ) {
            prop_assert_eq!(seen_of(&moves, true), seen_of(&moves, false));
        }
    }
}
