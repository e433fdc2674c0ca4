//! The critical path as one line along the feet of the bars that it leads through.

use crate::scene::geometry::{Geometry, Viewport};
use crate::scene::shape::Shape;
use crate::scene::thin::thinned;
use crate::trace::critical::Link;

/// How far down a row the line runs: where a bar of what is with the server ends.
const FOOT: f64 = 0.88;
/// Rows that are scrolled away all lie this far out of sight, and make one line.
const OUT_OF_SIGHT: f64 = 20.0;
/// Points no further apart are at the same height.
const SAME: f64 = 0.01;

/// The line of a lane's critical path, as far as the playhead and on the axis.
#[must_use]
pub fn path(links: &[Link], lane: usize, viewport: &Viewport, geometry: &Geometry) -> Option<Shape> {
    let (top, bottom) = (viewport.visible.0 - OUT_OF_SIGHT, viewport.visible.1 + OUT_OF_SIGHT);
    let (first, last) = (viewport.window.0, viewport.window.1.min(viewport.now));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let begun = links.partition_point(|link| link.to <= first);
    for link in links.iter().skip(begun).take_while(|link| link.from < last) {
        let Some(row) = geometry.row_top(lane, link.item as usize) else { continue };
        let y = (row + geometry.row * FOOT).max(top).min(bottom);
        let from = geometry.scale.x_from_time(link.from.max(first));
        let to = geometry.scale.x_from_time(link.to.min(last));
        match points.last_mut() {
            Some(last) if (last.1 - y).abs() < SAME => last.0 = to,
            _ => points.extend([(from, y), (to, y)]),
        }
    }
    (!points.is_empty()).then(|| Shape::Path { points: thinned(points.into_iter()) })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::scene::sample::{Lane, viewport};
    use crate::time::Instant;
    use crate::trace::critical::critical_path;
    use crate::trace::span::Fold;

    /// The corners of lane A of the default race, which is one request after the other.
    fn corners(now: Instant, visible: (f64, f64)) -> (Vec<(f64, f64)>, Geometry) {
        let trace = crate::lab::simulate(&race()).expect("sound");
        let fold = Fold::of(&trace.lanes[0].events);
        let viewport = Viewport { visible, ..viewport(now) };
        let lane = Lane::new(fold, 12);
        let geometry = Geometry::new(&[lane.input(None, &[])], &viewport);
        match path(&critical_path(&lane.fold), 0, &viewport, &geometry) {
            Some(Shape::Path { points }) => (points, geometry),
            None => (Vec::new(), geometry),
            Some(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_runs_along_each_row_and_straight_down_between_them() {
        let (points, geometry) = corners(Instant(75_000_000), (0.0, 405.0));
        assert_eq!(points.len(), 24, "two ends for each of twelve rows");
        for (n, point) in points.iter().enumerate() {
            let row = geometry.row_top(0, n / 2).expect("a row");
            assert!(row < point.1 && point.1 < row + geometry.row, "corner {n}");
        }
        assert!(points.windows(2).skip(1).step_by(2).all(|pair| (pair[0].0 - pair[1].0).abs() < 1e-6));
        assert!((points[0].0 - geometry.scale.left()).abs() < 1e-6);
    }

    #[test]
    fn it_goes_no_further_than_the_playhead() {
        for secs in [1, 7, 20, 40] {
            let (points, geometry) = corners(Instant(secs * 1_000_000), (0.0, 405.0));
            let playhead = geometry.scale.x_from_time(Instant(secs * 1_000_000));
            assert!(points.iter().all(|point| point.0 <= playhead + 1e-6), "{secs} s");
            assert!(points.last().is_some_and(|last| (last.0 - playhead).abs() < 1e-6), "{secs} s");
        }
        assert!(corners(Instant::ZERO, (0.0, 405.0)).0.is_empty());
    }

    #[test]
    fn what_is_scrolled_away_makes_one_line() {
        let (points, _) = corners(Instant(75_000_000), (400.0, 460.0));
        assert_eq!(points.len(), 2, "{points:?}");
    }
}
