//! The rules, one function a finding.

use super::seen::{Attempt, Seen};
use super::{About, Finding};
use crate::id::Tag;
use crate::policy::circuit_breaker::State;
use crate::policy::token_bucket;
use crate::port::{Failure, FailureKind};
use crate::time::Instant;
use crate::trace::event::{Gate, Kind, Opened, Outcome, StopReason};
use crate::trace::handed::{Rule, handed};
use crate::trace::span::{Cause, Fate, Phase, Span};
use crate::trace::stall::stuck;
use crate::trace::stats::in_flight;
use std::collections::BTreeSet;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// So long a wait for the thread is one to speak of: what asyncio's debug mode calls a slow callback.
const NOTICEABLE: Duration = Duration::from_millis(100);
/// Retries this close together meet.
const MEETING: Duration = Duration::from_millis(100);
/// What the gauge of an open breaker reads.
const OPEN: u32 = State::Open as u32;
/// Looks for one finding.
type Check = fn(&Seen<'_>) -> Option<Finding>;

/// In the order of [`About`].
pub(super) const CHECKS: &[Check] = &[
    stopped_by_one,
    retried_in_vain,
    layers_multiply,
    answers_unheard,
    burned_inside_window,
    retried_sooner_than_asked,
    retries_met,
    hedge_bought_nothing,
    copies_beyond_limit,
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

/// The same, of programs.
pub(super) const SCRIPT_CHECKS: &[Check] = &[never_goes_on, never_awaited, thread_kept];

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
fn never_goes_on(seen: &Seen<'_>) -> Option<Finding> {
    let is_stalled = seen.lane.stopped() == Some(StopReason::Stalled);
    let stuck = stuck(seen.lane, seen.fold);
    let items: Vec<u32> = stuck.iter().map(|one| one.item).collect();
    is_stalled.then(|| finding(About::NeverGoesOn { stuck }, items))
}

fn never_awaited(seen: &Seen<'_>) -> Option<Finding> {
    let items = seen.items_with(|row| row.made.is_some() && row.spans.is_empty());
    if_any(items, |calls| About::NeverAwaited { calls })
}

fn thread_kept(seen: &Seen<'_>) -> Option<Finding> {
    let waits = seen.spans(Phase::Queued).filter_map(|span| match span.cause {
        Cause::Permit { gate: Gate::Thread, by: Some(by), .. } => {
            Some((span.to.since(span.from), by.item, span.tag.item))
        }
        _ => None,
    });
    let waits: Vec<(Duration, u32, u32)> = waits.filter(|&(waited, ..)| waited >= NOTICEABLE).collect();
    let items: BTreeSet<u32> = waits.iter().map(|&(.., item)| item).collect();
    let &(longest, by, _) = waits.iter().max_by_key(|&&(waited, _, item)| (waited, std::cmp::Reverse(item)))?;
    Some(finding(About::ThreadKept { by, longest, tasks: count(items.len()) }, items))
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
        if sooner && is_retry(before.tag, after.tag) {
            items.push(after.tag.item);
            refused += u32::from(seen.failed_with(after, &refusals));
        }
    }
    if_any(items, |retries| About::RetriedSoonerThanAsked { retries, refused })
}

/// Whether two attempts belong to one branch of one step.
fn is_retry(one: Tag, other: Tag) -> bool {
    Tag { attempt: 0, ..one } == Tag { attempt: 0, ..other }
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
    // One that was given up for its silence is another matter.
    let timed_out =
        |attempt: &Attempt| attempt.took() >= timeout && seen.failed_with(attempt, &[FailureKind::AttemptTimeout]);
    let items = seen.attempts_with(timed_out);
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
    if seen.plan.rates_first {
        return None;
    }
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
    let limit = seen.contested_limit().filter(|_| seen.plan.keeps_permit())?;
    // Of several branches another may be using it meanwhile.
    let alone = |span: &&Span| seen.fold.row(span.tag.item).is_some_and(|row| row.others.is_empty());
    let time = total(seen.spans(Phase::BackingOff).filter(alone));
    let all = seen.makespan().as_micros() * u128::from(limit);
    let is_much = time > Duration::ZERO && time.as_micros() * 20 >= all;
    let items = seen.spans(Phase::BackingOff).filter(alone).map(|span| span.tag.item);
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
    // One that learns is seldom where it could be at most.
    let limit = seen.contested_limit().filter(|_| seen.plan.adaptive_limit.is_none())?;
    let peak = in_flight(seen.fold, seen.fold.latest).iter().map(|&(_, level)| level).max()?;
    (0 < peak && peak < u32::from(limit)).then(|| finding(About::LimitNeverReached { limit, peak }, []))
}

/// A trace names the gate that held longest. One that never did changed nothing: without it every
/// attempt would have gone out when it did. Of a single item nothing can be said.
fn never_held(seen: &Seen<'_>, gate: Gate) -> Option<Finding> {
    let has_held = seen.held().any(|(by, _)| by == gate);
    (seen.fold.rows.len() > 1 && !has_held).then(|| finding(About::RateNeverHeld { gate }, []))
}

fn layers_multiply(seen: &Seen<'_>) -> Option<Finding> {
    let tries = seen.plan.retry.tries();
    let others = seen.plan.fallback.as_ref().map_or(0, |fallback| fallback.models.len());
    let calls = u32::from(tries) * (count(others) + 1);
    let is_whole = |item: &u32| {
        let row = seen.fold.row(*item);
        row.is_some_and(|row| row.attempts >= calls && row.outcome.is_some_and(|came| came != Outcome::Answered))
    };
    let items: Vec<u32> =
        (0..count(seen.fold.rows.len())).filter(|_| tries > 1 && others > 0).filter(is_whole).collect();
    if_any(items, |requests| About::LayersMultiply { requests, calls, tries, models: count(others) + 1 })
}

fn answers_unheard(seen: &Seen<'_>) -> Option<Finding> {
    if Rule::of(seen.plan) != Rule::Raising {
        return None;
    }
    let heard: BTreeSet<u32> = handed(seen.fold, Rule::Raising).into_iter().map(|handed| handed.item).collect();
    let answered = (0_u32..).zip(&seen.fold.rows).filter(|(_, row)| row.outcome == Some(Outcome::Answered));
    let unheard: Vec<u32> = answered.map(|(item, _)| item).filter(|item| !heard.contains(item)).collect();
    if_any(unheard, |answers| About::AnswersUnheard { answers })
}

fn hedge_bought_nothing(seen: &Seen<'_>) -> Option<Finding> {
    let copies = || seen.fold.rows.iter().flat_map(|row| &row.others).filter(|branch| branch.why == Opened::Hedge);
    if copies().any(|copy| copy.spans.last().is_some_and(|span| span.fate == Fate::Answered)) {
        return None;
    }
    let items: Vec<u32> = copies().map(|copy| copy.tag.item).collect();
    if_any(items, |copies| About::HedgeBoughtNothing { copies })
}

fn copies_beyond_limit(seen: &Seen<'_>) -> Option<Finding> {
    let limit = seen.contested_limit().filter(|_| seen.plan.has_copies())?;
    let peak = in_flight(seen.fold, seen.fold.latest).into_iter().map(|(_, level)| level).max()?;
    let items = seen.fold.rows.iter().flat_map(|row| &row.others).map(|branch| branch.tag.item);
    (peak > u32::from(limit)).then(|| finding(About::CopiesBeyondLimit { limit, peak }, items))
}
