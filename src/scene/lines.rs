//! Which line of a lane's drawing a row stands on: in an order of their own, one with several branches has a line for
//! each, and a group may have a line for its heading.

use crate::scene::index::Index;

/// The lines of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The row at each place; as they are numbered where it is empty.
    order: Vec<u32>,
    /// The place of each request; as they are numbered where it is empty.
    places: Vec<u32>,
    /// The first line of each place, and at the end how many lines there are.
    starts: Vec<u32>,
    /// The lines of headings, in order, each with the first request under it.
    heads: Vec<(u32, u32)>,
}

impl Lines {
    /// The lines of so many rows, begun or not, as they are numbered.
    #[must_use]
    pub fn new(rows: usize, index: &Index) -> Self {
        Self::arranged(rows, Vec::new(), index, |_| false)
    }

    /// The lines of so many rows in this order, which is all their numbers; `has_head` says of a place whether a
    /// heading stands before it.
    #[must_use]
    pub fn arranged(rows: usize, order: Vec<u32>, index: &Index, has_head: impl Fn(usize) -> bool) -> Self {
        let mut places = vec![0; order.len()];
        for (place, &row) in (0_u32..).zip(&order) {
            if let Some(of_row) = places.get_mut(row as usize) {
                *of_row = place;
            }
        }
        let (mut starts, mut heads, mut line) = (Vec::with_capacity(rows + 1), Vec::new(), 0);
        for place in 0..rows {
            let row = order.get(place).map_or(place, |&row| row as usize);
            if has_head(place) {
                heads.push((line, u32::try_from(row).unwrap_or(u32::MAX)));
                line += 1;
            }
            starts.push(line);
            line += index.lines_of(row);
        }
        starts.push(line);
        Self { order, places, starts, heads }
    }

    /// The lines of rows that requests share; `places` says on which one a request is found, if on any.
    #[must_use]
    pub fn shared(rows: usize, places: Vec<u32>) -> Self {
        Self { places, starts: (0..=u32::try_from(rows).unwrap_or(u32::MAX)).collect(), ..Self::default() }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().map_or(0, |&line| line as usize)
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// The headings: the line of each, and the first request under it.
    #[must_use]
    pub fn heads(&self) -> &[(u32, u32)] {
        &self.heads
    }

    /// The place of a request among the rows.
    #[must_use]
    pub fn place_of(&self, item: usize) -> Option<usize> {
        let place = if self.places.is_empty() { item } else { *self.places.get(item)? as usize };
        (place < self.rows()).then_some(place)
    }

    /// The row at a place.
    #[must_use]
    pub fn row_at(&self, place: usize) -> usize {
        self.order.get(place).map_or(place, |&row| row as usize)
    }

    /// The lines of a place.
    #[must_use]
    pub fn of_place(&self, place: usize) -> Option<std::ops::Range<usize>> {
        let first = *self.starts.get(place)? as usize;
        let next = *self.starts.get(place + 1)? as usize;
        let is_head = self.heads.binary_search_by_key(&next.saturating_sub(1), |&(line, _)| line as usize).is_ok();
        Some(first..next - usize::from(is_head))
    }

    /// The first line of a request.
    #[must_use]
    pub fn first_of(&self, item: usize) -> Option<usize> {
        self.starts.get(self.place_of(item)?).map(|&line| line as usize)
    }

    /// The place that a line belongs to; a heading's is the one above it, or the first.
    #[must_use]
    pub fn place_at(&self, line: usize) -> Option<usize> {
        let begun = self.starts.partition_point(|&start| start as usize <= line);
        (line < self.len()).then(|| begun.saturating_sub(1))
    }

    /// The row that a line belongs to; none of a heading's.
    #[must_use]
    pub fn item_at(&self, line: usize) -> Option<usize> {
        let place = self.place_at(line)?;
        self.of_place(place)?.contains(&line).then(|| self.row_at(place))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::time::Instant;
    use crate::trace::span::Fold;
    use crate::trace::{Event, Kind, Opened};
    use proptest::prelude::*;

    /// A lane of which each request has so many branches beside the first.
    fn index(branches: &[u8]) -> Index {
        let events = (0_u32..).zip(branches).flat_map(|(item, &count)| {
            let event =
                move |branch, kind| Event { at: Instant::ZERO, tag: Tag { branch, ..Tag::of_item(0, item) }, kind };
            let opened = (1..=count).map(move |branch| event(branch, Kind::BranchOpened { why: Opened::Hedge }));
            [event(0, Kind::Asked)].into_iter().chain(opened)
        });
        Index::of(&Fold::of(&events.collect::<Vec<_>>()))
    }

    #[test]
    fn a_request_with_a_copy_takes_two_lines() {
        let lines = Lines::new(5, &index(&[0, 1, 0, 2, 0]));
        assert_eq!(lines.len(), 8);
        assert_eq!([0, 1, 2, 3, 4].map(|item| lines.first_of(item)), [0, 1, 3, 4, 7].map(Some));
        let items = (0..9).map(|line| lines.item_at(line)).collect::<Vec<_>>();
        assert_eq!(items, [Some(0), Some(1), Some(1), Some(2), Some(3), Some(3), Some(3), Some(4), None]);
    }

    #[test]
    fn groups_stand_under_their_headings() {
        let lines = Lines::arranged(3, vec![2, 0, 1], &index(&[0, 1, 0]), |place| place != 1);
        assert_eq!(lines.heads(), [(0, 2), (3, 1)]);
        let items = (0..7).map(|line| lines.item_at(line)).collect::<Vec<_>>();
        assert_eq!(items, [None, Some(2), Some(0), None, Some(1), Some(1), None]);
        assert_eq!([0, 1, 2].map(|item| lines.first_of(item)), [2, 4, 1].map(Some));
    }

    #[test]
    fn on_a_shared_row_a_request_is_found_where_it_was_first() {
        let lines = Lines::shared(2, vec![1, 0, u32::MAX, 1]);
        assert_eq!((lines.len(), lines.rows()), (2, 2));
        assert_eq!([0, 1, 2, 3, 4].map(|item| lines.first_of(item)), [Some(1), Some(0), None, Some(1), None]);
    }

    proptest! {
        #[test]
        fn every_line_belongs_to_the_request_that_it_lies_under(
            branches in prop::collection::vec(0u8..4, 1..40), turned in 0usize..40, every in 1usize..5,
        ) {
            let (rows, index) = (branches.len(), index(&branches));
            let order: Vec<u32> = (0..rows).map(|place| u32::try_from((place + turned) % rows).expect("few")).collect();
            let has_head = |place: usize| place.is_multiple_of(every) && every > 1;
            let lines = Lines::arranged(rows, order.clone(), &index, has_head);
            let expected: Vec<Option<usize>> = order.iter().enumerate().flat_map(|(place, &item)| {
                let own = vec![Some(item as usize); 1 + usize::from(branches[item as usize])];
                has_head(place).then_some(None).into_iter().chain(own)
            }).collect();
            prop_assert_eq!(lines.len(), expected.len());
            for (line, &item) in expected.iter().enumerate() {
                prop_assert_eq!(lines.item_at(line), item);
                prop_assert!(item.is_none_or(|item| lines.first_of(item) <= Some(line)));
            }
        }
    }
}
