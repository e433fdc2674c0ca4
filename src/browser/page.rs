//! What the page itself tells and is told: its address, whether it is seen, how the user likes it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, HtmlElement, VisibilityState, Window};

/// The part of the address after `#`.
#[must_use]
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Changes the part of the address after `#`, without going there; the browser's way back leads to what it was.
pub fn set_fragment(fragment: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    let address = if fragment.is_empty() { address() } else { format!("{}#{fragment}", address()) };
    if let Some(history) = history {
        let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// Goes to another part of this page, or there again.
pub fn go_to(to: &str) {
    if let Some(window) = web_sys::window() {
        if fragment() == to {
            // The browser is there already and says nothing.
            let _ = web_sys::Event::new("hashchange").map(|event| window.dispatch_event(&event));
            return;
        }
        let _ = window.location().set_hash(to);
    }
}

/// The address without its fragment.
#[must_use]
pub fn address() -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Whether the page can't be seen now.
#[must_use]
pub fn is_hidden() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == VisibilityState::Hidden)
}

/// Whether a media query holds, such as `(prefers-reduced-motion: reduce)`.
#[must_use]
pub fn matches(query: &str) -> bool {
    let list = web_sys::window().and_then(|window| window.match_media(query).ok().flatten());
    list.is_some_and(|list| list.matches())
}

/// Scrolls to the element that `selector` finds, if no part of it is to be seen.
pub fn bring_into_view(selector: &str) {
    let (Some(window), Some(element)) = (web_sys::window(), element(selector)) else { return };
    let bounds = element.get_bounding_client_rect();
    let height = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
    if bounds.bottom() < 0.0 || bounds.top() > height {
        element.scroll_into_view();
    }
}

/// Gives the focus to the element that `selector` finds, which comes into view with it.
pub fn focus(selector: &str) {
    if let Some(element) = element(selector) {
        let _ = element.focus();
    }
}

/// Unfolds the details that `selector` finds, and gives its summary the focus.
pub fn unfold(selector: &str) {
    if let Some(details) = element(selector) {
        let _ = details.set_attribute("open", "");
    }
    focus(&format!("{selector} > summary"));
}

/// Presses the button that `selector` finds, if there is one.
pub fn press(selector: &str) {
    if let Some(element) = element(selector) {
        element.click();
    }
}

/// Whether there is an element that `selector` finds.
#[must_use]
pub fn has(selector: &str) -> bool {
    element(selector).is_some()
}

fn element(selector: &str) -> Option<HtmlElement> {
    let found = web_sys::window()?.document()?.query_selector(selector).ok().flatten()?;
    Some(found.unchecked_into())
}

/// Whether the browser thinks that it is offline.
#[must_use]
pub fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

/// A call on each event of a kind. Dropping it stops listening.
#[must_use = "dropping it stops listening"]
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(web_sys::Event)>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Listener {
    fn new(target: EventTarget, kind: &'static str, on_event: impl FnMut(web_sys::Event) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(web_sys::Event)>::new(on_event);
        let _ = target.add_event_listener_with_callback(kind, callback.as_ref().unchecked_ref());
        Self { target, kind, callback }
    }

    /// Listens on the window.
    pub fn on_window(kind: &'static str, on_event: impl FnMut(web_sys::Event) + 'static) -> Option<Self> {
        let window: Window = web_sys::window()?;
        Some(Self::new(window.into(), kind, on_event))
    }

    /// Listens on the document.
    pub fn on_document(kind: &'static str, on_event: impl FnMut(web_sys::Event) + 'static) -> Option<Self> {
        let document = web_sys::window()?.document()?;
        Some(Self::new(document.into(), kind, on_event))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.kind, self.callback.as_ref().unchecked_ref());
    }
}
