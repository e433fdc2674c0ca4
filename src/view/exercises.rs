//! The exercises: a few to choose at once, and the course's others in a list that unfolds.

use crate::browser::later::later;
use crate::experiment::course::ROWS;
use crate::experiment::preset::{PRESETS, Preset};
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlButtonElement};

pub(crate) fn exercises(state: State) -> El {
    let chips = PRESETS.iter().map(|preset| chip(state, preset));
    let others = made_when_opened(state, "More", list).class("exercises");
    let unfolded = others.clone();
    // One that is chosen is to be seen, and the list lies above it.
    let others = others.on("click", move |event| {
        let chosen = event.target().and_then(|target| target.dyn_into::<HtmlButtonElement>().ok());
        if chosen.is_some() {
            let _ = unfolded.node::<Element>().remove_attribute("open");
        }
    });
    el("nav").class("chips").attr("aria-label", "Exercises").children(chips).child(others)
}

fn chip(state: State, preset: &'static Preset) -> El {
    el("button")
        .aria_by("aria-pressed", move || state.preset.get() == Some(preset.id))
        .on("click", move |_| state.load_preset(preset))
        .text(preset.label)
}

later! { tools:
    fn list(state: State, home: Owner) -> El {
        home.with(|| el("div").class("exercise-list").children(ROWS.iter().map(|row| chip(state, row))))
    }
}
