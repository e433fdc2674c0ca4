//! What else the requests are: chains of steps, models side by side, priorities, tenants, and when each is asked.

use super::field::{Number, read_field, text_field, tick_field};
use super::lane::{millis, secs};
use super::lock::locked_fields;
use super::workload::{edit, fit_requests, of};
use crate::experiment::workload::Arrivals;
use crate::lesson::lock::Lock;
use crate::view::dom::El;
use crate::view::state::State;
use crate::view::words::entered::{classes, classes_said, lines, tenants, tenants_said};

const STEPS: &str = "Steps, one a line (the first stands before the prompt, each next before the answer of the one \
                     before)";

pub(super) fn request_fields(state: State) -> El {
    locked_fields(state, "Requests", &[Lock::Requests])
        .child(text_field(
            STEPS,
            3,
            move || of(state, |calls| calls.steps.join("\n")),
            move |text| edit(state, &|calls| calls.steps = lines(text)),
        ))
        .child(text_field(
            "Models side by side, one a line",
            2,
            move || of(state, |calls| calls.models.join("\n")),
            move |text| {
                edit(state, &|calls| {
                    calls.models = lines(text);
                    fit_requests(calls);
                });
            },
        ))
        .child(read_field(
            "Priorities, in turn (such as low high normal)",
            1,
            move || of(state, |calls| classes_said(&calls.classes)),
            move |text| {
                let read = classes(text)?;
                edit(state, &|calls| calls.classes.clone_from(&read));
                Ok(())
            },
        ))
        .child(read_field(
            "Tenants' requests (such as 100 5)",
            1,
            move || of(state, |calls| tenants_said(&calls.tenants)),
            move |text| {
                let read = tenants(text)?;
                edit(state, &|calls| calls.tenants.clone_from(&read));
                Ok(())
            },
        ))
        .child(Number::new("One every, s", 0.0, 86_400.0).by(0.1).field(
            move || Some(of(state, |calls| secs(calls.every_millis))),
            move |s| edit(state, &|calls| calls.every_millis = millis(s)),
        ))
        .child(tick_field(
            "At random, so far apart on average",
            move || of(state, |calls| calls.arrivals == Arrivals::Poisson),
            move |on| edit(state, &|calls| calls.arrivals = if on { Arrivals::Poisson } else { Arrivals::Even }),
        ))
}
