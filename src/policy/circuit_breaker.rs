//! Circuit breaker: stop asking a server that fails.
//!
//! Closed, it lets everything pass. After so many failures in a row, or so large a share of failures,
//! it opens: nothing passes for a while. Then it is half-open: one attempt, the probe, finds out how
//! the server is. Failed, it is open again for as long; answered, it closes, at once or over a ramp
//! that lets one more attempt pass at a time, then two, four … so that a server which has just come
//! back is not met by everybody who waited.
//!
//! One call a second that fails after 0.4 s sends 60 calls into an outage of 60 s; behind a breaker of
//! 3 failures and 30 s it sends 4.
//!
//! Calls that were sent before it opened may end long after. They tell of the server as it was then,
//! so they change nothing: each pass carries a [`Generation`], and news of an older one is not heard.
//!
//! Source: M. Nygard, "Release It!", Pragmatic Bookshelf, 2007.

use crate::time::Instant;
use std::collections::VecDeque;
use std::time::Duration;

/// When a breaker opens, for how long, how it closes. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    failures: u32,
    share: Option<(f64, u32)>,
    cooldown: Duration,
    ramp: u32,
}

/// Why some figures make no breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None would open it for nothing.
    #[error("failures in a row must lie between 1 and 1000")]
    BadFailures,
    /// A share of none would open it for nothing, and each of the last calls is remembered.
    #[error("the share must lie above 0 and up to 1, of the last 1 to 1000 calls")]
    BadShare,
    /// Outside what a person would wait for.
    #[error("the cooldown must lie between 1 ms and 24 h")]
    BadCooldown,
    /// After 20 doublings a million may be in flight.
    #[error("the ramp must be at most 20 answers long")]
    BadRamp,
}

impl Default for Params {
    /// Opens after 3 failures in a row, whatever their share, for 30 s; closes at the first answer.
    ///
    /// ```
    /// use lanescope::policy::circuit_breaker::Params;
    /// assert_eq!(Params::new(3, None, std::time::Duration::from_secs(30), 0), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { failures: 3, share: None, cooldown: Duration::from_secs(30), ramp: 0 }
    }
}

impl Params {
    /// Opens after `failures` in a row, or, where a share `(part, last)` is given, once at least that
    /// part (0 to 1) of the `last` calls failed; stays open for `cooldown`; after the probe it takes
    /// `ramp` more answers to close.
    ///
    /// # Errors
    /// [`ParamsError`] unless there are 1 to 1 000 failures, a part above 0 and up to 1 of 1 to 1 000
    /// calls, a cooldown of 1 ms to 24 h and a ramp of at most 20.
    pub fn new(failures: u32, share: Option<(f64, u32)>, cooldown: Duration, ramp: u32) -> Result<Self, ParamsError> {
        if !(1..=1_000).contains(&failures) {
            return Err(ParamsError::BadFailures);
        }
        if share.is_some_and(|(part, last)| !(part > 0.0 && part <= 1.0 && (1..=1_000).contains(&last))) {
            return Err(ParamsError::BadShare);
        }
        if !(Duration::from_millis(1)..=Duration::from_hours(24)).contains(&cooldown) {
            return Err(ParamsError::BadCooldown);
        }
        if ramp > 20 { Err(ParamsError::BadRamp) } else { Ok(Self { failures, share, cooldown, ramp }) }
    }

    /// The figures that it was built from: failures in a row, share, cooldown and ramp.
    #[must_use]
    pub fn figures(self) -> (u32, Option<(f64, u32)>, Duration, u32) {
        (self.failures, self.share, self.cooldown, self.ramp)
    }

    /// Whether these calls, the latest last, are as many as the share is of, and enough of them failed.
    fn too_many(self, failed: &VecDeque<bool>) -> bool {
        let Some((part, last)) = self.share else { return false };
        let failures: f64 = failed.iter().map(|&failed| f64::from(failed)).sum();
        // 7 of 100 are a share of 0.07, though 0.07 x 100 is a hair above 7.
        failed.len() >= last as usize && failures >= part * f64::from(last) - 1e-9
    }
}

/// How often the breaker had opened when an attempt passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation(u32);

/// What the breaker says to an attempt that asks to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes. What came of it is to be [learned](CircuitBreaker::learn), or the pass
    /// [given back](CircuitBreaker::abandoned).
    Go(Generation),
    /// It is open.
    Open {
        /// Until this moment; then ask again.
        until: Instant,
    },
    /// The probe is out, or as many as the ramp allows: ask again when there is news.
    Probing,
}

/// What state a breaker is in; as a number, how far from closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything passes.
    Closed = 0,
    /// The probe was answered, and more and more may pass.
    Ramping = 1,
    /// One may pass, or has passed, to find out.
    HalfOpen = 2,
    /// Nothing passes. It stays so after the cooldown until somebody asks.
    Open = 3,
}

/// A breaker in use. Pure: it is told the time and never sleeps.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    params: Params,
    generation: Generation,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Failures in a row, and for the share whether each of the last calls failed.
    Closed {
        in_a_row: u32,
        failed: VecDeque<bool>,
    },
    Open {
        until: Instant,
    },
    HalfOpen {
        probe_out: bool,
    },
    /// How many may be out at once, how many are, how many answers are missing.
    Ramping {
        allowed: u32,
        out: u32,
        left: u32,
    },
}

impl Phase {
    fn closed() -> Self {
        Self::Closed { in_a_row: 0, failed: VecDeque::new() }
    }
}

impl CircuitBreaker {
    /// Closed, and nothing has failed yet.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, generation: Generation(0), phase: Phase::closed() }
    }

    /// Passes at `now`, or says what it waits for.
    pub fn ask(&mut self, now: Instant) -> Verdict {
        match &mut self.phase {
            Phase::Closed { .. } => {}
            Phase::Open { until } if now < *until => return Verdict::Open { until: *until },
            Phase::Open { .. } | Phase::HalfOpen { probe_out: false } => {
                self.phase = Phase::HalfOpen { probe_out: true };
            }
            Phase::Ramping { allowed, out, .. } if *out < *allowed => *out += 1,
            Phase::HalfOpen { .. } | Phase::Ramping { .. } => return Verdict::Probing,
        }
        Verdict::Go(self.generation)
    }

    /// Hears at `now` whether an attempt failed. `passed` is what its pass came with.
    pub fn learn(&mut self, has_failed: bool, passed: Generation, now: Instant) {
        if passed != self.generation {
            return;
        }
        let params = self.params;
        let trips = if let Phase::Closed { in_a_row, failed } = &mut self.phase {
            *in_a_row = if has_failed { *in_a_row + 1 } else { 0 };
            failed.push_back(has_failed);
            let remembered = params.share.map_or(0, |(_, last)| last as usize);
            failed.drain(..failed.len().saturating_sub(remembered));
            *in_a_row >= params.failures || params.too_many(failed)
        } else {
            has_failed
        };
        if trips {
            self.generation = Generation(self.generation.0.wrapping_add(1));
            self.phase = Phase::Open { until: now + params.cooldown };
        } else {
            self.step_towards_closed();
        }
    }

    /// The attempt that passed with `passed` was cancelled before anything came of it.
    pub fn abandoned(&mut self, passed: Generation) {
        if passed != self.generation {
            return;
        }
        match &mut self.phase {
            Phase::HalfOpen { probe_out } => *probe_out = false,
            Phase::Ramping { out, .. } => *out = out.saturating_sub(1),
            Phase::Closed { .. } | Phase::Open { .. } => {}
        }
    }

    /// What state it is in.
    #[must_use]
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Closed { .. } => State::Closed,
            Phase::Open { .. } => State::Open,
            Phase::HalfOpen { .. } => State::HalfOpen,
            Phase::Ramping { .. } => State::Ramping,
        }
    }

    /// After an answer.
    fn step_towards_closed(&mut self) {
        let (allowed, out, left) = match self.phase {
            Phase::HalfOpen { .. } => (1, 0, self.params.ramp),
            Phase::Ramping { allowed, out, left } => (allowed * 2, out.saturating_sub(1), left - 1),
            Phase::Closed { .. } | Phase::Open { .. } => return,
        };
        self.phase = if left == 0 { Phase::closed() } else { Phase::Ramping { allowed, out, left } };
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn breaker(failures: u32, share: Option<(f64, u32)>, cooldown_millis: u64, ramp: u32) -> CircuitBreaker {
        let cooldown = Duration::from_millis(cooldown_millis);
        CircuitBreaker::new(Params::new(failures, share, cooldown, ramp).expect("valid"))
    }

    fn at(millis: u64) -> Instant {
        Instant(millis * 1_000)
    }

    fn pass(b: &mut CircuitBreaker, millis: u64) -> Generation {
        match b.ask(at(millis)) {
            Verdict::Go(generation) => generation,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn in_an_outage_of_60_s_four_calls_go_out_instead_of_sixty() {
        let mut b = breaker(3, None, 30_000, 0);
        let mut sent = Vec::new();
        let mut under_way = None;
        for second in 0..60 {
            if let Some((generation, ends)) = under_way.take() {
                b.learn(true, generation, ends);
            }
            if let Verdict::Go(generation) = b.ask(at(second * 1_000)) {
                sent.push(second);
                under_way = Some((generation, at(second * 1_000 + 400)));
            }
        }
        assert_eq!(sent, [0, 1, 2, 33], "open at 2.4 until 32.4, and again at 33.4");
    }

    #[test]
    fn calls_sent_before_it_opened_change_nothing() {
        let mut b = breaker(1, None, 1_000, 0);
        let (first, late, later) = (pass(&mut b, 0), pass(&mut b, 0), pass(&mut b, 0));
        b.learn(true, first, at(100));
        b.learn(false, late, at(200));
        assert_eq!((b.state(), b.ask(at(1_099))), (State::Open, Verdict::Open { until: at(1_100) }));
        let probe = pass(&mut b, 1_100);
        b.learn(true, later, at(1_200));
        b.abandoned(later);
        assert_eq!((b.state(), b.ask(at(1_200))), (State::HalfOpen, Verdict::Probing));
        b.learn(false, probe, at(1_300));
        assert_eq!(b.state(), State::Closed);
    }

    #[test]
    fn a_ramp_lets_one_pass_then_two_then_four_and_a_cancelled_call_gives_its_place_back() {
        let mut b = breaker(1, None, 1_000, 3);
        let first = pass(&mut b, 0);
        b.learn(true, first, at(0));
        for allowed in [1, 1, 2, 4] {
            let out: Vec<Generation> = (0..allowed).map(|_| pass(&mut b, 1_000)).collect();
            assert_eq!(b.ask(at(1_000)), Verdict::Probing, "{allowed} are out");
            for &cancelled in &out[1..] {
                b.abandoned(cancelled);
            }
            b.learn(false, out[0], at(1_000));
        }
        assert_eq!(b.state(), State::Closed);
    }

    #[test]
    fn figures_outside_their_bounds_make_no_breaker() {
        let s = Duration::from_secs(1);
        assert_eq!(Params::new(0, None, s, 0), Err(ParamsError::BadFailures));
        assert_eq!(Params::new(3, Some((f64::NAN, 10)), s, 0), Err(ParamsError::BadShare));
        assert_eq!(Params::new(3, Some((0.5, 0)), s, 0), Err(ParamsError::BadShare));
        assert_eq!(Params::new(3, None, Duration::ZERO, 0), Err(ParamsError::BadCooldown));
        assert_eq!(Params::new(3, None, s, 21), Err(ParamsError::BadRamp));
    }

    /// Nothing but the past: when it opened, and what was heard since of calls that passed since.
    struct Past {
        opened: Vec<u64>,
        heard: Vec<bool>,
        /// Of the calls under way: how often it had opened when they passed.
        under_way: Vec<(usize, Generation)>,
    }

    impl Past {
        fn is_closed(&self, ramp: usize) -> bool {
            self.opened.is_empty() || self.heard.len() > ramp
        }

        /// What an ask must hear: to pass, to wait until then, or to wait for news.
        fn expects(&self, now: u64, cooldown: u64, ramp: usize) -> Option<Verdict> {
            let until = self.opened.last().map_or(0, |opened| opened + cooldown);
            let out = self.under_way.iter().filter(|(of, _)| *of == self.opened.len()).count();
            let allowed = 1_usize << self.heard.len().min(ramp).saturating_sub(1);
            if self.is_closed(ramp) {
                None
            } else if now < until {
                Some(Verdict::Open { until: at(until) })
            } else {
                (out >= allowed).then_some(Verdict::Probing)
            }
        }

        fn hear(&mut self, has_failed: bool, of: usize, now: u64, failures: usize, ramp: usize) {
            if of != self.opened.len() {
                return;
            }
            let enough = if self.is_closed(ramp) { failures } else { 1 };
            self.heard.push(has_failed);
            if self.heard.iter().rev().take_while(|&&has_failed| has_failed).count() >= enough {
                self.opened.push(now);
                self.heard.clear();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn it_answers_as_its_past_demands(
            failures in 1u32..4, ramp in 0u32..4, cooldown in 1u64..50,
            moves in prop::collection::vec((0u64..20, 0u8..8, any::<prop::sample::Index>()), 1..200),
        ) {
            let mut b = breaker(failures, None, cooldown, ramp);
            let (failures, ramp) = (failures as usize, ramp as usize);
            let mut past = Past { opened: Vec::new(), heard: Vec::new(), under_way: Vec::new() };
            let mut now = 0;
            for (later, what, which) in moves {
                now += later;
                if what < 4 || past.under_way.is_empty() {
                    let expected = past.expects(now, cooldown, ramp);
                    match b.ask(at(now)) {
                        Verdict::Go(generation) => {
                            prop_assert_eq!(expected, None, "at {}", now);
                            past.under_way.push((past.opened.len(), generation));
                        }
                        other => prop_assert_eq!(expected, Some(other), "at {}", now),
                    }
                    continue;
                }
                let (of, generation) = past.under_way.remove(which.index(past.under_way.len()));
                if what == 7 {
                    b.abandoned(generation);
                } else {
                    b.learn(what < 6, generation, at(now));
                    past.hear(what < 6, of, now, failures, ramp);
                }
                prop_assert_eq!(b.state() == State::Closed, past.is_closed(ramp));
            }
        }

        /// The first call at which that share of the last ones, all of them there, has failed.
        #[test]
        fn it_opens_at_the_share_and_not_before(
            last in 1usize..40, part in 1usize..40, heard in prop::collection::vec(any::<bool>(), 1..200),
        ) {
            let part = part.min(last);
            #[allow(clippy::cast_precision_loss, reason = "small")]
            let share = (part as f64 / last as f64, u32::try_from(last).expect("small"));
            let mut b = breaker(1_000, Some(share), 1_000, 0);
            let too_many = |window: &[bool]| window.iter().filter(|&&has_failed| has_failed).count() >= part;
            let opens_at = heard.windows(last).position(too_many).map(|first| first + last - 1);
            for (k, &has_failed) in heard.iter().enumerate().take_while(|(k, _)| opens_at.is_none_or(|at| *k <= at)) {
                let generation = pass(&mut b, 0);
                b.learn(has_failed, generation, at(0));
                prop_assert_eq!(b.state() == State::Open, opens_at == Some(k));
            }
        }
    }
}
