//! Work once an animation frame.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// A call each animation frame, with the time since the one before. Dropping it ends it.
#[must_use = "dropping it ends the loop"]
#[derive(Debug)]
pub struct FrameLoop(Rc<State>);

type Callback = Closure<dyn FnMut(f64)>;

#[derive(Debug, Default)]
struct State {
    next: Cell<Option<i32>>,
    callback: RefCell<Option<Callback>>,
}

impl FrameLoop {
    /// Calls `each` every frame until the loop is dropped.
    pub fn start(mut each: impl FnMut(Duration) + 'static) -> Self {
        let state = Rc::new(State::default());
        let weak = Rc::downgrade(&state);
        let mut last: Option<f64> = None;
        *state.callback.borrow_mut() = Some(Closure::new(move |now: f64| {
            let passed = last.map_or(0.0, |last| (now - last).max(0.0));
            last = Some(now);
            each(crate::time::from_secs(passed / 1_000.0));
            if let Some(state) = weak.upgrade() {
                state.request();
            }
        }));
        state.request();
        Self(state)
    }
}

impl State {
    fn request(&self) {
        let callback = self.callback.borrow();
        let (Some(window), Some(callback)) = (web_sys::window(), callback.as_ref()) else { return };
        self.next.set(window.request_animation_frame(callback.as_ref().unchecked_ref()).ok());
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        if let (Some(window), Some(next)) = (web_sys::window(), self.0.next.take()) {
            let _ = window.cancel_animation_frame(next);
        }
    }
}
