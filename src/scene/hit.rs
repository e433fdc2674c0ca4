//! What a pointer is over.

use crate::scene::geometry::{Geometry, LaneInput, Viewport};
use crate::scene::piece::Piece;
use crate::time::Instant;
use std::ops::Range;

/// The row at a height: lane and item; where rows share pixels, the first of them.
#[must_use]
pub fn row_at(geometry: &Geometry, y: f64) -> Option<(usize, usize)> {
    geometry.lanes.iter().enumerate().find_map(|(lane, (_, lines))| {
        let item = lines.item_at(geometry.line_at(lane, y)?)?;
        Some((lane, item))
    })
}

/// The lane whose title is at a height.
#[must_use]
pub fn title_at(geometry: &Geometry, y: f64) -> Option<usize> {
    let is_title = |&(_, (top, _)): &(usize, &(f64, _))| (top - super::geometry::TITLE..*top).contains(&y);
    geometry.lanes.iter().enumerate().find(is_title).map(|(lane, _)| lane)
}

/// The request under a pointer: lane and item. A request of its own row is meant wherever the pointer is on it. Where
/// several share a pixel it is one that does something there, one that failed before any other, and then the one
/// nearest to the pointer; and so on the row of a permit.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // Pixels of a screen.
pub fn request_at(
    lanes: &[LaneInput<'_>],
    viewport: &Viewport,
    geometry: &Geometry,
    (x, y): (f64, f64),
) -> Option<(usize, usize)> {
    let number = (0..lanes.len()).find(|&lane| geometry.line_at(lane, y).is_some())?;
    let (lane, (top, lines)) = (lanes.get(number)?, geometry.lanes.get(number)?);
    if !geometry.is_shared() && !lane.index.is_shared() {
        return row_at(geometry, y);
    }
    let line = geometry.line_at(number, y)?;
    let near = if geometry.is_shared() { geometry.lines_of_pixel((y - top) as usize) } else { line..line + 1 };
    let column = geometry.scale.left() + libm::floor(x - geometry.scale.left());
    let moment = geometry.scale.time_from_x(x);
    let within = geometry.scale.time_from_x(column)..geometry.scale.time_from_x(column + 1.0);
    let mut best = None::<((bool, u64, usize), usize)>;
    for place in lines.place_at(near.start)?..lines.rows() {
        let Some(own) = lines.of_place(place).filter(|own| own.start < near.end) else { break };
        let row = lines.row_at(place);
        for (number, &piece) in lane.index.row(row).iter().enumerate() {
            let on = own.start + piece.line();
            if !near.contains(&on) || !touches(piece, &within, viewport) {
                continue;
            }
            let away = piece.from().0.saturating_sub(moment.0) + moment.0.saturating_sub(piece.to(viewport.now).0);
            let rank = (!piece.has_failed(viewport.now), away, on.abs_diff(line));
            if best.is_none_or(|(before, _)| rank < before) {
                best = Some((rank, lane.index.owner(row, number)));
            }
        }
    }
    let alone = || lines.item_at(line).filter(|_| !lane.index.is_shared());
    Some((number, best.map(|(_, item)| item).or_else(alone)?))
}

/// Whether a piece is seen in such a stretch.
fn touches(piece: Piece, within: &Range<Instant>, viewport: &Viewport) -> bool {
    let now = viewport.now;
    piece.from() <= now
        && piece.from() <= within.end
        && piece.to(now) >= within.start
        && !piece.is_hidden(viewport.hidden, now)
}
