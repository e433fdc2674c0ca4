//! What a finding says, in plain words.

use super::About;
use crate::figure::fixed;
use crate::time::{micros_as_secs, whole_micros};
use crate::trace::event::Gate;
use std::time::Duration;

impl About {
    /// The sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match *self {
            Self::StoppedByOne { item, given_up } => {
                let others = so_many(given_up, "other was", "others were");
                format!("Request {} failed, and {others} given up with it.", u64::from(item) + 1)
            }
            Self::RetriedInVain { requests, tries } => {
                format!("{} used all {tries} tries and still failed.", so_many(requests, "request", "requests"))
            }
            Self::BurnedInsideWindow { requests, tries } => {
                let who = so_many(requests, "request", "requests");
                format!("{who} used all {tries} tries within one minute, and every try met the server's rate limit.")
            }
            Self::RetriedSoonerThanAsked { retries, refused } => {
                let who = so_many(retries, "retry", "retries");
                let again = if refused == 0 { "none was".into() } else { so_many(refused, "was", "were") };
                format!("{who} went out sooner than the server had asked, and {again} refused again.")
            }
            Self::RetriesMet { requests, within } => {
                format!("The first retries of {requests} requests went out within {} of one another.", time(within))
            }
            Self::PaidForNothing { attempts, of } => {
                format!("{attempts} of {of} tries failed after the answer had begun: what had come may be billed.")
            }
            Self::TimedOut { attempts, timeout, half } => {
                let (timeout, half) = (time(timeout), time(half));
                let tries = so_many(attempts, "try", "tries");
                format!("The timeout of {timeout} ended {tries}, and half of the answers took {half} or longer.")
            }
            Self::BreakerOpened { times, open } => {
                let often = if times == 1 { "once".into() } else { format!("{times} times") };
                format!("The circuit breaker opened {often} and stayed open for {} in all.", time(open))
            }
            Self::RateSetThePace { percent } => format!(
                "For {percent} % of the run a rate held the next request back, with fewer in flight than the limit \
                 allows."
            ),
            Self::WaitWasForTokens { tokens, all } => {
                let (tokens, all) = (time(tokens), time(all));
                format!("The rates held requests back for {all} in all, {tokens} of it for tokens, not for requests.")
            }
            Self::BucketTooBig { capacity, per_minute, started } => {
                format!("A bucket of {capacity} with {per_minute} a minute let {started} start within one minute.")
            }
            Self::AdaptiveSwung { times, low, high } => {
                let [low, high] = [low, high].map(|rate| fixed(f64::from(rate) / 1_000.0, 2));
                format!("The rate fell by a third or more {times} times, between {high} and {low} starts a second.")
            }
            Self::SleptOnPermits { time: asleep } => {
                format!("Slots slept for {} in all while their holders backed off.", time(asleep))
            }
            Self::QueueDominated { waited, took } => {
                let [waited, took] = [waited, took].map(|span| micros_as_secs(whole_micros(span)));
                let times = fixed(waited / took, 1);
                format!("Requests stood in line {times} times as long as they were with the server.")
            }
            Self::OneStraggler { item, percent } => {
                let number = u64::from(item) + 1;
                format!("Request {number} was the only one left for the last {percent} % of the run.")
            }
            Self::LimitNeverReached { limit, peak } => {
                let most = so_many(peak, "was", "were");
                format!("The limit of {limit} was never reached: at most {most} in flight.")
            }
            Self::RateNeverHeld { gate } => format!("The {} never delayed a request.", name(gate)),
        }
    }
}

fn so_many(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A duration as people say it: `40 ms`, `6.4 s`, `12 min 5 s`.
pub(super) fn time(span: Duration) -> String {
    match whole_micros(span) {
        micros @ 0..=99_949 => format!("{} ms", (micros + 500) / 1_000),
        micros @ 99_950..=599_949_999 => format!("{} s", fixed(micros_as_secs(micros), 1)),
        micros => {
            let secs = micros.saturating_add(500_000) / 1_000_000;
            format!("{} min {} s", secs / 60, secs % 60)
        }
    }
}

fn name(gate: Gate) -> &'static str {
    match gate {
        Gate::RequestBucket => "bucket of requests",
        Gate::TokenBucket => "bucket of tokens",
        Gate::Window => "window",
        _ => "gate",
    }
}
