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
        .when(move || can_compare(state), move || run_and_compare(state))
}

/// Whether what is to be run is another than what was, so that the two can be laid side by side.
fn can_compare(state: State) -> bool {
    let is_free = state.live.read().is_none() && state.has_free_choice();
    is_free && state.shown_run().is_some() && state.is_edited() && !has_problem(state)
}

fn run_and_compare(state: State) -> El {
    el("button")
        .class("ghost")
        .attr("title", "Lays the selected lane beside what it did before")
        .on("click", move |_| state.run_and_compare())
        .text("Run and compare")
}

fn has_problem(state: State) -> bool {
    state.experiment.read().plans().is_err()
}

/// Why the experiment can't be run, if it can't.
fn problem(state: State) -> Option<String> {
    state.experiment.read().plans().err().map(|error| capital(&error.to_string()))
}
