//! Ways to move about in a run, whatever asks for them: a key, a button, a command by its name.

use crate::scene::height::Heights;
use crate::scene::lens::Lens;
use crate::scene::look::Turn;
use crate::time::Instant;

/// So many times as close, a press.
const CLOSER: f64 = 1.5;
/// Such a share of what is seen, a press.
const STEP: f64 = 0.15;

/// A way to move about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Closer, about the pointer.
    Closer,
    /// Further away, about the pointer.
    Wider,
    /// To what was before.
    Earlier,
    /// To what came after.
    Later,
    /// To all of the run, its rows as high as they are by themselves.
    Whole,
    /// To what is chosen: the range, or the life of the selected request, its row so high that it can be read.
    Chosen,
    /// Marks the playhead's moment, or takes its mark away.
    Mark,
    /// Takes the playhead to the next mark.
    NextMark,
    /// Takes the playhead to the mark before.
    PreviousMark,
    /// Selects what is seen as a range.
    SelectSeen,
    /// Selects no range any more.
    NoRange,
}

/// What is seen while somebody moves about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Where the axis ends.
    pub end: Instant,
    /// Where the playhead is.
    pub now: Instant,
    /// Over which moment the pointer is.
    pub at: Option<Instant>,
    /// The life of the selected request, as far as it has come.
    pub life: Option<(Instant, Instant)>,
    /// How high rows can be, once there are any.
    pub heights: Option<Heights>,
}

impl Go {
    /// What a key means. Those that lie under the left hand go by their place, as `code` tells it, the others by
    /// what they write.
    #[must_use]
    pub fn of_key(code: &str, key: &str) -> Option<Self> {
        Some(match (code, key) {
            ("KeyW", _) | (_, "+" | "=") => Self::Closer,
            ("KeyS", _) | (_, "-") => Self::Wider,
            ("KeyA", _) => Self::Earlier,
            ("KeyD", _) => Self::Later,
            (_, "0") => Self::Whole,
            (_, "f" | "F") => Self::Chosen,
            (_, "m" | "M") => Self::Mark,
            (_, "]") => Self::NextMark,
            (_, "[") => Self::PreviousMark,
            _ => return None,
        })
    }
}

impl Lens {
    /// Moves about. Says where the playhead is to go, if anywhere.
    pub fn go(&mut self, go: Go, seen: Seen) -> Option<Instant> {
        let (from, to) = self.look.window(seen.end);
        // Where nobody points, the playhead stays where it is, if it can be seen; else the middle does.
        let middle = Instant(u64::midpoint(from.0, to.0));
        let now = Some(seen.now).filter(|now| (from..to).contains(now));
        let at = seen.at.or(now).unwrap_or(middle);
        let turn = match go {
            Go::Closer => Turn::Zoom { at, factor: CLOSER },
            Go::Wider => Turn::Zoom { at, factor: 1.0 / CLOSER },
            Go::Earlier => Turn::Pan(-STEP),
            Go::Later => Turn::Pan(STEP),
            Go::Whole => {
                self.taller = 0;
                Turn::Fit
            }
            Go::Chosen => {
                let (from, to) = self.range.or(seen.life)?;
                if let (None, Some(heights)) = (self.range, seen.heights) {
                    self.taller = heights.to_read(self.taller);
                }
                Turn::FitTo(from, to)
            }
            Go::Mark => {
                self.toggle_mark(seen.now);
                return None;
            }
            Go::SelectSeen | Go::NoRange => {
                self.range = (go == Go::SelectSeen).then_some((from, to));
                return None;
            }
            Go::NextMark | Go::PreviousMark => {
                let to = self.mark_beside(seen.now, go == Go::NextMark)?;
                self.look = self.look.after(Turn::Reveal(to), seen.end);
                return Some(to);
            }
        };
        self.look = self.look.after(turn, seen.end);
        None
    }

    /// The mark after a moment, or the one before.
    fn mark_beside(&self, now: Instant, after: bool) -> Option<Instant> {
        if after {
            self.marks.iter().find(|&&mark| mark > now).copied()
        } else {
            self.marks.iter().rfind(|&&mark| mark < now).copied()
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::scene::look::Look;

    const SEEN: Seen = Seen {
        end: Instant(60_000_000),
        now: Instant(60_000_000),
        at: None,
        life: Some((Instant(5_000_000), Instant(9_000_000))),
        heights: None,
    };

    fn after(lens: &mut Lens, goes: &[Go], seen: Seen) -> (u64, u64) {
        for &go in goes {
            lens.go(go, seen);
        }
        let (from, to) = lens.look.window(seen.end);
        (from.0, to.0)
    }

    #[test]
    fn closer_is_about_the_pointer_then_the_playhead_then_the_middle() {
        let of = |seen| after(&mut Lens::default(), &[Go::Closer], seen);
        assert_eq!(of(Seen { at: Some(Instant(0)), ..SEEN }), (0, 40_000_000));
        assert_eq!(of(Seen { now: Instant(0), ..SEEN }), (0, 40_000_000));
        assert_eq!(of(SEEN), (10_000_000, 50_000_000), "a playhead at the end is where the run stands by itself");
    }

    #[test]
    fn what_is_chosen_is_the_range_before_the_request() {
        let mut lens = Lens::default();
        assert_eq!(after(&mut lens, &[Go::Chosen], SEEN), (5_000_000, 9_000_000));
        lens.range = Some((Instant(1_000_000), Instant(2_000_000)));
        assert_eq!(after(&mut lens, &[Go::Chosen], SEEN), (1_000_000, 2_000_000));
        assert_eq!(after(&mut lens, &[Go::NoRange, Go::Chosen], SEEN), (5_000_000, 9_000_000));
        assert_eq!(
            after(&mut lens, &[Go::SelectSeen, Go::Whole, Go::Chosen, Go::NoRange], SEEN),
            (5_000_000, 9_000_000)
        );
        assert_eq!(after(&mut lens, &[Go::Later], SEEN), (5_600_000, 9_600_000));
        assert_eq!(after(&mut lens, &[Go::Earlier], SEEN), (5_000_000, 9_000_000));
        assert_eq!(after(&mut lens, &[Go::Whole], SEEN), (0, 60_000_000));
    }

    #[test]
    fn a_request_is_fitted_so_that_it_can_be_read_and_the_whole_is_as_it_was() {
        let heights = Heights::of(2_000, 2, 480.0);
        let seen = Seen { heights: Some(heights), ..SEEN };
        let mut lens = Lens::default();
        lens.go(Go::Chosen, seen);
        assert!((13.0..26.0).contains(&heights.at(lens.taller)), "{}", heights.at(lens.taller));
        lens.go(Go::Whole, seen);
        assert_eq!(lens, Lens::default());
        lens.range = Some((Instant(1_000_000), Instant(2_000_000)));
        lens.go(Go::Chosen, seen);
        assert_eq!(lens.taller, 0, "a range has no row");
    }

    #[test]
    fn the_playhead_goes_from_mark_to_mark() {
        let mut lens = Lens { marks: [3, 7].map(|s| Instant(s * 1_000_000)).to_vec(), ..Lens::default() };
        let from = |now: u64| Seen { now: Instant(now * 1_000_000), ..SEEN };
        assert_eq!(lens.go(Go::NextMark, from(3)), Some(Instant(7_000_000)));
        assert_eq!(lens.go(Go::NextMark, from(7)), None);
        assert_eq!(lens.go(Go::PreviousMark, from(7)), Some(Instant(3_000_000)));
        lens.look = Look::Part { from: Instant(40_000_000), to: Instant(50_000_000) };
        lens.go(Go::PreviousMark, from(7));
        assert!(lens.look.window(SEEN.end).0 <= Instant(3_000_000), "where it goes is seen");
        lens.go(Go::Mark, from(7));
        assert_eq!(lens.marks, [Instant(3_000_000)]);
    }

    #[test]
    fn the_left_hand_goes_by_place_and_the_others_by_what_they_write() {
        assert_eq!(Go::of_key("KeyW", "z"), Some(Go::Closer), "on a French keyboard");
        assert_eq!(Go::of_key("KeyZ", "w"), None);
        assert_eq!(Go::of_key("BracketRight", "+"), Some(Go::Closer), "on a German keyboard");
        assert_eq!(Go::of_key("KeyX", "x"), None);
    }
}
