//! Runs a future in virtual time.
//!
//! Whatever can run, runs; when nothing can, time jumps to the next timer; when there is none, the
//! run is stalled, which is a result and not a hang. Timers due at one instant fire one at a time,
//! each followed by all that it made ready.

use crate::sim::clock::SimClock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// How far a run has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// It ended with this.
    Done(T),
    /// It can never go on: nothing is ready, and no timer is set.
    Stalled,
    /// It used up its polls; go on with another call.
    More,
}

/// A future and the virtual time it runs in. Dropping it stops it.
pub struct Simulation<F: Future> {
    clock: SimClock,
    future: Pin<Box<F>>,
    ready: Arc<Ready>,
    waker: Waker,
}

struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<F: Future> std::fmt::Debug for Simulation<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl<F: Future> Simulation<F> {
    /// `future`, which waits by `clock` and by nothing else.
    pub fn new(clock: SimClock, future: F) -> Self {
        let ready = Arc::new(Ready(AtomicBool::new(true)));
        let waker = Waker::from(ready.clone());
        Self { clock, future: Box::pin(future), ready, waker }
    }

    /// Goes on for at most so many polls.
    pub fn run_for(&mut self, polls: usize) -> Progress<F::Output> {
        for _ in 0..polls {
            while !self.ready.0.swap(false, Ordering::Relaxed) {
                if !self.clock.fire_next() {
                    return Progress::Stalled;
                }
            }
            let mut cx = Context::from_waker(&self.waker);
            if let Poll::Ready(output) = self.future.as_mut().poll(&mut cx) {
                return Progress::Done(output);
            }
        }
        Progress::More
    }

    /// Goes on to the end; nothing if it stalls.
    pub fn run(mut self) -> Option<F::Output> {
        loop {
            match self.run_for(usize::MAX) {
                Progress::Done(output) => return Some(output),
                Progress::Stalled => return None,
                Progress::More => {}
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::port::Clock;
    use crate::time::Instant;
    use futures::StreamExt;
    use futures::stream::FuturesUnordered;
    use std::cell::RefCell;

    #[test]
    fn an_hour_takes_no_time() {
        let clock = SimClock::default();
        let run = async {
            clock.sleep_until(Instant(3_600_000_000)).await;
            clock.now()
        };
        assert_eq!(Simulation::new(clock.clone(), run).run(), Some(Instant(3_600_000_000)));
    }

    #[test]
    fn timers_of_one_instant_fire_in_the_order_they_were_set() {
        let clock = SimClock::default();
        let order = RefCell::new(Vec::new());
        let run = async {
            let sleeper = |name: u32, at: u64| {
                let (clock, order) = (&clock, &order);
                async move {
                    clock.sleep_until(Instant(at)).await;
                    order.borrow_mut().push(name);
                }
            };
            let all: FuturesUnordered<_> =
                [(1, 7), (2, 5), (3, 7), (4, 7)].map(|(n, at)| sleeper(n, at)).into_iter().collect();
            all.collect::<Vec<()>>().await;
        };
        Simulation::new(clock.clone(), run).run().expect("it ends");
        let order = order.into_inner();
        assert_eq!(order, [2, 1, 3, 4]);
    }

    #[test]
    fn a_run_that_waits_for_nothing_is_stalled_at_once() {
        let mut run = Simulation::new(SimClock::default(), std::future::pending::<()>());
        assert_eq!(run.run_for(10), Progress::Stalled);
    }

    #[test]
    fn polls_run_out_and_the_run_goes_on() {
        let clock = SimClock::default();
        let run = async {
            for n in 1..=5 {
                clock.sleep_until(Instant(n)).await;
            }
        };
        let mut run = Simulation::new(clock.clone(), run);
        assert_eq!(run.run_for(3), Progress::More);
        assert_eq!(run.run_for(100), Progress::Done(()));
    }

    #[test]
    fn a_dropped_timer_does_not_move_time() {
        let clock = SimClock::default();
        let run = async {
            {
                let mut long = Box::pin(clock.sleep_until(Instant(1_000)));
                let mut short = Box::pin(clock.sleep_until(Instant(10)));
                std::future::poll_fn(|cx| {
                    let _ = long.as_mut().poll(cx);
                    short.as_mut().poll(cx)
                })
                .await;
            }
            clock.sleep_until(Instant(20)).await;
            clock.now()
        };
        assert_eq!(Simulation::new(clock.clone(), run).run(), Some(Instant(20)));
    }
}
