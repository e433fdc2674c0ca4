//! The experiment to edit: what most people change stands open, the rest is under More.

mod field;
mod lanes;
mod more;
mod workload;

use crate::view::state::State;
use lanes::Lanes;
use leptos::prelude::*;
use more::More;
use workload::WorkloadFields;

#[component]
pub(crate) fn Controls() -> impl IntoView {
    let state = State::here();
    let is_live = move || state.live.read().is_some();
    let problem = move || state.experiment.read().plans().err().map(|error| super::state::capital(&error.to_string()));
    view! {
        <WorkloadFields/>
        <Lanes/>
        <More/>
        {move || problem().map(|problem| view! { <p class="problem" role="alert">{problem}"."</p> })}
        <button class="run" class:stop=is_live disabled=move || problem().is_some() && !is_live() on:click=move |_| state.run()>
            {move || if is_live() { "Stop" } else { "Run" }} " " <kbd aria-hidden="true">"R"</kbd>
        </button>
    }
}
