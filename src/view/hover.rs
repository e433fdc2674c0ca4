//! What is under the pointer, in words beside it.
//!
//! It reads what was painted last, so that moving the pointer paints nothing, and says something only where
//! that is another thing than before.

use crate::scene::hit::Hit;
use crate::scene::hover::{moment_at, reading};
use crate::scene::layout::{Geometry, Viewport};
use crate::scene::track::Track;
use crate::view::canvas::px;
use crate::view::dom::{El, el};
use crate::view::drawing::request_under;
use crate::view::state::State;
use crate::view::words::hover::{of_span, of_track};
use leptos::prelude::*;

/// How far the words keep from the pointer, in CSS pixels.
const APART: f64 = 12.0;

/// What was painted last, and the pointer over it. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Hover {
    seen: StoredValue<Option<Seen>, LocalStorage>,
    /// Where the pointer is on the canvas.
    pointer: StoredValue<Option<(f64, f64)>>,
    told: RwSignal<Option<Told>>,
}

/// A picture, as far as a pointer can tell.
pub(crate) struct Seen {
    pub(crate) geometry: Geometry,
    pub(crate) viewport: Viewport,
    /// How much of it can be seen at once, in CSS pixels down, and from where.
    pub(crate) height: f64,
    pub(crate) scrolled: f64,
}

/// What a pointer can be over: a lane's track, or its row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Track(usize, usize),
    Row(usize, usize),
}

struct Told {
    over: Over,
    words: String,
    /// Where the words stand, from which edge of theirs.
    left: f64,
    top: f64,
    leftwards: bool,
    upwards: bool,
}

impl Hover {
    pub(crate) fn new() -> Self {
        Self { seen: StoredValue::new_local(None), pointer: StoredValue::new(None), told: RwSignal::new(None) }
    }

    /// The pointer moved, or left.
    pub(crate) fn moved(self, state: State, pointer: Option<(f64, f64)>) {
        self.pointer.set_value(pointer);
        self.look(state);
    }

    /// Another picture was painted; the pointer may rest.
    pub(crate) fn painted(self, state: State, seen: Seen) {
        self.seen.set_value(Some(seen));
        self.look(state);
    }

    fn look(self, state: State) {
        let told = self.pointer.get_value().and_then(|pointer| self.tell(state, pointer));
        let is_news = self.told.with_untracked(|before| match (before, &told) {
            (Some(before), Some(now)) => before.over != now.over || before.words != now.words,
            (None, None) => false,
            _ => true,
        });
        if is_news {
            self.told.set(told);
        }
    }

    fn tell(self, state: State, (x, y): (f64, f64)) -> Option<Told> {
        self.seen.with_value(|seen| {
            let Seen { geometry, viewport, height, scrolled } = seen.as_ref()?;
            let down = y + scrolled;
            let at = (x, down);
            let (over, words) = of_a_track(state, geometry, at).or_else(|| of_bar(state, geometry, viewport, at))?;
            let middle = f64::midpoint(geometry.scale.left(), geometry.scale.right());
            let (leftwards, upwards) = (x > middle, y > height / 2.0);
            let apart = |back: bool| if back { -APART } else { APART };
            let (left, top) = (x + apart(leftwards), down + apart(upwards));
            Some(Told { over, words, left, top, leftwards, upwards })
        })
    }

    /// The words, where there are any.
    pub(crate) fn label(self, state: State) -> El {
        let told = self.told;
        let place =
            move |of: fn(&Told) -> f64| px(told.with(|told| told.as_ref().map_or(0.0, of)) * state.guide.zoom());
        let is = move |of: fn(&Told) -> bool| told.with(|told| told.as_ref().is_some_and(of));
        el("p")
            .class("reading")
            .attr("aria-hidden", "true")
            .class_by("gone", move || told.with(Option::is_none))
            .class_by("leftwards", move || is(|told| told.leftwards))
            .class_by("upwards", move || is(|told| told.upwards))
            .style_by("left", move || place(|told| told.left))
            .style_by("top", move || place(|told| told.top))
            .text_by(move || told.with(|told| told.as_ref().map(|told| told.words.clone()).unwrap_or_default()))
    }
}

/// What the track under a pointer held then.
fn of_a_track(state: State, geometry: &Geometry, at: (f64, f64)) -> Option<(Over, String)> {
    let now = state.now();
    let told = state.with_picture(|picture| {
        let tracks: Vec<&[Track]> = (0..picture.len()).map_while(|lane| picture.tracks(lane)).collect();
        let read = reading(geometry, &tracks, now, at)?;
        let track = tracks.get(read.lane)?.get(read.track)?;
        let words = of_track(track.of, read.value, track.most_at(now), read.at);
        Some((Over::Track(read.lane, read.track), words))
    });
    told.flatten()
}

/// The stretch of a request's life under a pointer; nothing later than the playhead.
fn of_bar(state: State, geometry: &Geometry, viewport: &Viewport, (x, y): (f64, f64)) -> Option<(Over, String)> {
    let now = state.now();
    moment_at(geometry, x).filter(|&at| at <= now)?;
    let told = state.with_picture(|picture| {
        let Hit { lane, item, at } = request_under(state, picture, geometry, viewport, (x, y))?;
        let why = picture.why(lane, item, at)?;
        let span = of_span(picture.row(lane, item)?.span_at(at)?, &why, now);
        Some((Over::Row(lane, item), format!("{}. {span}", picture.whose(lane, item))))
    });
    told.flatten()
}
