//! The critical path: the chain of causes that set a lane's makespan.
//!
//! It is walked backwards from the item that ended last. A wait for somebody else is no part of it; what the
//! other did meanwhile is. So its links touch, never overlap, and reach from the first request asked to the
//! last one that ended.

use crate::id::Tag;
use crate::time::Instant;
use crate::trace::span::{Cause, Fate, Fold, Span};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A stretch of the chain: one span, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose.
    pub item: u32,
    /// The span.
    pub span: Span,
    /// Where the stretch begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
}

/// The chain that set the makespan, in order of time; empty before anything has ended.
///
/// A wait that a gate held, or of which nobody is named, is a link like any other. Where a life has a gap, as
/// the clock of a real run leaves them, the span before it is taken to go on.
#[must_use]
pub fn critical_path(fold: &Fold) -> Vec<Link> {
    let Some((mut item, mut at)) = last_to_end(fold) else { return Vec::new() };
    let mut links = Vec::new();
    // Whom the walk has met without going back in time: in an opened file they may wait for one another.
    let mut met = BTreeSet::new();
    while let Some((span, _)) = reaching(fold, item, at) {
        met.insert(item);
        let way = gave_way(fold, &span, at).filter(|(by, _)| !met.contains(by));
        let (next, from) = way.unwrap_or((item, span.from));
        if from < at {
            links.push(Link { item, span, from, to: at });
            met.clear();
            at = from;
        }
        item = next;
    }
    links.reverse();
    links
}

/// Whom a wait is for, as far as that is known: in a line at once, at a semaphore when the permit has come.
#[must_use]
pub fn blocker(span: &Span) -> Option<Tag> {
    match span.cause {
        Cause::Permit { by, .. } if span.fate != Fate::Open => by,
        Cause::Line { by, .. } => by,
        Cause::Awaits { item } => Some(Tag::of_item(span.tag.lane, item)),
        _ => None,
    }
}

/// The item that ended last, the lowest of several, and when.
fn last_to_end(fold: &Fold) -> Option<(u32, Instant)> {
    let ended = (0_u32..).zip(&fold.rows).filter_map(|(item, row)| Some((item, row.ended?)));
    ended.min_by_key(|&(item, at)| (Reverse(at), item))
}

/// The span of an item that comes nearest to `at` of those that began before, and how near it comes.
fn reaching(fold: &Fold, item: u32, at: Instant) -> Option<(Span, Instant)> {
    let reach = |span: &Span| if span.fate == Fate::Open { at } else { span.to.min(at) };
    let begun = fold.row(item)?.all_spans().filter(|span| span.from < at);
    // One that ended there and then gave something up; one that goes on did not.
    let nearest = begun.max_by_key(|span| (reach(span), span.to == at, span.from))?;
    Some((*nearest, reach(nearest)))
}

/// Who ended this wait by giving way, and until when, as seen from `at`, it had something to do.
fn gave_way(fold: &Fold, span: &Span, at: Instant) -> Option<(u32, Instant)> {
    // A task may end with its last wait for another.
    let is_end = matches!((span.fate, span.cause), (Fate::Answered | Fate::Failed(_), Cause::Awaits { .. }));
    if span.fate != Fate::Passed && !is_end || span.to > at {
        return None;
    }
    let by = blocker(span)?.item;
    let (_, until) = reaching(fold, by, at)?;
    (until > span.from).then_some((by, until))
}
