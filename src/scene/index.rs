//! The spans of a lane, row by row, in one piece of memory: what is read through to draw it.
//!
//! It is incremental, as the fold is: it copies the rows of the events that it has not seen. A row that outgrows
//! its room moves to the end and takes twice the room, so what is left behind is never more than what is used.

use crate::scene::piece::Piece;
use crate::time::Instant;
use crate::trace::Event;
use crate::trace::span::{Fold, Row};

/// How many spans most requests have.
const SPANS: usize = 4;

/// The spans of a lane, row by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    rows: Vec<Place>,
    pieces: Vec<Piece>,
    /// Whose each piece is; empty where a row is an item's own.
    owners: Vec<u32>,
    read: usize,
}

/// Where the pieces of a row are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    first: u32,
    count: u32,
    room: u32,
    /// How many lines it takes besides the first.
    more: u32,
}

impl Index {
    /// The spans of a fold.
    #[must_use]
    pub fn of(fold: &Fold) -> Self {
        let mut index = Self::default();
        index.rows.reserve(fold.rows.len());
        index.pieces.reserve(fold.rows.len() * SPANS);
        for row in &fold.rows {
            let first = small(index.pieces.len());
            for span in &row.spans {
                index.pieces.push(Piece::new(span, 0));
            }
            index.pieces.extend(beside(row));
            let count = small(index.pieces.len()) - first;
            index.rows.push(Place { first, count, room: count, more: branches(row) });
        }
        index
    }

    /// Copies what the events tell of that it has not seen. `fold` has read them all.
    pub fn read_on(&mut self, fold: &Fold, events: &[Event]) {
        let news = events.get(self.read..).unwrap_or_default();
        if self.read == 0 {
            *self = Self::of(fold);
        } else {
            let mut last = None;
            for event in news {
                // Of several of one item in a row, the first copies all.
                if last.replace(event.tag.item) != Some(event.tag.item) {
                    self.copy(fold, event.tag.item as usize);
                }
            }
        }
        self.read = events.len();
    }

    /// Rows whose pieces are of several items: each with whose it is, row by row and in order of time.
    #[must_use]
    pub fn of_rows(rows: &[Vec<(u32, Piece)>]) -> Self {
        let mut index = Self::default();
        for row in rows {
            let (first, count) = (small(index.pieces.len()), small(row.len()));
            index.rows.push(Place { first, count, room: count, more: 0 });
            index.pieces.extend(row.iter().map(|&(_, piece)| piece));
            index.owners.extend(row.iter().map(|&(owner, _)| owner));
        }
        index
    }

    fn copy(&mut self, fold: &Fold, item: usize) {
        let Some(row) = fold.rows.get(item) else { return };
        if self.rows.len() <= item {
            self.rows.resize(item + 1, Place::default());
        }
        let count = small(row.all_spans().count());
        let mut place = self.rows[item];
        if count > place.room {
            // The first time it is given what it needs: most rows never grow.
            let room = if place.room == 0 { count } else { count.next_power_of_two() };
            place = Place { first: small(self.pieces.len()), room, ..place };
            self.pieces.extend(pieces(row));
            self.pieces.resize((place.first + room) as usize, Piece::default());
        } else {
            let own = &mut self.pieces[place.first as usize..];
            for (to, piece) in own.iter_mut().zip(pieces(row)) {
                *to = piece;
            }
        }
        self.rows[item] = Place { count, more: branches(row), ..place };
    }

    /// How many rows have begun.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The pieces of a row: those of each line in order of time.
    #[must_use]
    pub fn row(&self, row: usize) -> &[Piece] {
        let Some(place) = self.rows.get(row) else { return &[] };
        let first = place.first as usize;
        self.pieces.get(first..first + place.count as usize).unwrap_or_default()
    }

    /// How many lines a row takes.
    #[must_use]
    pub fn lines_of(&self, row: usize) -> u32 {
        1 + self.rows.get(row).map_or(0, |place| place.more)
    }

    /// Whether a row is what several items had in turn.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        !self.owners.is_empty()
    }

    /// Whose a piece of a row is.
    #[must_use]
    pub fn owner(&self, row: usize, piece: usize) -> usize {
        let place = self.rows.get(row).map_or(0, |place| place.first as usize + piece);
        self.owners.get(place).map_or(row, |&owner| owner as usize)
    }

    /// Those of `pieces`, which are of one line and in order, that lie in part between two moments; and the place of
    /// the first.
    #[must_use]
    pub fn between(pieces: &[Piece], from: Instant, to: Instant) -> (usize, &[Piece]) {
        if from > to {
            return (0, &[]);
        }
        let first = pieces.partition_point(|piece| piece.to(Instant::NEVER) < from);
        let after = pieces.partition_point(|piece| piece.from() <= to);
        (first, pieces.get(first..after).unwrap_or_default())
    }
}

fn pieces(row: &Row) -> impl Iterator<Item = Piece> {
    row.spans.iter().map(|span| Piece::new(span, 0)).chain(beside(row))
}

/// The pieces of the branches beside the first.
fn beside(row: &Row) -> impl Iterator<Item = Piece> {
    row.others.iter().flat_map(|branch| branch.spans.iter().map(|span| Piece::new(span, branch.tag.branch)))
}

/// How many lines the branches beside the first take; those of one step after another share them.
fn branches(row: &Row) -> u32 {
    row.others.iter().map(|branch| u32::from(branch.tag.branch)).max().unwrap_or(0)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::limits::Hedge;
    use crate::experiment::preset::race;
    use crate::experiment::{Experiment, LaneSpec};
    use proptest::prelude::*;

    fn events() -> Vec<Event> {
        let lanes = vec![LaneSpec { hedge: Some(Hedge::Percentile(50)), ..LaneSpec::concurrent(4) }];
        crate::lab::simulate(&Experiment { lanes, ..race() }).expect("sound").lanes.remove(0).events
    }

    proptest! {
        #[test]
        fn read_in_parts_it_is_what_it_is_at_once(cuts in prop::collection::vec(0.0f64..1.0, 0..9)) {
            let events = events();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let mut ends: Vec<usize> = cuts.iter().map(|cut| (cut * events.len() as f64) as usize).collect();
            ends.push(events.len());
            ends.sort_unstable();
            let (mut fold, mut index) = (Fold::default(), Index::default());
            for end in ends {
                fold.read_on(&events[..end]);
                index.read_on(&fold, &events[..end]);
                let whole = Index::of(&fold);
                prop_assert_eq!(index.len(), whole.len());
                for row in 0..whole.len() {
                    prop_assert_eq!(index.row(row), whole.row(row));
                    prop_assert_eq!(index.lines_of(row), whole.lines_of(row));
                }
                prop_assert!(index.pieces.len() <= 4 * whole.pieces.len().max(1));
            }
        }
    }

    #[test]
    fn what_is_seen_of_a_row_is_found_by_its_moments() {
        let index = Index::of(&Fold::of(&events()));
        let row = index.row(0);
        let (first, all) = Index::between(row, Instant::ZERO, Instant::NEVER);
        assert_eq!((first, all), (0, row));
        let end = row.last().expect("a piece").to(Instant::NEVER);
        let (first, last) = Index::between(row, end, Instant::NEVER);
        assert_eq!((first + last.len(), last.last()), (row.len(), row.last()));
        assert!(Index::between(row, Instant(end.0 + 1), Instant::NEVER).1.is_empty());
        assert!(Index::between(row, end, Instant::ZERO).1.is_empty());
    }
}
