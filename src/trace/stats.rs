//! A lane in figures, at any moment of it.
//!
//! Everything counts up to the playhead and no further. Service time is from an item's first
//! attempt to its end; turnaround from being asked to its end. Percentiles are by nearest rank, so
//! each is a time that some item really took.

use crate::experiment::Workload;
use crate::experiment::price::Price;
use crate::port::Usage;
use crate::time::{Instant, whole_micros};
use crate::trace::bound::Bound;
use crate::trace::event::Outcome;
use crate::trace::log::LaneTrace;
use crate::trace::span::{Fate, Fold, Phase, Row, Span};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// A lane in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// How many items there are.
    pub items: usize,
    /// Items answered.
    pub succeeded: usize,
    /// Items that failed for good.
    pub failed: usize,
    /// Items for which a fixed text stands in, no model having answered.
    pub substituted: usize,
    /// Items given up.
    pub cancelled: usize,
    /// Microseconds until the last item ended, or until now while one has not.
    pub makespan_micros: u64,
    /// Whether every item has ended.
    pub finished: bool,
    /// The least that it could have taken, in microseconds.
    pub bound_micros: u64,
    /// From an item's first attempt to its end.
    pub service: Spread,
    /// From an item being asked to its end.
    pub turnaround: Spread,
    /// The most attempts under way at once.
    pub peak_in_flight: u32,
    /// Attempts under way, on the average over the makespan.
    pub mean_in_flight: f64,
    /// Attempts under way now.
    pub in_flight: u32,
    /// Attempts sent.
    pub attempts: u32,
    /// Attempts that brought no answer: they failed, or were given up. They may be billed.
    pub lost_attempts: u32,
    /// How long those were with the server, in microseconds.
    pub lost_micros: u64,
    /// Of them, those that were given up: copies that were beaten, and calls that were stopped.
    pub given_up_attempts: u32,
    /// About how many tokens they may be billed for, at four bytes a token: the prompt of each that the server did
    /// not refuse, and what had come of its answer.
    pub lost_tokens: Tokens,
    /// US dollars for those tokens, where the price is known.
    pub lost_dollars: Option<f64>,
    /// Where the time of all items went.
    pub time: TimeByPhase,
    /// Tokens of all answers.
    pub tokens: Tokens,
    /// US dollars for those tokens, where the price is known.
    pub cost_dollars: Option<f64>,
    /// Items that are over without an answer, by number.
    #[serde(skip)]
    pub unanswered: Vec<u32>,
}

/// The mean and the percentiles of a set of times, in microseconds; all 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The mean.
    pub mean_micros: u64,
    /// Half took no longer.
    pub p50_micros: u64,
    /// 95 of 100 took no longer.
    pub p95_micros: u64,
    /// 99 of 100 took no longer.
    pub p99_micros: u64,
}

/// Microseconds of all items together, by what they were doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TimeByPhase {
    /// Waiting for a turn or a permit.
    pub queued_micros: u64,
    /// Waiting at the gates of rate.
    pub rate_limited_micros: u64,
    /// Waiting while the circuit breaker is open.
    pub circuit_open_micros: u64,
    /// Sent, with nothing back yet.
    pub first_byte_micros: u64,
    /// Thoughts arriving.
    pub thinking_micros: u64,
    /// The answer arriving.
    pub streaming_micros: u64,
    /// Waiting before another try.
    pub backing_off_micros: u64,
    /// Keeping a thread, of a script.
    pub computing_micros: u64,
    /// Asleep, of a script.
    pub sleeping_micros: u64,
    /// Waiting for other tasks, of a script.
    pub awaiting_micros: u64,
}

/// Tokens of all answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Tokens {
    /// Tokens of the prompts.
    pub prompt: u64,
    /// Tokens of answers and thinking.
    pub output: u64,
}

/// What a lane's figures are reckoned with, besides its trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// How many items there are to do.
    pub items: usize,
    /// What they ask, where what was lost is to be estimated.
    pub workload: Option<&'a Workload>,
    /// How many attempts can be under way at once.
    pub limit: u16,
    /// The simulated server's quota of requests, in any window of that length.
    pub quota: Option<(u32, Duration)>,
    /// What tokens cost.
    pub price: Option<Price>,
}

impl Stats {
    /// The figures of a lane at `now`.
    #[must_use]
    pub fn at(now: Instant, fold: &Fold, lane: &LaneTrace, terms: Terms<'_>) -> Self {
        let mut stats = Self { items: terms.items, ..Self::default() };
        let (mut service, mut turnaround, mut successful) = (Vec::new(), Vec::new(), Vec::new());
        let (mut last_end, mut over) = (Instant::ZERO, 0);
        for (item, row) in (0_u32..).zip(&fold.rows) {
            stats.take_spans(row, now);
            stats.take_lost(row, lane, terms, now);
            let Some(ended) = row.ended.filter(|&ended| ended <= now) else { continue };
            over += 1;
            last_end = last_end.max(ended);
            match row.outcome {
                Some(Outcome::Answered) => {
                    stats.succeeded += 1;
                    // What was never sent is bound by nothing that is reckoned here.
                    successful.extend(row.sent.map(|_| row.work()));
                }
                Some(Outcome::Failed) => stats.failed += 1,
                Some(Outcome::Substituted) => stats.substituted += 1,
                _ => stats.cancelled += 1,
            }
            if row.outcome != Some(Outcome::Answered) {
                stats.unanswered.push(item);
            }
            if let Some(sent) = row.sent {
                service.push(ended.since(sent));
            }
            turnaround.push(ended.since(row.asked));
            for answer in row.answers.iter().filter_map(|&place| lane.answers.get(place as usize)) {
                stats.tokens.take(answer.usage);
            }
        }
        stats.finished = over >= terms.items.max(fold.rows.len()) && over > 0;
        stats.makespan_micros = if stats.finished { last_end.0 } else { now.min(fold.latest).0 };
        stats.bound_micros = whole_micros(Bound::new(successful, terms.limit, terms.quota).least());
        (stats.service, stats.turnaround) = (Spread::of(service), Spread::of(turnaround));
        stats.take_in_flight(&in_flight(fold, now));
        stats.lost_dollars = terms.price.map(|price| price.cost(stats.lost_tokens.prompt, stats.lost_tokens.output));
        stats.cost_dollars = terms.price.map(|price| price.cost(stats.tokens.prompt, stats.tokens.output));
        stats
    }

    /// Items that are over, however they ended.
    #[must_use]
    pub fn over(&self) -> usize {
        self.succeeded + self.failed + self.substituted + self.cancelled
    }

    /// The share of the items that are over and were answered.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        let over = self.over();
        (over > 0).then(|| ratio(self.succeeded as u64, over as u64))
    }

    /// The least possible time over the time it took; none before the end.
    #[must_use]
    pub fn efficiency(&self) -> Option<f64> {
        let is_whole = self.finished && self.cancelled == 0 && self.succeeded > 0;
        (is_whole && self.makespan_micros > 0 && self.bound_micros > 0)
            .then(|| ratio(self.bound_micros, self.makespan_micros))
    }

    /// How many times as fast as `other`; none unless both are over and answered the very same items.
    #[must_use]
    pub fn speed_up_against(&self, other: &Self) -> Option<f64> {
        let same_work = self.finished
            && other.finished
            && self.succeeded > 0
            && self.items == other.items
            && self.unanswered == other.unanswered;
        (same_work && self.makespan_micros > 0).then(|| ratio(other.makespan_micros, self.makespan_micros))
    }

    /// Items answered a second.
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        (self.makespan_micros > 0).then(|| ratio(self.succeeded as u64 * 1_000_000, self.makespan_micros))
    }

    fn take_spans(&mut self, row: &Row, now: Instant) {
        for span in row.all_spans().filter(|span| span.from <= now) {
            let micros = whole_micros(clipped_end(span, now).since(span.from));
            let time = &mut self.time;
            *match span.phase {
                Phase::Queued => &mut time.queued_micros,
                Phase::RateLimited => &mut time.rate_limited_micros,
                Phase::CircuitOpen => &mut time.circuit_open_micros,
                Phase::FirstByte => &mut time.first_byte_micros,
                Phase::Thinking => &mut time.thinking_micros,
                Phase::Streaming => &mut time.streaming_micros,
                Phase::BackingOff => &mut time.backing_off_micros,
                Phase::Computing => &mut time.computing_micros,
                Phase::Sleeping => &mut time.sleeping_micros,
                Phase::Awaiting => &mut time.awaiting_micros,
            } += micros;
        }
        self.attempts += row.attempts_by(now);
    }

    /// Counts the attempts that brought no answer.
    fn take_lost(&mut self, row: &Row, lane: &LaneTrace, terms: Terms<'_>, now: Instant) {
        let (mut began, mut bytes) = (None::<&Span>, 0);
        for span in row.all_spans().filter(|span| span.phase.is_in_flight() && span.from <= now) {
            let first = match began {
                Some(first) if first.tag == span.tag => first,
                _ => {
                    bytes = 0;
                    span
                }
            };
            began = Some(first);
            bytes += u64::from(span.bytes);
            let is_lost = matches!(span.fate, Fate::Failed(_) | Fate::Cancelled);
            if !is_lost || span.to > now {
                continue;
            }
            self.lost_attempts += 1;
            self.given_up_attempts += u32::from(span.fate == Fate::Cancelled);
            self.lost_micros += whole_micros(span.to.since(first.from));
            if let Some(workload) = terms.workload.filter(|_| !lane.refused(span)) {
                let asked = workload.ask(span.tag.item, span.tag.step, "").len() as u64;
                self.lost_tokens.prompt += asked.div_ceil(BYTES_A_TOKEN);
                self.lost_tokens.output += bytes.div_ceil(BYTES_A_TOKEN);
            }
        }
    }

    fn take_in_flight(&mut self, steps: &[(Instant, u32)]) {
        let end = Instant(self.makespan_micros);
        let ends = steps.iter().skip(1).map(|&(at, _)| at).chain([end]);
        let area: u128 = steps
            .iter()
            .zip(ends)
            .map(|(&(from, count), to)| u128::from(count) * to.min(end).since(from).as_micros())
            .sum();
        #[allow(clippy::cast_precision_loss)] // For display only.
        if end.0 > 0 {
            self.mean_in_flight = area as f64 / end.0 as f64;
        }
        self.peak_in_flight = steps.iter().map(|&(_, count)| count).max().unwrap_or(0);
        self.in_flight = steps.last().map_or(0, |&(_, count)| count);
    }
}

impl Tokens {
    fn take(&mut self, usage: Usage) {
        self.prompt += u64::from(usage.prompt);
        self.output += u64::from(usage.output());
    }
}

impl Spread {
    fn of(times: Vec<Duration>) -> Self {
        let mut times: Vec<u64> = times.into_iter().map(whole_micros).collect();
        times.sort_unstable();
        Self {
            mean_micros: times.iter().sum::<u64>().checked_div(times.len() as u64).unwrap_or(0),
            p50_micros: nearest_rank(&times, 50),
            p95_micros: nearest_rank(&times, 95),
            p99_micros: nearest_rank(&times, 99),
        }
    }
}

fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    rank.checked_sub(1).and_then(|place| sorted.get(place)).copied().unwrap_or(0)
}

/// About how many bytes of English make a token.
const BYTES_A_TOKEN: u64 = 4;

fn clipped_end(span: &Span, now: Instant) -> Instant {
    if span.fate == Fate::Open { now } else { span.to.min(now) }
}

/// How many attempts are under way, as steps: from each moment, so many. Up to `now`.
#[must_use]
pub fn in_flight(fold: &Fold, now: Instant) -> Vec<(Instant, u32)> {
    let mut flights: Vec<(Instant, Instant)> = Vec::new();
    let flying = fold.rows.iter().flat_map(Row::all_spans).filter(|span| span.phase.is_in_flight());
    for span in flying.filter(|span| span.from <= now) {
        let to = if span.fate != Fate::Open && span.to <= now { span.to } else { Instant::NEVER };
        match flights.last_mut() {
            // One that follows on another changes nothing.
            Some(last) if last.1 == span.from => last.1 = to,
            _ => flights.push((span.from, to)),
        }
    }
    // Most are in order: attempts begin as their requests were asked.
    let mut order: Vec<(Instant, i32)> = flights.iter().map(|flight| flight.0).zip(0..).collect();
    order.sort_unstable();
    let mut steps: Vec<(Instant, u32)> = Vec::new();
    let mut step = |at, level| match steps.last_mut() {
        Some(last) if last.0 == at => last.1 = level,
        _ => steps.push((at, level)),
    };
    let (mut ends, mut level) = (BinaryHeap::<Reverse<Instant>>::new(), 0_u32);
    let all_over = (Instant::NEVER, Instant::NEVER);
    let in_order = order.into_iter().filter_map(|(_, place)| flights.get(place.unsigned_abs() as usize));
    for &(from, to) in in_order.chain([&all_over]) {
        while let Some(&Reverse(end)) = ends.peek().filter(|end| end.0 <= from) {
            ends.pop();
            level -= 1;
            step(end, level);
        }
        if from < Instant::NEVER {
            level += 1;
            step(from, level);
        }
        if to < Instant::NEVER {
            ends.push(Reverse(to));
        }
    }
    steps
}

#[allow(clippy::cast_precision_loss)] // For display only.
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::trace::span::Cause;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_many_are_under_way_as_spans_lie_over_a_moment(
            rows in prop::collection::vec(prop::collection::vec((0u64..6, 0u64..6, any::<bool>()), 0..5), 0..8),
            now in 0u64..40,
        ) {
            let now = Instant(now);
            let mut fold = Fold::default();
            for gaps in rows {
                let (mut row, mut at) = (Row::default(), 0);
                for (gap, length, is_open) in gaps {
                    let (from, to) = (Instant(at + gap), Instant(at + gap + length));
                    at = to.0;
                    let fate = if is_open { Fate::Open } else { Fate::Passed };
                    let (tag, phase, cause) = (Tag::default(), Phase::Streaming, Cause::Server);
                    row.spans.push(Span { tag, phase, from, to, fate, cause, bytes: 0 });
                }
                fold.rows.push(row);
            }
            let steps = in_flight(&fold, now);
            prop_assert!(steps.is_sorted_by(|one, next| one.0 < next.0));
            let over = |at: Instant| {
                let lies = |span: &&Span| span.from <= at && (span.fate == Fate::Open || span.to > now || at < span.to);
                fold.rows.iter().flat_map(Row::all_spans).filter(lies).count()
            };
            for at in (0..=now.0).map(Instant) {
                let level = steps.iter().rfind(|step| step.0 <= at).map_or(0, |step| step.1);
                prop_assert_eq!(level as usize, over(at), "{:?}: {:?}", at, &steps);
            }
        }
    }

    #[test]
    fn a_percentile_is_a_time_that_some_item_took() {
        let times: Vec<u64> = (1..=20).map(|secs| secs * 1_000_000).collect();
        assert_eq!(nearest_rank(&times, 50), 10_000_000);
        assert_eq!(nearest_rank(&times, 95), 19_000_000);
        assert_eq!(nearest_rank(&times, 99), 20_000_000);
        assert_eq!(nearest_rank(&[], 95), 0);
    }

    #[test]
    fn what_a_fixed_text_stands_in_for_is_over_and_not_answered() {
        let stats = Stats { succeeded: 4, failed: 2, substituted: 1, cancelled: 1, ..Stats::default() };
        assert_eq!((stats.over(), stats.success_rate()), (8, Some(0.5)));
    }

    #[test]
    fn a_speed_up_is_of_the_very_same_work() {
        let lane = |makespan_micros, unanswered: &[u32]| Stats {
            items: 3,
            succeeded: 3 - unanswered.len(),
            failed: unanswered.len(),
            finished: true,
            makespan_micros,
            unanswered: unanswered.to_vec(),
            ..Stats::default()
        };
        assert_eq!(lane(2, &[1]).speed_up_against(&lane(6, &[1])), Some(3.0));
        assert_eq!(lane(2, &[1]).speed_up_against(&lane(6, &[2])), None, "as many, but others");
        assert_eq!(lane(2, &[1]).speed_up_against(&lane(6, &[])), None);
        assert_eq!(lane(2, &[0, 1, 2]).speed_up_against(&lane(6, &[0, 1, 2])), None, "no work at all");
        assert_eq!(Stats { finished: false, ..lane(2, &[]) }.speed_up_against(&lane(6, &[])), None);
    }
}
