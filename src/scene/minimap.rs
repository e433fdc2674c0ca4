//! The whole run as a strip: how many attempts each lane had under way, where it failed, and which part of it
//! is looked at.
//!
//! What happened is reckoned once for each pixel across, however many requests there are.

use crate::scene::lens::Lens;
use crate::scene::look::{Look, Turn};
use crate::scene::scale::Scale;
use crate::scene::shape::{LineKind, Paint, Rect, Shape};
use crate::time::Instant;
use crate::trace::span::{Fate, Fold, Row};
use crate::trace::stats::in_flight;

/// How near, in pixels, a pointer must be to an edge of the window to take hold of it.
const REACH: f64 = 5.0;
/// How high a failure is drawn, and how wide.
const TICK: (f64, f64) = (4.0, 1.5);

/// What happened in a lane within a pixel across.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The most attempts under way at once.
    pub most: u32,
    /// Whether one failed.
    pub failed: bool,
}

/// A lane in so many columns, of a run that ends at `end`.
#[must_use]
pub fn columns(fold: &Fold, end: Instant, count: usize) -> Vec<Column> {
    let mut columns = vec![Column::default(); count];
    let place = |at: Instant| {
        let share = u128::from(at.0) * count as u128 / u128::from(end.0.max(1));
        usize::try_from(share).unwrap_or(usize::MAX).min(count.saturating_sub(1))
    };
    let steps = in_flight(fold, fold.latest);
    let ends = steps.iter().skip(1).map(|&(at, _)| at).chain([fold.latest]);
    for (&(from, level), to) in steps.iter().zip(ends) {
        let first = place(from);
        // What ends where a pixel begins is not in it.
        let last = place(Instant(to.0.saturating_sub(1))).max(first);
        for column in columns.get_mut(first..=last).unwrap_or_default() {
            column.most = column.most.max(level);
        }
    }
    for span in fold.rows.iter().flat_map(Row::all_spans) {
        if let (Fate::Failed(_), Some(column)) = (span.fate, columns.get_mut(place(span.to))) {
            column.failed = true;
        }
    }
    columns
}

/// The strip to draw.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a> {
    /// Each lane in columns of a pixel.
    pub lanes: &'a [Vec<Column>],
    /// How wide and how high it is, in pixels.
    pub size: (f64, f64),
    /// Where the axis ends.
    pub end: Instant,
    /// The playhead; nothing later is drawn.
    pub now: Instant,
}

impl Strip<'_> {
    /// Time to pixels of the strip.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale::new(0.0, self.size.0, (Instant::ZERO, self.end))
    }

    /// The shapes of the strip under a lens.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // At most eight lanes.
    pub fn shapes(&self, lens: &Lens) -> Vec<Shape> {
        let (scale, (width, height)) = (self.scale(), self.size);
        let mut shapes = Vec::new();
        let each = height / self.lanes.len().max(1) as f64;
        for (number, columns) in self.lanes.iter().enumerate() {
            self.lane(&mut shapes, columns, each * number as f64, each);
        }
        let x = |at| scale.x_from_time(at);
        let block = |from: f64, to: f64| Rect { x: from, y: 0.0, width: to - from, height };
        let upright = |x, line| Shape::Line { from: (x, 0.0), to: (x, height), line };
        if let Some((from, to)) = lens.range {
            shapes.push(Shape::Stripe { rect: block(x(from), x(to)) });
        }
        shapes.extend(lens.marks.iter().map(|&mark| upright(x(mark), LineKind::Limit)));
        if lens.look != Look::Whole {
            let (from, to) = lens.look.window(self.end);
            shapes.push(Shape::Shade { rect: block(0.0, x(from)) });
            shapes.push(Shape::Shade { rect: block(x(to), width) });
            shapes.extend([from, to].map(|at| upright(x(at).max(1.0).min(width - 1.0), LineKind::Arrow)));
        }
        if self.now < self.end {
            shapes.push(upright(x(self.now), LineKind::Playhead));
        }
        shapes
    }

    /// A lane's area, and a tick for each pixel in which it failed.
    #[allow(clippy::cast_precision_loss)] // Pixels.
    fn lane(&self, shapes: &mut Vec<Shape>, columns: &[Column], top: f64, height: f64) {
        let full = f64::from(columns.iter().map(|column| column.most).max().unwrap_or(0).max(1));
        let (base, now) = (top + height, self.scale().x_from_time(self.now));
        let mut edge: Vec<(f64, f64)> = Vec::new();
        let shown = columns.iter().enumerate().map(|(place, column)| (place as f64, column));
        for (x, column) in shown.clone().take_while(|&(x, _)| x < now) {
            let y = base - (height - 2.0) * f64::from(column.most) / full;
            // A level that goes on needs no corner.
            if edge.len() >= 2 && edge.last().is_some_and(|last| (last.1 - y).abs() < 1e-9) {
                edge.pop();
            } else {
                edge.push((x, y));
            }
            edge.push(((x + 1.0).min(now), y));
        }
        shapes.push(Shape::Area { edge, base });
        let failed = shown.filter(|(x, column)| column.failed && x + 1.0 <= now);
        shapes.extend(failed.map(|(x, _)| Shape::Bar {
            rect: Rect { x, y: base - TICK.0, width: TICK.1, height: TICK.0 },
            paint: Paint::Failed,
        }));
    }
}

/// What a pointer takes hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// The edge where the window begins.
    Start,
    /// The edge where it ends.
    End,
    /// The window as a whole.
    Body,
    /// A new window.
    New,
}

/// What is held where a pointer is at `x`.
#[must_use]
pub fn grip_at(look: Look, end: Instant, scale: Scale, x: f64) -> Grip {
    if look == Look::Whole {
        return Grip::New;
    }
    let (from, to) = look.window(end);
    let (left, right) = (scale.x_from_time(from), scale.x_from_time(to));
    // Of a window that is hardly there the nearer edge is meant.
    let (to_left, to_right) = ((x - left).abs(), (x - right).abs());
    match () {
        () if to_left.min(to_right) <= REACH && (x <= left || x >= right || right - left > 3.0 * REACH) => {
            if to_left < to_right { Grip::Start } else { Grip::End }
        }
        () if (left..=right).contains(&x) => Grip::Body,
        () => Grip::New,
    }
}

/// Where is looked to after a drag from one moment to another, of what was held in `look`.
#[must_use]
#[allow(clippy::cast_precision_loss)] // As the look itself.
pub fn dragged(look: Look, end: Instant, grip: Grip, pressed: Instant, now: Instant) -> Look {
    let (from, to) = look.window(end);
    match grip {
        Grip::Start => look.after(Turn::FitTo(now, to), end),
        Grip::End => look.after(Turn::FitTo(from, now), end),
        Grip::Body => {
            let span = to.since(from).as_micros() as f64;
            look.after(Turn::Pan((now.0 as f64 - pressed.0 as f64) / span), end)
        }
        Grip::New => look.after(Turn::FitTo(pressed, now), end),
    }
}

/// Where is looked to after a press there that did not move: the window's middle comes there.
#[must_use]
#[allow(clippy::cast_precision_loss)] // As above.
pub fn centred(look: Look, end: Instant, at: Instant) -> Look {
    let (from, to) = look.window(end);
    let middle = u64::midpoint(from.0, to.0) as f64;
    look.after(Turn::Pan((at.0 as f64 - middle) / to.since(from).as_micros() as f64), end)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::lab::simulate;

    const END: Instant = Instant(100_000_000);

    fn part() -> Look {
        Look::Part { from: Instant(40_000_000), to: Instant(60_000_000) }
    }

    fn scale() -> Scale {
        Scale::new(0.0, 1_000.0, (Instant::ZERO, END))
    }

    #[test]
    fn a_column_knows_the_most_of_its_time_and_whether_something_failed() {
        let trace = simulate(&preset::race()).unwrap();
        let fold = Fold::of(&trace.lanes[1].events);
        for count in [1, 7, 100, 2_000] {
            let columns = columns(&fold, fold.latest, count);
            let steps = in_flight(&fold, fold.latest);
            assert_eq!(columns.iter().map(|c| c.most).max(), steps.iter().map(|&(_, n)| n).max());
            assert_eq!(columns.iter().filter(|c| c.failed).count(), 1, "one attempt of the race fails");
        }
    }

    #[test]
    fn nothing_later_than_the_playhead_is_drawn() {
        let trace = simulate(&preset::race()).unwrap();
        let folds: Vec<Fold> = trace.lanes.iter().map(|lane| Fold::of(&lane.events)).collect();
        let end = folds.iter().map(|fold| fold.latest).max().unwrap();
        let lanes: Vec<Vec<Column>> = folds.iter().map(|fold| columns(fold, end, 600)).collect();
        for share in [0, 1, 5, 9] {
            let now = Instant(end.0 * share / 10);
            let strip = Strip { lanes: &lanes, size: (600.0, 28.0), end, now };
            let right = strip.scale().x_from_time(now);
            for shape in strip.shapes(&Lens::default()) {
                let reaches = match shape {
                    Shape::Area { edge, .. } => edge.iter().map(|&(x, _)| x).fold(0.0, f64::max),
                    Shape::Bar { rect, .. } => rect.x,
                    _ => 0.0,
                };
                assert!(reaches <= right + 1e-9, "{reaches} is right of {right}");
            }
        }
    }

    #[test]
    fn the_window_is_held_by_its_edges_and_as_a_whole() {
        let grip = |x| grip_at(part(), END, scale(), x);
        assert_eq!(
            [398.0, 403.0, 500.0, 597.0, 604.0].map(grip),
            [Grip::Start, Grip::Start, Grip::Body, Grip::End, Grip::End]
        );
        assert_eq!([grip(100.0), grip_at(Look::Whole, END, scale(), 500.0)], [Grip::New; 2]);
        let thin = Look::Part { from: Instant(40_000_000), to: Instant(40_400_000) };
        assert_eq!(grip_at(thin, END, scale(), 402.0), Grip::Body, "a thin window can still be moved");
    }

    #[test]
    fn what_is_held_follows_the_pointer() {
        let to = |grip| dragged(part(), END, grip, Instant(50_000_000), Instant(55_000_000)).window(END);
        let secs = |from: u64, to: u64| (Instant(from * 1_000_000), Instant(to * 1_000_000));
        assert_eq!(to(Grip::Start), secs(55, 60));
        assert_eq!(to(Grip::End), secs(40, 55));
        assert_eq!(to(Grip::Body), secs(45, 65));
        assert_eq!(to(Grip::New), secs(50, 55));
        assert_eq!(centred(part(), END, Instant(20_000_000)).window(END), secs(10, 30));
        assert_eq!(centred(part(), END, Instant(1_000_000)).window(END), secs(0, 20));
    }
}
