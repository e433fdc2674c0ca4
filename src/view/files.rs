//! The run as files: answers to copy and download, the whole run to save and open again.

use crate::browser::download;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::ExperimentError;
use crate::trace::Trace;
use crate::trace::export::answers_jsonl;
use crate::view::state::{State, capital};
use leptos::html;
use leptos::prelude::*;

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("the file could not be read")]
    Unreadable,
    #[error("this is not a run that Lanescope saved")]
    NotATrace,
    #[error("this run was saved by a newer version of Lanescope")]
    Newer,
    #[error("this run can't be shown: {0}")]
    Unsound(#[from] ExperimentError),
}

#[component]
pub(crate) fn FileButtons() -> impl IntoView {
    let state = State::here();
    let chooser = NodeRef::<html::Input>::new();
    let task = StoredValue::new_local(None::<Task>);
    let tell = move |outcome: Result<(), wasm_bindgen::JsValue>| {
        if outcome.is_err() {
            state.notice.set(Some("The browser did not allow that.".into()));
        }
    };
    let answers = move || state.with_picture(|picture| answers_jsonl(&picture.trace())).unwrap_or_default();
    let copy = move |_| {
        let text = answers();
        task.set_value(Some(spawn(async move { tell(download::copy(&text).await) })));
    };
    let save_run = move |_| {
        let json = state.with_picture(|picture| serde_json::to_string(&picture.trace()).unwrap_or_default());
        tell(download::save("lanescope-run.json", "application/json", &json.unwrap_or_default()));
    };
    let open = move |_| {
        let Some(input) = chooser.get_untracked() else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        input.set_value("");
        task.set_value(Some(spawn(async move {
            let text = download::read(&file).await.map_err(|_| OpenError::Unreadable);
            match text.and_then(|text| parse(&text)) {
                Ok((trace, plans)) => state.open_trace(trace, plans),
                Err(error) => state.notice.set(Some(capital(&format!("{error}.")))),
            }
        })));
    };
    view! {
        <button class="ghost" on:click=copy>"Copy answers"</button>
        <button class="ghost" on:click=move |_| tell(download::save("lanescope-answers.jsonl", "application/jsonl", &answers()))>"Answers (JSONL)"</button>
        <button class="ghost" on:click=save_run>"Save run"</button>
        <button class="ghost" on:click=move |_| { if let Some(input) = chooser.get_untracked() { input.click(); } }>"Open run"</button>
        <input class="gone" type="file" accept=".json,application/json" aria-label="Run to open" node_ref=chooser on:change=open/>
    }
}

fn parse(text: &str) -> Result<(Trace, Vec<crate::experiment::Plan>), OpenError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| OpenError::NotATrace)?;
    let version = value.get("version").and_then(serde_json::Value::as_u64).ok_or(OpenError::NotATrace)?;
    if version > u64::from(Trace::VERSION) {
        return Err(OpenError::Newer);
    }
    let trace: Trace = serde_json::from_value(value).map_err(|_| OpenError::NotATrace)?;
    let plans = trace.experiment.plans()?;
    if trace.lanes.len() != plans.len() {
        return Err(OpenError::NotATrace);
    }
    Ok((trace, plans))
}
