//! Where everything lies: the rows of each lane under its title, its requests in flight below, one time axis for
//! all. Enough to draw it, and to tell what a pointer is over.

use crate::scene::height::Heights;
use crate::scene::index::Index;
use crate::scene::lens::Hidden;
use crate::scene::lines::Lines;
use crate::scene::scale::Scale;
use crate::scene::track::{Of, Track};
use crate::time::Instant;
use crate::trace::critical::Link;
use crate::trace::span::Fold;
use std::rc::Rc;
use std::time::Duration;

/// A lane to draw.
#[derive(Clone, Copy, Debug)]
pub struct LaneInput<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What became of its requests.
    pub fold: &'a Fold,
    /// The spans of its rows.
    pub index: &'a Index,
    /// Which row stands on which line; no lines if it is folded.
    pub lines: &'a Rc<Lines>,
    /// How many attempts are under way, from each moment on: see [`crate::trace::stats::in_flight`].
    pub flight: &'a [(Instant, u32)],
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
    /// Whether that is a part of the run, looked at closely: bars then say how long they are.
    pub is_part: bool,
    /// The playhead; nothing later is drawn.
    pub now: Instant,
    /// Whether the playhead itself is drawn.
    pub show_playhead: bool,
    /// Whether there is a band for spells under the axis.
    pub band: bool,
    /// How much higher rows are than they would be by themselves: doubled so many times, or halved.
    pub taller: i8,
    /// What is not drawn.
    pub hidden: Hidden,
    /// The selected request: lane and item.
    pub selected: Option<(usize, usize)>,
    /// The part that is visible: from and to, in CSS pixels down.
    pub visible: (f64, f64),
}

/// What the world lends: its way of writing durations. (A face, in the sense of type.)
#[derive(Clone, Copy)]
pub struct Face<'a> {
    /// A moment on the axis, whose marks are so many microseconds apart.
    pub axis: &'a dyn Fn(Instant, u64) -> String,
    /// A row's service time.
    pub duration: &'a dyn Fn(Duration) -> String,
    /// The words beside the area.
    pub in_flight: &'a str,
    /// The words beside the limit, its number to be added.
    pub limit: &'a str,
    /// The name of a track, and the words for what it holds, of so much at the most.
    pub track: &'a dyn Fn(Of, f64, f64) -> (&'static str, String),
    /// The heading of a lane's group: the one that this item is in.
    pub heading: &'a dyn Fn(usize, u32) -> String,
}

impl std::fmt::Debug for Face<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("in_flight", &self.in_flight).field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// Where everything lies.
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
    /// How high it could be.
    pub heights: Heights,
    /// The first row's upper edge, and the lines below it, for each lane.
    pub lanes: Vec<(f64, Rc<Lines>)>,
    /// The upper edge of each lane's area, where it has one.
    pub(super) areas: Vec<Option<f64>>,
    /// The upper edge of each lane's first track.
    pub(super) tracks: Vec<f64>,
    /// How high all of it is.
    pub height: f64,
}

const LEFT: f64 = 40.0;
/// How far a row's name or number ends before its row begins.
pub(super) const LABEL_GAP: f64 = 9.0;
const RIGHT: f64 = 66.0;
pub(super) const AXIS: f64 = 20.0;
const BAND: f64 = 12.0;
pub(super) const TITLE: f64 = 17.0;
const GAP: f64 = 4.0;
pub(super) const AREA: f64 = 30.0;
const AREA_MARGIN: f64 = 8.0;
pub(super) const TRACK: f64 = 20.0;
pub(super) const TRACK_GAP: f64 = 5.0;
/// Below this a row has no room for a number of its own.
pub(super) const ROW_WITH_LABEL: f64 = 11.0;
/// Below this rows have no bars of their own, and share what pixels there are.
const ROW_WITH_BARS: f64 = 3.0;

impl Geometry {
    /// Where the rows of `lanes` lie in `viewport`.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Row counts are far below 2^53.
    pub fn new(lanes: &[LaneInput<'_>], viewport: &Viewport) -> Self {
        let rows: usize = lanes.iter().map(|lane| lane.lines.len()).sum();
        let area_of = |lane: &LaneInput<'_>| if lane.limit.is_some() { AREA + AREA_MARGIN } else { 0.0 };
        let tracks_of = |lane: &LaneInput<'_>| (TRACK + TRACK_GAP) * lane.tracks.len() as f64;
        let band = if viewport.band { BAND } else { 0.0 };
        let top = AXIS + band;
        let fixed: f64 =
            top + GAP + lanes.iter().map(|lane| TITLE + GAP + area_of(lane) + tracks_of(lane)).sum::<f64>();
        let heights = Heights::of(rows, lanes.len(), viewport.height - fixed);
        let row = heights.at(viewport.taller);
        let (mut y, mut places, mut areas, mut tracks) = (top, Vec::new(), Vec::new(), Vec::new());
        for lane in lanes {
            y += TITLE;
            let first = y;
            let high = row * lane.lines.len() as f64;
            // Pixels that rows share are whole.
            y += GAP + if row < ROW_WITH_BARS { libm::ceil(high) } else { high };
            places.push((first, lane.lines.clone()));
            areas.push(lane.limit.map(|_| y + AREA_MARGIN / 2.0));
            y += area_of(lane);
            tracks.push(y);
            y += tracks_of(lane);
        }
        let longest = lanes.iter().flat_map(|lane| lane.names).map(|name| width_of(name)).fold(0.0, f64::max);
        let most = lanes.iter().map(|lane| lane.index.len()).max().unwrap_or(0);
        let numbers = width_of(&most.to_string()) + LABEL_GAP;
        let left = (longest + 2.0 * LABEL_GAP).min(viewport.width / 4.0).max(numbers).max(LEFT);
        let right = (viewport.width - RIGHT).max(left + 50.0);
        let scale = Scale::new(left, right, viewport.window);
        Self { scale, axis: AXIS, band, row, heights, lanes: places, areas, tracks, height: y + GAP }
    }

    /// The upper edge of a request's first row.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn row_top(&self, lane: usize, item: usize) -> Option<f64> {
        let (top, lines) = self.lanes.get(lane)?;
        lines.first_of(item).map(|line| top + self.row * line as f64)
    }

    /// How high a request is, with all its branches.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn height_of(&self, lane: usize, item: usize) -> f64 {
        let lines = self.lanes.get(lane).and_then(|(_, lines)| lines.of_place(lines.place_of(item)?));
        self.row * lines.map_or(0, |lines| lines.len()) as f64
    }

    /// The line of a lane at a height.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels over row height: small, not negative.
    pub(super) fn line_at(&self, lane: usize, y: f64) -> Option<usize> {
        let (top, lines) = self.lanes.get(lane)?;
        let place = (y - top) / self.row;
        (place >= 0.0).then_some(place as usize).filter(|&line| line < lines.len())
    }

    /// The lines of a lane of which some can be seen.
    pub(super) fn lines_within(&self, lane: usize, (from, to): (f64, f64)) -> std::ops::Range<usize> {
        let (top, lines) = &self.lanes[lane];
        let first = if from <= *top { 0 } else { self.line_at(lane, from).unwrap_or(lines.len()) };
        let last = if to < *top { 0 } else { self.line_at(lane, to).map_or(lines.len(), |line| line + 1) };
        first..last
    }

    /// Whether rows are so low that they share pixels.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.row < ROW_WITH_BARS
    }

    /// The lines that share a pixel, so many pixels down from a lane's first row: those that begin in it, or else the
    /// one that it lies in.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // As above.
    pub(super) fn lines_of_pixel(&self, pixel: usize) -> std::ops::Range<usize> {
        // A hair's breadth is not to part a pixel from the line that fills it.
        let begins = |pixel: usize| libm::ceil(pixel as f64 / self.row - 1e-6).max(0.0) as usize;
        let (first, after) = (begins(pixel), begins(pixel + 1));
        if first < after { first..after } else { first.saturating_sub(1)..first.max(1) }
    }

    /// The upper edge of a track.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // A handful of tracks.
    pub fn track_top(&self, lane: usize, index: usize) -> Option<f64> {
        self.tracks.get(lane).map(|top| top + (TRACK + TRACK_GAP) * index as f64)
    }

    /// From where to where a lane reaches down, its title included.
    pub(super) fn reach(&self, lane: usize) -> (f64, f64) {
        let top = |lane: usize| self.lanes.get(lane).map(|(top, _)| top - TITLE);
        (top(lane).unwrap_or(self.height), top(lane + 1).unwrap_or(self.height))
    }
}

/// No label is wider than this: figures of the widest face, in pixels.
#[allow(clippy::cast_precision_loss)] // A few letters.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().count() as f64 * 7.5
}
