//! The run as files: answers to copy and download, the whole run to save and open again.

use crate::browser::download;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::share::version_of;
use crate::experiment::{ExperimentError, Plan};
use crate::trace::Trace;
use crate::trace::export::answers_jsonl;
use crate::view::dom::event::input;
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::units::capital;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{File, HtmlElement};

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

pub(crate) fn file_buttons(state: State) -> [El; 5] {
    let task = StoredValue::new_local(None::<Task>);
    let copy = move || {
        let text = answers(state);
        task.set_value(Some(spawn(async move { tell(state, &download::copy(&text).await) })));
    };
    let save_answers = move || {
        tell(state, &download::save("lanescope-answers.jsonl", "application/jsonl", &answers(state)));
    };
    let save_run = move || {
        let json = state.with_picture(|picture| serde_json::to_string(&picture.trace()).unwrap_or_default());
        tell(state, &download::save("lanescope-run.json", "application/json", &json.unwrap_or_default()));
    };
    let chooser = el("input")
        .class("gone")
        .attr("type", "file")
        .attr("accept", ".json,application/json")
        .attr("aria-label", "Run to open")
        .on("change", move |event| {
            let Some(field) = input(&event) else { return };
            let Some(file) = field.files().and_then(|files| files.get(0)) else { return };
            // The same file can be chosen again.
            field.set_value("");
            task.set_value(Some(spawn(open(state, file))));
        });
    let opens: HtmlElement = chooser.node();
    [
        button("Copy answers", copy),
        button("Answers (JSONL)", save_answers),
        button("Save run", save_run),
        button("Open run", move || opens.click()),
        chooser,
    ]
}

fn button(label: &str, act: impl Fn() + 'static) -> El {
    el("button").class("ghost").on("click", move |_| act()).text(label)
}

fn tell(state: State, outcome: &Result<(), JsValue>) {
    if outcome.is_err() {
        state.notice.set(Some("The browser did not allow that.".into()));
    }
}

fn answers(state: State) -> String {
    state.with_picture(|picture| answers_jsonl(&picture.trace())).unwrap_or_default()
}

/// Shows the run that a file holds, or says why not.
///
/// # Cancel safety
/// Dropping the future leaves what is shown as it is.
async fn open(state: State, file: File) {
    let text = download::read(&file).await.map_err(|_| OpenError::Unreadable);
    match text.and_then(|text| parse(&text)) {
        Ok((trace, plans)) => state.open_trace(trace, plans),
        Err(error) => state.notice.set(Some(capital(&format!("{error}.")))),
    }
}

fn parse(text: &str) -> Result<(Trace, Vec<Plan>), OpenError> {
    if version_of(text).ok_or(OpenError::NotATrace)? > Trace::VERSION {
        return Err(OpenError::Newer);
    }
    let trace: Trace = serde_json::from_str(text).map_err(|_| OpenError::NotATrace)?;
    let plans = trace.experiment.plans()?;
    if !trace.is_consistent() {
        return Err(OpenError::NotATrace);
    }
    Ok((trace, plans))
}
