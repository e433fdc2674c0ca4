//! What tests of the picture share: a lane made ready, a viewport, and a face that writes plain figures.

use crate::scene::geometry::{Face, Geometry, LaneInput, Viewport};
use crate::scene::index::Index;
use crate::scene::lens::Hidden;
use crate::scene::lines::Lines;
use crate::scene::track::Track;
use crate::time::Instant;
use crate::trace::span::Fold;
use crate::trace::stats::in_flight;
use std::rc::Rc;

/// A lane made ready.
pub(super) struct Lane {
    pub(super) fold: Fold,
    pub(super) index: Index,
    pub(super) lines: Rc<Lines>,
    flight: Vec<(Instant, u32)>,
}

impl Lane {
    /// A lane of so many rows, as they are numbered.
    pub(super) fn new(fold: Fold, rows: usize) -> Self {
        let index = Index::of(&fold);
        let lines = Rc::new(Lines::new(rows, &index));
        let flight = in_flight(&fold, Instant::NEVER);
        Self { fold, index, lines, flight }
    }

    /// The lane as it is drawn, with an area if it has a limit.
    pub(super) fn input<'a>(&'a self, limit: Option<u16>, tracks: &'a [Track]) -> LaneInput<'a> {
        let Self { fold, index, lines, flight } = self;
        LaneInput { title: "lane", fold, index, lines, flight, limit, tracks, names: &[], path: None }
    }
}

/// All of 75 s, on a small screen, as far as `now`.
pub(super) fn viewport(now: Instant) -> Viewport {
    Viewport {
        width: 760.0,
        height: 405.0,
        window: (Instant::ZERO, Instant(75_000_000)),
        is_part: false,
        now,
        show_playhead: true,
        band: false,
        taller: 0,
        hidden: Hidden::default(),
        selected: None,
        visible: (0.0, 405.0),
    }
}

/// A face that writes plain figures.
pub(super) const FACE: Face<'static> = Face {
    axis: &|at, _| at.0.to_string(),
    duration: &|span| span.as_secs().to_string(),
    in_flight: "in flight",
    limit: "limit",
    track: &|_, _, _| ("", String::new()),
    heading: &|_, item| format!("with {item}"),
};

/// The row at a height: lane and item; where rows share pixels, the first of them.
pub(crate) fn row_at(geometry: &Geometry, y: f64) -> Option<(usize, usize)> {
    geometry.lanes.iter().enumerate().find_map(|(lane, (_, lines))| {
        let item = lines.item_at(geometry.line_at(lane, y)?)?;
        Some((lane, item))
    })
}
