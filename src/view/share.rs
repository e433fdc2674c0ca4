//! A link to the experiment.

use crate::browser::spawn::{Task, spawn};
use crate::browser::{download, page};
use crate::experiment::{Experiment, Workload, share};
use crate::view::state::{Dialog, State, capital};
use leptos::html;
use leptos::prelude::*;

#[component]
pub(crate) fn ShareDialog() -> impl IntoView {
    let state = State::here();
    let with_prompts = RwSignal::new(false);
    let copied = RwSignal::new(false);
    let task = StoredValue::new_local(None::<Task>);
    let link = Memo::new(move |_| {
        let experiment = state.experiment.read();
        let shared = if with_prompts.get() { experiment.clone() } else { without_prompts(&experiment) };
        share::encode(&shared).map(|value| format!("{}#x={value}", page::address())).map_err(|error| error.to_string())
    });
    let copy = move |_| {
        let Ok(link) = link.get_untracked() else { return };
        task.set_value(Some(spawn(async move { copied.set(download::copy(&link).await.is_ok()) })));
    };
    Effect::new(move || {
        let _ = link.get();
        copied.set(false);
    });
    view! {
        <Modal of=Dialog::Share title="Share this experiment">
            <p>"Whoever opens the link sees the same simulation, to the microsecond. It holds neither a key nor a server's address."</p>
            <label class="tick">
                <input type="checkbox" prop:checked=with_prompts on:change=move |event| with_prompts.set(event_target_checked(&event))/>
                <span>"Put my prompts and the system instruction into it"</span>
            </label>
            {move || match link.get() {
                Ok(link) => view! {
                    <div class="row">
                        <input class="link" readonly aria-label="Link" prop:value=link/>
                        <button class="primary" on:click=copy>{move || if copied.get() { "Copied" } else { "Copy" }}</button>
                    </div>
                }.into_any(),
                Err(error) => view! { <p class="problem" role="alert">{capital(&error)}"."</p> }.into_any(),
            }}
        </Modal>
    }
}

/// The experiment with the default prompt in the place of the user's own.
fn without_prompts(experiment: &Experiment) -> Experiment {
    let mut shared = experiment.clone();
    let Workload::Calls(calls) = &mut shared.workload;
    calls.prompts = crate::experiment::workload::Calls::default().prompts;
    calls.settings.system = None;
    shared
}

/// A dialog that is open while the state says so.
#[component]
pub(crate) fn Modal(of: Dialog, title: &'static str, children: Children) -> impl IntoView {
    let state = State::here();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        let should_be_open = state.dialog.get() == Some(of);
        if should_be_open && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !should_be_open && dialog.open() {
            dialog.close();
        }
    });
    let closed = move |_| {
        if state.dialog.get_untracked() == Some(of) {
            state.dialog.set(None);
        }
    };
    view! {
        <dialog node_ref=dialog aria-label=title on:close=closed>
            <div class="dialog-head">
                <h2>{title}</h2>
                <button class="ghost" aria-label="Close" on:click=move |_| state.dialog.set(None)>"×"</button>
            </div>
            {children()}
        </dialog>
    }
}
