//! Pointers and the wheel on the timeline: what the browser tells of them, for the machine that knows what it means.

use crate::scene::gesture::{Gesture, Press, Wheel, wheel};
use crate::scene::height::Heights;
use crate::scene::layout::Geometry;
use crate::scene::scale::Scale;
use crate::time::Instant;
use crate::view::dom::El;
use crate::view::dom::event::position;
use crate::view::state::State;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent, WheelEvent};

/// How many pixels a line is, where a wheel counts lines.
const LINE: f64 = 16.0;

/// The pointers on the timeline. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Hands(StoredValue<Inner>);

#[derive(Clone, Copy, Default)]
struct Inner {
    gesture: Gesture,
    /// Where the pointer is, in pixels across.
    x: Option<f64>,
    /// How the picture was painted last: its scale, how far down its axis reaches, and how high its rows can be.
    painted: Option<(Scale, f64, Heights)>,
}

impl Hands {
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(Inner::default()))
    }

    /// Notes how the picture is painted.
    pub(crate) fn note(self, geometry: &Geometry, scrolled: f64) {
        self.0.update_value(|inner| inner.painted = Some((geometry.scale, geometry.axis - scrolled, geometry.heights)));
    }

    /// The moment under the pointer.
    pub(crate) fn moment(self) -> Option<Instant> {
        let Inner { x, painted, .. } = self.0.get_value();
        Some(painted?.0.time_from_x(x?))
    }

    /// How high rows can be.
    pub(crate) fn heights(self) -> Option<Heights> {
        Some(self.0.get_value().painted?.2)
    }

    /// Whether the click that follows a press ends a drag.
    pub(crate) fn dragged(self) -> bool {
        self.0.with_value(|inner| inner.gesture.was_drag())
    }

    /// Has `canvas` tell what pointers do on it, but for those that are `taken`.
    pub(crate) fn listen(self, canvas: El, state: State, taken: impl Fn() -> bool + 'static) -> El {
        canvas
            .on("pointerdown", move |event| self.press(state, &event, taken()))
            .on("pointermove", move |event| self.moved(state, &event))
            .on("pointerup", move |event| self.release(&event))
            .on("pointercancel", move |event| self.release(&event))
            .on("pointerleave", move |_| self.0.update_value(|inner| inner.x = None))
            .on("wheel", move |event| self.turn(state, &event))
    }

    fn press(self, state: State, event: &Event, is_taken: bool) {
        let (Some(pointer), Some((x, y))) = (event.dyn_ref::<PointerEvent>(), place(state, event)) else { return };
        let look = state.lens.read_untracked().look;
        self.0.update_value(|inner| match inner.painted {
            Some((scale, axis, _)) if !is_taken && pointer.button() == 0 => {
                let press = Press { id: pointer.pointer_id(), x, selects: pointer.shift_key() || y < axis };
                inner.gesture.press(press, scale, look);
            }
            _ => inner.gesture = Gesture::default(),
        });
        if let Some(canvas) = event.target() {
            let _ = canvas.unchecked_into::<Element>().set_pointer_capture(pointer.pointer_id());
        }
    }

    fn moved(self, state: State, event: &Event) {
        let (Some(pointer), Some((x, _))) = (event.dyn_ref::<PointerEvent>(), place(state, event)) else { return };
        let end = state.axis_end();
        let asked = self.0.try_update_value(|inner| {
            inner.x = Some(x);
            inner.gesture.moved(pointer.pointer_id(), x, inner.painted?.0, end)
        });
        if let Some(asked) = asked.flatten() {
            state.lens.update(|lens| lens.take(asked));
        }
    }

    fn release(self, event: &Event) {
        if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
            self.0.update_value(|inner| inner.gesture.release(pointer.pointer_id()));
        }
    }

    fn turn(self, state: State, event: &Event) {
        let (Some(turn), Some((x, _))) = (event.dyn_ref::<WheelEvent>(), place(state, event)) else { return };
        let Some((scale, ..)) = self.0.get_value().painted else { return };
        let unit = if turn.delta_mode() == WheelEvent::DOM_DELTA_PIXEL { 1.0 } else { LINE };
        let turn = Wheel {
            x,
            turned: (turn.delta_x() * unit, turn.delta_y() * unit),
            zooms: turn.ctrl_key() || turn.meta_key(),
            sideways: turn.shift_key(),
        };
        let before = state.lens.read_untracked().look;
        if let Some(look) = wheel(turn, scale, before, state.axis_end()) {
            // Else the browser would zoom the page, or go back to the one before.
            event.prevent_default();
            state.look(look);
        }
    }
}

/// Where the pointer of an event is on the picture, in the picture's own pixels.
fn place(state: State, event: &Event) -> Option<(f64, f64)> {
    let zoom = state.guide.zoom();
    position(event).map(|(x, y)| (x / zoom, y / zoom))
}
