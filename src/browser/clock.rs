//! The browser's clock: `performance.now` and timers.
//!
//! It is read once each time a task is polled, because reading it costs more than most of what a
//! poll does, and so that a poll sees one moment.

use crate::port::Clock;
use crate::time::{Instant, timer_millis};
use gloo_timers::future::TimeoutFuture;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A clock whose zero is the first time it is read. Clones share the same time.
#[derive(Clone, Debug, Default)]
pub struct BrowserClock(Rc<Reading>);

#[derive(Debug, Default)]
struct Reading {
    zero_millis: Cell<Option<f64>>,
    now: Cell<Instant>,
}

/// Milliseconds since the page was opened, to a fraction of one.
#[must_use]
pub fn now_millis() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Waits so long.
///
/// # Cancel safety
/// Dropping the future ends the timer.
pub async fn pause(span: Duration) {
    TimeoutFuture::new(timer_millis(span)).await;
}

/// Milliseconds since 1970, for people.
#[must_use]
pub fn wall_millis() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |performance| performance.time_origin() + performance.now())
}

impl BrowserClock {
    /// Reads the time now, whoever asks.
    pub fn read(&self) -> Instant {
        let millis = now_millis();
        let zero = self.0.zero_millis.get().unwrap_or(millis);
        self.0.zero_millis.set(Some(zero));
        let now = Instant::from_millis(millis - zero);
        self.0.now.set(now.max(self.0.now.get()));
        self.0.now.get()
    }

    /// Runs `future` with the time read anew before each poll.
    pub async fn keeping_time<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            self.read();
            future.as_mut().poll(cx)
        })
        .await
    }
}

impl Clock for BrowserClock {
    type Sleep = Sleep;

    fn now(&self) -> Instant {
        self.0.now.get()
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Sleep { clock: self.clone(), at, timer: None }
    }
}

/// A wait by the browser's timers. Dropping it clears its timer.
#[must_use = "dropping it clears the timer"]
#[derive(Debug)]
pub struct Sleep {
    clock: BrowserClock,
    at: Instant,
    timer: Option<TimeoutFuture>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = self.clock.now();
            if now >= self.at {
                return Poll::Ready(());
            }
            // A timer that never fires is none.
            if self.at == Instant::NEVER {
                return Poll::Pending;
            }
            let left = self.at.since(now);
            // One timer holds 24.8 days; a longer wait, or a timer that fired early, sets another.
            let timer = self.timer.get_or_insert_with(|| TimeoutFuture::new(timer_millis(left)));
            if Pin::new(timer).poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
            self.clock.read();
        }
    }
}
