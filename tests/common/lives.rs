//! The lives of items with several branches, held against what a span is said to be.

use lanescope::time::Instant;
use lanescope::trace::span::{Fate, Fold, Row, Span};
use lanescope::trace::{Event, Kind, LaneTrace};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A step and a branch of it.
type Place = (u8, u8);

fn by_branch(row: &Row) -> BTreeMap<Place, Vec<Span>> {
    let mut branches: BTreeMap<Place, Vec<Span>> = BTreeMap::new();
    for span in row.all_spans() {
        branches.entry((span.tag.step, span.tag.branch)).or_default().push(*span);
    }
    branches
}

/// The spans of each branch of each step touch, and all together cover the item's life.
pub(crate) fn spans_touch_and_cover(fold: &Fold) -> Result<(), TestCaseError> {
    for row in &fold.rows {
        for spans in by_branch(row).values() {
            for span in spans {
                prop_assert!(span.from <= span.to && span.fate != Fate::Open, "{span:?}");
            }
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from, "a gap or an overlap before {:?}", pair[1]);
            }
        }
        let mut stretches: Vec<(Instant, Instant)> = row.all_spans().map(|span| (span.from, span.to)).collect();
        stretches.sort_unstable();
        let mut covered = row.asked;
        for (from, to) in stretches {
            prop_assert!(row.asked <= from && from <= covered, "nothing from {covered:?} to {from:?}");
            covered = covered.max(to);
        }
        prop_assert_eq!(Some(covered), row.ended);
    }
    Ok(())
}

/// A step has one answer at the most, and in that microsecond whatever else it has under way is given up.
pub(crate) fn one_answer_ends_the_others(lane: &LaneTrace, fold: &Fold) -> Result<(), TestCaseError> {
    let mut answered: BTreeMap<(u32, u8), Event> = BTreeMap::new();
    for event in lane.events.iter().filter(|event| matches!(event.kind, Kind::Answered { .. })) {
        let before = answered.insert((event.tag.item, event.tag.step), *event);
        prop_assert!(before.is_none(), "{} was answered before", event.tag);
    }
    for ((item, step), answer) in answered {
        let row = fold.row(item).expect("a row");
        for ((_, branch), spans) in by_branch(row).into_iter().filter(|(place, _)| place.0 == step) {
            let last = spans.last().expect("a branch has spans");
            let is_right = match last.fate {
                Fate::Answered => branch == answer.tag.branch && last.to == answer.at,
                Fate::Cancelled => branch != answer.tag.branch && last.to == answer.at,
                Fate::Failed(_) => branch != answer.tag.branch && last.to <= answer.at,
                Fate::Open | Fate::Passed => false,
            };
            prop_assert!(is_right, "{} was answered at {:?}, but {:?}", answer.tag, answer.at, last);
        }
    }
    Ok(())
}
