//! Spans to shapes: the rows of each lane under its title, its requests in flight below, one time
//! axis for all.
//!
//! Nothing later than the playhead is drawn. Rows that lie outside the visible part are left out, and
//! labels only where a row is high enough to read them.

use crate::scene::arrow::arrow;
use crate::scene::lines::Lines;
use crate::scene::path::path;
use crate::scene::scale::Scale;
use crate::scene::shape::{Align, LineKind, Paint, Rect, Shape, TextStyle};
use crate::scene::track::Track;
use crate::time::Instant;
use crate::trace::critical::Link;
use crate::trace::span::{Fate, Fold, Phase, Row, Span};
use crate::trace::stats::in_flight;

/// A lane to draw.
#[derive(Clone, Copy, Debug)]
pub struct LaneInput<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// Its spans.
    pub fold: &'a Fold,
    /// How many rows it has, begun or not.
    pub items: usize,
    /// How many attempts can be under way at once, where its area is drawn.
    pub limit: Option<u16>,
    /// What its gates hold, drawn below its area.
    pub tracks: &'a [Track],
    /// What its rows are called; none where they go by their numbers.
    pub names: &'a [&'a str],
    /// Its critical path, where that is lit.
    pub path: Option<&'a [Link]>,
}

/// What is looked at, and how large it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// CSS pixels across.
    pub width: f64,
    /// CSS pixels down that rows may use before they shrink.
    pub height: f64,
    /// The first and the last moment on the time axis.
    pub window: (Instant, Instant),
    /// The playhead; nothing later is drawn.
    pub now: Instant,
    /// Whether the playhead itself is drawn.
    pub show_playhead: bool,
    /// Whether there is a band for spells under the axis.
    pub band: bool,
    /// The selected row: lane and item.
    pub selected: Option<(usize, usize)>,
    /// The part that is visible: from and to, in CSS pixels down.
    pub visible: (f64, f64),
}

/// What the world lends: its way of writing durations. (A face, in the sense of type.)
#[derive(Clone, Copy)]
pub struct Face<'a> {
    /// A moment on the axis.
    pub axis: &'a dyn Fn(Instant) -> String,
    /// A row's service time.
    pub duration: &'a dyn Fn(std::time::Duration) -> String,
    /// The words beside the area.
    pub in_flight: &'a str,
    /// The words beside the limit, its number to be added.
    pub limit: &'a str,
    /// The name of a track, and what it holds at its end.
    pub track: &'a dyn Fn(&Track) -> (&'static str, String),
}

impl std::fmt::Debug for Face<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("in_flight", &self.in_flight).field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// Where everything lies: enough to draw it and to tell what a pointer is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// Time to pixels.
    pub scale: Scale,
    /// How high the axis is.
    pub axis: f64,
    /// How high the band for spells below it is; 0 if there is none.
    pub band: f64,
    /// How high a row is.
    pub row: f64,
    /// The first row's upper edge, and the lines below it, for each lane.
    pub lanes: Vec<(f64, Lines)>,
    /// The upper edge of each lane's area, where it has one.
    areas: Vec<Option<f64>>,
    /// The upper edge of each lane's first track.
    tracks: Vec<f64>,
    /// How high all of it is.
    pub height: f64,
}

const LEFT: f64 = 40.0;
/// How far a row's name or number ends before its row begins.
const LABEL_GAP: f64 = 9.0;
const RIGHT: f64 = 66.0;
const AXIS: f64 = 20.0;
const BAND: f64 = 12.0;
const TITLE: f64 = 17.0;
const GAP: f64 = 4.0;
const AREA: f64 = 30.0;
const AREA_MARGIN: f64 = 8.0;
pub(super) const TRACK: f64 = 20.0;
const TRACK_GAP: f64 = 5.0;
/// How far apart two labels are, one below the other.
const LABEL: f64 = 14.0;
const ROW_MOST: f64 = 18.0;
const ROW_LEAST: f64 = 4.0;
/// So few rows can be read however low the window is; what has no room is scrolled to.
const FEW: usize = 20;
const ROW_OF_FEW: f64 = 13.0;
/// Below this a row has no room for a number of its own.
const ROW_WITH_LABEL: f64 = 11.0;
/// A moment is still to be seen.
const BAR_LEAST: f64 = 1.5;

impl Geometry {
    /// Where the rows of `lanes` lie in `viewport`. Rows take the height there is, within what can
    /// be read and what looks right.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
    pub fn new(lanes: &[LaneInput<'_>], viewport: &Viewport) -> Self {
        let lines: Vec<Lines> = lanes.iter().map(|lane| Lines::new(lane.items, lane.fold)).collect();
        let rows: usize = lines.iter().map(Lines::len).sum();
        let area_of = |lane: &LaneInput<'_>| if lane.limit.is_some() { AREA + AREA_MARGIN } else { 0.0 };
        let tracks_of = |lane: &LaneInput<'_>| (TRACK + TRACK_GAP) * lane.tracks.len() as f64;
        let band = if viewport.band { BAND } else { 0.0 };
        let top = AXIS + band;
        let fixed: f64 =
            top + GAP + lanes.iter().map(|lane| TITLE + GAP + area_of(lane) + tracks_of(lane)).sum::<f64>();
        let row = ((viewport.height - fixed) / rows.max(1) as f64)
            .clamp(if rows <= FEW { ROW_OF_FEW } else { ROW_LEAST }, ROW_MOST);
        let (mut y, mut places, mut areas, mut tracks) = (top, Vec::new(), Vec::new(), Vec::new());
        for (lane, lines) in lanes.iter().zip(lines) {
            y += TITLE;
            let first = y;
            y += row * lines.len() as f64 + GAP;
            places.push((first, lines));
            areas.push(lane.limit.map(|_| y + AREA_MARGIN / 2.0));
            y += area_of(lane);
            tracks.push(y);
            y += tracks_of(lane);
        }
        let longest = lanes.iter().flat_map(|lane| lane.names).map(|name| width_of(name)).fold(0.0, f64::max);
        let left = (longest + 2.0 * LABEL_GAP).min(viewport.width / 4.0).max(LEFT);
        let right = (viewport.width - RIGHT).max(left + 50.0);
        let scale = Scale::new(left, right, viewport.window);
        Self { scale, axis: AXIS, band, row, lanes: places, areas, tracks, height: y + GAP }
    }

    /// The upper edge of a request's first row.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn row_top(&self, lane: usize, item: usize) -> Option<f64> {
        let (top, lines) = self.lanes.get(lane)?;
        lines.first_of(item).map(|line| top + self.row * line as f64)
    }

    /// How high a request is, with all its branches.
    #[allow(clippy::cast_precision_loss)] // As above.
    fn height_of(&self, lane: usize, item: usize) -> f64 {
        let Some((_, lines)) = self.lanes.get(lane) else { return self.row };
        let next = lines.first_of(item + 1).unwrap_or(lines.len());
        self.row * next.saturating_sub(lines.first_of(item).unwrap_or(next)) as f64
    }

    /// The line of a lane at a height.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels over row height: small, not negative.
    pub(super) fn line_at(&self, lane: usize, y: f64) -> Option<usize> {
        let (top, lines) = self.lanes.get(lane)?;
        let place = (y - top) / self.row;
        (place >= 0.0).then_some(place as usize).filter(|&line| line < lines.len())
    }

    /// The upper edge of a track.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // A handful of tracks.
    pub fn track_top(&self, lane: usize, index: usize) -> Option<f64> {
        self.tracks.get(lane).map(|top| top + (TRACK + TRACK_GAP) * index as f64)
    }
}

/// The shapes of `lanes`, to be painted in order.
#[must_use]
pub fn layout(lanes: &[LaneInput<'_>], viewport: &Viewport, geometry: &Geometry, face: &Face<'_>) -> Vec<Shape> {
    let mut shapes = Vec::new();
    axis(&mut shapes, geometry, face);
    for (number, lane) in lanes.iter().enumerate() {
        let (top, _) = &geometry.lanes[number];
        let text = lane.title.to_owned();
        shapes.push(Shape::Text { at: (10.0, top - 5.0), text, align: Align::Left, style: TextStyle::Title });
        for item in visible_rows(geometry, number, viewport.visible) {
            let y = geometry.row_top(number, item).unwrap_or(*top);
            if viewport.selected == Some((number, item)) {
                shapes.push(Shape::Stripe {
                    rect: Rect { x: 2.0, y, width: viewport.width - 4.0, height: geometry.height_of(number, item) },
                });
            }
            if geometry.row >= ROW_WITH_LABEL {
                let at = (geometry.scale.left() - LABEL_GAP, y + geometry.row / 2.0 + 4.0);
                let text = lane.names.get(item).map_or_else(|| (item + 1).to_string(), |&name| name.to_owned());
                shapes.push(Shape::Text { at, text, align: Align::Right, style: TextStyle::Label });
            }
            if let Some(row) = lane.fold.rows.get(item) {
                draw_row(&mut shapes, row, y, viewport, geometry, face);
                for branch in &row.others {
                    let y = y + geometry.row * f64::from(branch.tag.branch);
                    draw_spans(&mut shapes, &branch.spans, y, viewport, geometry);
                }
            }
        }
        shapes.extend(lane.path.and_then(|links| path(links, number, viewport, geometry)));
        if let (Some(limit), Some(y)) = (lane.limit, geometry.areas[number]) {
            draw_area(&mut shapes, lane.fold, limit, y, viewport, geometry, face);
        }
        let mut y = geometry.tracks[number];
        for track in lane.tracks {
            draw_track(&mut shapes, track, y, geometry, face);
            y += TRACK + TRACK_GAP;
        }
    }
    if viewport.show_playhead {
        let x = geometry.scale.x_from_time(viewport.now);
        shapes.push(Shape::Line { from: (x, AXIS - 4.0), to: (x, geometry.height), line: LineKind::Playhead });
        shapes.push(Shape::Handle { at: (x, AXIS + 2.0) });
    }
    shapes.extend(arrow(lanes, viewport, geometry));
    shapes
}

fn axis(shapes: &mut Vec<Shape>, geometry: &Geometry, face: &Face<'_>) {
    for tick in geometry.scale.ticks(64.0) {
        let x = geometry.scale.x_from_time(tick);
        shapes.push(Shape::Line { from: (x, AXIS), to: (x, geometry.height), line: LineKind::Grid });
        let text = (face.axis)(tick);
        shapes.push(Shape::Text { at: (x, 13.0), text, align: Align::Centre, style: TextStyle::Label });
    }
}

/// The requests of which some of the rows can be seen.
fn visible_rows(geometry: &Geometry, lane: usize, (from, to): (f64, f64)) -> std::ops::Range<usize> {
    let (top, lines) = &geometry.lanes[lane];
    let item_at = |y: f64| geometry.line_at(lane, y).and_then(|line| lines.item_at(line));
    let first = if from <= *top { Some(0) } else { item_at(from) };
    let last = if to < *top { None } else { Some(item_at(to).map_or(lines.items(), |item| item + 1)) };
    first.unwrap_or(lines.items())..last.unwrap_or(0)
}

fn draw_row(shapes: &mut Vec<Shape>, row: &Row, y: f64, viewport: &Viewport, geometry: &Geometry, face: &Face<'_>) {
    let now = viewport.now;
    draw_spans(shapes, &row.spans, y, viewport, geometry);
    let label = row.ended.filter(|&ended| ended <= now && geometry.row >= ROW_WITH_LABEL);
    if let Some(ended) = label {
        let mark = if row.is_answered(now) { "✓" } else { "✕" };
        let text = format!("{mark} {}", (face.duration)(ended.since(row.sent.unwrap_or(row.asked))));
        let at = (geometry.scale.x_from_time(ended) + 5.0, y + geometry.row / 2.0 + 4.0);
        // Until the playhead has left it room: nothing is drawn to the right of it.
        if !viewport.show_playhead || at.0 + width_of(&text) <= geometry.scale.x_from_time(now) {
            shapes.push(Shape::Text { at, text, align: Align::Left, style: TextStyle::Label });
        }
    }
}

fn draw_spans(shapes: &mut Vec<Shape>, spans: &[Span], y: f64, viewport: &Viewport, geometry: &Geometry) {
    let now = viewport.now;
    for span in spans.iter().take_while(|span| span.from <= now) {
        let (from, to) = (span.from, if span.fate == Fate::Open { now } else { span.to.min(now) });
        let x = geometry.scale.x_from_time(from);
        let width = (geometry.scale.x_from_time(to) - x - 1.0).max(BAR_LEAST);
        let is_thin = matches!(span.phase, Phase::Queued | Phase::RateLimited | Phase::CircuitOpen | Phase::Awaiting);
        let inset = if is_thin { geometry.row * 0.3 } else { (geometry.row * 0.12).max(0.5) };
        let rect = Rect { x: x + 0.5, y: y + inset, width, height: geometry.row - 2.0 * inset };
        shapes.push(Shape::Bar { rect, paint: paint(span, now) });
    }
}

/// No label is wider than this: figures of the widest face, in pixels.
#[allow(clippy::cast_precision_loss)] // A few letters.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * 7.5
}

/// A span is tinted by how it ended, but only once that has happened.
fn paint(span: &Span, now: Instant) -> Paint {
    match (span.fate, span.phase) {
        (Fate::Failed(_), _) if span.to <= now => Paint::Failed,
        (Fate::Cancelled, Phase::Sleeping) if span.to <= now => Paint::Cancelled,
        (Fate::Cancelled, phase) if span.to <= now && phase.is_in_flight() => Paint::Cancelled,
        (_, Phase::Queued) => Paint::Queued,
        (_, Phase::RateLimited) => Paint::RateLimited,
        (_, Phase::CircuitOpen) => Paint::CircuitOpen,
        (_, Phase::FirstByte | Phase::Sleeping) => Paint::FirstByte,
        (_, Phase::Thinking) => Paint::Thinking,
        (_, Phase::Streaming | Phase::Computing) => Paint::Streaming,
        (_, Phase::Awaiting) => Paint::Awaiting,
        (_, Phase::BackingOff) => Paint::BackingOff,
    }
}

fn draw_area(
    shapes: &mut Vec<Shape>,
    fold: &Fold,
    limit: u16,
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let steps = in_flight(fold, viewport.now);
    let peak = steps.iter().map(|&(_, count)| count).max().unwrap_or(0);
    let full = f64::from(peak.max(u32::from(limit)).max(1));
    let base = y + AREA;
    let (left, right) = (geometry.scale.left(), geometry.scale.right());
    let mut edge = vec![(left, base)];
    for (at, count) in steps {
        let (x, before) = (geometry.scale.x_from_time(at), edge.last().map_or(base, |&(_, y)| y));
        edge.push((x, before));
        edge.push((x, base - AREA * f64::from(count) / full));
    }
    let end = viewport.now.min(fold.latest);
    if let Some(&(_, last)) = edge.last() {
        edge.push((geometry.scale.x_from_time(end), last));
    }
    shapes.push(Shape::Area { edge, base });
    let line = base - AREA * f64::from(limit) / full;
    shapes.push(Shape::Line { from: (left, line), to: (right, line), line: LineKind::Limit });
    let label =
        |y: f64, text: String| Shape::Text { at: (right + 6.0, y), text, align: Align::Left, style: TextStyle::Label };
    // Copies may go beyond the limit, and its line then lies low.
    shapes.push(label((line + 4.0).min(base - LABEL), format!("{} {limit}", face.limit)));
    shapes.push(label(base - 2.0, face.in_flight.to_owned()));
}

/// A track is an area of its own, with a line where it is full.
fn draw_track(shapes: &mut Vec<Shape>, track: &Track, y: f64, geometry: &Geometry, face: &Face<'_>) {
    let base = y + TRACK;
    let point = |&(at, value): &(Instant, f64)| {
        (geometry.scale.x_from_time(at), base - TRACK * (value / track.most.max(1e-9)).clamp(0.0, 1.0))
    };
    let (left, right) = (geometry.scale.left(), geometry.scale.right());
    shapes.push(Shape::Line { from: (left, base), to: (right, base), line: LineKind::Grid });
    shapes.push(Shape::Area { edge: track.corners.iter().map(point).collect(), base });
    let (name, value) = (face.track)(track);
    let mut label = |x, text| {
        shapes.push(Shape::Text { at: (x, base - 5.0), text, align: Align::Left, style: TextStyle::Label });
    };
    label(left + 4.0, name.to_owned());
    label(right + 6.0, value);
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::scene::hit::row_at;
    use proptest::prelude::*;

    fn folds() -> Vec<Fold> {
        let trace = crate::lab::simulate(&race()).expect("sound");
        trace.lanes.iter().map(|lane| Fold::of(&lane.events)).collect()
    }

    fn inputs(folds: &[Fold]) -> Vec<LaneInput<'_>> {
        let lane = |(n, fold)| LaneInput {
            title: "lane",
            fold,
            items: 12,
            limit: (n > 0).then_some(4),
            tracks: &[],
            names: &[],
            path: None,
        };
        folds.iter().enumerate().map(lane).collect()
    }

    fn viewport(now: Instant) -> Viewport {
        Viewport {
            width: 760.0,
            height: 405.0,
            window: (Instant::ZERO, Instant(75_000_000)),
            now,
            show_playhead: true,
            band: true,
            selected: Some((1, 6)),
            visible: (0.0, 405.0),
        }
    }

    fn shapes(folds: &[Fold], viewport: &Viewport) -> (Vec<Shape>, Geometry) {
        let inputs = inputs(folds);
        let geometry = Geometry::new(&inputs, viewport);
        let face = Face {
            axis: &|at| at.0.to_string(),
            duration: &|span| span.as_secs().to_string(),
            in_flight: "in flight",
            limit: "limit",
            track: &|_| ("", String::new()),
        };
        (layout(&inputs, viewport, &geometry, &face), geometry)
    }

    #[test]
    fn two_lanes_of_twelve_fit_a_laptop_without_scrolling() {
        let (_, geometry) = shapes(&folds(), &viewport(Instant::ZERO));
        assert!(geometry.height <= 406.0, "{}", geometry.height);
        assert!(geometry.row >= ROW_WITH_LABEL, "rows can be read: {}", geometry.row);
    }

    #[test]
    fn a_pointer_on_a_row_finds_it() {
        let (_, geometry) = shapes(&folds(), &viewport(Instant::ZERO));
        for (lane, item) in [(0, 0), (0, 11), (1, 6)] {
            let middle = geometry.row_top(lane, item).expect("a row") + geometry.row / 2.0;
            assert_eq!(row_at(&geometry, middle), Some((lane, item)));
        }
        assert_eq!(row_at(&geometry, 5.0), None, "the axis is no row");
    }

    #[test]
    fn a_failure_tints_its_span_only_once_it_has_happened() {
        let folds = folds();
        let failed = |now| {
            let (shapes, _) = shapes(&folds, &viewport(Instant(now)));
            shapes.iter().filter(|shape| matches!(shape, Shape::Bar { paint: Paint::Failed, .. })).count()
        };
        let refused = folds[1].rows[6].spans[1];
        assert_eq!((failed(refused.to.0 - 1), failed(refused.to.0)), (0, 1));
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_before_it_has_happened(now in 0u64..75_000_000) {
            let viewport = viewport(Instant(now));
            let (shapes, geometry) = shapes(&folds(), &viewport);
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
            let viewport = Viewport { visible: (from, from + 60.0), ..viewport(Instant(75_000_000)) };
            let (shapes, geometry) = shapes(&folds(), &viewport);
            let bars = shapes.iter().filter_map(|shape| match shape { Shape::Bar { rect, .. } => Some(rect), _ => None });
            for rect in bars {
                prop_assert!(rect.y + geometry.row >= from - 1.0 && rect.y <= from + 60.0 + geometry.row);
            }
        }
    }
}
