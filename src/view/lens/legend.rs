//! What the colours and textures mean. Each name is a button that hides what it names, or shows it again.

use crate::scene::lens::Lens;
use crate::trace::span::{Phase, Row};
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::phase::LEGEND;
use leptos::prelude::*;

pub(crate) fn legend(state: State) -> El {
    let mut legend = el("div").class("legend").attr("role", "group").attr("aria-label", "Show");
    for &(phase, name) in LEGEND {
        // A name for what this run does not have would only puzzle.
        let is_usual = matches!(phase, Phase::Queued | Phase::FirstByte | Phase::Streaming | Phase::BackingOff);
        let is_seen = move |picture: &Picture| is_usual && !picture.is_script() || has(picture, phase);
        let is_gone = move || !state.with_picture(is_seen).unwrap_or(is_usual);
        let entry = entry(
            state,
            &name.replace(' ', "-"),
            name,
            move |lens| lens.hidden.hides(phase),
            move |lens| lens.hidden.toggle(phase),
        );
        legend = legend.child(entry.class_by("gone", is_gone));
    }
    let failed =
        entry(state, "refused", "failed", |lens| lens.hidden.hides_failed(), |lens| lens.hidden.toggle_failed());
    legend.child(failed)
}

/// A name with its swatch, pressed while what it names is shown.
fn entry(
    state: State,
    class: &str,
    name: &str,
    hides: impl Fn(&Lens) -> bool + 'static,
    toggle: impl Fn(&mut Lens) + 'static,
) -> El {
    let swatch = el("i").class(&format!("swatch {class}"));
    el("button")
        .attr("title", "Hide or show")
        .aria_by("aria-pressed", move || !hides(&state.lens.read()))
        .on("click", move |_| state.lens.update(|lens| toggle(lens)))
        .child(swatch)
        .text(name)
}

fn has(picture: &Picture, phase: Phase) -> bool {
    let folds = (0..picture.len()).filter_map(|lane| picture.fold(lane));
    folds.flat_map(|fold| &fold.rows).flat_map(Row::all_spans).any(|span| span.phase == phase)
}
