//! A bell: those who wait are woken when it rings, and look for themselves.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A bell in use.
#[derive(Debug, Default)]
pub(crate) struct Bell(RefCell<Hung>);

#[derive(Debug, Default)]
struct Hung {
    rings: u64,
    waiting: Vec<Waker>,
}

impl Bell {
    /// Wakes all who wait.
    pub(crate) fn ring(&self) {
        let mut hung = self.0.borrow_mut();
        hung.rings += 1;
        for waker in hung.waiting.drain(..) {
            waker.wake();
        }
    }

    /// Ends when it rings next. It listens from this call on: a ring before the first poll is heard.
    ///
    /// # Cancel safety
    /// Dropping the future only stops listening.
    pub(crate) fn rung(&self) -> impl Future<Output = ()> {
        let heard = self.0.borrow().rings;
        poll_fn(move |cx| {
            let mut hung = self.0.borrow_mut();
            if hung.rings != heard {
                return Poll::Ready(());
            }
            // Polled for another reason, it hangs there already.
            if !hung.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                hung.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}
