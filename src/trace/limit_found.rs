//! What a run shows of a server's limit: how much had gone out when it first refused.
//!
//! Of all attempts that were refused for quota, the one that was sent first is looked at. None before it was
//! refused: those of the 60 s before it that were answered were not too many, and with it they were. So a quota
//! of requests in any 60 s that counts what it lets through is at least [`LimitFound::answered`], and at most
//! [`LimitFound::sent_before`] if nobody else draws on it and nothing was sent before the run.
//!
//! No more than that. The refusal may have been for tokens, for a day or for what was under way; calls may have
//! arrived closer together than they were sent; a quota of whole minutes by the clock lets up to twice its
//! limit through in 60 s that lie across two of them, and a bucket more than it gains in them. A limit that was
//! not reached need not exist; that it would bear as much for longer than the run lasted is not shown.

use crate::id::Tag;
use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::event::Kind;
use crate::trace::log::LaneTrace;
use crate::trace::span::{Fate, Fold, Row, Span};
use crate::trace::stats::in_flight;
use std::collections::BTreeMap;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// What had gone out when a server refused for the first time. Attempts are taken in the order of the log,
/// which tells apart those that were sent in the same microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitFound {
    /// When the refused attempt was sent.
    pub at: Instant,
    /// Attempts sent before it by less than 60 s, itself not counted.
    pub sent_before: u32,
    /// Attempts sent so far that had not ended by [`Self::at`], itself included.
    pub in_flight: u32,
    /// The refusal: this place of the lane's failures.
    pub failure: u32,
    /// How many of [`Self::sent_before`] were answered, as far as the record goes.
    pub answered: u32,
}

/// What came of looking for a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The server refused.
    Found(LimitFound),
    /// It refused nothing for quota, and bore this much.
    NotReached {
        /// The most attempts that were answered of those sent in any 60 s; of a shorter run of all, not scaled up to
        /// a minute.
        most_in_a_minute: u32,
        /// The most attempts under way at once.
        most_in_flight: u32,
    },
}

/// What a lane shows of its server's limit. `fold` is of all its events.
#[must_use]
pub fn search(fold: &Fold, lane: &LaneTrace) -> Searched {
    limit_found(fold, lane).map_or_else(|| not_reached(fold, lane), Searched::Found)
}

/// What had gone out when the server first refused for a quota: of a minute, of a day, or of 0; none if it never did.
/// `fold` is of all events of the lane.
#[must_use]
pub fn limit_found(fold: &Fold, lane: &LaneTrace) -> Option<LimitFound> {
    let (sent, refusals) = (sent(lane), refusals(lane));
    let place = sent.iter().position(|(_, tag)| refusals.contains_key(tag))?;
    let (at, refused) = sent[place];
    let &failure = refusals.get(&refused)?;
    let before = minute_before(&sent, place);
    let under_way = sent[..place].iter().filter(|&&(_, tag)| is_under_way(fold, tag, at));
    let answered = before.iter().filter(|&&(_, tag)| is_answered(fold, tag));
    Some(LimitFound {
        at,
        sent_before: count(before.len()),
        in_flight: count(under_way.count() + 1),
        failure,
        answered: count(answered.count()),
    })
}

fn not_reached(fold: &Fold, lane: &LaneTrace) -> Searched {
    // What failed for another reason shows nothing of a quota.
    let sent: Vec<(Instant, Tag)> = sent(lane).into_iter().filter(|&(_, tag)| is_answered(fold, tag)).collect();
    let in_a_minute = |place| count(minute_before(&sent, place).len() + 1);
    Searched::NotReached {
        most_in_a_minute: (0..sent.len()).map(in_a_minute).max().unwrap_or(0),
        most_in_flight: in_flight(fold, fold.latest).into_iter().map(|(_, level)| level).max().unwrap_or(0),
    }
}

/// The attempts that went out, with when, in the order of the log.
fn sent(lane: &LaneTrace) -> Vec<(Instant, Tag)> {
    let sent = lane.events.iter().filter(|event| event.kind == Kind::Sent);
    sent.map(|event| (event.at, event.tag)).collect()
}

/// The attempts that were refused for quota, and the places of their failures.
fn refusals(lane: &LaneTrace) -> BTreeMap<Tag, u32> {
    let is_quota = |place: u32| {
        let failure = lane.failures.get(place as usize);
        failure.is_some_and(|failure| is_quota_kind(failure.kind))
    };
    let failed = lane.events.iter().filter_map(|event| match event.kind {
        Kind::Failed { failure } => Some((event.tag, failure)),
        _ => None,
    });
    failed.filter(|&(_, failure)| is_quota(failure)).collect()
}

fn is_quota_kind(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay | FailureKind::QuotaNone)
}

/// Those before the one at `place` that were sent less than 60 s before it.
fn minute_before(sent: &[(Instant, Tag)], place: usize) -> &[(Instant, Tag)] {
    let (at, _) = sent[place];
    let from = sent[..place].partition_point(|&(before, _)| at.since(before) >= MINUTE);
    &sent[from..place]
}

fn is_under_way(fold: &Fold, attempt: Tag, at: Instant) -> bool {
    spans(fold, attempt).any(|span| span.phase.is_in_flight() && span.covers(at))
}

fn is_answered(fold: &Fold, attempt: Tag) -> bool {
    spans(fold, attempt).any(|span| span.fate == Fate::Answered)
}

fn spans(fold: &Fold, attempt: Tag) -> impl Iterator<Item = &Span> {
    fold.row(attempt.item).into_iter().flat_map(Row::all_spans).filter(move |span| span.tag == attempt)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::port::Failure;
    use crate::trace::event::{Event, Outcome};

    /// Two attempts sent at 0, one answered and one that never ends; a third, sent at `gap` and refused at once.
    fn three(gap: u64) -> LaneTrace {
        let event = |at, item, kind| Event { at: Instant(at), tag: Tag::of_item(0, item).at_attempt(1), kind };
        LaneTrace {
            events: vec![
                event(0, 0, Kind::Sent),
                event(0, 1, Kind::Sent),
                event(5, 0, Kind::Answered { answer: 0 }),
                event(5, 0, Kind::Ended { outcome: Outcome::Answered }),
                event(gap, 2, Kind::Sent),
                event(gap, 2, Kind::Failed { failure: 0 }),
                event(gap, 2, Kind::Ended { outcome: Outcome::Failed }),
            ],
            failures: vec![Failure::new(FailureKind::RateLimit, "limit: 2")],
            ..LaneTrace::default()
        }
    }

    fn found(lane: &LaneTrace) -> Option<LimitFound> {
        limit_found(&Fold::of(&lane.events), lane)
    }

    #[test]
    fn what_was_sent_60_s_ago_no_longer_counts() {
        let at = Instant(59_999_999);
        let within = LimitFound { at, sent_before: 2, in_flight: 2, failure: 0, answered: 1 };
        assert_eq!(found(&three(59_999_999)), Some(within));
        let after = LimitFound { at: Instant(60_000_000), sent_before: 0, answered: 0, ..within };
        assert_eq!(found(&three(60_000_000)), Some(after));
    }

    #[test]
    fn a_days_quota_is_a_limit_and_an_overload_is_none() {
        let mut lane = three(1_000_000);
        lane.failures[0].kind = FailureKind::QuotaDay;
        assert_eq!(found(&lane).map(|found| found.sent_before), Some(2));
        lane.failures[0].kind = FailureKind::Overloaded;
        assert_eq!(found(&lane), None);
        let bore = Searched::NotReached { most_in_a_minute: 1, most_in_flight: 2 };
        assert_eq!(search(&Fold::of(&lane.events), &lane), bore);
    }

    #[test]
    fn nothing_sent_shows_nothing() {
        let nothing = Searched::NotReached { most_in_a_minute: 0, most_in_flight: 0 };
        assert_eq!(search(&Fold::default(), &LaneTrace::default()), nothing);
    }
}
