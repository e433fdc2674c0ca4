//! What is asked.

use super::field::{NumberField, unique_id, whole};
use crate::experiment::Workload;
use crate::experiment::workload::Calls;
use crate::view::state::State;
use leptos::prelude::*;
use std::rc::Rc;

/// The most requests that the page offers; a run of more belongs into a file of one's own.
const MOST: f64 = 1_000.0;

#[component]
pub(super) fn WorkloadFields() -> impl IntoView {
    let state = State::here();
    let id = unique_id();
    let prompts = move || {
        let Workload::Calls(calls) = &state.experiment.read().workload;
        calls.prompts.join("\n")
    };
    let requests = Signal::derive(move || Some(f64::from(state.experiment.read().workload.len())));
    view! {
        <section>
            <h2>"Workload"</h2>
            <div class="field">
                <label for=id.clone()>"Prompts, one a line"</label>
                <textarea id=id rows="2" prop:value=prompts
                    on:change=move |event| {
                        let text = event_target_value(&event);
                        state.edit(|experiment| {
                            let Workload::Calls(calls) = &mut experiment.workload;
                            take_prompts(calls, &text);
                        });
                    }></textarea>
            </div>
            <NumberField label="Requests" min=1.0 max=MOST slider=50.0 value=requests set=move |entered| {
                let Some(number) = entered else { return };
                state.edit(|experiment| {
                    let Workload::Calls(calls) = &mut experiment.workload;
                    calls.requests = whole(number.clamp(1.0, MOST));
                });
            }/>
        </section>
    }
}

/// Several lines are each asked once; a single one as often as there are requests.
fn take_prompts(calls: &mut Calls, text: &str) {
    let lines: Vec<Rc<str>> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Rc::from).collect();
    if lines.len() > 1 {
        calls.requests = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    }
    calls.prompts = lines;
}
