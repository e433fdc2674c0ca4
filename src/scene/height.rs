//! How high rows are: by themselves as the room and their number have it, and higher or lower where that is asked for.

use libm::ldexp;

const ROW_MOST: f64 = 18.0;
const ROW_LEAST: f64 = 4.0;
/// Rows that were asked to be taller grow no further.
const ROW_TALLEST: f64 = 48.0;
/// All rows together are no higher: browsers cut what is far higher than this off, and farther down a canvas can't tell
/// quarters of a pixel apart. A hundred thousand rows can be read within it, and so can twice as many.
const ALL_ROWS_MOST: f64 = 4e6;
/// So few rows can be read however low the window is; what has no room is scrolled to.
const FEW: usize = 20;
const ROW_OF_FEW: f64 = 13.0;
/// So many are not read one by one: all of them are fitted to the height, or to this much of it for each lane.
const MANY: usize = 400;
const LANE_OF_MANY: f64 = 60.0;
/// Rows are halved at most so many times.
const LEAST_TALLER: i8 = -3;

/// How high a row is by itself, and how high it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heights {
    own: f64,
    most: f64,
}

impl Heights {
    /// Those of so many rows, where `room` pixels are left for them. Rows take the height there is, within what can be
    /// read and what looks right; very many take what there is in any case.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
    pub fn of(rows: usize, lanes: usize, room: f64) -> Self {
        let count = rows.max(1) as f64;
        let fitted = |least: f64| room.max(least) / count;
        let own = match rows {
            0..=FEW => fitted(0.0).clamp(ROW_OF_FEW, ROW_MOST),
            MANY.. => fitted(LANE_OF_MANY * lanes as f64).min(ROW_LEAST),
            _ => fitted(0.0).clamp(ROW_LEAST, ROW_MOST),
        };
        Self { own, most: ROW_TALLEST.min(ALL_ROWS_MOST / count) }
    }

    /// How high a row is that was doubled so many times, or halved.
    #[must_use]
    pub fn at(self, taller: i8) -> f64 {
        self.asked(taller).max(1e-6).min(self.most)
    }

    /// After a wish for higher rows, or lower ones; nothing where they can't be.
    #[must_use]
    pub fn step(self, taller: i8, higher: bool) -> Option<i8> {
        if higher {
            return (self.asked(taller) < self.most).then_some(taller + 1);
        }
        // The last doubling may have gone beyond what they can be.
        let lower = (LEAST_TALLER..taller).rev();
        lower.into_iter().find(|&lower| self.asked(lower) < self.most)
    }

    /// After a wish to read a row: higher, where it is too low for that.
    #[must_use]
    pub fn to_read(self, taller: i8) -> i8 {
        let enough = ROW_OF_FEW.min(self.most);
        (taller..i8::MAX).find(|&taller| self.asked(taller) >= enough).unwrap_or(taller)
    }

    fn asked(self, taller: i8) -> f64 {
        self.own * ldexp(1.0, i32::from(taller))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    /// What rows come to by wishes for higher ones, and how many that were.
    fn highest(heights: Heights) -> (f64, i8) {
        let mut taller = 0;
        while let Some(next) = heights.step(taller, true) {
            taller = next;
        }
        (heights.at(taller), taller)
    }

    #[test]
    fn however_many_they_are_rows_grow_until_they_can_be_read() {
        for rows in [1, 24, 2_000, 100_000, 200_000] {
            let heights = Heights::of(rows, 2, 480.0);
            assert!(highest(heights).0 >= 20.0, "{rows} rows: {heights:?}");
            let (before, read) = (heights.at(0), heights.at(heights.to_read(0)));
            assert!(read >= ROW_OF_FEW && read < ROW_OF_FEW.max(before) * 2.0, "{rows} rows: {read}");
        }
        assert!(highest(Heights::of(100_000, 1, 480.0)).0 >= 22.0);
    }

    #[test]
    fn more_rows_than_a_browser_can_hold_grow_as_far_as_it_can() {
        let heights = Heights::of(800_000, 8, 480.0);
        assert!((highest(heights).0 - 5.0).abs() < 1e-9);
        assert!((heights.at(heights.to_read(0)) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn the_first_wish_for_lower_rows_is_met() {
        for rows in [12, 2_000, 100_000] {
            let heights = Heights::of(rows, 1, 480.0);
            let (tallest, taller) = highest(heights);
            for from in [taller, taller + 3] {
                let lower = heights.step(from, false).map(|taller| heights.at(taller));
                assert!(lower.is_some_and(|lower| lower < tallest), "{rows} rows");
            }
        }
    }

    #[test]
    fn what_can_be_read_stays_as_high() {
        assert_eq!(Heights::of(12, 1, 480.0).to_read(0), 0);
        assert_eq!(Heights::of(2_000, 1, 480.0).to_read(7), 7);
    }

    #[test]
    fn rows_are_halved_three_times_at_most() {
        let heights = Heights::of(12, 1, 480.0);
        assert_eq!(heights.step(-2, false), Some(-3));
        assert_eq!(heights.step(-3, false), None);
    }
}
