//! Keys for the whole page. They never act while a field or a dialog has the focus.

use crate::scene::key::{Focus, meaning};
use crate::view::state::{Dialog, State};
use leptos::prelude::{GetUntracked, ReadUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

/// Acts on a key, if it means anything here.
pub(crate) fn on_key(state: State, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| target.as_ref().is_some_and(|t| t.closest(selector).is_ok_and(|found| found.is_some()));
    if event.alt_key()
        || event.default_prevented()
        || within("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")
    {
        return;
    }
    let key = event.key();
    if event.ctrl_key() || event.meta_key() {
        // All else with Ctrl or Cmd is the browser's.
        if key == "k" && !event.shift_key() {
            state.dialog.set(Some(Dialog::Palette));
            event.prevent_default();
        }
        return;
    }
    // Keys are the dialog's, be it still on its way or without the focus; the browser's own stay the browser's.
    if key != "Escape" && state.dialog.read_untracked().is_some() {
        return;
    }
    if key != "Escape" && state.is_search_coming() {
        if !event.repeat() && state.type_early(&key) {
            event.prevent_default();
        }
        return;
    }
    // An audience is led from beat to beat; whoever plays steps through events.
    let is_talk = state.guide.is_presenting.get_untracked();
    match &*key {
        "ArrowRight" | "PageDown" if is_talk => state.walk(true),
        "ArrowLeft" | "PageUp" if is_talk => state.walk(false),
        "Escape" if is_talk && state.dialog.read_untracked().is_none() => state.present(false),
        _ => {
            let focus = Focus { timeline: within(".timeline"), button: within("button, a, summary, input") };
            let Some(meaning) = meaning(&event.code(), &key, focus) else { return };
            state.obey(meaning);
        }
    }
    event.prevent_default();
}
