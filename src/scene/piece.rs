//! A span as the picture needs it: from when to when, in what phase, how it ended, and on which line of its row.
//! Sixteen bytes, so that a picture of 100 000 requests is read through within a frame.

use crate::scene::lens::Hidden;
use crate::scene::shape::Paint;
use crate::time::Instant;
use crate::trace::span::{Fate, Phase, Span};

/// A span, packed: in the upper 16 bits of its beginning stand its line, phase and fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    from: u64,
    to: u64,
}

/// Moments have the lower 48 bits: nine years.
const MOMENT: u64 = (1 << 48) - 1;
/// Where the line begins, the fate, and the phase.
const LINE: u32 = 56;
const FATE: u32 = 52;
const PHASE: u32 = 48;

/// How many kinds there are: of phase and fate.
pub(super) const KINDS: usize = 64;

const PASSED: u64 = 0;
const FAILED: u64 = 1;
const CANCELLED: u64 = 2;
const OPEN: u64 = 3;

impl Piece {
    /// A span on a line of its row.
    #[must_use]
    pub fn new(span: &Span, line: u8) -> Self {
        let fate = match span.fate {
            Fate::Passed | Fate::Answered => PASSED,
            Fate::Failed(_) => FAILED,
            Fate::Cancelled => CANCELLED,
            Fate::Open => OPEN,
        };
        let about = u64::from(line) << LINE | fate << FATE | (span.phase as u64) << PHASE;
        let to = if span.fate == Fate::Open { MOMENT } else { span.to.0.min(MOMENT) };
        Self { from: span.from.0.min(MOMENT) | about, to }
    }

    /// Where it begins.
    #[must_use]
    pub fn from(self) -> Instant {
        Instant(self.from & MOMENT)
    }

    /// Where it ends, as far as `now`.
    #[must_use]
    pub fn to(self, now: Instant) -> Instant {
        Instant(self.to.min(now.0))
    }

    /// The line of its row.
    #[must_use]
    pub fn line(self) -> usize {
        (self.from >> LINE) as usize
    }

    /// Its phase.
    #[must_use]
    pub fn phase(self) -> Phase {
        Phase::ALL[(self.from >> PHASE & 15) as usize % Phase::ALL.len()]
    }

    /// Whether it is an attempt that had failed by `now`.
    #[must_use]
    pub fn has_failed(self, now: Instant) -> bool {
        self.from >> FATE & 3 == FAILED && self.to <= now.0
    }

    /// Its phase, and how it ended if it had by `now`, as a number below [`KINDS`].
    pub(super) fn kind(self, now: Instant) -> usize {
        let kind = (self.from >> PHASE & 0x3f) as usize;
        if self.to <= now.0 { kind } else { kind | 3 << (FATE - PHASE) }
    }

    /// What it is drawn with, which is tinted by how it ended, but only once that has happened.
    #[must_use]
    pub fn paint(self, now: Instant) -> Paint {
        Self::paint_of(self.kind(now))
    }

    /// What a kind is drawn with.
    pub(super) fn paint_of(kind: usize) -> Paint {
        match ((kind >> (FATE - PHASE)) as u64, Phase::ALL[(kind & 15) % Phase::ALL.len()]) {
            (FAILED, _) => Paint::Failed,
            (CANCELLED, Phase::Sleeping | Phase::FirstByte | Phase::Thinking | Phase::Streaming) => Paint::Cancelled,
            (_, Phase::Queued) => Paint::Queued,
            (_, Phase::RateLimited) => Paint::RateLimited,
            (_, Phase::CircuitOpen) => Paint::CircuitOpen,
            (_, Phase::FirstByte | Phase::Sleeping) => Paint::FirstByte,
            (_, Phase::Thinking) => Paint::Thinking,
            (_, Phase::Streaming | Phase::Computing) => Paint::Streaming,
            (_, Phase::Awaiting) => Paint::Awaiting,
            (_, Phase::BackingOff) => Paint::BackingOff,
        }
    }

    /// Whether it is to be left out.
    #[must_use]
    pub fn is_hidden(self, hidden: Hidden, now: Instant) -> bool {
        hidden.hides(self.phase()) || hidden.hides_failed() && self.has_failed(now)
    }

    /// The part of it that lies between two moments, on the first line; none where nothing does.
    #[must_use]
    pub fn within(self, from: Instant, to: Instant) -> Option<Self> {
        let about = self.from & !MOMENT & !(0xff << LINE);
        let (begins, ends) = (self.from().0.max(from.0), self.to.min(to.0));
        // What ends later than the part did not end as the part does.
        let about = if ends < self.to { about & !(3 << FATE) } else { about };
        (begins < ends).then_some(Self { from: begins | about, to: ends })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::trace::span::Cause;

    fn span(phase: Phase, fate: Fate) -> Span {
        let tag = Tag::of_item(0, 0);
        Span { tag, phase, from: Instant(1_000_000), to: Instant(7_000_000), fate, cause: Cause::Server, bytes: 0 }
    }

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        for (number, phase) in Phase::ALL.into_iter().enumerate() {
            assert_eq!(phase as usize, number, "phases stand under their numbers");
            let piece = Piece::new(&span(phase, Fate::Passed), 200);
            assert_eq!((piece.phase(), piece.line()), (phase, 200));
            assert_eq!((piece.from(), piece.to(Instant::NEVER)), (Instant(1_000_000), Instant(7_000_000)));
        }
        assert_eq!(size_of::<Piece>(), 16);
    }

    #[test]
    fn a_failure_tints_it_only_once_it_has_happened() {
        let failed = Piece::new(&span(Phase::FirstByte, Fate::Failed(0)), 0);
        assert_eq!(failed.paint(Instant(6_999_999)), Paint::FirstByte);
        assert_eq!(failed.paint(Instant(7_000_000)), Paint::Failed);
        let open = Piece::new(&span(Phase::Streaming, Fate::Open), 0);
        assert_eq!(
            (open.paint(Instant(9_000_000)), open.to(Instant(9_000_000))),
            (Paint::Streaming, Instant(9_000_000))
        );
        let given_up = Piece::new(&span(Phase::BackingOff, Fate::Cancelled), 0);
        assert_eq!(given_up.paint(Instant::NEVER), Paint::BackingOff, "it was not with the server");
    }

    #[test]
    fn a_part_that_ends_before_the_whole_did_not_fail() {
        let failed = Piece::new(&span(Phase::FirstByte, Fate::Failed(0)), 3);
        let early = failed.within(Instant::ZERO, Instant(5_000_000)).expect("a part");
        assert_eq!((early.has_failed(Instant::NEVER), early.line()), (false, 0));
        let late = failed.within(Instant(5_000_000), Instant::NEVER).expect("a part");
        assert!(late.has_failed(Instant(7_000_000)));
        assert_eq!(failed.within(Instant(7_000_000), Instant::NEVER), None);
    }
}
