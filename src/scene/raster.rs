//! Rows that are too low for bars: a lane as pixels, each shaded by what its requests do in its time. As many
//! requests as there may be, it is read through once and written once.

use crate::scene::geometry::{Geometry, LaneInput, Viewport};
use crate::scene::shape::{Rect, Shape};
use crate::scene::strip::Strip;
use std::ops::Range;

/// The pixels of lane `number`, as far as they can be seen.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels of a screen.
pub(super) fn raster(
    (number, lane): (usize, &LaneInput<'_>),
    viewport: &Viewport,
    geometry: &Geometry,
) -> Option<Shape> {
    let (top, lines) = &geometry.lanes[number];
    let high = libm::ceil(geometry.row * lines.len() as f64);
    let first = (viewport.visible.0 - top).max(0.0).min(high) as usize;
    let after = libm::ceil((viewport.visible.1 - top).max(0.0).min(high)) as usize;
    let scale = geometry.scale;
    let columns = ((scale.right() - scale.left()) as usize).max(1);
    let mut streaks = Vec::new();
    let mut strip = Strip::new(columns, viewport);
    // The lines that the last row of pixels stands for, and where its streaks begin.
    let mut before = (Range::default(), 0);
    for down in first..after {
        let shared = geometry.lines_of_pixel(down);
        if before.0 == shared {
            // Rows higher than a pixel are the same again.
            let last = streaks.len();
            streaks.extend_from_within(before.1..);
            before.1 = last;
            continue;
        }
        before = (shared.clone(), streaks.len());
        let place = lines.place_at(shared.start).unwrap_or(lines.rows());
        for place in place..lines.rows() {
            let Some(own) = lines.of_place(place).filter(|own| own.start < shared.end) else { break };
            for &piece in lane.index.row(lines.row_at(place)) {
                if shared.contains(&(own.start + piece.line())) {
                    strip.add(piece);
                }
            }
        }
        strip.write(&mut streaks, shared.len() as f64);
    }
    let rect = Rect { x: scale.left(), y: top + first as f64, width: columns as f64, height: (after - first) as f64 };
    (after > first).then_some(Shape::Raster { rect, columns, streaks })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::scene::sample::{Lane, viewport};
    use crate::scene::shape::{Paint, Pixel};
    use crate::scene::strip::{LEAST, LEAST_FAILED, strength};
    use crate::time::Instant;
    use crate::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
    use Phase::{FirstByte, Queued, Streaming};
    use proptest::prelude::*;
    use std::iter;

    /// The pixels of a lane with a row for each life, 600 across, so low that all share the first.
    fn drawn(lives: &[(Phase, u64, u64, bool)], window: (u64, u64)) -> (Vec<Pixel>, Geometry, usize) {
        drawn_lower(-8, lives, window)
    }

    /// The same, rows being doubled so many times: a negative number halves them.
    fn drawn_lower(taller: i8, lives: &[(Phase, u64, u64, bool)], window: (u64, u64)) -> (Vec<Pixel>, Geometry, usize) {
        let row = |&(phase, from, length, fails): &_| {
            let fate = if fails { Fate::Failed(0) } else { Fate::Answered };
            let (from, to) = (Instant(from), Instant(from + length));
            let span = Span { tag: Tag::of_item(0, 0), phase, from, to, fate, cause: Cause::Server, bytes: 0 };
            let mut row = Row::default();
            row.spans.push(span);
            row
        };
        let mut fold = Fold::default();
        fold.rows.extend(lives.iter().map(row));
        let lane = Lane::new(fold, lives.len());
        let viewport = Viewport {
            width: 706.0,
            window: (Instant(window.0), Instant(window.1)),
            taller,
            ..viewport(Instant::NEVER)
        };
        let inputs = [lane.input(None, &[])];
        let geometry = Geometry::new(&inputs, &viewport);
        match raster((0, &inputs[0]), &viewport, &geometry) {
            Some(Shape::Raster { columns, streaks, .. }) => {
                let pixels = streaks.iter().flat_map(|streak| iter::repeat_n(streak.pixel, streak.length));
                (pixels.collect(), geometry, columns)
            }
            other => panic!("{other:?}"),
        }
    }

    const ALL: (u64, u64) = (0, 60_000_000);
    /// A pixel of that run.
    const PIXEL: u64 = 100_000;

    #[test]
    fn a_pixel_has_the_hue_of_what_there_is_most_of_and_the_strength_of_how_much_there_is() {
        let streams = (Phase::Streaming, 10 * PIXEL, 2 * PIXEL, false);
        let (pixels, geometry, columns) = drawn(&[streams, streams, (Phase::FirstByte, 10 * PIXEL, PIXEL, false)], ALL);
        assert_eq!((columns, geometry.lines_of_pixel(0)), (600, 0..15), "rows are so low that all share a pixel");
        assert_eq!(
            &pixels[9..13],
            [
                None,
                Some((Paint::Streaming, strength(LEAST, 0.2))),
                Some((Paint::Streaming, strength(LEAST, 2.0 / 15.0))),
                None
            ]
        );
    }

    #[test]
    fn waits_count_half() {
        let life = |phase| (phase, 10 * PIXEL, PIXEL, false);
        let hue = |lives: &[Phase]| {
            let lives: Vec<_> = lives.iter().map(|&phase| life(phase)).collect();
            drawn(&lives, ALL).0[10].map(|(paint, _)| paint)
        };
        assert_eq!(hue(&[Queued, Queued, Streaming]), Some(Paint::Streaming));
        assert_eq!(hue(&[Queued, Queued, Queued, Streaming, FirstByte, FirstByte]), Some(Paint::FirstByte));
        assert_eq!(hue(&[Queued, Queued, Queued, Streaming]), Some(Paint::Queued));
    }

    #[test]
    fn one_failure_among_many_is_seen_and_is_paler_than_many() {
        let strong = |failed: usize| {
            let lives: Vec<_> = (0..15).map(|n| (Phase::FirstByte, 10 * PIXEL, PIXEL, n < failed)).collect();
            drawn(&lives, ALL).0[10].expect("a pixel")
        };
        assert_eq!(strong(1), (Paint::Failed, strength(LEAST_FAILED, 1.0 / 15.0)));
        assert_eq!(strong(15), (Paint::Failed, 255));
    }

    #[test]
    fn where_all_has_ended_nothing_is_left_over_of_a_hundred_thousand() {
        let half = 300 * PIXEL;
        let life = |n: u64| (Phase::FirstByte, n * 7_919_777 % half, n * 104_729 % half, false);
        let lives: Vec<_> = (0..100_000).map(life).collect();
        let (pixels, geometry, columns) = drawn_lower(-20, &lives, (0, 2 * ALL.1));
        assert!(geometry.lines_of_pixel(0).len() >= lives.len(), "all share the first");
        let left_over = pixels.iter().enumerate().filter(|(at, pixel)| at % columns > 300 && pixel.is_some());
        assert_eq!(left_over.count(), 0);
    }

    fn life() -> impl Strategy<Value = (Phase, u64, u64, bool)> {
        let phase = prop_oneof![Just(Phase::Queued), Just(Phase::FirstByte), Just(Phase::Streaming)];
        (phase, 0u64..60_000_000, prop_oneof![0u64..50, 0u64..5_000_000], any::<bool>())
            .prop_map(|(phase, from, length, fails)| (phase, from, length, fails && phase == Phase::FirstByte))
    }

    proptest! {
        #[test]
        fn a_failure_is_seen_at_every_zoom(
            lives in prop::collection::vec(life(), 1..700), from in 0u64..59_000_000, length in 4_000u64..60_000_000,
        ) {
            let window = (from, from + length);
            let (pixels, geometry, columns) = drawn(&lives, window);
            prop_assert_eq!(pixels.len() % columns, 0);
            let mut failed = vec![false; pixels.len()];
            for (row, &(_, from, length, _)) in lives.iter().enumerate().filter(|(_, life)| life.3) {
                let x = |at: u64| geometry.scale.x_from_time(Instant(at)) - geometry.scale.left();
                let (left, right) = (x(from), x(from + length));
                let is_there = right > 0.0 && left < 600.0;
                let down = (0..pixels.len() / columns).filter(|&down| geometry.lines_of_pixel(down).contains(&row));
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let (first, last) = (left.max(0.0) as usize, right.min(599.5) as usize);
                for down in down.filter(|_| is_there) {
                    let of_row = &pixels[down * columns..][..columns];
                    let is_failed = |column: usize| matches!(of_row[column], Some((Paint::Failed, _)));
                    prop_assert!(is_failed(first), "row {row} at {first}");
                    prop_assert!((first..last).all(is_failed));
                    failed[down * columns + first..=down * columns + last].fill(true);
                }
            }
            let wrong = pixels.iter().zip(failed).position(|(pixel, failed)| !failed && matches!(pixel, Some((Paint::Failed, _))));
            prop_assert_eq!(wrong, None, "where nothing failed nothing says so");
        }

        #[test]
        fn edges_lie_within_half_a_pixel(from in 0u64..59_000_000, length in 0u64..30_000_000) {
            let (pixels, geometry, _) = drawn_lower(-3, &[(Phase::Streaming, from, length, false)], ALL);
            // Half a pixel and more of it has the strength of that.
            let half = strength(LEAST, 0.5);
            let covered: Vec<usize> =
                (0..600).filter(|&x| pixels[x].is_some_and(|(_, strength)| strength >= half)).collect();
            let x = |at: u64| geometry.scale.x_from_time(Instant(at.min(ALL.1))) - geometry.scale.left();
            if let (Some(&first), Some(&last)) = (covered.first(), covered.last()) {
                #[allow(clippy::cast_precision_loss)]
                let (first, after) = (first as f64, last as f64 + 1.0);
                prop_assert!((first - x(from)).abs() <= 0.51, "{first} is not {}", x(from));
                prop_assert!((after - x(from + length)).abs() <= 0.51, "{after} is not {}", x(from + length));
            } else {
                prop_assert!(length <= 2 * PIXEL);
            }
        }
    }
}
