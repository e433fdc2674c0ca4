//! What a pointer is over.

use crate::scene::layout::Geometry;

/// The row at a height: lane and item.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels over row height: small, not negative.
pub fn row_at(geometry: &Geometry, y: f64) -> Option<(usize, usize)> {
    geometry.lanes.iter().enumerate().find_map(|(lane, &(top, items))| {
        let place = (y - top) / geometry.row;
        let item = (place >= 0.0).then_some(place as usize)?;
        (item < items).then_some((lane, item))
    })
}
