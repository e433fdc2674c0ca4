//! What a pointer is over.

use crate::scene::layout::Geometry;

/// The request at a height: lane and item.
#[must_use]
pub fn row_at(geometry: &Geometry, y: f64) -> Option<(usize, usize)> {
    geometry.lanes.iter().enumerate().find_map(|(lane, (_, lines))| {
        let item = lines.item_at(geometry.line_at(lane, y)?)?;
        Some((lane, item))
    })
}
