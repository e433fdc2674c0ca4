//! What a pointer is over.

use crate::scene::geometry::{Geometry, LaneInput, Viewport};
use crate::scene::piece::Piece;
use crate::time::Instant;
use std::ops::Range;

/// What a pointer is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The lane.
    pub lane: usize,
    /// The request.
    pub item: usize,
    /// The moment under the pointer, or the nearest one of what was found there.
    pub at: Instant,
}

/// The request under a pointer. One that has a row of its own is meant wherever the pointer is on it. Where several
/// share a pixel it is one that does something there, one that failed before any other, and then the one nearest to
/// the pointer; and so on the row of a permit.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels of a screen.
pub fn request_at(
    lanes: &[LaneInput<'_>],
    viewport: &Viewport,
    geometry: &Geometry,
    (x, y): (f64, f64),
) -> Option<Hit> {
    let (number, line) = (0..lanes.len()).find_map(|lane| Some((lane, geometry.line_at(lane, y)?)))?;
    let (lane, (top, lines)) = (lanes.get(number)?, geometry.lanes.get(number)?);
    let at = geometry.scale.time_from_x(x);
    let own = lines.item_at(line).filter(|_| !lane.index.is_shared()).map(|item| Hit { lane: number, item, at });
    if !geometry.is_shared() && !lane.index.is_shared() {
        return own;
    }
    let near = if geometry.is_shared() { geometry.lines_of_pixel((y - top) as usize) } else { line..line + 1 };
    let column = geometry.scale.left() + libm::floor(x - geometry.scale.left());
    let within = geometry.scale.time_from_x(column)..geometry.scale.time_from_x(column + 1.0);
    let mut best = None::<((bool, u64, usize), Hit)>;
    for place in lines.place_at(near.start)?..lines.rows() {
        let Some(own) = lines.of_place(place).filter(|own| own.start < near.end) else { break };
        let row = lines.row_at(place);
        for (piece_number, &piece) in lane.index.row(row).iter().enumerate() {
            let on = own.start + piece.line();
            if !near.contains(&on) || !touches(piece, &within, viewport) {
                continue;
            }
            let last = Instant(piece.to(viewport.now).0.saturating_sub(1));
            let nearest = at.min(last).max(piece.from());
            let rank = (!piece.has_failed(viewport.now), nearest.0.abs_diff(at.0), on.abs_diff(line));
            if best.is_none_or(|(before, _)| rank < before) {
                let item = lane.index.owner(row, piece_number);
                best = Some((rank, Hit { lane: number, item, at: nearest }));
            }
        }
    }
    best.map(|(_, hit)| hit).or(own)
}

/// Whether a piece is seen in such a stretch.
fn touches(piece: Piece, within: &Range<Instant>, viewport: &Viewport) -> bool {
    let now = viewport.now;
    piece.from() <= now
        && piece.from() <= within.end
        && piece.to(now) >= within.start
        && !piece.is_hidden(viewport.hidden, now)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::scene::index::Index;
    use crate::scene::lines::Lines;
    use crate::scene::sample::{Lane, viewport};
    use crate::scene::slots::Slots;
    use crate::trace::span::{Fate, Fold};
    use std::rc::Rc;

    const END: Instant = Instant(75_000_000);

    #[test]
    fn in_a_pixel_of_many_rows_the_one_that_failed_is_found_first() {
        let fold = Fold::of(&crate::lab::simulate(&race()).expect("sound").lanes[1].events);
        let lane = Lane::new(fold, 12);
        let viewport = Viewport { taller: -7, ..viewport(END) };
        let inputs = [lane.input(None, &[])];
        let geometry = Geometry::new(&inputs, &viewport);
        assert_eq!(geometry.lines_of_pixel(0), 0..8);
        let refused =
            lane.fold.rows[6].spans.iter().find(|span| matches!(span.fate, Fate::Failed(_))).expect("refused");
        let x = geometry.scale.x_from_time(refused.from);
        let top = geometry.lanes[0].0;
        let hit = request_at(&inputs, &viewport, &geometry, (x, top + 0.1)).expect("a request");
        assert_eq!((hit.lane, hit.item), (0, 6));
        assert!(refused.covers(hit.at));
        let before = Viewport { now: Instant(refused.to.0 - 1), ..viewport };
        let hit = request_at(&inputs, &before, &geometry, (x, top + 0.1)).expect("a request");
        assert_ne!(hit.item, 6, "it has not failed yet, and others are nearer");
    }

    #[test]
    fn on_the_row_of_a_permit_it_is_who_holds_it_then() {
        let events = crate::lab::simulate(&race()).expect("sound").lanes.remove(1).events;
        let mut lane = Lane::new(Fold::of(&events), 12);
        let slots = Slots::of(&events, &Index::of(&lane.fold));
        lane.lines = Rc::new(Lines::shared(slots.index.len(), slots.first));
        lane.index = slots.index;
        let (inputs, viewport) = ([lane.input(None, &[])], viewport(END));
        let geometry = Geometry::new(&inputs, &viewport);
        let found = |item: usize| {
            let span = lane.fold.rows[item].spans.iter().find(|span| span.phase.is_in_flight()).expect("it was sent");
            let middle = Instant(u64::midpoint(span.from.0, span.to.0));
            let y = geometry.row_top(0, item).expect("it held a permit") + geometry.row / 2.0;
            request_at(&inputs, &viewport, &geometry, (geometry.scale.x_from_time(middle), y)).map(|hit| hit.item)
        };
        for item in 0..12 {
            assert_eq!(found(item), Some(item));
        }
    }
}
