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
use crate::scene::shape::{Paint, Pixel, Streak};
use crate::time::Instant;
use std::{iter, mem};

/// How strong the palest pixel is, and the palest with a failure in it.
pub(super) const LEAST: f64 = 0.2;
pub(super) const LEAST_FAILED: f64 = 0.75;
/// Less than this, in pixels of one row, is what sums leave behind.
const NOTHING: f64 = 1e-3;

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
/// What is counted in a pixel: how much each paint covers, and how many attempts failed there.
const FIGURES: usize = PAINTS.len() + 1;
const FAILURES: usize = PAINTS.len();

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
    /// By figure: how much more there is of it in each pixel than in the one before.
    /// To many places: what is left over where all has ended must stay far below [`NOTHING`].
    changes: [Vec<f64>; FIGURES],
    /// Which figures change, a bit for each.
    changed: u64,
    /// Where they change, a bit for each column: in those whose bit is set, and in the one after each.
    changing: Vec<u64>,
}

impl Strip {
    /// A row of so many pixels.
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
    pub(super) fn new(columns: usize, viewport: &Viewport) -> Self {
        let (from, to) = viewport.window;
        // What ends with the last pixel changes what would come after it.
        let all = columns + 2;
        Self {
            columns,
            from,
            to: to.min(viewport.now),
            now: viewport.now,
            hidden: viewport.hidden,
            paints: std::array::from_fn(|kind| number(Piece::paint_of(kind))),
            per_micro: columns as f64 / (to.since(from).as_micros() as f64).max(1.0),
            changes: std::array::from_fn(|_| vec![0.0; all]),
            changed: 0,
            changing: vec![0; all.div_ceil(64)],
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
        let (begun, ended) = (left - one as f64, right - other as f64);
        let changes = &mut self.changes[paint][..];
        changes[one] += 1.0 - begun;
        changes[one + 1] += begun;
        changes[other] -= 1.0 - ended;
        changes[other + 1] -= ended;
        self.changing[one / 64] |= 1 << (one % 64);
        self.changing[other / 64] |= 1 << (other % 64);
        self.changed |= 1 << paint;
        if paint == FAILED {
            // A moment is still to be seen; one that ends with a pixel is not in the next.
            let last = if ended > 0.0 || other == one { other } else { other - 1 };
            self.changes[FAILURES][one] += 1.0;
            self.changes[FAILURES][last + 1] -= 1.0;
            self.changed |= 1 << FAILURES;
        }
    }

    /// Writes the pixels of so many rows, and is empty again.
    pub(super) fn write(&mut self, streaks: &mut Vec<Streak>, rows: f64) {
        let changed = mem::take(&mut self.changed);
        let mut figures = [0.0; FIGURES];
        let (mut pixel, mut begun, mut carried) = (None, 0, 0);
        for (word, bits) in self.changing.iter_mut().enumerate() {
            let set = mem::take(bits);
            let here = places(set | set << 1 | carried);
            carried = set >> 63;
            for column in here.map(|place| word * 64 + place) {
                for figure in places(changed) {
                    figures[figure] += mem::take(&mut self.changes[figure][column]);
                }
                if column >= self.columns {
                    continue;
                }
                let next = pixel_of(&figures, changed, rows);
                if next != pixel {
                    if column > begun {
                        streaks.push(Streak { pixel, length: column - begun });
                    }
                    (pixel, begun) = (next, column);
                }
            }
        }
        streaks.push(Streak { pixel, length: self.columns - begun });
    }
}

/// What a pixel is filled with; those of `figures` that are not in `some` are nothing.
fn pixel_of(figures: &[f64; FIGURES], some: u64, rows: f64) -> Pixel {
    if figures[FAILURES] > 0.5 {
        return Some((Paint::Failed, strength(LEAST_FAILED, figures[FAILED] / rows)));
    }
    let [mut waits, mut rest] = [Most::default(); 2];
    for paint in places(some).take_while(|&figure| figure < FAILED) {
        let most = if paint < WAITS { &mut waits } else { &mut rest };
        most.add(paint, figures[paint]);
    }
    let ink = rest.all + 0.5 * waits.all;
    let paint = if rest.all >= 0.5 * waits.all { rest.paint } else { waits.paint };
    (ink > NOTHING).then(|| (PAINTS[paint], strength(LEAST, ink / rows)))
}

/// What there is most of in a pixel.
#[derive(Clone, Copy, Default)]
struct Most {
    paint: usize,
    covered: f64,
    /// How much there is with all others.
    all: f64,
}

impl Most {
    fn add(&mut self, paint: usize, covered: f64) {
        if covered > NOTHING {
            self.all += covered;
            if covered > self.covered {
                (self.paint, self.covered) = (paint, covered);
            }
        }
    }
}

/// The places of the bits that are set, the lowest first.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (place < 64).then_some(place)
    })
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
pub(super) fn strength(least: f64, share: f64) -> u8 {
    ((least + (1.0 - least) * share) * 255.0) as u8
}
