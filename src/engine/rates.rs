//! The gates of rate, passed all at once.
//!
//! An attempt that has its permit stands in one line, and only the first of the line asks. It passes
//! when every gate lets it pass at the same moment, and only then takes from each; so no gate is paid
//! while another still holds the attempt back, and the starts that a gate promised to bound are the
//! starts that happen. What was learned of an attempt afterwards goes to the same gates.

use crate::engine::Lane;
use crate::engine::bell::Bell;
use crate::experiment::plan;
use crate::id::{PermitNo, Tag};
use crate::policy::Answer;
use crate::policy::adaptive::{AdaptiveRate, Learned};
use crate::policy::circuit_breaker::{CircuitBreaker, Generation, Verdict};
use crate::policy::priority::Order;
use crate::policy::semaphore::{self, Permit, Semaphore};
use crate::policy::sliding_window::SlidingWindow;
use crate::policy::token_bucket::TokenBucket;
use crate::port::{Clock, FailureKind, Retry, Service, Usage};
use crate::time::Instant;
use crate::trace::{Gate, Kind};
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

/// That an attempt passed, and nothing has come of it yet. Dropping it says that it was given up: a probe
/// among them must not be waited for.
pub(crate) struct Passed<'a> {
    rates: &'a Rates,
    generation: Option<Generation>,
}

/// What the first of the line is told.
enum Told {
    Pass(Option<Generation>),
    /// This gate holds it longest.
    Wait(Gate, Instant),
}

impl Rates {
    pub(crate) fn new(plan: plan::Rates, order: Order, now: Instant) -> Option<Self> {
        let gates = Gates {
            requests: plan.requests.map(|params| TokenBucket::full(params, now)),
            tokens: plan.tokens.map(|(params, estimate)| (TokenBucket::full(params, now), estimate)),
            window: plan.window.map(SlidingWindow::new),
            pace: plan.pace.map(AdaptiveRate::new),
            breaker: plan.breaker.map(CircuitBreaker::new),
        };
        (plan != plan::Rates::default()).then(|| Self {
            line: Semaphore::ordered(semaphore::Params::ONE, order, PermitNo(0)),
            gates: RefCell::new(gates),
            news: Bell::default(),
        })
    }

    /// The line before the gates, for items that were never started.
    pub(crate) fn line(&self) -> &Semaphore {
        &self.line
    }

    /// Waits until all gates let `tag` pass, in turn, and takes from each. `first` is the first place in the line,
    /// of one who has it already.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the line and takes nothing.
    pub(crate) async fn pass<C: Clock, S: Service>(
        &self,
        lane: &Lane<'_, C, S>,
        tag: Tag,
        first: Option<Permit<'_>>,
    ) -> Passed<'_> {
        let first = if let Some(first) = first {
            first
        } else {
            let line = self.line.at(lane.clock.now());
            if let Some(before) = line.ahead_of(lane.entry(tag)) {
                lane.waiting(tag, Gate::Rate, before + 1);
            }
            line.acquire(lane.entry(tag)).await
        };
        // A probe that still has to wait for a permit may be waited for by the one who holds that permit.
        let asks_breaker = !lane.plan.rates_first;
        loop {
            lane.wait_while_paused(tag).await;
            let now = lane.clock.now();
            let told = self.gates.borrow_mut().ask(now, asks_breaker);
            match told {
                Told::Pass(generation) => {
                    self.tell(lane, tag);
                    first.tell(now);
                    return Passed { rates: self, generation };
                }
                Told::Wait(gate, until) => self.hold(lane, tag, gate, until).await,
            }
        }
    }

    /// Waits until a gate is worth asking again.
    async fn hold<C: Clock, S: Service>(&self, lane: &Lane<'_, C, S>, tag: Tag, gate: Gate, until: Instant) {
        lane.record(tag, Kind::Held { gate, until });
        if until == Instant::NEVER {
            self.news.rung().await;
        } else {
            lane.clock.sleep_until(until).await;
        }
    }

    /// Writes down what each gate holds now.
    fn tell<C: Clock, S: Service>(&self, lane: &Lane<'_, C, S>, tag: Tag) {
        let now = lane.clock.now();
        for (gate, value) in self.gates.borrow_mut().gauges(now) {
            lane.record(tag, Kind::Gauge { gate, value });
        }
    }
}

impl Passed<'_> {
    /// Waits until the breaker lets `tag` pass, where it was not asked with the rates.
    ///
    /// # Cancel safety
    /// Dropping the future takes nothing from the breaker.
    pub(crate) async fn pass_breaker<C: Clock, S: Service>(&mut self, lane: &Lane<'_, C, S>, tag: Tag) {
        loop {
            lane.wait_while_paused(tag).await;
            let told = self.rates.gates.borrow_mut().ask_breaker(lane.clock.now());
            match told {
                Told::Pass(generation) => {
                    self.generation = generation;
                    if generation.is_some() {
                        self.rates.tell(lane, tag);
                    }
                    return;
                }
                Told::Wait(gate, until) => self.rates.hold(lane, tag, gate, until).await,
            }
        }
    }

    /// Tells the gates what came of the attempt.
    pub(crate) fn came<C: Clock, S: Service>(
        mut self,
        lane: &Lane<'_, C, S>,
        tag: Tag,
        came: Result<Usage, FailureKind>,
    ) {
        let generation = self.generation.take();
        self.rates.gates.borrow_mut().learn(generation, came, lane.clock.now());
        self.rates.news.ring();
        self.rates.tell(lane, tag);
    }
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        if let (Some(generation), Some(breaker)) = (self.generation, &mut self.rates.gates.borrow_mut().breaker) {
            breaker.abandoned(generation);
            self.rates.news.ring();
        }
    }
}

impl Gates {
    /// Takes from all gates, or from none.
    fn ask(&mut self, now: Instant, asks_breaker: bool) -> Told {
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
        let told = if asks_breaker { self.ask_breaker(now) } else { Told::Pass(None) };
        let Told::Pass(generation) = told else { return told };
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
        Told::Pass(generation)
    }

    fn ask_breaker(&mut self, now: Instant) -> Told {
        match self.breaker.as_mut().map(|breaker| breaker.ask(now)) {
            None => Told::Pass(None),
            Some(Verdict::Go(generation)) => Told::Pass(Some(generation)),
            Some(Verdict::Open { until }) => Told::Wait(Gate::Breaker, until),
            Some(Verdict::Probing) => Told::Wait(Gate::Breaker, Instant::NEVER),
        }
    }

    fn learn(&mut self, generation: Option<Generation>, came: Result<Usage, FailureKind>, now: Instant) {
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
        if let (Some(breaker), Some(generation)) = (&mut self.breaker, generation) {
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
