//! Findings: what a lane that is over shows, as sentences with figures.
//!
//! Each is counted on the trace, by a rule that stands beside it, in whole microseconds; so a finding
//! is either there or not, and whoever doubts it can count again on the items that it names. None says
//! what would have been better. They come in the order of [`About`], what weighs most first.

use crate::experiment::plan::{Plan, Strategy};
use crate::figure::fixed;
use crate::id::Tag;
use crate::policy::token_bucket;
use crate::port::{Failure, FailureKind};
use crate::time::{Instant, micros_as_secs, whole_micros};
use crate::trace::event::{Gate, Kind, Outcome, StopReason};
use crate::trace::log::LaneTrace;
use crate::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
use crate::trace::stats::in_flight;
use std::collections::BTreeSet;
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
fn time(span: Duration) -> String {
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

const MINUTE: Duration = Duration::from_secs(60);
/// Retries this close together meet.
const MEETING: Duration = Duration::from_millis(100);
/// What the gauge of an open breaker reads.
const OPEN: u32 = 3;

/// Looks for one finding.
type Check = fn(&Seen<'_>) -> Option<Finding>;

/// In the order of [`About`].
const CHECKS: &[Check] = &[
    stopped_by_one,
    retried_in_vain,
    burned_inside_window,
    retried_sooner_than_asked,
    retries_met,
    paid_for_nothing,
    timed_out,
    breaker_opened,
    rate_set_the_pace,
    wait_was_for_tokens,
    bucket_too_big,
    adaptive_swung,
    slept_on_permits,
    queue_dominated,
    one_straggler,
    limit_never_reached,
    |seen| seen.plan.rates.requests.and_then(|_| never_held(seen, Gate::RequestBucket)),
    |seen| seen.plan.rates.tokens.and_then(|_| never_held(seen, Gate::TokenBucket)),
    |seen| seen.plan.rates.window.and_then(|_| never_held(seen, Gate::Window)),
];

/// What a lane shows, what weighs most first; nothing before it is over. `fold` is of all its events.
#[must_use]
pub fn findings(lane: &LaneTrace, fold: &Fold, plan: &Plan) -> Vec<Finding> {
    if !lane.is_sealed() {
        return Vec::new();
    }
    let seen = Seen::new(lane, fold, plan);
    CHECKS.iter().filter_map(|check| check(&seen)).collect()
}

/// An attempt that went out.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    tag: Tag,
    sent: Instant,
    ended: Instant,
    fate: Fate,
    /// Whether its first byte came.
    began: bool,
}

impl Attempt {
    fn took(&self) -> Duration {
        self.ended.since(self.sent)
    }
}

/// A lane that is over, and what the checks share.
struct Seen<'a> {
    lane: &'a LaneTrace,
    fold: &'a Fold,
    plan: &'a Plan,
    /// By item, and by their order.
    attempts: Vec<Attempt>,
    /// When the last item ended.
    end: Instant,
}

impl<'a> Seen<'a> {
    fn new(lane: &'a LaneTrace, fold: &'a Fold, plan: &'a Plan) -> Self {
        let end = fold.rows.iter().filter_map(|row| row.ended).max().unwrap_or_default();
        Self { lane, fold, plan, attempts: attempts(fold), end }
    }

    fn makespan(&self) -> Duration {
        self.end.since(Instant::ZERO)
    }

    fn items_with(&self, fits: impl Fn(&Row) -> bool) -> Vec<u32> {
        (0..).zip(&self.fold.rows).filter(|&(_, row)| fits(row)).map(|(item, _)| item).collect()
    }

    fn attempts_with(&self, fits: impl Fn(&Attempt) -> bool) -> Vec<u32> {
        self.attempts.iter().filter(|&attempt| fits(attempt)).map(|attempt| attempt.tag.item).collect()
    }

    /// When attempts went out, in order, and whose.
    fn starts(&self, fits: impl Fn(&Attempt) -> bool) -> Vec<(Instant, u32)> {
        let fitting = self.attempts.iter().filter(|&attempt| fits(attempt));
        let mut starts: Vec<(Instant, u32)> = fitting.map(|attempt| (attempt.sent, attempt.tag.item)).collect();
        starts.sort_unstable();
        starts
    }

    fn spans(&self, phase: Phase) -> impl Iterator<Item = &'a Span> {
        self.fold.rows.iter().flat_map(|row| &row.spans).filter(move |span| span.phase == phase)
    }

    /// Held by rates: only the first of their line ever is, so these spans never overlap.
    fn held(&self) -> impl Iterator<Item = (Gate, &'a Span)> {
        self.spans(Phase::RateLimited).filter_map(|span| match span.cause {
            Cause::Held { gate, .. } => Some((gate, span)),
            _ => None,
        })
    }

    fn gauges(&self, of: Gate) -> impl Iterator<Item = (Instant, u32)> {
        self.fold.gauges.iter().filter(move |&&(gate, ..)| gate == of).map(|&(_, at, value)| (at, value))
    }

    fn failure(&self, attempt: &Attempt) -> Option<&'a Failure> {
        match attempt.fate {
            Fate::Failed(place) => self.lane.failures.get(place as usize),
            _ => None,
        }
    }

    fn failed_with(&self, attempt: &Attempt, kinds: &[FailureKind]) -> bool {
        self.failure(attempt).is_some_and(|failure| kinds.contains(&failure.kind))
    }

    /// The attempts of each item that had another try, used all and failed.
    fn in_vain(&self) -> impl Iterator<Item = &[Attempt]> {
        let tries = usize::from(self.plan.retry.tries());
        self.attempts.chunk_by(|a, b| a.tag.item == b.tag.item).filter(move |made| {
            let row = made.first().and_then(|first| self.fold.row(first.tag.item));
            made.len() > 1 && made.len() == tries && row.is_some_and(|row| row.outcome == Some(Outcome::Failed))
        })
    }

    /// The limit, if there are more items than it lets through at once.
    fn contested_limit(&self) -> Option<u16> {
        match self.plan.strategy {
            Strategy::Gather(permits) => {
                Some(permits.limit()).filter(|&limit| usize::from(limit) < self.fold.rows.len())
            }
            Strategy::Sequential => None,
        }
    }
}

fn attempts(fold: &Fold) -> Vec<Attempt> {
    let flying = |span: &&Span| span.phase.is_in_flight();
    let flying: Vec<&Span> = fold.rows.iter().flat_map(|row| &row.spans).filter(flying).collect();
    let attempt = |spans: &[&Span]| {
        let (first, last) = (spans.first()?, spans.last()?);
        let began = last.phase != Phase::FirstByte;
        Some(Attempt { tag: first.tag, sent: first.from, ended: last.to, fate: last.fate, began })
    };
    flying.chunk_by(|a, b| a.tag == b.tag).filter_map(attempt).collect()
}

fn finding(about: About, items: impl IntoIterator<Item = u32>) -> Finding {
    let items: BTreeSet<u32> = items.into_iter().collect();
    Finding { about, items: items.into_iter().collect() }
}

/// What these show, if there are any; `about` is told how many.
fn if_any(items: Vec<u32>, about: impl FnOnce(u32) -> About) -> Option<Finding> {
    (!items.is_empty()).then(|| finding(about(count(items.len())), items))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn total<'a>(spans: impl Iterator<Item = &'a Span>) -> Duration {
    spans.map(|span| span.to.since(span.from)).sum()
}

fn whole_percent(part: Duration, whole: Duration) -> u32 {
    u32::try_from(part.as_micros() * 100 / whole.as_micros().max(1)).unwrap_or(u32::MAX)
}

/// The most of these moments that lie less than `span` apart.
fn fullest(moments: &[(Instant, u32)], span: Duration) -> &[(Instant, u32)] {
    let (mut from, mut best) = (0_usize, 0..0_usize);
    for (to, &(at, _)) in (1_usize..).zip(moments) {
        while at.since(moments[from].0) >= span {
            from += 1;
        }
        if to - from > best.len() {
            best = from..to;
        }
    }
    &moments[best]
}

fn stopped_by_one(seen: &Seen<'_>) -> Option<Finding> {
    let why = seen.lane.stopped()?;
    let (StopReason::Failure { failure } | StopReason::OneFailed { failure }) = why else { return None };
    let item = seen.lane.events.iter().find(|event| event.kind == Kind::Failed { failure })?.tag.item;
    let others = seen.items_with(|row| row.outcome == Some(Outcome::Cancelled));
    let about = About::StoppedByOne { item, given_up: count(others.len()) };
    (!others.is_empty()).then(|| finding(about, others.into_iter().chain([item])))
}

fn retried_in_vain(seen: &Seen<'_>) -> Option<Finding> {
    let items = seen.in_vain().map(|made| made[0].tag.item).collect();
    if_any(items, |requests| About::RetriedInVain { requests, tries: seen.plan.retry.tries() })
}

fn burned_inside_window(seen: &Seen<'_>) -> Option<Finding> {
    let refused = |attempt: &Attempt| seen.failed_with(attempt, &[FailureKind::RateLimit]);
    let within = |made: &[Attempt]| matches!(made, [a, .., z] if z.sent.since(a.sent) < MINUTE);
    let burned = seen.in_vain().filter(|made| within(made) && made.iter().all(refused));
    let items = burned.map(|made| made[0].tag.item).collect();
    if_any(items, |requests| About::BurnedInsideWindow { requests, tries: seen.plan.retry.tries() })
}

fn retried_sooner_than_asked(seen: &Seen<'_>) -> Option<Finding> {
    let refusals = [FailureKind::RateLimit, FailureKind::QuotaDay, FailureKind::QuotaNone];
    let (mut items, mut refused) = (Vec::new(), 0);
    for (before, after) in seen.attempts.iter().zip(seen.attempts.iter().skip(1)) {
        let asked = seen.failure(before).and_then(Failure::delay);
        let sooner = asked.is_some_and(|asked| after.sent < before.ended + asked);
        if sooner && before.tag.item == after.tag.item {
            items.push(after.tag.item);
            refused += u32::from(seen.failed_with(after, &refusals));
        }
    }
    if_any(items, |retries| About::RetriedSoonerThanAsked { retries, refused })
}

fn retries_met(seen: &Seen<'_>) -> Option<Finding> {
    let retries = seen.starts(|attempt| attempt.tag.attempt == 2);
    let met = fullest(&retries, MEETING);
    let about = About::RetriesMet { requests: count(met.len()), within: MEETING };
    (met.len() >= 5).then(|| finding(about, met.iter().map(|&(_, item)| item)))
}

fn paid_for_nothing(seen: &Seen<'_>) -> Option<Finding> {
    let items = seen.attempts_with(|attempt| attempt.began && matches!(attempt.fate, Fate::Failed(_)));
    if_any(items, |attempts| About::PaidForNothing { attempts, of: count(seen.attempts.len()) })
}

fn timed_out(seen: &Seen<'_>) -> Option<Finding> {
    let answered = seen.attempts.iter().filter(|attempt| attempt.fate == Fate::Answered);
    let mut took: Vec<Duration> = answered.map(Attempt::took).collect();
    took.sort_unstable();
    // By nearest rank, as everywhere.
    let half = *took.get(took.len().saturating_sub(1) / 2)?;
    let timeout = seen.plan.timeout.attempt();
    if half.as_micros() * 2 <= timeout.as_micros() {
        return None;
    }
    let items = seen.attempts_with(|attempt| seen.failed_with(attempt, &[FailureKind::AttemptTimeout]));
    if_any(items, |attempts| About::TimedOut { attempts, timeout, half })
}

fn breaker_opened(seen: &Seen<'_>) -> Option<Finding> {
    let (mut times, mut open) = (0, Duration::ZERO);
    let mut since: Option<Instant> = None;
    for (at, value) in seen.gauges(Gate::Breaker) {
        match since {
            None if value == OPEN => {
                times += 1;
                since = Some(at);
            }
            Some(from) if value != OPEN => {
                open += at.since(from);
                since = None;
            }
            _ => {}
        }
    }
    open += since.map_or(Duration::ZERO, |from| seen.end.since(from));
    let waited = seen.spans(Phase::CircuitOpen).map(|span| span.tag.item);
    (times > 0).then(|| finding(About::BreakerOpened { times, open }, waited))
}

/// Who is held has its permit already, so there are fewer in flight than the limit allows.
fn rate_set_the_pace(seen: &Seen<'_>) -> Option<Finding> {
    let held = total(seen.held().map(|(_, span)| span));
    let about = About::RateSetThePace { percent: whole_percent(held, seen.makespan()) };
    let is_half = held > Duration::ZERO && held.as_micros() * 2 >= seen.makespan().as_micros();
    is_half.then(|| finding(about, seen.held().map(|(_, span)| span.tag.item)))
}

fn wait_was_for_tokens(seen: &Seen<'_>) -> Option<Finding> {
    let for_tokens = || seen.held().filter(|&(gate, _)| gate == Gate::TokenBucket).map(|(_, span)| span);
    let (tokens, all) = (total(for_tokens()), total(seen.held().map(|(_, span)| span)));
    let is_most = tokens.as_micros() * 2 > all.as_micros();
    is_most.then(|| finding(About::WaitWasForTokens { tokens, all }, for_tokens().map(|span| span.tag.item)))
}

fn bucket_too_big(seen: &Seen<'_>) -> Option<Finding> {
    let bucket = seen.plan.rates.requests?;
    let starts = seen.starts(|_| true);
    let most = fullest(&starts, MINUTE);
    let (per_minute, started) = (per_minute(bucket), count(most.len()));
    let about = About::BucketTooBig { capacity: bucket.capacity(), per_minute, started };
    (started > per_minute).then(|| finding(about, most.iter().map(|&(_, item)| item)))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Whole before it was divided, and not negative.
fn per_minute(bucket: token_bucket::Params) -> u32 {
    libm::round(bucket.per_second() * 60.0) as u32
}

fn adaptive_swung(seen: &Seen<'_>) -> Option<Finding> {
    let mut rates = seen.gauges(Gate::Pace).map(|(_, rate)| rate);
    let mut high = rates.next()?;
    let (mut low, mut falls) = (high, Vec::new());
    // A rise ends what fell, and the last fall ends like any other.
    for rate in rates.chain([u32::MAX]) {
        if rate > low {
            falls.push((high, low));
            high = rate;
        }
        low = rate;
    }
    falls.retain(|&(high, low)| low < high && u64::from(low) * 3 <= u64::from(high) * 2);
    let high = falls.iter().map(|&(high, _)| high).max()?;
    let low = falls.iter().map(|&(_, low)| low).min()?;
    let about = About::AdaptiveSwung { times: count(falls.len()), low, high };
    (falls.len() >= 3).then(|| finding(about, []))
}

/// A permit that nobody else could want costs nothing.
fn slept_on_permits(seen: &Seen<'_>) -> Option<Finding> {
    let limit = seen.contested_limit().filter(|_| seen.plan.keep_permit)?;
    let time = total(seen.spans(Phase::BackingOff));
    let all = seen.makespan().as_micros() * u128::from(limit);
    let is_much = time > Duration::ZERO && time.as_micros() * 20 >= all;
    let items = seen.spans(Phase::BackingOff).map(|span| span.tag.item);
    is_much.then(|| finding(About::SleptOnPermits { time }, items))
}

fn queue_dominated(seen: &Seen<'_>) -> Option<Finding> {
    let waited = total(seen.spans(Phase::Queued));
    let took: Duration = seen.attempts.iter().map(Attempt::took).sum();
    let is_longer = took > Duration::ZERO && waited.as_micros() * 10 >= took.as_micros() * 11;
    is_longer.then(|| finding(About::QueueDominated { waited, took }, []))
}

fn one_straggler(seen: &Seen<'_>) -> Option<Finding> {
    if seen.plan.limit() == 1 || seen.lane.stopped() != Some(StopReason::Finished) {
        return None;
    }
    let ended = (0_u32..).zip(&seen.fold.rows).filter_map(|(item, row)| Some((row.ended?, item)));
    let mut ends: Vec<(Instant, u32)> = ended.collect();
    ends.sort_unstable();
    let &[.., (before, _), (end, item)] = ends.as_slice() else { return None };
    let alone = end.since(before);
    let about = About::OneStraggler { item, percent: whole_percent(alone, seen.makespan()) };
    let is_long = alone > Duration::ZERO && alone.as_micros() * 5 >= seen.makespan().as_micros();
    is_long.then(|| finding(about, [item]))
}

fn limit_never_reached(seen: &Seen<'_>) -> Option<Finding> {
    let limit = seen.contested_limit()?;
    let peak = in_flight(seen.fold, seen.fold.latest).iter().map(|&(_, level)| level).max()?;
    (0 < peak && peak < u32::from(limit)).then(|| finding(About::LimitNeverReached { limit, peak }, []))
}

/// A trace names the gate that held longest. One that never did changed nothing: without it every
/// attempt would have gone out when it did. Of a single item nothing can be said.
fn never_held(seen: &Seen<'_>, gate: Gate) -> Option<Finding> {
    let has_held = seen.held().any(|(by, _)| by == gate);
    (seen.fold.rows.len() > 1 && !has_held).then(|| finding(About::RateNeverHeld { gate }, []))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::lane_preset::LANE_PRESETS;
    use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker, RequestBucket, TokenBudget, Window};
    use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
    use crate::experiment::workload::Calls;
    use crate::experiment::{Experiment, LaneSpec, OnFailure, Server, Workload};
    use crate::lab;
    use crate::policy::backoff::Jitter;
    use crate::policy::refusal;

    /// Every call takes 2 s, half of it to the first byte, and 43 tokens; a refusal takes 0.4 s.
    fn even() -> Simulated {
        Simulated {
            first_byte_millis: Amount::Constant(1_000.0),
            answer_tokens: Amount::Constant(36.0),
            ..Simulated::default()
        }
    }

    /// The same, but the first so many attempts of these items are struck.
    fn faulty(items: &[u32], attempts: u8, fault: Fault) -> Simulated {
        let when = When { items: Some(items.into()), first_attempts: Some(attempts), ..When::default() };
        Simulated { faults: vec![Rule { when, fault }], ..even() }
    }

    /// At most five tries; waits of exactly 1, 2, 4 and 8 s.
    fn gather(limit: u32) -> LaneSpec {
        LaneSpec { jitter: Jitter::None, ..LaneSpec::concurrent(limit) }
    }

    fn bucketed(capacity: u32, per_minute: u32, lane: LaneSpec) -> LaneSpec {
        LaneSpec { request_bucket: Some(RequestBucket { capacity, per_minute }), ..lane }
    }

    fn budgeted(capacity: u32, per_minute: u32, lane: LaneSpec) -> LaneSpec {
        LaneSpec { token_budget: Some(TokenBudget { capacity, per_minute, estimate: 50 }), ..lane }
    }

    fn run(requests: u32, server: Simulated, lane: LaneSpec) -> (LaneTrace, Plan) {
        let experiment = Experiment {
            version: Experiment::VERSION,
            seed: 1,
            workload: Workload::Calls(Calls { requests, ..Calls::default() }),
            server: Server::Simulated(server),
            lanes: vec![lane],
        };
        let plan = experiment.plans().expect("it is sound")[0];
        let mut trace = lab::simulate(&experiment).expect("it can be simulated");
        (trace.lanes.remove(0), plan)
    }

    fn found(requests: u32, server: Simulated, lane: LaneSpec) -> Vec<Finding> {
        let (lane, plan) = run(requests, server, lane);
        findings(&lane, &Fold::of(&lane.events), &plan)
    }

    /// The finding with this name of [`About`].
    fn named<'a>(found: &'a [Finding], name: &str) -> Option<&'a Finding> {
        found.iter().find(|finding| format!("{:?}", finding.about).split(' ').next() == Some(name))
    }

    /// The lane shows it, in these words and on these items.
    fn shows(name: &str, found: &[Finding], sentence: &str, items: &[u32]) {
        let shown = named(found, name).unwrap_or_else(|| panic!("no {name} in {found:?}"));
        assert_eq!((&*shown.about.sentence(), &*shown.items), (sentence, items));
    }

    fn hides(name: &str, found: &[Finding]) {
        assert_eq!(named(found, name), None);
    }

    #[test]
    fn a_lane_that_is_not_over_shows_nothing() {
        let (mut lane, plan) = run(6, even(), LaneSpec::sequential());
        assert!(!findings(&lane, &Fold::of(&lane.events), &plan).is_empty());
        lane.events.pop();
        assert_eq!(findings(&lane, &Fold::of(&lane.events), &plan), []);
    }

    #[test]
    fn every_sentence_is_plain_and_every_item_is_named_once() {
        for preset in LANE_PRESETS {
            let quota = Simulated { requests_per_minute: Some(15), ..Simulated::default() };
            for Finding { about, items } in found(20, quota, preset.lane()) {
                let said = about.sentence();
                assert!(said.ends_with('.') && !said.contains('!'), "{}: {said}", preset.name);
                assert!(items.is_sorted_by(|a, b| a < b) && items.iter().all(|&item| item < 20), "{said}: {items:?}");
            }
        }
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        let said = [40_000, 6_400_000, 725_000_000].map(|micros| time(Duration::from_micros(micros)));
        assert_eq!(said, ["40 ms", "6.4 s", "12 min 5 s"]);
    }

    #[test]
    fn stopped_by_one() {
        let lane = |on_failure| LaneSpec { on_failure, tries: 1, ..gather(5) };
        let third = || faulty(&[2], 1, Fault::Status(503));
        let said = "Request 3 failed, and 4 others were given up with it.";
        shows("StoppedByOne", &found(5, third(), lane(OnFailure::CancelOthers)), said, &[0, 1, 2, 3, 4]);
        // No model of that name: no further call can succeed.
        let not_found = faulty(&[2], 1, Fault::Status(404));
        shows("StoppedByOne", &found(5, not_found, lane(OnFailure::Isolate)), said, &[0, 1, 2, 3, 4]);
        hides("StoppedByOne", &found(5, third(), lane(OnFailure::Isolate)));
    }

    #[test]
    fn retried_in_vain() {
        let struck = |attempts| faulty(&[1], attempts, Fault::Status(503));
        let lane = || LaneSpec { tries: 3, ..gather(3) };
        let said = "1 request used all 3 tries and still failed.";
        shows("RetriedInVain", &found(3, struck(3), lane()), said, &[1]);
        hides("RetriedInVain", &found(3, struck(2), lane()));
    }

    #[test]
    fn burned_inside_window() {
        let struck = |status| faulty(&[2], 3, Fault::Status(status));
        let lane = |first_delay_millis| LaneSpec { tries: 3, first_delay_millis, ..gather(3) };
        let said = "1 request used all 3 tries within one minute, and every try met the server's rate limit.";
        shows("BurnedInsideWindow", &found(3, struck(429), lane(1_000)), said, &[2]);
        hides("BurnedInsideWindow", &found(3, struck(503), lane(1_000)));
        // At 0, 40.4 and 100.8 s.
        hides("BurnedInsideWindow", &found(3, struck(429), lane(40_000)));
    }

    #[test]
    fn retried_sooner_than_asked() {
        // The third is refused until 60 s have passed, and tries again at 1.4 s or at 61 s.
        let quota = || Simulated { requests_per_minute: Some(2), ..even() };
        let lane = |refusals| LaneSpec { refusals, tries: 2, ..gather(3) };
        let said = "1 retry went out sooner than the server had asked, and 1 was refused again.";
        shows("RetriedSoonerThanAsked", &found(3, quota(), lane(refusal::Rule::Ignore)), said, &[2]);
        hides("RetriedSoonerThanAsked", &found(3, quota(), lane(refusal::Rule::Honour)));
    }

    #[test]
    fn retries_met() {
        let all = || faulty(&[0, 1, 2, 3, 4, 5], 1, Fault::Status(503));
        let said = "The first retries of 6 requests went out within 100 ms of one another.";
        shows("RetriesMet", &found(6, all(), gather(6)), said, &[0, 1, 2, 3, 4, 5]);
        // Four, and 3.4 s later the other two.
        hides("RetriesMet", &found(6, all(), gather(4)));
    }

    #[test]
    fn paid_for_nothing() {
        let said = "1 of 4 tries failed after the answer had begun: what had come may be billed.";
        shows("PaidForNothing", &found(3, faulty(&[1], 1, Fault::Cut), gather(3)), said, &[1]);
        hides("PaidForNothing", &found(3, faulty(&[1], 1, Fault::Status(503)), gather(3)));
    }

    #[test]
    fn timed_out() {
        let stalled = || faulty(&[1], 1, Fault::Stall);
        let lane = |attempt_timeout_millis| LaneSpec { attempt_timeout_millis, ..gather(3) };
        let said = "The timeout of 3.0 s ended 1 try, and half of the answers took 2.0 s or longer.";
        shows("TimedOut", &found(3, stalled(), lane(3_000)), said, &[1]);
        hides("TimedOut", &found(3, stalled(), lane(5_000)));
        hides("TimedOut", &found(3, even(), lane(3_000)));
    }

    #[test]
    fn breaker_opened() {
        let breaker = Some(Breaker { failures: 3, cooldown_millis: 10_000, ..Breaker::default() });
        let run = |struck| found(1, faulty(&[0], struck, Fault::Status(503)), LaneSpec { breaker, ..gather(1) });
        // Open from 4.2 to 14.2 s; the probe fails; open from 14.6 to 24.6 s.
        let said = "The circuit breaker opened 2 times and stayed open for 20.0 s in all.";
        shows("BreakerOpened", &run(4), said, &[0]);
        hides("BreakerOpened", &run(2));
    }

    #[test]
    fn rate_set_the_pace() {
        let run = |capacity, per_minute| found(4, even(), bucketed(capacity, per_minute, gather(4)));
        // Starts at 0, 5, 10 and 15 s; the last one ends at 17 s.
        let said = "For 88 % of the run a rate held the next request back, with fewer in flight than the limit allows.";
        shows("RateSetThePace", &run(1, 12), said, &[1, 2, 3]);
        // Three at 0 s, one at 1 s; the last one ends at 3 s.
        hides("RateSetThePace", &run(3, 60));
    }

    #[test]
    fn wait_was_for_tokens() {
        // Two at 0 s; 50 tokens take 5 s; of the next 50, two answers have given 14 back.
        let said = "The rates held requests back for 8.6 s in all, 8.6 s of it for tokens, not for requests.";
        shows("WaitWasForTokens", &found(4, even(), bucketed(10, 10, budgeted(100, 600, gather(4)))), said, &[2, 3]);
        hides("WaitWasForTokens", &found(4, even(), bucketed(1, 6, budgeted(100_000, 100_000, gather(4)))));
    }

    #[test]
    fn bucket_too_big() {
        // 15 at 0 s, then one every 4 s: those at 4 to 56 s lie in the same minute.
        let said = "A bucket of 15 with 15 a minute let 29 start within one minute.";
        let first: Vec<u32> = (0..29).collect();
        shows("BucketTooBig", &found(30, even(), bucketed(15, 15, gather(30))), said, &first);
        hides("BucketTooBig", &found(4, even(), bucketed(1, 60, gather(4))));
    }

    #[test]
    fn adaptive_swung() {
        let rule = AdaptiveRule::Multiplicative { up: 1.5, refused: 0.5, failed: 0.9 };
        let adaptive = Some(Adaptive { rule, ..Adaptive::default() });
        let run = |refused: &[u32]| {
            found(6, faulty(refused, 1, Fault::Status(429)), LaneSpec { adaptive, ..LaneSpec::sequential() })
        };
        // 1, 1.5 | 0.75, 1.125, 1.6875 | 0.84, 1.27, 1.898 | 0.95, 1.42
        let said = "The rate fell by a third or more 3 times, between 1.90 and 0.75 starts a second.";
        shows("AdaptiveSwung", &run(&[1, 3, 5]), said, &[]);
        hides("AdaptiveSwung", &run(&[1, 3]));
    }

    #[test]
    fn slept_on_permits() {
        let run = |limit, keep_permit| {
            let all = faulty(&[0, 1, 2, 3, 4, 5], 1, Fault::Status(503));
            found(6, all, LaneSpec { keep_permit, ..gather(limit) })
        };
        // Six waits of 1 s under a limit of 2, in 10.2 s.
        let said = "Slots slept for 6.0 s in all while their holders backed off.";
        shows("SleptOnPermits", &run(2, true), said, &[0, 1, 2, 3, 4, 5]);
        hides("SleptOnPermits", &run(2, false));
        hides("SleptOnPermits", &run(6, true));
    }

    #[test]
    fn queue_dominated() {
        // 2 + 4 + 6 + 8 + 10 s in line, 6 x 2 s with the server.
        let said = "Requests stood in line 2.5 times as long as they were with the server.";
        shows("QueueDominated", &found(6, even(), LaneSpec::sequential()), said, &[]);
        hides("QueueDominated", &found(6, even(), gather(6)));
    }

    #[test]
    fn one_straggler() {
        // Three end at 2 s, the last one at 10 s.
        let late = Amount::Listed(vec![1_000.0, 1_000.0, 1_000.0, 9_000.0]);
        let server = || Simulated { first_byte_millis: late.clone(), ..even() };
        let said = "Request 4 was the only one left for the last 80 % of the run.";
        shows("OneStraggler", &found(4, server(), gather(4)), said, &[3]);
        hides("OneStraggler", &found(4, even(), gather(4)));
        hides("OneStraggler", &found(4, server(), LaneSpec::sequential()));
    }

    #[test]
    fn limit_never_reached() {
        let run = |window| found(6, even(), LaneSpec { window, ..gather(4) });
        // Two every 3 s, and each takes 2 s.
        let said = "The limit of 4 was never reached: at most 2 were in flight.";
        shows("LimitNeverReached", &run(Some(Window { requests: 2, window_millis: 3_000 })), said, &[]);
        hides("LimitNeverReached", &run(None));
    }

    #[test]
    fn rate_never_held() {
        let window = |requests| Some(Window { requests, window_millis: 3_000 });
        let lanes = |most| {
            [
                (bucketed(most, 60, gather(4)), "bucket of requests"),
                (budgeted(50 * most, 600, gather(4)), "bucket of tokens"),
                (LaneSpec { window: window(most), ..gather(4) }, "window"),
            ]
        };
        for (lane, name) in lanes(4) {
            shows("RateNeverHeld", &found(4, even(), lane), &format!("The {name} never delayed a request."), &[]);
        }
        for (lane, _) in lanes(1) {
            hides("RateNeverHeld", &found(4, even(), lane));
        }
    }
}
