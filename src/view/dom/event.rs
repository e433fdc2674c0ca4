//! What the user does to elements, and what fields then hold.

use super::life::keep;
use super::{El, Truth};
use leptos::prelude::untrack;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement, KeyboardEvent, MouseEvent};

/// Says that a button rests.
const RESTS: &str = "aria-disabled";

impl El {
    /// Calls `act` on each event of a kind.
    pub(crate) fn on(self, kind: &'static str, act: impl FnMut(Event) + 'static) -> Self {
        self.listen(kind, Box::new(act));
        self
    }

    /// Calls `act` on each press, but for those while it rests. Unlike one that is disabled it keeps the focus: whoever
    /// pressed it last is still there.
    pub(crate) fn pressed(self, rests: impl Fn() -> bool + 'static, act: impl Fn() + 'static) -> Self {
        self.pressed_boxed(Box::new(rests), Box::new(act))
    }

    fn pressed_boxed(self, rests: Box<dyn Fn() -> bool>, act: Box<dyn Fn()>) -> Self {
        let element = self.0.clone();
        self.truth(Truth::Aria(RESTS), rests).on("click", move |_| {
            if element.get_attribute(RESTS).as_deref() != Some("true") {
                act();
            }
        })
    }

    fn listen(&self, kind: &'static str, mut act: Box<dyn FnMut(Event)>) {
        // What a handler reads, it reads once, even if an effect set the event off.
        let callback = Closure::<dyn FnMut(Event)>::new(move |event: Event| untrack(|| act(event)));
        let _ = self.0.add_event_listener_with_callback(kind, callback.as_ref().unchecked_ref());
        keep(Hearing { element: self.0.clone(), kind, callback });
    }
}

/// A listener. Dropping it stops listening.
struct Hearing {
    element: Element,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Drop for Hearing {
    fn drop(&mut self) {
        let _ = self.element.remove_event_listener_with_callback(self.kind, self.callback.as_ref().unchecked_ref());
    }
}

/// What the field of an event holds. Text areas and selects answer to the same name.
pub(crate) fn entered(event: &Event) -> String {
    input(event).map(|input| input.value()).unwrap_or_default()
}

/// The number that the field of an event holds; none if it is empty or holds no number.
pub(crate) fn entered_number(event: &Event) -> Option<f64> {
    input(event).map(|input| input.value_as_number()).filter(|number| !number.is_nan())
}

/// Whether the box of an event is ticked.
pub(crate) fn is_ticked(event: &Event) -> bool {
    input(event).is_some_and(|input| input.checked())
}

/// Which option the select of an event shows.
pub(crate) fn chosen(event: &Event) -> Option<usize> {
    let select: HtmlSelectElement = event.target()?.unchecked_into();
    usize::try_from(select.selected_index()).ok()
}

/// Where the pointer of an event is on its element, in CSS pixels from the left and the top.
pub(crate) fn position(event: &Event) -> Option<(f64, f64)> {
    let pointer: &MouseEvent = event.dyn_ref()?;
    let bounds = event.target()?.unchecked_into::<Element>().get_bounding_client_rect();
    Some((f64::from(pointer.client_x()) - bounds.left(), f64::from(pointer.client_y()) - bounds.top()))
}

/// Whether the main button of the pointer of an event is down.
pub(crate) fn is_pressed(event: &Event) -> bool {
    event.dyn_ref::<MouseEvent>().is_some_and(|pointer| pointer.buttons() & 1 == 1)
}

/// The key of an event.
pub(crate) fn key(event: &Event) -> Option<String> {
    event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key)
}

/// The field that an event is about.
pub(crate) fn input(event: &Event) -> Option<HtmlInputElement> {
    event.target().map(JsCast::unchecked_into)
}
