//! Findings: what a lane that is over shows, with figures. The page's words make sentences of them.
//!
//! Each is counted on the trace, by a rule that stands beside it, in whole microseconds; so a finding
//! is either there or not, and whoever doubts it can count again on the items that it names. None says
//! what would have been better. They come in the order of [`About`], what weighs most first.
mod checks;
mod seen;

use crate::experiment::Plan;
use crate::trace::event::Gate;
use crate::trace::log::LaneTrace;
use crate::trace::span::Fold;
use crate::trace::stall::Stuck;
use checks::{CHECKS, SCRIPT_CHECKS};
use seen::Seen;
use std::time::Duration;

/// Something that a lane shows, and the items that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it shows.
    pub about: About,
    /// The items that show it, in order; none where it is about the lane.
    pub items: Vec<u32>,
}

/// What a lane can show, with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A program can never go on: who waits for whom.
    NeverGoesOn {
        /// All who wait.
        stuck: Vec<Stuck>,
    },
    /// Calls were made that nobody awaited, so that nothing of them ran.
    NeverAwaited {
        /// How many.
        calls: u32,
    },
    /// Tasks that could go on waited 100 ms or longer for the thread, which another kept.
    ThreadKept {
        /// Who had it before the one that waited longest.
        by: u32,
        /// How long that one waited.
        longest: Duration,
        /// How many tasks waited as long as that.
        tasks: u32,
    },
    /// One failure stopped the lane while others were under way.
    StoppedByOne {
        /// The item that failed.
        item: u32,
        /// Items given up with it.
        given_up: u32,
    },
    /// Items used all their tries, two or more, and still failed.
    RetriedInVain {
        /// How many items.
        requests: u32,
        /// Tries in all.
        tries: u8,
    },
    /// Items asked each of several models as often as a lane tries, and still got no answer.
    LayersMultiply {
        /// How many items.
        requests: u32,
        /// Calls of each.
        calls: u32,
        /// Tries of each model.
        tries: u8,
        /// Models.
        models: u32,
    },
    /// A failure was raised to the program, which never heard of answers that came before or after.
    AnswersUnheard {
        /// How many answers.
        answers: u32,
    },
    /// All tries of an item went out within 60 s, and each was refused for its rate.
    BurnedInsideWindow {
        /// How many items.
        requests: u32,
        /// Tries in all.
        tries: u8,
    },
    /// Retries went out before the delay was over that the failure before them had named.
    RetriedSoonerThanAsked {
        /// How many retries.
        retries: u32,
        /// How many of them were refused for their rate or a quota.
        refused: u32,
    },
    /// The first retries of five items or more went out within 100 ms.
    RetriesMet {
        /// How many items.
        requests: u32,
        /// The 100 ms.
        within: Duration,
    },
    /// Copies of slow calls went out, and none of them was the first to answer.
    HedgeBoughtNothing {
        /// How many copies.
        copies: u32,
    },
    /// More calls were in flight than the limit, because copies share their item's permit.
    CopiesBeyondLimit {
        /// The limit.
        limit: u16,
        /// The most in flight at once.
        peak: u32,
    },
    /// Attempts failed after their first byte had come.
    PaidForNothing {
        /// How many.
        attempts: u32,
        /// Attempts that went out.
        of: u32,
    },
    /// The timeout ended attempts, and the median answer took more than half of it.
    TimedOut {
        /// How many attempts.
        attempts: u32,
        /// The timeout.
        timeout: Duration,
        /// The median of what answered attempts took.
        half: Duration,
    },
    /// The circuit breaker opened.
    BreakerOpened {
        /// How often.
        times: u32,
        /// How long it was open in all.
        open: Duration,
    },
    /// For at least half of the makespan a rate held somebody who had a permit.
    RateSetThePace {
        /// The share of the makespan, in whole percent, rounded down.
        percent: u32,
    },
    /// Of the time that rates held somebody, the bucket of tokens had more than half.
    WaitWasForTokens {
        /// Held by the bucket of tokens.
        tokens: Duration,
        /// Held by any rate but the breaker.
        all: Duration,
    },
    /// More attempts went out in some 60 s than the bucket of requests gains in them.
    BucketTooBig {
        /// The most requests it can hold.
        capacity: u32,
        /// Requests it gains a minute.
        per_minute: u32,
        /// The most attempts that went out in any 60 s.
        started: u32,
    },
    /// The rate that learns fell by a third or more, three times or more, having risen in between.
    AdaptiveSwung {
        /// How many such falls.
        times: u32,
        /// The lowest that they ended at, in starts in 1 000 s.
        low: u32,
        /// The highest that they began at, in starts in 1 000 s.
        high: u32,
    },
    /// Permits were kept over waits, for at least 5 % of limit times makespan, by fewer than there are items.
    SleptOnPermits {
        /// All those waits.
        time: Duration,
    },
    /// Items stood in line for permits at least 1.1 times as long as they were with the server.
    QueueDominated {
        /// All items in line.
        waited: Duration,
        /// All attempts with the server.
        took: Duration,
    },
    /// All other items had ended before the last 20 % of the makespan or more.
    OneStraggler {
        /// The last item.
        item: u32,
        /// The share of the makespan that it was alone, in whole percent, rounded down.
        percent: u32,
    },
    /// The limit is below the number of items, and in flight were always fewer.
    LimitNeverReached {
        /// The limit.
        limit: u16,
        /// The most in flight at once.
        peak: u32,
    },
    /// A bucket or a window was never the gate that held an attempt longest, so it delayed none.
    RateNeverHeld {
        /// Which one.
        gate: Gate,
    },
}
/// What a lane shows, what weighs most first; nothing before it is over. `fold` is of all its events.
#[must_use]
pub fn findings(lane: &LaneTrace, fold: &Fold, plan: &Plan) -> Vec<Finding> {
    if !lane.is_sealed() {
        return Vec::new();
    }
    let seen = Seen::new(lane, fold, plan);
    // A program has no requests to find anything in.
    let checks = if lane.is_of_script() { SCRIPT_CHECKS } else { CHECKS };
    checks.iter().filter_map(|check| check(&seen)).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
