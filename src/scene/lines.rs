//! Which line of a lane's drawing a request stands on: one with several branches has a line for each.

use crate::trace::span::{Fold, Row};

/// The lines of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    items: usize,
    /// The requests with several branches, and how many lines more than one they and all before them have.
    extra: Vec<(usize, usize)>,
}

impl Lines {
    /// The lines of so many requests, begun or not.
    #[must_use]
    pub fn new(items: usize, fold: &Fold) -> Self {
        let mut more = 0;
        let wide = fold.rows.iter().enumerate().filter(|(_, row)| !row.others.is_empty());
        let extra = wide.map(|(item, row)| {
            more += branches(row);
            (item, more)
        });
        Self { items, extra: extra.collect() }
    }

    /// How many requests there are.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items + self.extra.last().map_or(0, |&(_, more)| more)
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// The first line of a request.
    #[must_use]
    pub fn first_of(&self, item: usize) -> Option<usize> {
        let before = self.extra.partition_point(|&(other, _)| other < item);
        let more = before.checked_sub(1).and_then(|place| self.extra.get(place)).map_or(0, |&(_, more)| more);
        (item < self.items).then_some(item + more)
    }

    /// The request that a line belongs to.
    #[must_use]
    pub fn item_at(&self, line: usize) -> Option<usize> {
        // The first that begins after it ends the search: those before it begin at or before the line.
        let before = self.extra.partition_point(|&(item, more)| item + more < line);
        let more = before.checked_sub(1).and_then(|place| self.extra.get(place)).map_or(0, |&(_, more)| more);
        let item = match self.extra.get(before) {
            // On a line of its own, or on one of those under it.
            Some(&(wide, _)) => (line - more).min(wide),
            None => line - more,
        };
        (line < self.len()).then_some(item)
    }
}

/// How many lines the branches beside the first take; those of one step after another share them.
fn branches(row: &Row) -> usize {
    row.others.iter().map(|branch| usize::from(branch.tag.branch)).max().unwrap_or(0)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::time::Instant;
    use crate::trace::{Event, Kind, Opened};
    use proptest::prelude::*;

    /// A lane of which each request has so many branches beside the first.
    fn lane(branches: &[u8]) -> Lines {
        let events = (0_u32..).zip(branches).flat_map(|(item, &count)| {
            let event =
                move |branch, kind| Event { at: Instant::ZERO, tag: Tag { branch, ..Tag::of_item(0, item) }, kind };
            let opened = (1..=count).map(move |branch| event(branch, Kind::BranchOpened { why: Opened::Hedge }));
            [event(0, Kind::Asked)].into_iter().chain(opened)
        });
        Lines::new(branches.len(), &Fold::of(&events.collect::<Vec<_>>()))
    }

    #[test]
    fn a_request_with_a_copy_takes_two_lines() {
        let lines = lane(&[0, 1, 0, 2, 0]);
        assert_eq!(lines.len(), 8);
        assert_eq!([0, 1, 2, 3, 4].map(|item| lines.first_of(item)), [0, 1, 3, 4, 7].map(Some));
        let items = (0..9).map(|line| lines.item_at(line)).collect::<Vec<_>>();
        assert_eq!(items, [Some(0), Some(1), Some(1), Some(2), Some(3), Some(3), Some(3), Some(4), None]);
    }

    proptest! {
        #[test]
        fn every_line_belongs_to_the_request_that_it_lies_under(branches in prop::collection::vec(0u8..4, 1..40)) {
            let lines = lane(&branches);
            let expected: Vec<usize> = (0..).zip(&branches).flat_map(|(item, &more)| vec![item; 1 + usize::from(more)]).collect();
            prop_assert_eq!(lines.len(), expected.len());
            for (line, &item) in expected.iter().enumerate() {
                prop_assert_eq!(lines.item_at(line), Some(item));
                prop_assert!(lines.first_of(item) <= Some(line));
            }
        }
    }
}
