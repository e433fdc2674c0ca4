//! The timeline: a canvas that is painted at most once a frame, in a box that scrolls.

use crate::browser::page::Listener;
use crate::browser::spawn::spawn;
use crate::scene::flag::mark_at;
use crate::view::band::Band;
use crate::view::canvas::{Painter, px};
use crate::view::dom::event::{is_pressed, position};
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, el};
use crate::view::drawing::{Drawn, Room, draw, geometry, has_band, request_under};
use crate::view::hover::{Hover, Seen};
use crate::view::lens::{bar, extras, legend};
use crate::view::state::State;
use crate::view::theme::Theme;
use crate::view::words::units;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlCanvasElement, ResizeObserver};

/// What is left of the window's height below the canvas: the playbar, and some air.
const BELOW: f64 = 78.0;
const LEAST_HEIGHT: f64 = 240.0;
const MOST_HEIGHT: f64 = 620.0;

pub(crate) fn timeline(state: State, theme: Theme) -> [El; 6] {
    let room = RwSignal::new(Room::default());
    let scrolled = RwSignal::new(0.0);
    let height = RwSignal::new(LEAST_HEIGHT);
    let (band, hover) = (Band::new(state), Hover::new());
    let canvas = el("canvas")
        .attr("aria-hidden", "true")
        .with(|canvas| band.listen(canvas))
        .with(|canvas| state.hands.listen(canvas, state, move || band.took_press() || state.guide.asks_for_finish()))
        .on("click", move |event| {
            // A press on the band, or a drag, has done what it was for.
            if !band.took_press() && !state.hands.dragged() {
                point(state, &event, room.get(), scrolled.get());
            }
        })
        .on("pointermove", move |event| {
            if is_pressed(&event) && state.guide.asks_for_finish() {
                point(state, &event, room.get(), scrolled.get());
            }
            hover.moved(state, pointer(state, &event));
        })
        .on("pointerleave", move |_| hover.moved(state, None));
    let label = move || {
        let requests =
            state.with_picture(|picture| (0..picture.len()).map(|lane| picture.items_of(lane)).sum::<usize>());
        requests.map(|n| format!("Timeline of {}", units::count(n, "request", "requests"))).unwrap_or_default()
    };
    let whole = el("div")
        .class("timeline-whole")
        .style_by("height", move || px(height.get()))
        .child(canvas.clone())
        .child(hover.label(state));
    let frame = el("div")
        .class("timeline")
        .attr("tabindex", "0")
        .attr("role", "group")
        .attr("aria-describedby", "timeline-lanes timeline-keys")
        .attr_by("aria-label", label)
        .style_by("height", move || px(height.get().min(room.get().height.max(LEAST_HEIGHT))))
        .on("scroll", move |event| {
            if let Some(target) = event.target() {
                scrolled.set(f64::from(target.unchecked_into::<Element>().scroll_top()));
            }
        })
        .child(whole);
    watch_size(frame.node(), room);

    keep_in_sight(state, frame.node(), room);
    let (canvas, mut painter): (HtmlCanvasElement, _) = (canvas.node(), None::<(bool, Painter)>);
    let (box_of_rows, mut painted) = (frame.node::<Element>(), None::<(Room, f64)>);
    follow(move || {
        let zoom = state.guide.zoom();
        let room = room.get().by(zoom);
        let Room { width, height: most } = room;
        if width < 1.0 {
            return;
        }
        let dark = theme.is_dark();
        let drawn = state.with_picture(|picture| draw(state, band, picture, room, scrolled.get() / zoom));
        let Some(Drawn { shapes, geometry, viewport }) = drawn else { return };
        let (whole, scrolled) = (geometry.height, scrolled.get_untracked() / zoom);
        state.hands.note(&geometry, scrolled);
        if let Some((_, tall)) = painted.replace((room, whole * zoom)).filter(|(before, _)| *before != room) {
            // In another room rows may be higher or lower: those in sight stay there.
            let to = f64::from(box_of_rows.scroll_top()) * whole * zoom / tall;
            scroll_soon(&box_of_rows, move |_, _| to);
        }
        if (height.get_untracked() - whole * zoom).abs() > 0.5 {
            height.set(whole * zoom);
        }
        if painter.as_ref().is_none_or(|(theme, _)| *theme != dark) {
            painter = Painter::new(&canvas).ok().map(|new| (dark, new));
        }
        if let Some((_, painter)) = &painter {
            let _ = painter.paint(&canvas, (width, whole.min(most)), zoom, scrolled, &shapes);
        }
        hover.painted(state, Seen { geometry, viewport, height: whole.min(most), scrolled });
    });
    let keys = "Up and down choose a request, left and right step through events, space plays, W and S zoom, \
                A and D go earlier and later, question mark lists all keys. \
                What breaks the simulated server is entered under More. \
                The table of results below has the same figures.";
    let keys = el("p").attr("id", "timeline-keys").class("unseen").text(keys);
    let [above, below] = extras(state, theme);
    [head(state, band), bar(state), above, frame, below, keys]
}

/// Scrolls, where it must, so that the request is to be seen that is chosen or spoken of.
fn keep_in_sight(state: State, frame: Element, room: RwSignal<Room>) {
    follow(move || {
        let (lane, item) = state.selected.get();
        let _ = state.guide.stop.get();
        untrack(|| {
            let zoom = state.guide.zoom();
            let place = state.with_picture(|picture| {
                let geometry = geometry(state, picture, room.get().by(zoom), 0.0).0;
                geometry.row_top(lane, item).map(|top| (top * zoom, geometry.row * zoom))
            });
            let Some((top, height)) = place.flatten() else { return };
            scroll_soon(&frame, move |from, view| {
                let is_seen = top >= from && top + height <= from + view;
                if is_seen { from } else { top - view / 2.0 }
            });
        });
    });
}

/// Scrolls to where `to` says, which is given where the box is scrolled to and how high it is. What stands in it may
/// have grown just now; the browser hears of that in this same turn, but later.
fn scroll_soon(frame: &Element, to: impl FnOnce(f64, f64) -> f64 + 'static) {
    let frame = frame.clone();
    #[allow(clippy::cast_possible_truncation)] // Pixels.
    keep(spawn(async move {
        let to = to(f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        frame.set_scroll_top(to.max(0.0) as i32);
    }));
}

/// The heading, what a simulated server is to be broken by, what can be lit, and the legend.
fn head(state: State, band: Band) -> El {
    el("div")
        .class("timeline-head")
        .child(el("h2").text("Timeline"))
        .when(move || has_band(state), move || band.choice())
        .when(move || !state.is_script(), move || path_button(state))
        .child(legend(state))
}

fn path_button(state: State) -> El {
    el("button")
        .class("ghost")
        .attr("title", "What set the time of each lane (key C)")
        .aria_by("aria-pressed", move || state.path_lit.get())
        .on("click", move |_| state.light_path())
        .text("Critical path")
}

/// Where the pointer is on the picture, in the picture's own pixels.
fn pointer(state: State, event: &Event) -> Option<(f64, f64)> {
    let zoom = state.guide.zoom();
    position(event).map(|(x, y)| (x / zoom, y / zoom))
}

/// Selects the request under the pointer; on the axis, moves the playhead there.
fn point(state: State, event: &Event, room: Room, scrolled: f64) {
    let Some((x, y)) = pointer(state, event) else { return };
    let zoom = state.guide.zoom();
    let (room, scrolled) = (room.by(zoom), scrolled / zoom);
    let under = state.with_picture(|picture| {
        let (geometry, viewport) = geometry(state, picture, room, scrolled);
        let hit = request_under(state, picture, &geometry, &viewport, (x, y + scrolled));
        (geometry, hit)
    });
    let Some((geometry, hit)) = under else { return };
    if state.guide.asks_for_finish() {
        state.guide.put_finish(geometry.scale.time_from_x(x));
    } else if y < geometry.axis {
        let mark = mark_at(&state.lens.read().marks, geometry.scale, x);
        state.seek(mark.unwrap_or(geometry.scale.time_from_x(x)));
    } else if let Some(hit) = hit {
        state.selected.set((hit.lane, hit.item));
    }
}

/// Keeps `room` at the size of the frame.
fn watch_size(frame: Element, room: RwSignal<Room>) {
    let element = frame.clone();
    let measure = move || {
        let Some(window) = web_sys::window() else { return };
        let bounds = frame.get_bounding_client_rect();
        let inner = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
        let top = bounds.top() + window.scroll_y().unwrap_or(0.0);
        // On a narrow page other things stand above it, and it takes most of a screen.
        let left = if top > inner / 2.0 { inner * 0.7 } else { inner - top - BELOW };
        let now = Room { width: f64::from(frame.client_width()), height: left.clamp(LEAST_HEIGHT, MOST_HEIGHT) };
        if room.get_untracked() != now {
            room.set(now);
        }
    };
    let on_resize = Closure::<dyn FnMut()>::new(measure.clone());
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else { return };
    observer.observe(&element);
    let at_once = measure.clone();
    // Before the first picture, or what stands below would jump; it is on the page once this turn is over.
    keep(spawn(async move { at_once() }));
    let on_window = Listener::on_window("resize", move |_| measure());
    keep(SizeWatch { observer, _kept: (on_resize, on_window) });
}

/// A look at sizes. Dropping it ends it.
struct SizeWatch {
    observer: ResizeObserver,
    _kept: (Closure<dyn FnMut()>, Option<Listener>),
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
