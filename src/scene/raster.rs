//! Rows that are too low for bars: a lane as pixels, each shaded by what its requests do in its time. As many
//! requests as there may be, it is read through once and written once.
//!
//! The rule. A pixel stands for a stretch of time of one row or of several. Its hue is what most of that time is spent
//! in: first whether it is waiting or not, waits counting half, as their bars are half as high; then what there is
//! most of. Its strength is how much of the pixel is covered, from a fifth for next to nothing to full. A pixel in
//! which any attempt was under way that failed has the hue of failure, at a strength from three quarters, for one among
//! many, to full, if nothing else is there: so no failure is lost however far out one looks, and a few do not look
//! like all.

use crate::scene::geometry::{Geometry, LaneInput, Viewport};
use crate::scene::lens::Hidden;
use crate::scene::piece::{KINDS, Piece};
use crate::scene::shape::{Paint, Pixel, Rect, Shape};
use crate::time::Instant;
use std::ops::Range;

/// How strong the palest pixel is, and the palest with a failure in it.
const LEAST: f32 = 0.2;
const LEAST_FAILED: f32 = 0.75;
/// Less than this, in pixels of one row, is what sums leave behind.
const NOTHING: f32 = 1e-3;

/// What a pixel can be filled with, by number; the last is a failure.
const PAINTS: [Paint; 10] = [
    Paint::Queued,
    Paint::RateLimited,
    Paint::CircuitOpen,
    Paint::Awaiting,
    Paint::FirstByte,
    Paint::Thinking,
    Paint::Streaming,
    Paint::BackingOff,
    Paint::Cancelled,
    Paint::Failed,
];
/// The first so many are waits.
const WAITS: usize = 4;
const FAILED: usize = PAINTS.len() - 1;

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
    let mut pixels = vec![None; columns * after.saturating_sub(first)];
    let mut strip = Strip::new(columns, viewport);
    let mut before = None::<Range<usize>>;
    for down in first..after {
        let shared = geometry.lines_of_pixel(down);
        let at = (down - first) * columns;
        if before.as_ref() == Some(&shared) {
            // Rows higher than a pixel are the same again.
            pixels.copy_within(at - columns..at, at);
            continue;
        }
        let place = lines.place_at(shared.start).unwrap_or(lines.rows());
        for place in place..lines.rows() {
            let Some(own) = lines.of_place(place).filter(|own| own.start < shared.end) else { break };
            for &piece in lane.index.row(lines.row_at(place)) {
                if shared.contains(&(own.start + piece.line())) {
                    strip.add(piece);
                }
            }
        }
        strip.write(&mut pixels[at..at + columns], shared.len() as f32);
        before = Some(shared);
    }
    let rect = Rect { x: scale.left(), y: top + first as f64, width: columns as f64, height: (after - first) as f64 };
    (after > first).then_some(Shape::Raster { rect, columns, pixels })
}

/// A row of pixels while it is filled: of each paint how much of each pixel is covered, written as changes from one
/// pixel to the next, so that a piece costs the same however long it is.
struct Strip {
    columns: usize,
    from: Instant,
    now: Instant,
    hidden: Hidden,
    /// What each kind of piece is drawn with, by number.
    paints: [usize; KINDS],
    /// Pixels a microsecond.
    per_micro: f64,
    /// Changes of each paint, and in which columns there are any.
    changes: [Vec<f32>; PAINTS.len()],
    touched: [(usize, usize); PAINTS.len()],
    /// Changes of how many failed attempts there are, and how much of each pixel they cover.
    failures: Vec<f32>,
    failed: Vec<f32>,
    /// Of waits, and of all else.
    most: [Vec<Most>; 2],
}

/// From which column to which, where there is none.
const UNTOUCHED: (usize, usize) = (usize::MAX, 0);

/// What there is most of in a pixel.
#[derive(Clone, Copy, Default)]
struct Most {
    paint: usize,
    covered: f32,
    /// How much there is with all others.
    all: f32,
}

impl Strip {
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
    fn new(columns: usize, viewport: &Viewport) -> Self {
        let (from, to) = viewport.window;
        Self {
            columns,
            from,
            now: viewport.now,
            hidden: viewport.hidden,
            paints: std::array::from_fn(|kind| number(Piece::paint_of(kind))),
            per_micro: columns as f64 / (to.since(from).as_micros() as f64).max(1.0),
            changes: std::array::from_fn(|_| vec![0.0; columns + 2]),
            touched: [UNTOUCHED; PAINTS.len()],
            failures: vec![0.0; columns + 2],
            failed: vec![0.0; columns],
            most: std::array::from_fn(|_| vec![Most::default(); columns]),
        }
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // As above.
    fn add(&mut self, piece: Piece) {
        let now = self.now;
        if piece.from() > now || self.hidden != Hidden::default() && piece.is_hidden(self.hidden, now) {
            return;
        }
        let (first, width) = (self.from.0 as f64, self.columns as f64);
        let x = |at: Instant| (at.0 as f64 - first) * self.per_micro;
        let (begins, ends) = (x(piece.from()), x(piece.to(now)));
        // What ends as the axis begins, or begins as it ends, is not on it.
        if ends < 0.0 || begins >= width || begins < 0.0 && ends <= 0.0 {
            return;
        }
        let left = if begins < 0.0 { 0.0 } else { begins };
        let right = if ends > width { width } else { ends };
        let paint = self.paints[piece.kind(now)];
        let (one, other) = (left as usize, right as usize);
        let (begun, ended) = ((left - one as f64) as f32, (right - other as f64) as f32);
        let changes = &mut self.changes[paint][..];
        changes[one] += 1.0 - begun;
        changes[one + 1] += begun;
        changes[other] -= 1.0 - ended;
        changes[other + 1] -= ended;
        let (from, to) = &mut self.touched[paint];
        (*from, *to) = ((*from).min(one), (*to).max(other + 1));
        if paint == FAILED {
            // A moment is still to be seen; one that ends with a pixel is not in the next.
            let last = if ended > 0.0 || other == one { other } else { other - 1 };
            self.failures[one] += 1.0;
            self.failures[last + 1] -= 1.0;
        }
    }

    /// Writes the pixels of so many rows, and is empty again.
    fn write(&mut self, pixels: &mut [Pixel], rows: f32) {
        let (mut from, mut to) = UNTOUCHED;
        for paint in 0..PAINTS.len() {
            let touched = std::mem::replace(&mut self.touched[paint], UNTOUCHED);
            if touched.0 >= touched.1 {
                continue;
            }
            let end = touched.1.min(self.columns);
            (from, to) = (from.min(touched.0), to.max(end));
            let changes = &mut self.changes[paint][touched.0..];
            let (inside, beyond) = changes.split_at_mut(end - touched.0);
            beyond.fill(0.0);
            let mut covered = 0.0;
            if paint == FAILED {
                for (change, failed) in inside.iter_mut().zip(&mut self.failed[touched.0..end]) {
                    covered += std::mem::take(change);
                    *failed = covered;
                }
                continue;
            }
            let most = &mut self.most[usize::from(paint >= WAITS)];
            for (change, most) in inside.iter_mut().zip(&mut most[touched.0..end]) {
                covered += std::mem::take(change);
                if covered > NOTHING {
                    most.all += covered;
                    if covered > most.covered {
                        (most.paint, most.covered) = (paint, covered);
                    }
                }
            }
        }
        if from >= to {
            return;
        }
        let [waits, rest] = &mut self.most;
        let sums = waits[from..to].iter_mut().zip(&mut rest[from..to]);
        let failed = self.failures[from..to].iter_mut().zip(&mut self.failed[from..to]);
        let mut failures = 0.0;
        for ((pixel, (waits, rest)), (change, failed)) in pixels[from..to].iter_mut().zip(sums).zip(failed) {
            failures += std::mem::take(change);
            let (waits, rest, failed) = (std::mem::take(waits), std::mem::take(rest), std::mem::take(failed));
            let ink = rest.all + 0.5 * waits.all;
            if failures > 0.5 {
                *pixel = Some((Paint::Failed, strength(LEAST_FAILED, failed / rows)));
            } else if ink > NOTHING {
                let paint = if rest.all >= 0.5 * waits.all { rest.paint } else { waits.paint };
                *pixel = Some((PAINTS[paint % PAINTS.len()], strength(LEAST, ink / rows)));
            }
        }
        self.failures[self.columns] = 0.0;
    }
}

fn number(paint: Paint) -> usize {
    match paint {
        Paint::Queued => 0,
        Paint::RateLimited => 1,
        Paint::CircuitOpen => 2,
        Paint::Awaiting => 3,
        Paint::FirstByte => 4,
        Paint::Thinking => 5,
        Paint::Streaming => 6,
        Paint::BackingOff => 7,
        Paint::Cancelled => 8,
        Paint::Failed | Paint::Miss => FAILED,
    }
}

/// So strong is a pixel of which that share is covered.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
fn strength(least: f32, share: f32) -> u8 {
    ((least + (1.0 - least) * share) * 255.0) as u8
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::scene::sample::{Lane, viewport};
    use crate::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
    use Phase::{FirstByte, Queued, Streaming};
    use proptest::prelude::*;

    /// A run of 75 s on 600 pixels, as many rows as there are lives, the rest of the height for them.
    fn drawn(lives: &[(Phase, u64, u64, bool)], window: (u64, u64)) -> (Vec<Pixel>, Geometry, usize) {
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
            taller: -8,
            ..viewport(Instant::NEVER)
        };
        let inputs = [lane.input(None, &[])];
        let geometry = Geometry::new(&inputs, &viewport);
        match raster((0, &inputs[0]), &viewport, &geometry) {
            Some(Shape::Raster { columns, pixels, .. }) => (pixels, geometry, columns),
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
                let (first, last) = (libm::floor(left.max(0.0)) as usize, libm::floor(right.min(599.5)) as usize);
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
            let (pixels, geometry, _) = drawn(&[(Phase::Streaming, from, length, false)], ALL);
            // Half a pixel and more of it has the strength of that.
            let half = strength(LEAST, 0.5 / 15.0);
            let covered: Vec<usize> =
                (0..600).filter(|&x| pixels[x].is_some_and(|(_, strength)| strength >= half)).collect();
            let x = |at: u64| geometry.scale.x_from_time(Instant(at)) - geometry.scale.left();
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
