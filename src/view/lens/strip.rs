//! The whole run as a strip, with a window on it that is dragged and stretched.
//!
//! Whatever it does can be done with keys and buttons, so that it is a picture to those who can't see it.

use crate::scene::look::Look;
use crate::scene::minimap::{Column, Grip, Strip, centred, columns, dragged, grip_at};
use crate::scene::scale::Scale;
use crate::time::Instant;
use crate::view::canvas::Painter;
use crate::view::dom::event::position;
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::theme::Theme;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlCanvasElement, PointerEvent, ResizeObserver};

const HEIGHT: f64 = 28.0;
/// A pointer that moves less than this, in pixels, only clicks.
const LEAST_PULL: f64 = 3.0;

/// What a pointer holds.
#[derive(Clone, Copy)]
struct Held {
    grip: Grip,
    /// Where it was pressed, and what was looked at then.
    x: f64,
    look: Look,
    has_moved: bool,
}

pub(super) fn strip(state: State, theme: Theme) -> El {
    let width = RwSignal::new(0.0);
    let end = Memo::new(move |_| state.axis_end());
    let lanes = Memo::new(move |_| {
        let (end, count) = (end.get(), pixels(width.get()));
        let all = |picture: &Picture| {
            let folds = (0..picture.len()).filter_map(|lane| picture.fold(lane));
            folds.map(|fold| columns(fold, end, count)).collect::<Vec<Vec<Column>>>()
        };
        state.with_picture(all).unwrap_or_default()
    });
    let scale = move || Scale::new(0.0, width.get(), (Instant::ZERO, end.get()));
    let held = StoredValue::new(None::<Held>);
    let cursor = RwSignal::new("");
    let canvas = el("canvas")
        .attr("role", "img")
        .attr("aria-label", "The whole run, with a window on what is seen")
        .style_by("cursor", move || cursor.get().to_owned())
        .on("pointerdown", move |event| {
            let (Some(pointer), Some((x, _))) = (event.dyn_ref::<PointerEvent>(), position(&event)) else { return };
            let look = state.lens.read().look;
            let grip = grip_at(look, end.get(), scale(), x);
            held.set_value((pointer.button() == 0).then_some(Held { grip, x, look, has_moved: false }));
            if let Some(canvas) = event.target() {
                let _ = canvas.unchecked_into::<Element>().set_pointer_capture(pointer.pointer_id());
            }
        })
        .on("pointermove", move |event| {
            let Some((x, _)) = position(&event) else { return };
            let Some(now) = held.get_value() else {
                return cursor.set(sign(grip_at(state.lens.read().look, end.get(), scale(), x)));
            };
            if now.has_moved || (x - now.x).abs() >= LEAST_PULL {
                held.set_value(Some(Held { has_moved: true, ..now }));
                let at = |x| scale().time_from_x(x);
                state.look(dragged(now.look, end.get(), now.grip, at(now.x), at(x)));
            }
        })
        .on("pointerup", move |_| {
            let pressed = held.try_update_value(Option::take).flatten();
            if let Some(Held { x, look, has_moved: false, .. }) = pressed {
                state.look(centred(look, end.get(), scale().time_from_x(x)));
            }
        })
        .on("pointercancel", move |_| held.set_value(None));
    paint(state, theme, &canvas, width, end, lanes);
    let place = el("div").class("strip").child(canvas);
    watch(place.node(), width);
    place
}

fn sign(grip: Grip) -> &'static str {
    match grip {
        Grip::Start | Grip::End => "ew-resize",
        Grip::Body => "grab",
        Grip::New => "crosshair",
    }
}

/// Paints the strip, and again when what it shows changes.
fn paint(
    state: State,
    theme: Theme,
    canvas: &El,
    width: RwSignal<f64>,
    end: Memo<Instant>,
    lanes: Memo<Vec<Vec<Column>>>,
) {
    let (canvas, mut painter): (HtmlCanvasElement, _) = (canvas.node(), None::<(bool, Painter)>);
    follow(move || {
        let (dark, size) = (theme.is_dark(), (width.get(), HEIGHT));
        if size.0 < 1.0 {
            return;
        }
        let lanes = lanes.read();
        let shapes = Strip { lanes: &lanes, size, end: end.get(), now: state.now() }.shapes(&state.lens.read());
        if painter.as_ref().is_none_or(|(theme, _)| *theme != dark) {
            painter = Painter::new(&canvas).ok().map(|new| (dark, new));
        }
        if let Some((_, painter)) = &painter {
            let _ = painter.paint(&canvas, size, 1.0, 0.0, &shapes);
        }
    });
}

/// Keeps `width` at that of the element's inside.
fn watch(place: Element, width: RwSignal<f64>) {
    let element = place.clone();
    let on_resize = Closure::<dyn FnMut()>::new(move || {
        let now = f64::from(place.client_width());
        if (width.get_untracked() - now).abs() > 0.5 {
            width.set(now);
        }
    });
    if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
        observer.observe(&element);
        keep(Watch { observer, _kept: on_resize });
    }
}

/// A look at a width. Dropping it ends it.
struct Watch {
    observer: ResizeObserver,
    _kept: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// How many whole pixels there are.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels of a screen.
fn pixels(width: f64) -> usize {
    width as usize
}
