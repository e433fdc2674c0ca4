//! The run as files: answers to copy and download, the whole run to save and open again.

use crate::browser::download;
use crate::browser::later::later;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::share::version_of;
use crate::experiment::{ExperimentError, Plan};
use crate::trace::Trace;
use crate::trace::export::answers_jsonl;
use crate::view::dom::event::input;
use crate::view::dom::{El, el};
use crate::view::state::State;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{File, HtmlElement};

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("This is not a run that Lanescope saved.")]
    NotATrace,
    #[error("This run was saved by a newer version of Lanescope.")]
    Newer,
    #[error("This run can't be shown: {0}.")]
    Unsound(#[from] ExperimentError),
}

pub(crate) fn file_buttons(state: State) -> [El; 5] {
    let task = StoredValue::new_local(None::<Task>);
    let begin = move |act: LocalBoxFuture<'static, Result<(), String>>| {
        task.set_value(Some(spawn(async move {
            if let Err(problem) = act.await {
                state.notice.set(Some(problem));
            }
        })));
    };
    let copy = move || begin(Box::pin(async move { allowed(download::copy(&answers(state).await?).await) }));
    let save_answers = move || {
        begin(Box::pin(async move {
            allowed(download::save("lanescope-answers.jsonl", "application/jsonl", &answers(state).await?))
        }));
    };
    let save_run = move || begin(Box::pin(saved(state)));
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
            begin(Box::pin(open(state, file)));
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

/// Saves the whole run as a file.
///
/// # Errors
/// Why not, in a sentence.
///
/// # Cancel safety
/// Dropping the future saves nothing.
pub(crate) async fn saved(state: State) -> Result<(), String> {
    allowed(download::save("lanescope-run.json", "application/json", &run_as_json(state).await?))
}

fn button(label: &str, act: impl Fn() + 'static) -> El {
    el("button").class("ghost").on("click", move |_| act()).text(label)
}

fn allowed(outcome: Result<(), JsValue>) -> Result<(), String> {
    outcome.map_err(|_| "The browser did not allow that.".into())
}

later! { tools:
    fn answers(state: State) -> String {
        state.with_picture(|picture| answers_jsonl(&picture.trace())).unwrap_or_default()
    }
}

later! { tools:
    fn run_as_json(state: State) -> String {
        state.with_picture(|picture| serde_json::to_string(&picture.trace()).unwrap_or_default()).unwrap_or_default()
    }
}

later! { tools:
    /// The run that a file holds, or why it is not opened.
    fn run_of(text: String) -> Result<(Trace, Vec<Plan>), String> {
        parse(&text).map_err(|error| error.to_string())
    }
}

/// Shows the run that a file holds.
///
/// # Errors
/// Why not, in a sentence.
///
/// # Cancel safety
/// Dropping the future leaves what is shown as it is.
async fn open(state: State, file: File) -> Result<(), String> {
    let text = download::read(&file).await.map_err(|_| "The file could not be read.".to_owned())?;
    let (trace, plans) = run_of(text).await??;
    state.open_trace(trace, plans);
    Ok(())
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
