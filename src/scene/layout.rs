//! Spans to shapes. Nothing later than the playhead is drawn, and nothing beside the axis; rows that lie outside the
//! visible part are left out, and labels stand only where there is room to read them.

use crate::scene::area::under_rows;
use crate::scene::arrow::arrow;
use crate::scene::bars::rows;
use crate::scene::geometry::{AXIS, ROW_WITH_LABEL, TITLE, width_of};
pub use crate::scene::geometry::{Face, Geometry, LaneInput, Viewport};
use crate::scene::path::path;
use crate::scene::raster::raster;
use crate::scene::shape::{Align, LineKind, Rect, Shape, TextStyle};

/// The least height of what marks a chosen row.
const STRIPE_LEAST: f64 = 3.0;
/// The least height of a group that has room for its heading.
const HEAD: f64 = 14.0;
/// How far apart the marks of the axis are at least: their words have room.
const APART: f64 = 64.0;

/// The shapes of `lanes`, to be painted in order.
#[must_use]
pub fn layout(lanes: &[LaneInput<'_>], viewport: &Viewport, geometry: &Geometry, face: &Face<'_>) -> Vec<Shape> {
    let mut shapes = Vec::new();
    grid(&mut shapes, viewport, geometry);
    for lane in lanes.iter().enumerate() {
        let (number, input) = lane;
        let (from, to) = geometry.reach(number);
        if to < viewport.visible.0 || from > viewport.visible.1 {
            continue;
        }
        title(&mut shapes, input.title, geometry.lanes[number].0);
        stripe(&mut shapes, number, viewport, geometry);
        if geometry.is_shared() {
            shapes.extend(raster(lane, viewport, geometry));
        } else {
            rows(&mut shapes, lane, viewport, geometry, face);
        }
        headings(&mut shapes, number, viewport, geometry, face);
        shapes.extend(input.path.and_then(|links| path(links, number, viewport, geometry)));
        under_rows(&mut shapes, lane, viewport, geometry, face);
    }
    let top = viewport.visible.0;
    if viewport.show_playhead && (viewport.window.0..=viewport.window.1).contains(&viewport.now) {
        let x = geometry.scale.x_from_time(viewport.now);
        shapes.push(Shape::Line { from: (x, top + AXIS - 4.0), to: (x, geometry.height), line: LineKind::Playhead });
    }
    shapes.extend(arrow(lanes, viewport, geometry));
    on_top(&mut shapes, lanes, viewport, geometry, face);
    shapes
}

/// A mark of the axis through all lanes, for each of its moments.
fn grid(shapes: &mut Vec<Shape>, viewport: &Viewport, geometry: &Geometry) {
    for tick in geometry.scale.ticks(geometry.scale.step_micros(APART)) {
        let x = geometry.scale.x_from_time(tick);
        let (from, to) = (AXIS.max(viewport.visible.0), geometry.height);
        shapes.push(Shape::Line { from: (x, from), to: (x, to), line: LineKind::Grid });
    }
}

/// What stays in sight when the rows are scrolled: the axis, and the title of the lane that is looked at.
fn on_top(shapes: &mut Vec<Shape>, lanes: &[LaneInput<'_>], viewport: &Viewport, geometry: &Geometry, face: &Face<'_>) {
    let top = viewport.visible.0;
    let mut plate = |y: f64, height: f64| {
        shapes.push(Shape::Plate { rect: Rect { x: 0.0, y, width: viewport.width, height } });
    };
    if top > 0.0 {
        let looked_at = lanes.iter().enumerate().find(|&(number, _)| {
            let (from, to) = geometry.reach(number);
            from < top + AXIS && to > top + AXIS + TITLE
        });
        plate(top, AXIS + if looked_at.is_some() { TITLE } else { 0.0 });
        if let Some((_, lane)) = looked_at {
            title(shapes, lane.title, top + AXIS + TITLE);
        }
    }
    let step = geometry.scale.step_micros(APART);
    for tick in geometry.scale.ticks(step) {
        let at = (geometry.scale.x_from_time(tick), top + 13.0);
        shapes.push(Shape::Text { at, text: (face.axis)(tick, step), align: Align::Centre, style: TextStyle::Label });
    }
    if viewport.show_playhead && (viewport.window.0..=viewport.window.1).contains(&viewport.now) {
        shapes.push(Shape::Handle { at: (geometry.scale.x_from_time(viewport.now), top + AXIS + 2.0) });
    }
}

/// A lane's title, above its first row.
fn title(shapes: &mut Vec<Shape>, text: &str, row: f64) {
    let (text, at) = (text.to_owned(), (10.0, row - 5.0));
    shapes.push(Shape::Text { at, text, align: Align::Left, style: TextStyle::Title });
}

/// What marks the selected request.
fn stripe(shapes: &mut Vec<Shape>, number: usize, viewport: &Viewport, geometry: &Geometry) {
    let Some(item) = viewport.selected.filter(|&(lane, _)| lane == number).map(|(_, item)| item) else { return };
    let Some(y) = geometry.row_top(number, item) else { return };
    let height = geometry.height_of(number, item).max(STRIPE_LEAST);
    if y <= viewport.visible.1 && y + height >= viewport.visible.0 {
        shapes.push(Shape::Stripe { rect: Rect { x: 2.0, y, width: viewport.width - 4.0, height } });
    }
}

/// The headings of groups: on their own lines, or over the rows where those are too low.
#[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
fn headings(shapes: &mut Vec<Shape>, number: usize, viewport: &Viewport, geometry: &Geometry, face: &Face<'_>) {
    let (top, lines) = &geometry.lanes[number];
    let y_of = |line: u32| top + geometry.row * f64::from(line);
    let nexts = lines.heads().iter().skip(1).map(|&(line, _)| y_of(line));
    let end = top + geometry.row * lines.len() as f64;
    for (&(line, item), next) in lines.heads().iter().zip(nexts.chain([end])) {
        let y = y_of(line);
        if next - y < HEAD || y > viewport.visible.1 || y + HEAD < viewport.visible.0 {
            continue;
        }
        let text = (face.heading)(number, item);
        if geometry.row < ROW_WITH_LABEL {
            let rect = Rect { x: 2.0, y, width: width_of(&text) + 12.0, height: HEAD };
            shapes.push(Shape::Plate { rect });
        }
        let at = (10.0, y + geometry.row.max(HEAD) / 2.0 + 4.0);
        shapes.push(Shape::Text { at, text, align: Align::Left, style: TextStyle::Label });
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::scene::bars::BAR_LEAST;
    use crate::scene::sample::{FACE, Lane, row_at, viewport};
    use crate::scene::shape::Paint;
    use crate::time::Instant;
    use crate::trace::span::Fold;
    use proptest::prelude::*;

    fn lanes() -> Vec<Lane> {
        let trace = crate::lab::simulate(&race()).expect("sound");
        trace.lanes.iter().map(|lane| Lane::new(Fold::of(&lane.events), 12)).collect()
    }

    fn at(now: Instant) -> Viewport {
        Viewport { band: true, selected: Some((1, 6)), ..viewport(now) }
    }

    fn shapes(lanes: &[Lane], viewport: &Viewport) -> (Vec<Shape>, Geometry) {
        let limits = [None, Some(4)];
        let inputs: Vec<_> = lanes.iter().zip(limits).map(|(lane, limit)| lane.input(limit, &[])).collect();
        let geometry = Geometry::new(&inputs, viewport);
        (layout(&inputs, viewport, &geometry, &FACE), geometry)
    }

    #[test]
    fn two_lanes_of_twelve_fit_a_laptop_without_scrolling() {
        let (_, geometry) = shapes(&lanes(), &at(Instant::ZERO));
        assert!(geometry.height <= 406.0, "{}", geometry.height);
        assert!(geometry.row >= ROW_WITH_LABEL, "rows can be read: {}", geometry.row);
    }

    #[test]
    fn a_pointer_on_a_row_finds_it() {
        let (_, geometry) = shapes(&lanes(), &at(Instant::ZERO));
        for (lane, item) in [(0, 0), (0, 11), (1, 6)] {
            let middle = geometry.row_top(lane, item).expect("a row") + geometry.row / 2.0;
            assert_eq!(row_at(&geometry, middle), Some((lane, item)));
        }
        assert_eq!(row_at(&geometry, 5.0), None, "the axis is no row");
    }

    #[test]
    fn a_failure_tints_its_span_only_once_it_has_happened() {
        let lanes = lanes();
        let failed = |now| {
            let (shapes, _) = shapes(&lanes, &at(Instant(now)));
            shapes.iter().filter(|shape| matches!(shape, Shape::Bar { paint: Paint::Failed, .. })).count()
        };
        let refused = lanes[1].fold.rows[6].spans[1];
        assert_eq!((failed(refused.to.0 - 1), failed(refused.to.0)), (0, 1));
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_before_it_has_happened(now in 0u64..75_000_000) {
            let viewport = at(Instant(now));
            let (shapes, geometry) = shapes(&lanes(), &viewport);
            let playhead = geometry.scale.x_from_time(viewport.now);
            for shape in shapes {
                match shape {
                    // A moment is still to be seen: the least width may reach over the playhead.
                    Shape::Bar { rect, .. } => prop_assert!(rect.x + rect.width <= playhead + BAR_LEAST + 0.5),
                    Shape::Area { edge, .. } => prop_assert!(edge.iter().all(|&(x, _)| x <= playhead + 1e-6)),
                    _ => {}
                }
            }
        }

        #[test]
        fn what_is_scrolled_away_is_not_drawn(from in 0.0f64..400.0) {
            let viewport = Viewport { visible: (from, from + 60.0), ..at(Instant(75_000_000)) };
            let (shapes, geometry) = shapes(&lanes(), &viewport);
            let bars = shapes.iter().filter_map(|shape| match shape { Shape::Bar { rect, .. } => Some(rect), _ => None });
            for rect in bars {
                prop_assert!(rect.y + geometry.row >= from - 1.0 && rect.y <= from + 60.0 + geometry.row);
            }
        }
    }
}
