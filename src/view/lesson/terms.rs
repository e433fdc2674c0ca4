//! The terms of the glossary where a lesson uses them: a press on one explains it in place.

use crate::browser::text;
use crate::lesson::glossary::Glossary;
use crate::lesson::marked::Bit;
use crate::view::dom::event::key;
use crate::view::dom::{El, el};
use leptos::prelude::*;
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

thread_local! {
    /// The glossary, once it has come: every lesson uses the same.
    static FETCHED: OnceCell<Rc<Glossary>> = const { OnceCell::new() };
}

/// The glossary, fetched when it is first wanted.
pub(super) async fn fetch() -> Result<Rc<Glossary>, JsValue> {
    if let Some(glossary) = FETCHED.with(|fetched| fetched.get().cloned()) {
        return Ok(glossary);
    }
    let glossary = Rc::new(Glossary::read(&text::fetch("words/en/glossary.md").await?));
    FETCHED.with(|fetched| Ok(fetched.get_or_init(|| glossary).clone()))
}

/// A text with its terms, to be put into a paragraph.
pub(super) fn spelled(bits: Vec<Bit>) -> Vec<El> {
    let elements = bits.into_iter().flat_map(|bit| match bit {
        // A paragraph without words is empty, and takes no room.
        Bit::Plain(text) if text.is_empty() => Vec::new(),
        Bit::Plain(text) => vec![el("span").text(&text)],
        Bit::Code(text) => vec![el("code").text(&text)],
        Bit::Term { before, text, after, sentence } => term(&before, &text, &after, sentence),
    });
    elements.collect()
}

fn term(before: &str, text: &str, after: &str, sentence: String) -> Vec<El> {
    let is_open = RwSignal::new(false);
    let button = el("button")
        .class("term")
        .aria_by("aria-expanded", move || is_open.get())
        .on("click", move |_| is_open.update(|is| *is = !*is))
        .on("keydown", move |event| {
            if is_open.get() && key(&event).as_deref() == Some("Escape") {
                is_open.set(false);
                // The key has done what it was for.
                event.prevent_default();
            }
        })
        .text(text);
    let note = move || el("span").class("term-note").attr("role", "note").text(&format!(" {sentence}"));
    // The place is there before the note, so that a screen reader says what comes into it.
    let place = el("span").attr("aria-live", "polite").when(move || is_open.get(), note);
    vec![el("span").class("term-place").text(before).child(button).text(after), place]
}
