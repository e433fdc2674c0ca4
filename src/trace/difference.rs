//! What became of the same requests in two runs: request by request, up to a moment of both.

use crate::time::{Instant, whole_micros};
use crate::trace::event::Outcome;
use crate::trace::span::{Fold, Row};

/// What became of a request in one of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Came {
    /// Microseconds from being asked to its end.
    pub took_micros: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// How often it was sent.
    pub attempts: u32,
}

/// What became of a request in each of two runs; nothing where it was not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which request.
    pub item: u32,
    /// In the one run, and in the other.
    pub came: [Option<Came>; 2],
}

impl Difference {
    /// How many microseconds longer it took in the other run than in the one; less than nothing where it was
    /// quicker there. None until it is over in both.
    #[must_use]
    pub fn longer_micros(&self) -> Option<i64> {
        let [one, other] = self.came.map(|came| came.map(|came| came.took_micros.cast_signed()));
        Some(other?.saturating_sub(one?))
    }
}

/// The requests of two runs at `now`, those first that differ most; of equals, the one that was asked first. Those
/// that are not over in both stand last.
#[must_use]
pub fn differences(one: &Fold, other: &Fold, now: Instant) -> Vec<Difference> {
    let rows = one.rows.len().max(other.rows.len());
    let came = |fold: &Fold, item: u32| fold.row(item).and_then(|row| came_of(row, now));
    let of = |item| Difference { item, came: [came(one, item), came(other, item)] };
    let mut all: Vec<Difference> = (0_u32..).take(rows).map(of).collect();
    // A stable sort: equals keep their order.
    all.sort_by_key(|of| std::cmp::Reverse(of.longer_micros().map(i64::unsigned_abs)));
    all
}

fn came_of(row: &Row, now: Instant) -> Option<Came> {
    let ended = row.ended.filter(|&ended| ended <= now)?;
    let took_micros = whole_micros(ended.since(row.asked));
    Some(Came { took_micros, outcome: row.outcome?, attempts: row.attempts_by(now) })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::lab::simulate;

    fn folds() -> [Fold; 2] {
        let trace = simulate(&race()).expect("sound");
        [0, 1].map(|lane: usize| Fold::of(&trace.lanes[lane].events))
    }

    #[test]
    fn those_that_differ_most_stand_first() {
        let [a, b] = folds();
        let all = differences(&a, &b, Instant::NEVER);
        let longer: Vec<u64> = all.iter().map(|of| of.longer_micros().expect("over").unsigned_abs()).collect();
        assert!(longer.is_sorted_by(|one, other| one >= other), "{longer:?}");
        let mut items: Vec<u32> = all.iter().map(|of| of.item).collect();
        items.sort_unstable();
        assert_eq!(items, (0..12).collect::<Vec<_>>(), "each once");
        let first = all.iter().find(|of| of.item == 0).expect("there");
        let ends = [&a, &b].map(|fold| fold.rows[0].ended.expect("it ended").0);
        assert_eq!(first.longer_micros(), Some(ends[1].cast_signed() - ends[0].cast_signed()));
        assert_eq!(all.iter().find(|of| of.item == 6).and_then(|of| of.came[1]).map(|came| came.attempts), Some(2));
    }

    #[test]
    fn a_run_does_not_differ_from_itself_and_the_other_way_round_the_sign_is_another() {
        let [a, b] = folds();
        assert!(differences(&a, &a, Instant::NEVER).iter().all(|of| of.longer_micros() == Some(0)));
        let sum = |one, other| {
            differences(one, other, Instant::NEVER).iter().filter_map(Difference::longer_micros).sum::<i64>()
        };
        assert_eq!(sum(&a, &b), -sum(&b, &a));
        assert_ne!(sum(&a, &b), 0);
    }

    #[test]
    fn nothing_later_than_the_playhead_is_told() {
        let [a, b] = folds();
        let now = b.rows[3].ended.expect("it ended");
        for of in differences(&a, &b, now) {
            for (fold, came) in [&a, &b].into_iter().zip(of.came) {
                assert_eq!(came.is_some(), fold.rows[of.item as usize].is_over(now), "{of:?}");
            }
        }
        assert!(differences(&a, &b, now).last().expect("twelve").longer_micros().is_none());
    }
}
