//! The rest of the experiment: the lane's retries and timeouts, what goes with every request, the
//! server's figures, the seed.

use super::copies::copy_fields;
use super::field::{Number, text_field, whole};
use super::lane::lane_fields;
use super::lock::locked_fields;
use super::rates::rate_fields;
use super::requests::request_fields;
use super::seek::seek_fields;
use super::server::server_fields;
use super::spells::spell_fields;
use crate::browser::later::later;
use crate::lesson::lock::Lock;
use crate::port::Settings;
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use leptos::prelude::*;

pub(super) fn more(state: State) -> El {
    made_when_opened(state, "More: retries, timeouts, server, seed", fields).class("more")
}

later! { tools:
    fn fields(state: State, home: Owner) -> El {
        home.with(|| untrack(|| all_fields(state)))
    }
}

fn all_fields(state: State) -> El {
    let is_simulated = move || state.experiment.read().server.simulated().is_some();
    el("div")
        .child(lane_fields(state))
        .child(rate_fields(state))
        .child(copy_fields(state))
        .child(request_fields(state))
        .child(settings_fields(state))
        .when(is_simulated, move || server_fields(state))
        .when(is_simulated, move || spell_fields(state))
        .child(seek_fields(state))
}

/// What goes with every request.
fn settings_fields(state: State) -> El {
    let number = |number: Number, of: fn(&Settings) -> f64, put: fn(&mut Settings, Option<f64>)| {
        let value = move || state.experiment.read().workload.settings().map(of);
        number.field(value, move |entered| edit(state, &|settings| put(settings, entered)))
    };
    let tokens = Number::new("Output tokens at most", 1.0, 65_536.0);
    let temperature = Number::new("Temperature", 0.0, 2.0).by(0.1);
    locked_fields(state, "Every request", &[Lock::Requests])
        .child(number(
            tokens,
            |settings| f64::from(settings.max_output_tokens),
            |settings, tokens| settings.max_output_tokens = tokens.map_or(2_048, whole),
        ))
        .child(number(
            temperature,
            |settings| settings.temperature,
            |settings, temperature| settings.temperature = temperature.unwrap_or(0.7),
        ))
        .child(instruction_field(state))
}

fn instruction_field(state: State) -> El {
    text_field(
        "System instruction",
        2,
        move || {
            let experiment = state.experiment.read();
            let settings = experiment.workload.settings();
            settings.and_then(|settings| settings.system.as_deref()).unwrap_or_default().to_owned()
        },
        move |text| {
            let text = text.trim();
            edit(state, &|settings| settings.system = (!text.is_empty()).then(|| text.into()));
        },
    )
}

fn edit(state: State, change: &dyn Fn(&mut Settings)) {
    state.edit(|experiment| {
        if let Some(calls) = experiment.workload.calls_mut() {
            change(&mut calls.settings);
        }
    });
}
