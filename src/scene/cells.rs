//! What a table says of a request at a moment, in figures.

use crate::time::Instant;
use crate::trace::Outcome;
use crate::trace::span::{Fate, Phase, Row};
use std::time::Duration;

/// How long a request waited in line and at rates by `now`.
#[must_use]
pub fn waited(row: &Row, now: Instant) -> Duration {
    spent(row, now, Phase::is_wait_in_line)
}

/// How long it backed off by `now`.
#[must_use]
pub fn backed_off(row: &Row, now: Instant) -> Duration {
    spent(row, now, |phase| phase == Phase::BackingOff)
}

/// How long ago its first attempt went out at `now`, or how long after that it ended; none before.
#[must_use]
pub fn service(row: &Row, now: Instant) -> Option<Duration> {
    let sent = row.sent.filter(|&sent| sent <= now)?;
    Some(row.ended.map_or(now, |ended| ended.min(now)).since(sent))
}

/// Whether it was tried again by `now`: hedged copies and further models are no second try.
#[must_use]
pub fn is_retried(row: &Row, now: Instant) -> bool {
    row.all_spans().any(|span| span.tag.attempt > 1 && span.phase.is_in_flight() && span.from <= now)
}

fn spent(row: &Row, now: Instant, counts: impl Fn(Phase) -> bool) -> Duration {
    let spans = row.all_spans().filter(|span| counts(span.phase) && span.from <= now);
    spans.map(|span| if span.fate == Fate::Open { now } else { span.to.min(now) }.since(span.from)).sum()
}

/// The place of each item among those that finished, by the end of its life; of those that ended in one moment, the
/// one that was asked first stands first. What was given up did not finish.
///
/// `ends` is in the order of the ends. A place holds from the item's end on: whoever stands before it ended before.
#[must_use]
pub fn places(rows: &[Row], ends: &[u32]) -> Vec<Option<usize>> {
    let mut places = vec![None; rows.len()];
    let is_finished = |item: &usize| rows.get(*item).is_some_and(|row| row.outcome != Some(Outcome::Cancelled));
    let mut finished: Vec<usize> = ends.iter().map(|&item| item as usize).filter(is_finished).collect();
    for together in finished.chunk_by_mut(|&one, &other| rows[one].ended == rows[other].ended) {
        together.sort_unstable();
    }
    for (place, item) in finished.into_iter().enumerate() {
        places[item] = Some(place);
    }
    places
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn ended(at: u64, outcome: Outcome) -> Row {
        let mut row = Row::default();
        (row.ended, row.outcome) = (Some(Instant(at)), Some(outcome));
        row
    }

    #[test]
    fn places_are_by_the_end_and_of_one_moment_by_the_asking() {
        let rows = [
            ended(9, Outcome::Answered),
            ended(4, Outcome::Failed),
            ended(5, Outcome::Cancelled),
            ended(9, Outcome::Answered),
            Row::default(),
            ended(2, Outcome::Substituted),
        ];
        let places = places(&rows, &[5, 1, 2, 3, 0]);
        assert_eq!(places, [Some(2), Some(1), None, Some(3), None, Some(0)]);
    }

    #[test]
    fn service_goes_on_until_the_end() {
        let mut row = ended(10, Outcome::Answered);
        row.sent = Some(Instant(3));
        let micros = |now| service(&row, Instant(now)).map(|span| span.as_micros());
        assert_eq!([micros(2), micros(4), micros(10), micros(99)], [None, Some(1), Some(7), Some(7)]);
    }
}
