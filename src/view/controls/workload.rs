//! What is asked.

use super::field::{Number, unique_id, whole};
use crate::experiment::Workload;
use crate::experiment::workload::Calls;
use crate::view::dom::event::entered;
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;
use std::rc::Rc;

/// The most requests that the page offers; a run of more belongs into a file of one's own.
const MOST: f64 = 1_000.0;

pub(super) fn workload(state: State) -> El {
    let id = unique_id();
    let label = el("label").attr("for", &id).text("Prompts, one a line");
    let prompts = el("textarea")
        .attr("id", &id)
        .attr("rows", "2")
        .value_by(move || {
            let Workload::Calls(calls) = &state.experiment.read().workload;
            calls.prompts.join("\n")
        })
        .on("change", move |event| edit(state, |calls| take_prompts(calls, &entered(&event))));
    let requests = Number::new("Requests", 1.0, MOST).slider(50.0).field(
        move || Some(f64::from(state.experiment.read().workload.len())),
        move |number| {
            if let Some(number) = number {
                edit(state, |calls| calls.requests = whole(number.clamp(1.0, MOST)));
            }
        },
    );
    el("section")
        .child(el("h2").text("Workload"))
        .child(el("div").class("field").child(label).child(prompts))
        .child(requests)
}

fn edit(state: State, change: impl FnOnce(&mut Calls)) {
    state.edit(|experiment| {
        let Workload::Calls(calls) = &mut experiment.workload;
        change(calls);
    });
}

/// Several lines are each asked once; a single one as often as there are requests.
fn take_prompts(calls: &mut Calls, text: &str) {
    let lines: Vec<Rc<str>> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Rc::from).collect();
    if lines.len() > 1 {
        calls.requests = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    }
    calls.prompts = lines;
}
