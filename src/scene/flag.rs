//! The moments that were marked and the range that is selected, drawn over a run.

use crate::scene::layout::Geometry;
use crate::scene::lens::Lens;
use crate::scene::scale::Scale;
use crate::scene::shape::{LineKind, Rect, Shape};
use crate::time::Instant;

/// How far from a mark, in pixels, a press still means it: to its left, and to the end of its flag.
const REACH: (f64, f64) = (3.0, 9.0);

/// The shapes of what was marked and selected, to be painted last.
#[must_use]
pub fn flags(lens: &Lens, geometry: &Geometry) -> Vec<Shape> {
    let scale = geometry.scale;
    let (left, right) = (scale.left(), scale.right());
    let upright = |x, line| Shape::Line { from: (x, geometry.axis - 4.0), to: (x, geometry.height), line };
    let mut shapes = Vec::new();
    if let Some((from, to)) = lens.range.map(|(from, to)| (scale.x_from_time(from), scale.x_from_time(to))) {
        let (x, end) = (from.max(left), to.min(right));
        if x < end {
            let rect = Rect { x, y: 0.0, width: end - x, height: geometry.height };
            shapes.push(Shape::Stripe { rect });
        }
        let edges = [from, to].into_iter().filter(|x| (left..=right).contains(x));
        shapes.extend(edges.map(|x| upright(x, LineKind::Limit)));
    }
    for x in seen(&lens.marks, scale).map(|(x, _)| x) {
        shapes.push(upright(x, LineKind::Limit));
        shapes.push(Shape::Flag { at: (x, geometry.axis) });
    }
    shapes
}

/// The mark whose flag is at a pixel.
#[must_use]
pub fn mark_at(marks: &[Instant], scale: Scale, x: f64) -> Option<Instant> {
    let is_at = |&(flag, _): &(f64, Instant)| (flag - REACH.0..=flag + REACH.1).contains(&x);
    // Of flags over one another the last is painted last.
    seen(marks, scale).filter(is_at).last().map(|(_, mark)| mark)
}

fn seen(marks: &[Instant], scale: Scale) -> impl Iterator<Item = (f64, Instant)> {
    let placed = marks.iter().map(move |&mark| (scale.x_from_time(mark), mark));
    placed.filter(move |(x, _)| (scale.left()..=scale.right()).contains(x))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::scene::layout::{Geometry, Viewport};
    use crate::scene::lens::Hidden;

    fn geometry() -> Geometry {
        let viewport = Viewport {
            width: 806.0,
            height: 300.0,
            window: (Instant(10_000_000), Instant(80_000_000)),
            now: Instant(80_000_000),
            show_playhead: false,
            band: false,
            is_part: true,
            taller: 0,
            hidden: Hidden::default(),
            selected: None,
            visible: (0.0, 300.0),
        };
        Geometry::new(&[], &viewport)
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let lens = Lens {
            range: Some((Instant(5_000_000), Instant(20_000_000))),
            marks: [1, 45, 90].map(|s| Instant(s * 1_000_000)).to_vec(),
            ..Lens::default()
        };
        let shapes = flags(&lens, &geometry());
        let Some(Shape::Stripe { rect }) = shapes.first() else { panic!("{shapes:?}") };
        assert!((rect.x - 40.0).abs() < 1e-6 && (rect.width - 100.0).abs() < 1e-6, "{rect:?}");
        let flags = shapes.iter().filter(|shape| matches!(shape, Shape::Flag { .. })).count();
        assert_eq!((flags, shapes.len()), (1, 4), "one edge of the range, and one mark with its line");
    }

    #[test]
    fn a_press_on_a_flag_means_its_moment() {
        let marks = [45, 46].map(|s| Instant(s * 1_000_000));
        let at = |x| mark_at(&marks, geometry().scale, x);
        assert_eq!(at(388.0), Some(marks[0]));
        assert_eq!(at(398.0), Some(marks[1]), "the later one lies on top");
        assert_eq!(at(300.0), None);
    }
}
