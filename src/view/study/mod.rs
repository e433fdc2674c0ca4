//! What if: a lane under many settings, and all lanes under many seeds.

mod bands;
mod heat;
mod preview;
mod running;
mod sweep;

use crate::browser::later::later;
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use leptos::prelude::*;

/// Adds the place where an experiment is tried many times, as long as it is one's own and simulated.
pub(crate) fn what_if(stage: El, state: State) -> El {
    let is_free = move || {
        let taught = state.guide.lesson.read().is_some() || state.guide.assignment.read().is_some();
        let experiment = state.experiment.read();
        !taught && !state.is_connected() && experiment.workload.script().is_none()
    };
    stage.when(is_free, move || {
        let inside = made_when_opened(state, "What if: many runs at once", panel);
        el("section").class("card study").attr("aria-label", "What if").child(inside)
    })
}

later! { study:
    fn panel(state: State, home: Owner) -> El {
        home.with(|| untrack(|| both(state)))
    }
}

/// The map and the bands, one of them shown.
fn both(state: State) -> El {
    let shows_bands = RwSignal::new(false);
    let tab = |name: &str, bands: bool| {
        el("button")
            .aria_by("aria-pressed", move || shows_bands.get() == bands)
            .on("click", move |_| shows_bands.set(bands))
            .text(name)
    };
    let tabs = el("div").class("tabs").attr("role", "group").attr("aria-label", "Kind of study");
    // Both stay, so that what was run is there when one comes back.
    el("div")
        .class("study-inside")
        .child(tabs.child(tab("Other settings", false)).child(tab("Other luck", true)))
        .child(sweep::sweep(state).class_by("gone", move || shows_bands.get()))
        .child(bands::bands(state).class_by("gone", move || !shows_bands.get()))
}
