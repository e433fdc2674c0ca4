//! What is drawn over a run to teach with it: a line that says when a lane will be done, how far off a prediction
//! was, and shade over all that is not spoken of.

use crate::scene::geometry::{Geometry, Viewport};
use crate::scene::shape::{Align, LineKind, Paint, Rect, Shape, TextStyle};
use crate::time::Instant;
use std::time::Duration;

/// What is drawn over a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// When a lane was said to be done.
    pub finish: Option<(usize, Instant)>,
    /// Stretches by which a prediction was off.
    pub misses: Vec<Miss>,
    /// The requests that are spoken of: lane and item. All others lie in the shade; none if it is empty.
    pub lit: Vec<(usize, usize)>,
}

/// A stretch by which a prediction was off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The lane.
    pub lane: usize,
    /// The item; none for the lane as a whole.
    pub item: Option<usize>,
    /// What was said.
    pub said: Instant,
    /// What was so.
    pub was: Instant,
}

/// What stands at the finish line, and the words for how far off a lane was.
pub type Words<'a> = (&'a str, &'a dyn Fn(Duration) -> String);

/// How high a miss of a whole lane is.
const HEIGHT: f64 = 9.0;

/// The shapes of `marks`, to be painted over the lanes. A miss shows only once what was so has happened.
#[must_use]
pub fn marked(marks: &Marks, viewport: &Viewport, geometry: &Geometry, (said, off): Words<'_>) -> Vec<Shape> {
    let mut shapes = Vec::new();
    shade(&mut shapes, marks, viewport, geometry);
    let (from, to) = viewport.window;
    let is_seen =
        |miss: &&Miss| miss.was <= viewport.now && miss.was.max(miss.said) >= from && miss.was.min(miss.said) <= to;
    for miss in marks.misses.iter().filter(is_seen) {
        let Some((top, bottom)) = place(miss, geometry) else { continue };
        let x = |at: Instant| geometry.scale.x_from_time(at.max(from).min(to));
        let (a, b) = (x(miss.said), x(miss.was));
        let rect = Rect { x: a.min(b), y: top, width: (a - b).abs().max(2.0), height: bottom - top };
        shapes.push(Shape::Bar { rect, paint: Paint::Miss });
        if miss.item.is_none() {
            let text = off(miss.said.max(miss.was).since(miss.said.min(miss.was)));
            let (x, align) = beside(a.max(b), a.min(b), geometry);
            shapes.push(Shape::Text { at: (x, bottom), text, align, style: TextStyle::Label });
        }
    }
    if let Some((lane, at)) = marks.finish
        && (from..=to).contains(&at)
        && let Some((top, lines)) = geometry.lanes.get(lane)
    {
        let x = geometry.scale.x_from_time(at);
        #[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
        let bottom = top + geometry.row * lines.len() as f64 + 4.0;
        shapes.push(Shape::Line { from: (x, top - 14.0), to: (x, bottom), line: LineKind::Finish });
        let (text, style) = (said.to_owned(), TextStyle::Title);
        let (x, align) = beside(x, x, geometry);
        shapes.push(Shape::Text { at: (x, top - 5.0), text, align, style });
    }
    shapes
}

/// Where words stand beside a stretch, on the side where there is room for them.
fn beside(right: f64, left: f64, geometry: &Geometry) -> (f64, Align) {
    let is_late = right > f64::midpoint(geometry.scale.left(), geometry.scale.right());
    if is_late { (left - 5.0, Align::Right) } else { (right + 5.0, Align::Left) }
}

/// From where to where a miss reaches down.
#[allow(clippy::cast_precision_loss)] // As above.
fn place(miss: &Miss, geometry: &Geometry) -> Option<(f64, f64)> {
    if let Some(item) = miss.item {
        let top = geometry.row_top(miss.lane, item)?;
        return Some((top + geometry.row * 0.3, top + geometry.row * 0.7));
    }
    let (top, lines) = geometry.lanes.get(miss.lane)?;
    let bottom = top + geometry.row * lines.len() as f64;
    Some((bottom - HEIGHT / 2.0, bottom + HEIGHT / 2.0))
}

/// Lays shade over each row that is not lit.
#[allow(clippy::cast_precision_loss)] // As above.
fn shade(shapes: &mut Vec<Shape>, marks: &Marks, viewport: &Viewport, geometry: &Geometry) {
    if marks.lit.is_empty() {
        return;
    }
    for (lane, (first, lines)) in geometry.lanes.iter().enumerate() {
        let mut y = *first;
        let mut down_to = |from: f64, to: f64| {
            if to > from {
                let rect = Rect { x: 0.0, y: from, width: viewport.width, height: to - from };
                shapes.push(Shape::Shade { rect });
            }
        };
        let lit = marks.lit.iter().filter(|lit| lit.0 == lane);
        let lit: Vec<(f64, f64)> = lit
            .filter_map(|&(_, item)| Some((geometry.row_top(lane, item)?, geometry.height_of(lane, item))))
            .collect();
        // They are few: the next one down is found among all.
        let next = |y: f64| {
            let below = lit.iter().filter(|(top, height)| top + height / 2.0 > y);
            below.min_by(|one, other| one.0.total_cmp(&other.0))
        };
        while let Some((top, height)) = next(y) {
            down_to(y, *top);
            y = top + height;
        }
        down_to(y, first + geometry.row * lines.len() as f64);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::scene::sample::{Lane, viewport};
    use crate::trace::span::Fold;

    fn with_geometry(see: impl FnOnce(&Viewport, &Geometry)) {
        let trace = crate::lab::simulate(&race()).expect("sound");
        let lanes: Vec<Lane> = trace.lanes.iter().map(|lane| Lane::new(Fold::of(&lane.events), 12)).collect();
        let lanes: Vec<_> = lanes.iter().map(|lane| lane.input(None, &[])).collect();
        let viewport = viewport(Instant(20_000_000));
        let geometry = Geometry::new(&lanes, &viewport);
        see(&viewport, &geometry);
    }

    #[test]
    fn a_miss_is_drawn_from_what_was_said_to_what_was_so_once_that_has_happened() {
        with_geometry(|viewport, geometry| {
            let miss = |was| Miss { lane: 1, item: None, said: Instant(10_000_000), was: Instant(was) };
            let drawn = |was| {
                let marks = Marks { misses: vec![miss(was)], ..Marks::default() };
                marked(&marks, viewport, geometry, ("", &|off| off.as_secs().to_string()))
            };
            assert_eq!(drawn(20_000_001), []);
            let shapes = drawn(20_000_000);
            let [Shape::Bar { rect, paint: Paint::Miss }, Shape::Text { text, .. }] = &shapes[..] else {
                panic!("{shapes:?}")
            };
            assert_eq!(text, "10");
            let scale = geometry.scale;
            assert!((rect.x - scale.x_from_time(Instant(10_000_000))).abs() < 1e-9);
            assert!((rect.x + rect.width - scale.x_from_time(Instant(20_000_000))).abs() < 1e-9);
        });
    }

    #[test]
    fn all_but_what_is_spoken_of_lies_in_the_shade() {
        with_geometry(|viewport, geometry| {
            let marks = Marks { lit: vec![(1, 3), (1, 0)], ..Marks::default() };
            let shapes = marked(&marks, viewport, geometry, ("", &|_| String::new()));
            let shaded = |lane, item| {
                let middle = geometry.row_top(lane, item).expect("a row") + geometry.row / 2.0;
                shapes.iter().any(
                    |shape| matches!(shape, Shape::Shade { rect } if (rect.y..rect.y + rect.height).contains(&middle)),
                )
            };
            for lane in 0..2 {
                for item in 0..12 {
                    assert_eq!(shaded(lane, item), !marks.lit.contains(&(lane, item)), "{lane}/{item}");
                }
            }
        });
    }
}
