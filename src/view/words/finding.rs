//! What a finding says, in plain words.

use crate::figure::fixed;
use crate::time::{micros_as_secs, whole_micros};
use crate::trace::Gate;
use crate::trace::finding::About;
use crate::trace::stall::Stuck;
use crate::view::words::units::{count, duration};

/// The sentence of a finding.
#[must_use]
pub fn sentence(about: &About) -> String {
    sentence_with(about, &|item| format!("row {}", u64::from(item) + 1))
}

/// The same; `name` gives the names of a program's tasks.
#[must_use]
pub fn sentence_with(about: &About, name: &dyn Fn(u32) -> String) -> String {
    match *about {
        About::NeverGoesOn { ref stuck } => never_goes_on(stuck, name),
        About::NeverAwaited { calls } => {
            let what = count(calls as usize, "call was", "calls were");
            format!("{what} made and never awaited, so nothing of what was called ran.")
        }
        About::ThreadKept { by, longest, tasks } => {
            let who = count(tasks as usize, "task", "tasks");
            format!(
                "{who} could go on and had to wait for the thread, up to {}, while {} kept it.",
                duration(longest),
                name(by)
            )
        }
        About::StoppedByOne { item, given_up } => {
            let others = count(given_up as usize, "other was", "others were");
            format!("Request {} failed, and {others} given up with it.", u64::from(item) + 1)
        }
        About::RetriedInVain { requests, tries } => {
            format!("{} used all {tries} tries and still failed.", count(requests as usize, "request", "requests"))
        }
        About::LayersMultiply { requests, calls, tries, models } => {
            let who = count(requests as usize, "request", "requests");
            format!(
                "Two layers multiply: {tries} tries of each of {models} models made {calls} calls, in vain, for {who}."
            )
        }
        About::AnswersUnheard { answers } => {
            let what = count(answers as usize, "answer was", "answers were");
            format!("{what} paid for and never heard of: the first failure was raised in their place.")
        }
        About::HedgeBoughtNothing { copies } => {
            let what = count(copies as usize, "copy", "copies");
            format!("The hedge bought nothing: {what} went out, and none was the first to answer.")
        }
        About::CopiesBeyondLimit { limit, peak } => {
            format!("Copies share the slot of their request: {peak} were in flight under a limit of {limit}.")
        }
        About::BurnedInsideWindow { requests, tries } => {
            let who = count(requests as usize, "request", "requests");
            format!("{who} used all {tries} tries within one minute, and every try met the server's rate limit.")
        }
        About::RetriedSoonerThanAsked { retries, refused } => {
            let who = count(retries as usize, "retry", "retries");
            let again = if refused == 0 { "none was".into() } else { count(refused as usize, "was", "were") };
            format!("{who} went out sooner than the server had asked, and {again} refused again.")
        }
        About::RetriesMet { requests, within } => {
            format!("The first retries of {requests} requests went out within {} of one another.", duration(within))
        }
        About::PaidForNothing { attempts, of } => {
            format!("{attempts} of {of} tries failed after the answer had begun: what had come may be billed.")
        }
        About::TimedOut { attempts, timeout, half } => {
            let (timeout, half) = (duration(timeout), duration(half));
            let tries = count(attempts as usize, "try", "tries");
            format!("The timeout of {timeout} ended {tries}, and half of the answers took {half} or longer.")
        }
        About::BreakerOpened { times, open } => {
            let often = if times == 1 { "once".into() } else { format!("{times} times") };
            format!("The circuit breaker opened {often} and stayed open for {} in all.", duration(open))
        }
        About::RateSetThePace { percent } => format!(
            "For {percent} % of the run a rate held the next request back, with fewer in flight than the limit \
             allows."
        ),
        About::WaitWasForTokens { tokens, all } => {
            let (tokens, all) = (duration(tokens), duration(all));
            format!("The rates held requests back for {all} in all, {tokens} of it for tokens, not for requests.")
        }
        About::BucketTooBig { capacity, per_minute, started } => {
            format!("A bucket of {capacity} with {per_minute} a minute let {started} start within one minute.")
        }
        About::AdaptiveSwung { times, low, high } => {
            let [low, high] = [low, high].map(|rate| fixed(f64::from(rate) / 1_000.0, 2));
            format!("The rate fell by a third or more {times} times, between {high} and {low} starts a second.")
        }
        About::SleptOnPermits { time: asleep } => {
            format!("Slots slept for {} in all while their holders backed off.", duration(asleep))
        }
        About::QueueDominated { waited, took } => {
            let [waited, took] = [waited, took].map(|span| micros_as_secs(whole_micros(span)));
            let times = fixed(waited / took, 1);
            format!("Requests stood in line {times} times as long as they were with the server.")
        }
        About::OneStraggler { item, percent } => {
            let number = u64::from(item) + 1;
            format!("Request {number} was the only one left for the last {percent} % of the run.")
        }
        About::LimitNeverReached { limit, peak } => {
            let most = count(peak as usize, "was", "were");
            format!("The limit of {limit} was never reached: at most {most} in flight.")
        }
        About::RateNeverHeld { gate } => format!("The {} never delayed a request.", name_of(gate)),
    }
}

/// Who waits for whom, in the order of the rows.
fn never_goes_on(stuck: &[Stuck], name: &dyn Fn(u32) -> String) -> String {
    let one = |one: &Stuck| {
        let others: Vec<String> = one
            .waits_for
            .iter()
            .map(|&other| if other == one.item { "itself".to_owned() } else { name(other) })
            .collect();
        format!("{} waits for {}", name(one.item), others.join(" and "))
    };
    let who: Vec<String> = stuck.iter().map(one).collect();
    format!("Nothing can ever go on: {}.", who.join(", "))
}

fn name_of(gate: Gate) -> &'static str {
    match gate {
        Gate::RequestBucket => "bucket of requests",
        Gate::TokenBucket => "bucket of tokens",
        Gate::Window => "window",
        _ => "gate",
    }
}
