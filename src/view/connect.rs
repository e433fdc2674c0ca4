//! The user's own key: where it goes, whether it works, and how to be rid of it.

use crate::browser::spawn::{Task, spawn};
use crate::browser::storage::{self, Keep};
use crate::browser::transport::FetchTransport;
use crate::gemini::models::{self, Model};
use crate::gemini::{ApiKey, Connection, ConnectionError, DEFAULT_BASE_URL, DEFAULT_VERSION};
use crate::port::Failure;
use crate::view::share::Modal;
use crate::view::state::{Dialog, State, capital};
use crate::view::words::failure;
use crate::view::words::units::count;
use leptos::prelude::*;
use std::rc::Rc;

/// Where this tab keeps the key, if the user asks for it: base address, version and key.
pub(crate) const KEPT: &str = "lanescope.connection";

/// What "Check key" found.
#[derive(Clone, Debug, PartialEq)]
enum Checked {
    NotYet,
    Checking,
    Works(usize),
    Refused { title: String, words: String },
}

/// Takes up the key that this tab kept, if it did. Nothing is sent.
pub(crate) fn restore(state: State) {
    let Some(kept) = storage::read(Keep::Tab, KEPT) else { return };
    let mut lines = kept.lines();
    let (Some(base), Some(version), Some(key)) = (lines.next(), lines.next(), lines.next()) else { return };
    if let Ok(connection) = connection(base, version, key) {
        state.connection.set(Some(Rc::new(connection)));
    }
}

fn connection(base: &str, version: &str, key: &str) -> Result<Connection, ConnectionError> {
    Connection::new(base, version, ApiKey::new(key)?)
}

#[component]
pub(crate) fn ConnectDialog() -> impl IntoView {
    let state = State::here();
    let key = RwSignal::new(String::new());
    let base = RwSignal::new(DEFAULT_BASE_URL.to_owned());
    let version = RwSignal::new(DEFAULT_VERSION.to_owned());
    let model = RwSignal::new(state.experiment.read_untracked().workload.settings().model.to_string());
    let keep = RwSignal::new(false);
    let models = RwSignal::new(Vec::<Model>::new());
    let checked = RwSignal::new(Checked::NotYet);
    let problem = RwSignal::new(None::<String>);
    let task = StoredValue::new_local(None::<Task>);

    // A key belongs to the address it was typed for: with another address it must be typed again.
    let change_base = move |entered: String| {
        if entered != base.get_untracked() {
            base.set(entered);
            key.set(String::new());
            checked.set(Checked::NotYet);
        }
    };
    // The field is empty once a connection is made: the key then lives in the connection alone.
    let current = move || {
        if key.read_untracked().trim().is_empty()
            && let Some(connection) = state.connection.get_untracked()
            && connection.base_url() == base.read_untracked().trim_end_matches('/')
        {
            return Ok(connection);
        }
        connection(&base.read_untracked(), &version.read_untracked(), &key.read_untracked()).map(Rc::new)
    };
    let check = move |_| match current() {
        Err(error) => problem.set(Some(capital(&error.to_string()))),
        Ok(connection) => {
            problem.set(None);
            checked.set(Checked::Checking);
            task.set_value(Some(spawn(async move {
                match models::list(&FetchTransport, &connection).await {
                    Ok(list) => {
                        checked.set(Checked::Works(list.len()));
                        models.set(list);
                    }
                    Err(failure) => checked.set(refused(&failure)),
                }
            })));
        }
    };
    let take = move |_| match current() {
        Err(error) => problem.set(Some(capital(&error.to_string()))),
        Ok(connection) => {
            problem.set(None);
            if keep.get_untracked() && !key.read_untracked().is_empty() {
                let kept =
                    format!("{}\n{}\n{}", connection.base_url(), connection.version(), key.read_untracked().trim());
                storage::write(Keep::Tab, KEPT, &kept);
            }
            key.set(String::new());
            state.connect(connection, model.read_untracked().trim());
            state.dialog.set(None);
        }
    };
    let forget = move |_| {
        key.set(String::new());
        models.set(Vec::new());
        checked.set(Checked::NotYet);
        state.disconnect();
    };
    view! {
        <Modal of=Dialog::Connect title="Use my API key">
            <p>"The key goes to the address below and nowhere else. It stays in this page's memory, and is gone when you leave."</p>
            <div class="field">
                <label for="api-key">"Gemini API key"</label>
                <input id="api-key" type="password" autocomplete="off" spellcheck="false" prop:value=key
                    placeholder=move || if state.connection.read().is_some() { "in use; type to replace it" } else { "" }
                    on:input=move |event| { key.set(event_target_value(&event)); checked.set(Checked::NotYet); }/>
            </div>
            <div class="row">
                <button class="ghost" disabled=move || checked.get() == Checked::Checking on:click=check>"Check key"</button>
                <span class="hint">"Lists the models; costs no tokens."</span>
            </div>
            <div role="status">{move || said(checked.get())}</div>
            <div class="field">
                <label for="model">"Model"</label>
                <input id="model" list="models" autocomplete="off" spellcheck="false" prop:value=model
                    on:input=move |event| model.set(event_target_value(&event))/>
                <datalist id="models">
                    {move || models.get().into_iter().map(|model| view! { <option value=model.name>{model.display_name}</option> }).collect_view()}
                </datalist>
            </div>
            <details>
                <summary>"Another address"</summary>
                <div class="field">
                    <label for="base-url">"Base address"</label>
                    <input id="base-url" type="url" autocomplete="off" spellcheck="false" prop:value=base
                        on:change=move |event| change_base(event_target_value(&event))/>
                </div>
                <div class="field">
                    <label for="api-version">"API version"</label>
                    <input id="api-version" autocomplete="off" spellcheck="false" prop:value=version
                        on:change=move |event| version.set(event_target_value(&event))/>
                </div>
                <p class="hint">"With another address, the key must be typed again."</p>
            </details>
            <label class="tick">
                <input type="checkbox" prop:checked=keep on:change=move |event| keep.set(event_target_checked(&event))/>
                <span>"Keep the key for this tab, so that it survives a reload"</span>
            </label>
            {move || problem.get().map(|problem| view! { <p class="problem" role="alert">{problem}"."</p> })}
            <div class="row end">
                <Show when=move || state.connection.read().is_some()>
                    <button class="ghost" on:click=forget>"Forget the key"</button>
                </Show>
                <button class="primary" on:click=take>"Use this key"</button>
            </div>
        </Modal>
    }
}

fn refused(failure: &Failure) -> Checked {
    Checked::Refused { title: failure::card(failure.kind).title.into(), words: failure.message.to_string() }
}

fn said(checked: Checked) -> AnyView {
    match checked {
        Checked::NotYet => ().into_any(),
        Checked::Checking => view! { <p class="hint">"Asking …"</p> }.into_any(),
        Checked::Works(n) => {
            view! { <p class="good">{format!("The key works: {}.", count(n, "model", "models"))}</p> }.into_any()
        }
        Checked::Refused { title, words } => view! { <p class="problem"><b>{title}"."</b>" "{words}</p> }.into_any(),
    }
}
