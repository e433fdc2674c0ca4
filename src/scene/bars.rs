//! The rows of a lane that are high enough for bars: labels, bars, and what fits into them. What is scrolled away or
//! lies beside the axis is left out, and a row never has more bars than it has pixels across.

use crate::scene::geometry::{Face, Geometry, LABEL_GAP, LaneInput, ROW_WITH_LABEL, Viewport, width_of};
use crate::scene::index::Index;
use crate::scene::piece::Piece;
use crate::scene::shape::{Align, Paint, Rect, Shape, TextStyle};
use std::ops::Range;

/// A moment is still to be seen.
pub(super) const BAR_LEAST: f64 = 1.5;
/// How much room a text keeps on either side of it.
const AIR: f64 = 4.0;

/// The rows of lane `number`, as far as they can be seen.
#[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
pub(super) fn rows(
    shapes: &mut Vec<Shape>,
    (number, lane): (usize, &LaneInput<'_>),
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let (top, lines) = &geometry.lanes[number];
    let seen = geometry.lines_within(number, viewport.visible);
    let places = lines.place_at(seen.start).unwrap_or(lines.rows())..lines.rows();
    for place in places {
        let Some(own) = lines.of_place(place).filter(|own| own.start < seen.end) else { break };
        let (row, y) = (lines.row_at(place), top + geometry.row * own.start as f64);
        if geometry.row >= ROW_WITH_LABEL {
            let at = (geometry.scale.left() - LABEL_GAP, y + geometry.row / 2.0 + 4.0);
            let name = lane.names.get(row).filter(|_| !lane.index.is_shared());
            let text = name.map_or_else(|| (row + 1).to_string(), |&name| name.to_owned());
            shapes.push(Shape::Text { at, text, align: Align::Right, style: TextStyle::Label });
        }
        let mut first = 0;
        for of_line in lane.index.row(row).chunk_by(|one, other| one.line() == other.line()) {
            let line = of_line.first().map_or(0, |piece| piece.line());
            if line < own.len() {
                let y = y + geometry.row * line as f64;
                let mut bars = Bars { shapes, y, viewport, geometry, narrow: None };
                bars.draw(of_line);
                if geometry.row >= ROW_WITH_LABEL {
                    if lane.index.is_shared() {
                        numbers(shapes, lane.index, (row, of_line), y, viewport, geometry);
                    } else if viewport.is_part {
                        durations(shapes, of_line, y, viewport, geometry, face);
                    }
                }
            }
            first += of_line.len();
        }
        if first > 0 && !lane.index.is_shared() {
            end(shapes, lane, row, y, viewport, geometry, face);
        }
    }
}

/// The bars of a line, as they are drawn from left to right.
struct Bars<'a> {
    shapes: &'a mut Vec<Shape>,
    y: f64,
    viewport: &'a Viewport,
    geometry: &'a Geometry,
    narrow: Option<Narrow>,
}

/// Pieces within one pixel's width, which are drawn as one.
struct Narrow {
    column: f64,
    x: Range<f64>,
    /// What covers most of it so far, and how much; a failure covers more than anything.
    paint: Paint,
    most: f64,
}

impl Bars<'_> {
    fn draw(&mut self, pieces: &[Piece]) {
        let (from, to) = self.viewport.window;
        let now = self.viewport.now;
        let (_, seen) = Index::between(pieces, from, to.min(now));
        for &piece in seen.iter().filter(|piece| !piece.is_hidden(self.viewport.hidden, now)) {
            let scale = self.geometry.scale;
            let x = scale.x_from_time(piece.from().max(from))..scale.x_from_time(piece.to(now).min(to));
            let (paint, width) = (piece.paint(now), x.end - x.start);
            if width >= 1.0 {
                self.end_narrow();
                self.bar(x, paint);
                continue;
            }
            let column = libm::floor(x.start);
            let weight = if paint == Paint::Failed { f64::MAX } else { width };
            match &mut self.narrow {
                Some(narrow) if narrow.column >= column => {
                    narrow.x.end = x.end;
                    if weight > narrow.most {
                        (narrow.paint, narrow.most) = (paint, weight);
                    }
                }
                _ => {
                    self.end_narrow();
                    self.narrow = Some(Narrow { column, x, paint, most: weight });
                }
            }
        }
        self.end_narrow();
    }

    fn end_narrow(&mut self) {
        if let Some(narrow) = self.narrow.take() {
            self.bar(narrow.x, narrow.paint);
        }
    }

    fn bar(&mut self, x: Range<f64>, paint: Paint) {
        let (row, scale) = (self.geometry.row, self.geometry.scale);
        let is_thin = matches!(paint, Paint::Queued | Paint::RateLimited | Paint::CircuitOpen | Paint::Awaiting);
        let inset = if is_thin { row * 0.3 } else { (row * 0.12).max(0.5) };
        let width = (x.end - x.start - 1.0).max(BAR_LEAST);
        let x = (x.start + 0.5).min(scale.right() - width).max(scale.left());
        self.shapes.push(Shape::Bar { rect: Rect { x, y: self.y + inset, width, height: row - 2.0 * inset }, paint });
    }
}

/// How long each wide bar of a plain hue is, in it.
fn durations(
    shapes: &mut Vec<Shape>,
    pieces: &[Piece],
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let (now, (from, to), scale) = (viewport.now, viewport.window, geometry.scale);
    for piece in Index::between(pieces, from, to.min(now)).1 {
        let is_plain = matches!(piece.paint(now), Paint::FirstByte | Paint::Streaming);
        if !is_plain || piece.is_hidden(viewport.hidden, now) {
            continue;
        }
        let x = scale.x_from_time(piece.from().max(from))..scale.x_from_time(piece.to(now).min(to));
        if x.end - x.start > 3.0 * AIR {
            inside(shapes, &x, y, geometry, (face.duration)(piece.to(now).since(piece.from())));
        }
    }
}

/// Whose turn it was on a row that several had, in the bars of each.
fn numbers(
    shapes: &mut Vec<Shape>,
    index: &Index,
    (row, pieces): (usize, &[Piece]),
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
) {
    let (now, (from, to), scale) = (viewport.now, viewport.window, geometry.scale);
    let (first, seen) = Index::between(pieces, from, to.min(now));
    let mut turn = None::<(usize, Range<f64>)>;
    for (place, piece) in (first..).zip(seen) {
        let owner = index.owner(row, place);
        let x = scale.x_from_time(piece.from().max(from))..scale.x_from_time(piece.to(now).min(to));
        match &mut turn {
            Some((of, before)) if *of == owner => before.end = x.end,
            _ => {
                if let Some((of, x)) = turn.replace((owner, x)) {
                    inside(shapes, &x, y, geometry, (of + 1).to_string());
                }
            }
        }
    }
    if let Some((of, x)) = turn {
        inside(shapes, &x, y, geometry, (of + 1).to_string());
    }
}

/// A text in the middle of a bar, where it fits.
fn inside(shapes: &mut Vec<Shape>, x: &Range<f64>, y: f64, geometry: &Geometry, text: String) {
    if x.end - x.start >= width_of(&text) + 2.0 * AIR {
        let at = (f64::midpoint(x.start, x.end), y + geometry.row / 2.0 + 4.0);
        shapes.push(Shape::Text { at, text, align: Align::Centre, style: TextStyle::Inside });
    }
}

/// How its life ended and how long it took, beside its end.
fn end(
    shapes: &mut Vec<Shape>,
    lane: &LaneInput<'_>,
    item: usize,
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let (now, (from, to)) = (viewport.now, viewport.window);
    let Some(row) = lane.fold.rows.get(item) else { return };
    let is_there = |&ended: &_| ended <= now && (from..=to).contains(&ended) && geometry.row >= ROW_WITH_LABEL;
    let Some(ended) = row.ended.filter(is_there) else { return };
    let mark = if row.is_answered(now) { "✓" } else { "✕" };
    let text = format!("{mark} {}", (face.duration)(ended.since(row.sent.unwrap_or(row.asked))));
    let at = (geometry.scale.x_from_time(ended) + 5.0, y + geometry.row / 2.0 + 4.0);
    // Until the playhead has left it room: nothing is drawn to the right of it.
    if !viewport.show_playhead || at.0 + width_of(&text) <= geometry.scale.x_from_time(now) {
        shapes.push(Shape::Text { at, text, align: Align::Left, style: TextStyle::Label });
    }
}
