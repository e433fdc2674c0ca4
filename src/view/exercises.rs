//! The exercises: a few to choose at once.

use crate::experiment::preset::{PRESETS, Preset};
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

pub(crate) fn exercises(state: State) -> El {
    let chips = PRESETS.iter().map(|preset| chip(state, preset));
    el("nav").class("chips").attr("aria-label", "Exercises").children(chips)
}

fn chip(state: State, preset: &'static Preset) -> El {
    el("button")
        .aria_by("aria-pressed", move || state.preset.get() == Some(preset.id))
        .on("click", move |_| state.load_preset(preset))
        .text(preset.label)
}
