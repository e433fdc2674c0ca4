//! Keys for the whole page. They never act while a field or a dialog has the focus.

use crate::scene::playback::Command;
use crate::view::state::State;
use leptos::prelude::{GetUntracked, ReadUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

/// Acts on a key, if it means anything here.
pub(crate) fn on_key(state: State, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    let within =
        |selector: &str| target.as_ref().is_some_and(|t| t.closest(selector).is_ok_and(|found| found.is_some()));
    if within("input, textarea, select, dialog, [contenteditable]") {
        return;
    }
    // Space presses a button and opens a summary; only elsewhere is it play.
    let presses = within("button, a, summary");
    // An audience is led from beat to beat; whoever plays steps through events.
    let is_talk = state.guide.is_presenting.get_untracked();
    match &*event.key() {
        "ArrowRight" | "PageDown" if is_talk => state.walk(true),
        "ArrowLeft" | "PageUp" if is_talk => state.walk(false),
        "Escape" if is_talk && state.dialog.read_untracked().is_none() => state.present(false),
        "r" | "R" => state.run(),
        "c" | "C" => state.light_path(),
        " " if !presses => state.command(Command::PlayOrPause),
        "." | "ArrowRight" => state.step(true),
        "," | "ArrowLeft" => state.step(false),
        // A dialog whose code is still on its way does not come.
        "Escape" => state.dialog.set(None),
        "Home" if within(".timeline") => state.command(Command::ToStart),
        "End" if within(".timeline") => state.command(Command::ToEnd),
        "ArrowDown" if within(".timeline") => state.select_by(1),
        "ArrowUp" if within(".timeline") => state.select_by(-1),
        "Delete" | "Backspace" if within(".timeline") => state.remove_chosen_spell(),
        _ => return,
    }
    event.prevent_default();
}
