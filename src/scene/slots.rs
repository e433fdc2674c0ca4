//! Who held which permit: a row for each, and on it what its holders did, one after the other.

use crate::id::{PermitNo, Tag};
use crate::scene::index::Index;
use crate::scene::piece::Piece;
use crate::time::Instant;
use crate::trace::span::Phase;
use crate::trace::{Event, Gate, Kind};

/// The permits of a lane and their holders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slots {
    /// A row for each permit.
    pub index: Index,
    /// The first permit of each request; beyond all permits for one that never held any.
    pub first: Vec<u32>,
}

/// A permit in somebody's hands.
#[derive(Clone, Copy)]
struct Hold {
    tag: Tag,
    from: Instant,
    to: Instant,
}

impl Slots {
    /// The permits that these events tell of; `index` is the spans of their requests. A wait in line is not drawn,
    /// even if a permit is held meanwhile.
    #[must_use]
    pub fn of(events: &[Event], index: &Index) -> Self {
        let mut slots: Vec<Vec<Hold>> = Vec::new();
        let mut first = vec![u32::MAX; index.len()];
        for &Event { at, tag, kind } in events {
            match kind {
                Kind::Granted { gate: Gate::Semaphore | Gate::Turn, permit: PermitNo(permit) } => {
                    let slot = usize::from(permit);
                    if slots.len() <= slot {
                        slots.resize_with(slot + 1, Vec::new);
                    }
                    end(&mut slots[slot], at);
                    slots[slot].push(Hold { tag, from: at, to: Instant::NEVER });
                    if let Some(first) = first.get_mut(tag.item as usize).filter(|first| **first == u32::MAX) {
                        *first = u32::from(permit);
                    }
                }
                Kind::Released { gate: Gate::Semaphore | Gate::Turn, permit: PermitNo(permit) } => {
                    if let Some(holds) = slots.get_mut(usize::from(permit)) {
                        end(holds, at);
                    }
                }
                _ => {}
            }
        }
        let rows: Vec<_> =
            slots.iter().map(|holds| holds.iter().flat_map(|hold| done(index, *hold)).collect()).collect();
        Self { index: Index::of_rows(&rows), first }
    }
}

fn end(holds: &mut [Hold], at: Instant) {
    if let Some(hold) = holds.last_mut().filter(|hold| hold.to == Instant::NEVER) {
        hold.to = at;
    }
}

/// What a holder did while it held a permit.
fn done(index: &Index, Hold { tag, from, to }: Hold) -> impl Iterator<Item = (u32, Piece)> {
    let own = index.row(tag.item as usize).iter().filter(move |piece| piece.line() == usize::from(tag.branch));
    let at_work = own.filter(|piece| !matches!(piece.phase(), Phase::Queued | Phase::RateLimited | Phase::CircuitOpen));
    at_work.filter_map(move |piece| Some((tag.item, piece.within(from, to)?)))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::trace::span::Fold;

    #[test]
    fn four_permits_make_four_rows_without_overlaps_and_nobody_is_lost() {
        let events = crate::lab::simulate(&race()).expect("sound").lanes.remove(1).events;
        let fold = Fold::of(&events);
        let slots = Slots::of(&events, &Index::of(&fold));
        assert_eq!(slots.index.len(), 4);
        assert!(slots.first.iter().all(|&slot| slot < 4));
        let mut seen = std::collections::BTreeSet::new();
        for slot in 0..4 {
            let row = slots.index.row(slot);
            seen.extend((0..row.len()).map(|piece| slots.index.owner(slot, piece)));
            assert!(row.windows(2).all(|pair| pair[0].to(Instant::NEVER) <= pair[1].from()));
        }
        assert_eq!(seen.len(), 12);
        let held = |phase: Phase| {
            let pieces =
                (0..4).flat_map(|slot| slots.index.row(slot).iter().filter(move |piece| piece.phase() == phase));
            pieces.map(|piece| piece.to(Instant::NEVER).0 - piece.from().0).sum::<u64>()
        };
        let lived = |phase: Phase| {
            let spans = fold.rows.iter().flat_map(|row| &row.spans).filter(|span| span.phase == phase);
            spans.map(|span| span.to.0 - span.from.0).sum::<u64>()
        };
        for phase in [Phase::FirstByte, Phase::Streaming] {
            assert_eq!(held(phase), lived(phase), "whoever is with the server holds a permit");
        }
    }
}
