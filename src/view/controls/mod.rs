//! The experiment to edit: what most people change stands open, the rest is under More.

mod copies;
mod faults;
pub(crate) mod field;
mod lane;
mod lanes;
pub(crate) mod lock;
mod more;
mod order;
mod rates;
mod requests;
mod seek;
mod server;
mod spells;
mod workload;

use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::units::capital;
use lanes::lanes;
use leptos::prelude::*;
use more::more;
use workload::workload;

pub(crate) fn controls(state: State) -> El {
    let is_live = move || state.live.read().is_some();
    let problem = move || {
        el("p").class("problem").attr("role", "alert").text_by(move || problem(state).unwrap_or_default()).text(".")
    };
    let run = el("button")
        .class("run")
        .class_by("stop", is_live)
        .flag_by("disabled", move || !is_live() && has_problem(state))
        .on("click", move |_| state.run())
        .text_by(move || if is_live() { "Stop" } else { "Run" }.to_owned())
        .text(" ")
        .child(el("kbd").attr("aria-hidden", "true").text("R"));
    el("aside")
        .class("side")
        .attr("aria-label", "Experiment")
        .child(workload(state))
        .child(lanes(state))
        .child(more(state))
        .when(move || has_problem(state), problem)
        .child(run)
}

fn has_problem(state: State) -> bool {
    state.experiment.read().plans().is_err()
}

/// Why the experiment can't be run, if it can't.
fn problem(state: State) -> Option<String> {
    state.experiment.read().plans().err().map(|error| capital(&error.to_string()))
}
