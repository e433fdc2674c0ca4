//! The gates of rate, passed all at once.
//!
//! An attempt that has its permit stands in one line, and only the first of the line asks. It passes
//! when every gate lets it pass at the same moment, and only then takes from each; so no gate is paid
//! while another still holds the attempt back, and the starts that a gate promised to bound are the
//! starts that happen. What was learned of an attempt afterwards goes to the same gates.

use crate::engine::Lane;
use crate::engine::bell::Bell;
use crate::experiment::plan;
use crate::id::Tag;
use crate::policy::Answer;
use crate::policy::adaptive::{AdaptiveRate, Learned};
use crate::policy::circuit_breaker::{CircuitBreaker, Generation, Verdict};
use crate::policy::semaphore::{self, Semaphore};
use crate::policy::sliding_window::SlidingWindow;
use crate::policy::token_bucket::TokenBucket;
use crate::port::{Clock, Failure, FailureKind, Retry, Service, Usage};
use crate::time::Instant;
use crate::trace::{Gate, Kind, Why};
use std::cell::RefCell;

/// The gates of rate of a lane, in use.
pub(crate) struct Rates {
    line: Semaphore,
    gates: RefCell<Gates>,
    /// Rung when the breaker has learned something.
    news: Bell,
}

struct Gates {
    requests: Option<TokenBucket>,
    /// What a call is taken to cost, beside the bucket.
    tokens: Option<(TokenBucket, u32)>,
    window: Option<SlidingWindow>,
    pace: Option<AdaptiveRate>,
    breaker: Option<CircuitBreaker>,
}

/// That an attempt passed; what it brings back goes to the gates it passed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    generation: Option<Generation>,
}

/// What the first of the line is told.
enum Told {
    Pass(Passed),
    /// This gate holds it longest.
    Wait(Gate, Instant),
}

impl Rates {
    pub(crate) fn new(plan: plan::Rates, now: Instant) -> Option<Self> {
        let gates = Gates {
            requests: plan.requests.map(|params| TokenBucket::full(params, now)),
            tokens: plan.tokens.map(|(params, estimate)| (TokenBucket::full(params, now), estimate)),
            window: plan.window.map(SlidingWindow::new),
            pace: plan.pace.map(AdaptiveRate::new),
            breaker: plan.breaker.map(CircuitBreaker::new),
        };
        (plan != plan::Rates::default()).then(|| Self {
            line: Semaphore::new(semaphore::Params::ONE),
            gates: RefCell::new(gates),
            news: Bell::default(),
        })
    }

    /// Waits until all gates let `tag` pass, in turn, and takes from each.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line and takes nothing.
    pub(crate) async fn pass<C: Clock, S: Service>(&self, lane: &Lane<'_, C, S>, tag: Tag) -> Passed {
        if self.line.free() == 0 || self.line.waiting() > 0 {
            let ahead = u32::try_from(self.line.waiting() + 1).unwrap_or(u32::MAX);
            lane.record(tag, Kind::Waiting { gate: Gate::Rate, why: Why::InLine { ahead } });
        }
        let _first = self.line.acquire(tag).await;
        loop {
            lane.wait_while_paused(tag).await;
            let now = lane.clock.now();
            let told = self.gates.borrow_mut().ask(now);
            match told {
                Told::Pass(passed) => {
                    self.tell(lane, tag);
                    return passed;
                }
                Told::Wait(gate, until) => {
                    lane.record(tag, Kind::Held { gate, until });
                    if until == Instant::NEVER {
                        self.news.rung().await;
                    } else {
                        lane.clock.sleep_until(until).await;
                    }
                }
            }
        }
    }

    /// Waits for what comes of an attempt that passed; dropped before, the attempt was given up.
    pub(crate) fn expect(&self, passed: Passed) -> Expected<'_> {
        Expected { rates: self, generation: passed.generation }
    }

    /// Tells the gates what came of an attempt that passed.
    pub(crate) fn learn<C: Clock, S: Service>(
        &self,
        lane: &Lane<'_, C, S>,
        tag: Tag,
        passed: Passed,
        came: Result<Usage, FailureKind>,
    ) {
        self.gates.borrow_mut().learn(passed, came, lane.clock.now());
        self.news.ring();
        self.tell(lane, tag);
    }

    /// Writes down what each gate holds now.
    fn tell<C: Clock, S: Service>(&self, lane: &Lane<'_, C, S>, tag: Tag) {
        let now = lane.clock.now();
        for (gate, value) in self.gates.borrow_mut().gauges(now) {
            lane.record(tag, Kind::Gauge { gate, value });
        }
    }
}

/// An attempt of which nothing has come yet.
pub(crate) struct Expected<'a> {
    rates: &'a Rates,
    generation: Option<Generation>,
}

impl Expected<'_> {
    /// Something came of it.
    pub(crate) fn came(mut self) {
        self.generation = None;
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if let (Some(generation), Some(breaker)) = (self.generation, &mut self.rates.gates.borrow_mut().breaker) {
            breaker.abandoned(generation);
            self.rates.news.ring();
        }
    }
}

impl Gates {
    /// Takes from all gates, or from none.
    fn ask(&mut self, now: Instant) -> Told {
        let mut longest: Option<(Gate, Instant)> = None;
        let mut hold = |gate, answer| {
            let until = match answer {
                Answer::Go => return,
                Answer::Wait { until } => until,
                // A plan is not sound if a call's estimate does not fit into the bucket.
                Answer::Refuse => Instant::NEVER,
            };
            if longest.is_none_or(|(_, latest)| latest < until) {
                longest = Some((gate, until));
            }
        };
        if let Some(bucket) = &mut self.requests {
            hold(Gate::RequestBucket, bucket.ready(1, now));
        }
        if let Some((bucket, estimate)) = &mut self.tokens {
            hold(Gate::TokenBucket, bucket.ready(*estimate, now));
        }
        if let Some(window) = &mut self.window {
            hold(Gate::Window, window.ready(now));
        }
        if let Some(pace) = &mut self.pace {
            hold(Gate::Pace, pace.ready(now));
        }
        if let Some((gate, until)) = longest {
            return Told::Wait(gate, until);
        }
        // Last, because asking it is taking its one probe.
        let generation = match self.breaker.as_mut().map(|breaker| breaker.ask(now)) {
            None => None,
            Some(Verdict::Go(generation)) => Some(generation),
            Some(Verdict::Open { until }) => return Told::Wait(Gate::Breaker, until),
            Some(Verdict::Probing) => return Told::Wait(Gate::Breaker, Instant::NEVER),
        };
        if let Some(bucket) = &mut self.requests {
            bucket.ask(1, now);
        }
        if let Some((bucket, estimate)) = &mut self.tokens {
            bucket.ask(*estimate, now);
        }
        if let Some(window) = &mut self.window {
            window.ask(now);
        }
        if let Some(pace) = &mut self.pace {
            pace.ask(now);
        }
        Told::Pass(Passed { generation })
    }

    fn learn(&mut self, passed: Passed, came: Result<Usage, FailureKind>, now: Instant) {
        if let Some((bucket, estimate)) = &mut self.tokens {
            // A call that failed is billed for nothing that is known.
            let actual = came.map_or(0, |usage| usage.prompt.saturating_add(usage.output()));
            bucket.settle(*estimate, actual, now);
        }
        if let Some(pace) = &mut self.pace {
            pace.learn(match came {
                Ok(_) => Learned::Answered,
                Err(FailureKind::RateLimit) => Learned::Refused,
                Err(_) => Learned::Failed,
            });
        }
        if let (Some(breaker), Some(generation)) = (&mut self.breaker, passed.generation) {
            // A prompt that was blocked says nothing about the server's health.
            let is_ill = came.is_err_and(|kind| kind.retry() != Retry::Never);
            breaker.learn(is_ill, generation, now);
        }
    }

    fn gauges(&mut self, now: Instant) -> Vec<(Gate, u32)> {
        let gauges = [
            (Gate::RequestBucket, self.requests.as_mut().map(|bucket| bucket.level(now))),
            (Gate::TokenBucket, self.tokens.as_mut().map(|(bucket, _)| bucket.level(now))),
            (Gate::Window, self.window.as_mut().map(|window| window.fill(now))),
            (Gate::Pace, self.pace.as_ref().map(|pace| in_thousandths(pace.rate()))),
            (Gate::Breaker, self.breaker.as_ref().map(|breaker| breaker.state() as u32)),
        ];
        gauges.into_iter().filter_map(|(gate, value)| Some((gate, value?))).collect()
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 1 000 starts a second, and positive.
fn in_thousandths(rate: f64) -> u32 {
    libm::round(rate * 1_000.0) as u32
}

/// What an attempt brought, as far as the gates learn from it.
pub(crate) fn came(tried: &Result<Usage, Failure>) -> Result<Usage, FailureKind> {
    match tried {
        Ok(usage) => Ok(*usage),
        Err(failure) => Err(failure.kind),
    }
}
