//! What is asked.

use super::field::{Number, text_field, whole};
use super::lock::{group, signed};
use crate::experiment::Workload;
use crate::experiment::workload::Calls;
use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::entered::lines;
use leptos::prelude::*;

/// The most requests that the page offers; a run of more comes in a link or a file.
const MOST: f64 = 100_000.0;

pub(super) fn workload(state: State) -> El {
    let prompts = text_field(
        "Prompts, one a line",
        2,
        move || of(state, |calls| calls.prompts.join("\n")),
        move |text| {
            edit(state, &|calls| {
                calls.prompts = lines(text);
                fit_requests(calls);
            });
        },
    );
    let requests = Number::new("Requests", 1.0, MOST).slider(50.0).field(
        move || Some(of(state, |calls| f64::from(calls.requests))),
        move |number| {
            if let Some(number) = number {
                edit(state, &|calls| calls.requests = whole(number.clamp(1.0, MOST)));
            }
        },
    );
    let heading = signed(el("h2").text("Workload"), state, &[Lock::Requests]);
    el("section").child(heading).child(group(state, &[Lock::Requests]).child(prompts).child(requests))
}

/// What `read` sees in the calls; in their defaults where a script runs, whose fields are not shown.
pub(super) fn of<T>(state: State, read: fn(&Calls) -> T) -> T {
    match &state.experiment.read().workload {
        Workload::Calls(calls) => read(calls),
        Workload::Script(_) => read(&Calls::default()),
    }
}

pub(super) fn edit(state: State, change: &dyn Fn(&mut Calls)) {
    state.edit(|experiment| {
        if let Workload::Calls(calls) = &mut experiment.workload {
            change(calls);
        }
    });
}

/// Several prompts are each asked once, of each model; a single one as often as there are requests.
pub(super) fn fit_requests(calls: &mut Calls) {
    if calls.prompts.len() > 1 {
        let asked = calls.prompts.len() * calls.models.len().max(1);
        calls.requests = u32::try_from(asked).unwrap_or(u32::MAX);
    }
}
