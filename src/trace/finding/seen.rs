//! What the checks share: a lane that is over, and its attempts.

use crate::experiment::plan::{Plan, Strategy};
use crate::id::Tag;
use crate::port::{Failure, FailureKind};
use crate::time::Instant;
use crate::trace::event::{Gate, Outcome};
use crate::trace::log::LaneTrace;
use crate::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
use std::time::Duration;

/// An attempt that went out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) tag: Tag,
    pub(super) sent: Instant,
    pub(super) ended: Instant,
    pub(super) fate: Fate,
    /// Whether its first byte came.
    pub(super) began: bool,
}

impl Attempt {
    pub(super) fn took(&self) -> Duration {
        self.ended.since(self.sent)
    }
}

/// A lane that is over, and what the checks share.
pub(super) struct Seen<'a> {
    pub(super) lane: &'a LaneTrace,
    pub(super) fold: &'a Fold,
    pub(super) plan: &'a Plan,
    /// By item, and by their order.
    pub(super) attempts: Vec<Attempt>,
    /// When the last item ended.
    pub(super) end: Instant,
}

impl<'a> Seen<'a> {
    pub(super) fn new(lane: &'a LaneTrace, fold: &'a Fold, plan: &'a Plan) -> Self {
        let end = fold.rows.iter().filter_map(|row| row.ended).max().unwrap_or_default();
        Self { lane, fold, plan, attempts: attempts(fold), end }
    }

    pub(super) fn makespan(&self) -> Duration {
        self.end.since(Instant::ZERO)
    }

    pub(super) fn items_with(&self, fits: impl Fn(&Row) -> bool) -> Vec<u32> {
        (0..).zip(&self.fold.rows).filter(|&(_, row)| fits(row)).map(|(item, _)| item).collect()
    }

    pub(super) fn attempts_with(&self, fits: impl Fn(&Attempt) -> bool) -> Vec<u32> {
        self.attempts.iter().filter(|&attempt| fits(attempt)).map(|attempt| attempt.tag.item).collect()
    }

    /// When attempts went out, in order, and whose.
    pub(super) fn starts(&self, fits: impl Fn(&Attempt) -> bool) -> Vec<(Instant, u32)> {
        let fitting = self.attempts.iter().filter(|&attempt| fits(attempt));
        let mut starts: Vec<(Instant, u32)> = fitting.map(|attempt| (attempt.sent, attempt.tag.item)).collect();
        starts.sort_unstable();
        starts
    }

    pub(super) fn spans(&self, phase: Phase) -> impl Iterator<Item = &'a Span> {
        self.fold.rows.iter().flat_map(Row::all_spans).filter(move |span| span.phase == phase)
    }

    /// Held by rates: only the first of their line ever is, so these spans never overlap.
    pub(super) fn held(&self) -> impl Iterator<Item = (Gate, &'a Span)> {
        self.spans(Phase::RateLimited).filter_map(|span| match span.cause {
            Cause::Held { gate, .. } => Some((gate, span)),
            _ => None,
        })
    }

    pub(super) fn gauges(&self, of: Gate) -> impl Iterator<Item = (Instant, u32)> {
        self.fold.gauges.iter().filter(move |&&(gate, ..)| gate == of).map(|&(_, at, value)| (at, value))
    }

    pub(super) fn failure(&self, attempt: &Attempt) -> Option<&'a Failure> {
        match attempt.fate {
            Fate::Failed(place) => self.lane.failures.get(place as usize),
            _ => None,
        }
    }

    pub(super) fn failed_with(&self, attempt: &Attempt, kinds: &[FailureKind]) -> bool {
        self.failure(attempt).is_some_and(|failure| kinds.contains(&failure.kind))
    }

    /// The attempts of each branch that had another try, used all and failed, of items that failed.
    pub(super) fn in_vain(&self) -> impl Iterator<Item = &[Attempt]> {
        let tries = usize::from(self.plan.retry.tries());
        let branch = |attempt: &Attempt| (attempt.tag.item, attempt.tag.step, attempt.tag.branch);
        self.attempts.chunk_by(move |a, b| branch(a) == branch(b)).filter(move |made| {
            let row = made.first().and_then(|first| self.fold.row(first.tag.item));
            let failed = made.iter().all(|attempt| matches!(attempt.fate, Fate::Failed(_)));
            let is_whole = failed && made.len() > 1 && made.len() == tries;
            is_whole && row.is_some_and(|row| row.outcome == Some(Outcome::Failed))
        })
    }

    /// The limit, if there are more items than it lets through at once.
    pub(super) fn contested_limit(&self) -> Option<u16> {
        let is_contested = |limit: &u16| usize::from(*limit) < self.fold.rows.len();
        (self.plan.strategy != Strategy::Sequential).then(|| self.plan.limit()).filter(is_contested)
    }
}

fn attempts(fold: &Fold) -> Vec<Attempt> {
    let flying = |span: &&Span| span.phase.is_in_flight();
    let flying: Vec<&Span> = fold.rows.iter().flat_map(Row::all_spans).filter(flying).collect();
    let attempt = |spans: &[&Span]| {
        let (first, last) = (spans.first()?, spans.last()?);
        let began = last.phase != Phase::FirstByte;
        Some(Attempt { tag: first.tag, sent: first.from, ended: last.to, fate: last.fate, began })
    };
    flying.chunk_by(|a, b| a.tag == b.tag).filter_map(attempt).collect()
}
