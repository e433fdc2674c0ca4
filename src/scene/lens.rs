//! How a run is looked at: which stretch of it, in which order and at what height its rows stand, what is
//! hidden, and what the user marked. Plain data; what draws it derives all else.

use crate::scene::look::Look;
use crate::time::Instant;
use crate::trace::span::Phase;

/// How a run is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lens {
    /// Which stretch of time.
    pub look: Look,
    /// What a row is.
    pub rows: Rows,
    /// In which order rows stand.
    pub sort: Sort,
    /// Whether rows of one kind stand together under a heading, by what `sort` goes by.
    pub is_grouped: bool,
    /// How much higher rows are than they would be by themselves: doubled so many times, or halved.
    pub taller: i8,
    /// The lanes that are folded to their title and tracks, a bit each from lane A.
    pub collapsed: u8,
    /// What is not drawn.
    pub hidden: Hidden,
    /// A stretch of time whose figures are wanted, and in which playback may go round.
    pub range: Option<(Instant, Instant)>,
    /// Moments that were marked, in order.
    pub marks: Vec<Instant>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// A request, with a row for each of its branches.
    #[default]
    Requests,
    /// A permit: who held it, one after the other.
    Slots,
}

/// In which order rows stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By when they were asked: the order of their numbers.
    #[default]
    Asked,
    /// By when their first attempt went out; those that never did are last.
    Started,
    /// By when they ended; those that have not are last.
    Finished,
    /// By the first permit that they held.
    Slot,
    /// By how much they matter, the highest class first.
    Priority,
    /// By the model that they ask.
    Model,
}

impl Sort {
    /// All of them, in the order of being offered.
    pub const ALL: [Self; 6] = [Self::Asked, Self::Started, Self::Finished, Self::Slot, Self::Priority, Self::Model];

    /// Whether rows that are alike in it can stand together: moments are all different.
    #[must_use]
    pub fn has_groups(self) -> bool {
        matches!(self, Self::Slot | Self::Priority | Self::Model)
    }
}

/// What is not drawn: phases, and attempts that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden(u16);

const FAILED: u16 = 1 << 15;

impl Hidden {
    /// Whether spans of a phase are hidden.
    #[must_use]
    pub fn hides(self, phase: Phase) -> bool {
        self.0 & bit(phase) > 0
    }

    /// Whether attempts that failed are hidden.
    #[must_use]
    pub fn hides_failed(self) -> bool {
        self.0 & FAILED > 0
    }

    /// Hides a phase, or shows it again.
    pub fn toggle(&mut self, phase: Phase) {
        self.0 ^= bit(phase);
    }

    /// Hides attempts that failed, or shows them again.
    pub fn toggle_failed(&mut self) {
        self.0 ^= FAILED;
    }
}

fn bit(phase: Phase) -> u16 {
    1 << phase as u16
}

impl Lens {
    /// Whether a lane is folded.
    #[must_use]
    pub fn is_collapsed(&self, lane: usize) -> bool {
        self.collapsed & 1_u8.checked_shl(u32::try_from(lane).unwrap_or(u32::MAX)).unwrap_or(0) > 0
    }

    /// Folds a lane, or unfolds it.
    pub fn toggle_lane(&mut self, lane: usize) {
        self.collapsed ^= 1_u8.checked_shl(u32::try_from(lane).unwrap_or(u32::MAX)).unwrap_or(0);
    }

    /// Marks a moment, or takes its mark away.
    pub fn toggle_mark(&mut self, at: Instant) {
        match self.marks.binary_search(&at) {
            Ok(place) => drop(self.marks.remove(place)),
            Err(place) => self.marks.insert(place, at),
        }
    }

    /// The same lens for another run: what belongs to moments of this one is gone.
    pub fn forget_moments(&mut self) {
        // Whoever looked at one request closely had its row grow.
        if self.look != Look::Whole {
            self.taller = 0;
        }
        self.look = Look::Whole;
        self.range = None;
        self.marks.clear();
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_toggled_twice_is_as_it_was() {
        let mut lens = Lens::default();
        for _ in 0..2 {
            lens.toggle_lane(3);
            lens.toggle_lane(99);
            lens.hidden.toggle(Phase::Thinking);
            lens.hidden.toggle_failed();
            lens.toggle_mark(Instant(5));
        }
        assert_eq!(lens, Lens::default());
    }

    #[test]
    fn each_is_toggled_by_itself() {
        let mut lens = Lens::default();
        lens.toggle_lane(1);
        lens.hidden.toggle(Phase::Awaiting);
        assert_eq!([0, 1, 2].map(|lane| lens.is_collapsed(lane)), [false, true, false]);
        assert!(lens.hidden.hides(Phase::Awaiting) && !lens.hidden.hides(Phase::Queued) && !lens.hidden.hides_failed());
    }

    #[test]
    fn marks_stand_in_order() {
        let mut lens = Lens::default();
        for at in [7, 3, 5, 3] {
            lens.toggle_mark(Instant(at));
        }
        assert_eq!(lens.marks, [5, 7].map(Instant));
    }
}
