//! A row of pixels that many requests share.
//!
//! The rule. A pixel stands for a stretch of time of one row or of several. Its hue is what most of that time is spent
//! in: first whether it is waiting or not, waits counting half, as their bars are half as high; then what there is
//! most of. Its strength is how much of the pixel is covered, from a fifth for next to nothing to full. A pixel in
//! which any attempt was under way that failed has the hue of failure, at a strength from three quarters, for one among
//! many, to full, if nothing else is there: so no failure is lost however far out one looks, and a few do not look
//! like all.

use crate::scene::geometry::Viewport;
use crate::scene::lens::Hidden;
use crate::scene::piece::{KINDS, Piece};
use crate::scene::shape::{Paint, Pixel};
use crate::time::Instant;

/// How strong the palest pixel is, and the palest with a failure in it.
pub(super) const LEAST: f32 = 0.2;
pub(super) const LEAST_FAILED: f32 = 0.75;
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

/// A row of pixels while it is filled: of each paint how much of each pixel is covered, written as changes from one
/// pixel to the next, so that a piece costs the same however long it is.
pub(super) struct Strip {
    columns: usize,
    from: Instant,
    /// Where the axis ends, or before it the playhead.
    to: Instant,
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
    /// A row of so many pixels.
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
    pub(super) fn new(columns: usize, viewport: &Viewport) -> Self {
        let (from, to) = viewport.window;
        Self {
            columns,
            from,
            to: to.min(viewport.now),
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

    /// Adds a piece of one of its rows.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // As above.
    pub(super) fn add(&mut self, piece: Piece) {
        let now = self.now;
        if piece.from() > self.to || piece.to(now) < self.from {
            return;
        }
        if self.hidden != Hidden::default() && piece.is_hidden(self.hidden, now) {
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
        (*from, *to) = ((*from).min(one), (*to).max(other + 2));
        if paint == FAILED {
            // A moment is still to be seen; one that ends with a pixel is not in the next.
            let last = if ended > 0.0 || other == one { other } else { other - 1 };
            self.failures[one] += 1.0;
            self.failures[last + 1] -= 1.0;
        }
    }

    /// Writes the pixels of so many rows, and is empty again.
    pub(super) fn write(&mut self, pixels: &mut [Pixel], rows: f32) {
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
pub(super) fn strength(least: f32, share: f32) -> u8 {
    ((least + (1.0 - least) * share) * 255.0) as u8
}
