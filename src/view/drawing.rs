//! What the timeline's canvas shows: the picture through the lens, as shapes.

use crate::id::lane_letter;
use crate::scene::flag::flags;
use crate::scene::hit::{Hit, request_at};
use crate::scene::index::Index;
use crate::scene::layout::{Face, Geometry, LaneInput, Viewport, layout};
use crate::scene::lens::{Lens, Sort};
use crate::scene::lines::Lines;
use crate::scene::look::Look;
use crate::scene::mark::marked;
use crate::scene::shape::Shape;
use crate::trace::span::Fold;
use crate::view::band::Band;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::lesson::{finish_line, off_by};
use crate::view::words::{group, units, why};
use leptos::prelude::*;
use std::rc::Rc;

/// How large the box is: its width, and the height it may take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Room {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Room {
    /// The room that there is for a picture so many times as large.
    pub(super) fn by(self, zoom: f64) -> Self {
        Self { width: self.width / zoom, height: self.height / zoom }
    }
}

/// What is painted, and where it lies.
pub(super) struct Drawn {
    pub(super) shapes: Vec<Shape>,
    pub(super) geometry: Geometry,
    pub(super) viewport: Viewport,
}

/// What is drawn of a lane besides its spans.
struct Around<'a> {
    title: String,
    names: Vec<&'a str>,
    lines: Rc<Lines>,
}

/// Stands in for what happened, where that is not to be seen yet.
#[derive(Default)]
struct Nothing {
    fold: Fold,
    index: Index,
}

/// Where everything lies in `room`, scrolled so far.
pub(super) fn geometry(state: State, picture: &Picture, room: Room, scrolled: f64) -> (Geometry, Viewport) {
    let lens = state.lens.read();
    let around = around(picture, &lens);
    let viewport = viewport(state, &lens, room, scrolled);
    (Geometry::new(&inputs(picture, &lens, &around, false, None), &viewport), viewport)
}

pub(super) fn draw(state: State, band: Band, picture: &Picture, room: Room, scrolled: f64) -> Drawn {
    let lens = state.lens.read();
    let around = around(picture, &lens);
    let viewport = viewport(state, &lens, room, scrolled);
    let face = Face {
        axis: &|at, step| units::axis(at, step, viewport.window.1),
        duration: &units::duration,
        in_flight: "in flight",
        limit: "limit",
        track: &why::track,
        heading: &|lane, item| heading(picture, lens.sort, lane, item),
    };
    // What waits to be predicted shows nothing, not even what happens in its first moment.
    let nothing = Nothing::default();
    let hidden = state.guide.is_held.get().then_some(&nothing);
    let inputs = inputs(picture, &lens, &around, state.path_lit.get(), hidden);
    let geometry = Geometry::new(&inputs, &viewport);
    band.note(&geometry, scrolled);
    let mut shapes = band.shapes(&geometry);
    shapes.extend(layout(&inputs, &viewport, &geometry, &face));
    let marks = state.guide.marks.read();
    let said = marks.finish.map(|(_, at)| finish_line(at)).unwrap_or_default();
    shapes.extend(marked(&marks, &viewport, &geometry, (&said, &off_by)));
    shapes.extend(flags(&lens, &geometry));
    Drawn { shapes, geometry, viewport }
}

/// The request under a pointer.
pub(super) fn request_under(
    state: State,
    picture: &Picture,
    geometry: &Geometry,
    viewport: &Viewport,
    at: (f64, f64),
) -> Option<Hit> {
    let lens = state.lens.read_untracked();
    let around = around(picture, &lens);
    request_at(&inputs(picture, &lens, &around, false, None), viewport, geometry, at)
}

fn viewport(state: State, lens: &Lens, room: Room, scrolled: f64) -> Viewport {
    let playback = state.playback.get();
    Viewport {
        width: room.width,
        height: room.height,
        window: lens.look.window(state.guide.axis(playback.end)),
        is_part: lens.look != Look::Whole,
        now: playback.at,
        show_playhead: !playback.is_at_end(),
        band: has_band(state),
        taller: lens.taller,
        hidden: lens.hidden,
        selected: Some(state.selected.get()),
        visible: (scrolled, scrolled + room.height),
    }
}

/// Whether the server can be broken by hand: a simulated one can, but a lesson needs it whole.
pub(super) fn has_band(state: State) -> bool {
    !state.is_connected() && state.guide.lesson.read().is_none() && !state.guide.is_presenting.get()
}

fn around<'a>(picture: &'a Picture, lens: &Lens) -> Vec<Around<'a>> {
    let lane = |lane| {
        let lines = if lens.is_collapsed(lane) { Rc::default() } else { picture.lines(lane, lens)? };
        let names = picture.program(lane).map(|program| program.names().collect()).unwrap_or_default();
        Some(Around { title: title(picture, lane), names, lines })
    };
    (0..picture.len()).filter_map(lane).collect()
}

/// The lanes to draw; `hidden` stands in for what happened, where that is not to be seen yet.
fn inputs<'a>(
    picture: &'a Picture,
    lens: &Lens,
    around: &'a [Around<'a>],
    is_lit: bool,
    hidden: Option<&'a Nothing>,
) -> Vec<LaneInput<'a>> {
    let lane = |(number, Around { title, names, lines }): (usize, &'a Around<'a>)| {
        let plan = picture.plans.get(number)?;
        let items = picture.items_of(number);
        let has_area = plan.limit() > 1 && !picture.is_script();
        let limit = has_area.then_some(plan.limit().min(u16::try_from(items).unwrap_or(u16::MAX)));
        let path = if is_lit { picture.path(number) } else { None };
        let (fold, index, flight) = match hidden {
            Some(nothing) => (&nothing.fold, &nothing.index, &[][..]),
            None => (picture.fold(number)?, picture.index(number, lens.rows)?, picture.flight(number)?),
        };
        let tracks = picture.tracks(number)?;
        Some(LaneInput { title, fold, index, lines, flight, limit, tracks, names, path })
    };
    around.iter().enumerate().filter_map(lane).collect()
}

/// The heading of the group that a request is in.
fn heading(picture: &Picture, sort: Sort, lane: usize, item: u32) -> String {
    let workload = &picture.experiment.workload;
    match sort {
        Sort::Priority => group::class(workload.class(item)),
        Sort::Model => workload.model(item).to_string(),
        _ => group::slot(picture.slot_of(lane, item).map(|slot| slot + 1)),
    }
}

fn title(picture: &Picture, lane: usize) -> String {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let name = picture.experiment.lanes.get(lane).map(|spec| spec.name.clone()).unwrap_or_default();
    if picture.is_script() {
        return format!("{letter}  {name}");
    }
    let how = match picture.shown_limit(lane) {
        Some(1) => "one at a time".to_owned(),
        Some(limit) => format!("at most {limit} in flight"),
        None => "all at once".to_owned(),
    };
    let how = if name.eq_ignore_ascii_case(&how) { String::new() } else { format!(", {how}") };
    let began =
        picture.log(lane).and_then(|log| log.began_millis).map(|millis| format!(", began {}", clock_time(millis)));
    format!("{letter}  {name}{how}{}", began.unwrap_or_default())
}

/// A moment of the day, as the browser's language writes it.
pub(super) fn clock_time(millis: f64) -> String {
    let date = js_sys::Date::new(&millis.into());
    date.to_locale_time_string("en-GB").into()
}
