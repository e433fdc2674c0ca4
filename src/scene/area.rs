//! What lies under the rows of a lane: its requests in flight, and its tracks.

use crate::scene::geometry::{AREA, Face, Geometry, LaneInput, TRACK, TRACK_GAP, Viewport};
use crate::scene::shape::{Align, LineKind, Shape, TextStyle};
use crate::scene::thin::thinned;
use crate::scene::track::Track;
use std::time::Duration;

/// How far apart two labels are, one below the other.
const LABEL: f64 = 14.0;
/// The shortest time there is.
const ONE: Duration = Duration::from_micros(1);

/// The area and the tracks of lane `number`, where they can be seen.
pub(super) fn under_rows(
    shapes: &mut Vec<Shape>,
    (number, lane): (usize, &LaneInput<'_>),
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let is_seen = |y: f64, high: f64| y <= viewport.visible.1 && y + high >= viewport.visible.0;
    if let (Some(limit), Some(y)) = (lane.limit, geometry.areas[number])
        && is_seen(y, AREA)
    {
        area(shapes, lane, limit, y, viewport, geometry, face);
    }
    let mut y = geometry.tracks[number];
    for track in lane.tracks {
        if is_seen(y, TRACK) {
            draw_track(shapes, track, y, viewport, geometry, face);
        }
        y += TRACK + TRACK_GAP;
    }
}

fn area(
    shapes: &mut Vec<Shape>,
    lane: &LaneInput<'_>,
    limit: u16,
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let (from, to) = viewport.window;
    let happened = lane.flight.partition_point(|&(at, _)| at <= viewport.now);
    let steps = &lane.flight[..happened];
    let peak = steps.iter().map(|&(_, count)| count).max().unwrap_or(0);
    let full = f64::from(peak.max(u32::from(limit)).max(1));
    let (base, scale) = (y + AREA, geometry.scale);
    let (left, right) = (scale.left(), scale.right());
    let height = |count: u32| base - AREA * f64::from(count) / full;
    let first = steps.partition_point(|&(at, _)| at < from);
    let seen = &steps[first..steps.partition_point(|&(at, _)| at <= to)];
    let begins = first.checked_sub(1).map_or(base, |before| height(steps[before].1));
    let mut before = begins;
    let corners = seen.iter().flat_map(|&(at, count)| {
        let (x, y) = (scale.x_from_time(at), height(count));
        [(x, std::mem::replace(&mut before, y)), (x, y)]
    });
    let mut edge = thinned([(left, base), (left, begins)].into_iter().skip(usize::from(begins >= base)).chain(corners));
    let end = viewport.now.min(lane.fold.latest).min(to);
    if let Some(&(_, last)) = edge.last()
        && end >= from
    {
        edge.push((scale.x_from_time(end), last));
    }
    shapes.push(Shape::Area { edge, base });
    let line = height(u32::from(limit));
    shapes.push(Shape::Line { from: (left, line), to: (right, line), line: LineKind::Limit });
    let label =
        |y: f64, text: String| Shape::Text { at: (right + 6.0, y), text, align: Align::Left, style: TextStyle::Label };
    // Copies may go beyond the limit, and its line then lies low.
    shapes.push(label((line + 4.0).min(base - LABEL), format!("{} {limit}", face.limit)));
    shapes.push(label(base - 2.0, face.in_flight.to_owned()));
}

/// A track is an area of its own, with a line where it is full.
fn draw_track(
    shapes: &mut Vec<Shape>,
    track: &Track,
    y: f64,
    viewport: &Viewport,
    geometry: &Geometry,
    face: &Face<'_>,
) {
    let (base, most, scale) = (y + TRACK, track.most_at(viewport.now), geometry.scale);
    let (from, to) = (viewport.window.0, viewport.window.1.min(viewport.now));
    let point =
        |(at, value): (_, f64)| (scale.x_from_time(at), base - TRACK * (value / most.max(1e-9)).clamp(0.0, 1.0));
    let [first, after] = [from, to + ONE].map(|moment| track.corners.partition_point(|&(at, _)| at < moment));
    let inner = track.corners.get(first..after).unwrap_or_default();
    let held = |at| track.value_at(at).filter(|_| from <= to).map(|value| (at, value));
    // Where the axis begins with the track, its first corner is the first that is seen.
    let before = held(from).filter(|_| first > 0);
    let edge = thinned(before.into_iter().chain(inner.iter().copied()).chain(held(to)).map(point));
    let (left, right) = (scale.left(), scale.right());
    shapes.push(Shape::Line { from: (left, base), to: (right, base), line: LineKind::Grid });
    shapes.push(Shape::Area { edge, base });
    let (name, value) = (face.track)(track.of, track.at(viewport.now), most);
    let mut label = |x, text| {
        shapes.push(Shape::Text { at: (x, base - 5.0), text, align: Align::Left, style: TextStyle::Label });
    };
    label(left + 4.0, name.to_owned());
    label(right + 6.0, value);
}
