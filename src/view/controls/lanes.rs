//! The lanes, each a card.

use super::field::{NumberField, whole};
use crate::experiment::{LaneSpec, StrategySpec};
use crate::id::lane_letter;
use crate::policy::semaphore;
use crate::view::state::State;
use leptos::prelude::*;

#[component]
pub(super) fn Lanes() -> impl IntoView {
    let state = State::here();
    let count = Memo::new(move |_| state.experiment.read().lanes.len());
    view! {
        <section>
            <h2>"Lanes"</h2>
            <For each=move || 0..count.get() key=|lane| *lane let:lane><LaneCard lane/></For>
        </section>
    }
}

/// What of a lane its card shows.
#[derive(Clone, PartialEq)]
struct Shown {
    name: String,
    how: String,
    limit: Option<Option<u32>>,
}

fn shown(spec: &LaneSpec) -> Shown {
    let how = match (spec.strategy, spec.limit) {
        (StrategySpec::Sequential, _) => "one at a time".to_owned(),
        (StrategySpec::Gather, Some(limit)) => format!("{limit} in flight"),
        (StrategySpec::Gather, None) => "no limit".to_owned(),
    };
    let limit = (spec.strategy == StrategySpec::Gather).then_some(spec.limit);
    Shown { name: spec.name.clone(), how, limit }
}

#[component]
fn LaneCard(lane: usize) -> impl IntoView {
    let state = State::here();
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let shown = Memo::new(move |_| state.experiment.read().lanes.get(lane).map(shown));
    let is_on = move || state.selected.get().0 == lane;
    let limit = Signal::derive(move || shown.get().and_then(|shown| shown.limit).flatten().map(f64::from));
    let has_limit = move || shown.get().is_some_and(|shown| shown.limit.is_some());
    view! {
        <div class="lane" class:on=is_on>
            <button class="lane-head" aria-pressed=move || is_on().to_string()
                on:click=move |_| state.selected.update(|selected| selected.0 = lane)>
                <b>{letter.to_string()}</b>
                <span>{move || shown.get().map(|shown| shown.name)}</span>
                <span class="how">{move || shown.get().map(|shown| shown.how)}</span>
            </button>
            <Show when=has_limit>
                <NumberField label="At most in flight" min=1.0 max=f64::from(semaphore::Params::MOST) slider=50.0 value=limit
                    set=move |entered| state.edit_lane(lane, |spec| spec.limit = entered.map(whole))/>
            </Show>
        </div>
    }
}
