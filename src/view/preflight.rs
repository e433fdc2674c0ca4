//! What a real run will send, to whom, and what it may cost; nothing is sent before a click here.

use crate::experiment::{Workload, price};
use crate::lab::live::WINDOW;
use crate::view::share::Modal;
use crate::view::state::{Dialog, State};
use crate::view::words::units::{count, dollars};
use leptos::prelude::*;

/// What a real run amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Preflight {
    host: String,
    plain_http: bool,
    model: String,
    each: u32,
    lanes: usize,
    tries: u32,
    tokens: u64,
    cost: Option<f64>,
}

#[component]
pub(crate) fn PreflightDialog() -> impl IntoView {
    let state = State::here();
    let facts = Memo::new(move |_| preflight(state));
    let all = move || facts.get().each as usize * facts.get().lanes;
    view! {
        <Modal of=Dialog::Preflight title="Send real requests?">
            <dl class="facts">
                <dt>"To"</dt><dd>{move || facts.get().host}</dd>
                <dt>"Model"</dt><dd>{move || facts.get().model}</dd>
                <dt>"Requests"</dt>
                <dd>{move || {
                    let facts = facts.get();
                    format!("{}: {} in each of {}", all(), facts.each, count(facts.lanes, "lane", "lanes"))
                }}</dd>
                <dt>"Tries at most"</dt><dd>{move || format!("{}, if every one must be made again", all() * facts.get().tries as usize)}</dd>
                <dt>"Output tokens at most"</dt><dd>{move || facts.get().tokens.to_string()}</dd>
                <dt>"Cost at most"</dt>
                <dd>{move || match facts.get().cost {
                    Some(cost) => format!("{} a round of tries, by the price list of {}", dollars(cost), price::AS_OF),
                    None => "no price known for this model".into(),
                }}</dd>
            </dl>
            <Show when=move || { facts.get().lanes > 1 }>
                <p>{format!("The lanes share your key and its quota, so they never run together: the most concurrent one goes first, and the next waits until {} s have passed since the last call.", WINDOW.as_secs())}</p>
            </Show>
            <Show when=move || facts.get().plain_http>
                <p class="hint">"This is plain HTTP: the browser itself opens at most 6 connections to a host, and further requests wait inside it, unseen from here."</p>
            </Show>
            <div class="row end">
                <button class="ghost" on:click=move |_| state.dialog.set(None)>"Not now"</button>
                <button class="primary" on:click=move |_| state.run_live()>{move || format!("Send {}", count(all(), "request", "requests"))}</button>
            </div>
        </Modal>
    }
}

fn preflight(state: State) -> Preflight {
    let experiment = state.experiment.read();
    let connection = state.connection.read();
    let Some(connection) = connection.as_ref() else { return Preflight::default() };
    let Workload::Calls(calls) = &experiment.workload;
    let lanes = experiment.lanes.len();
    let attempts = u64::from(calls.requests) * lanes as u64;
    let tokens = attempts * u64::from(calls.settings.max_output_tokens);
    let characters: usize = (0..calls.requests).map(|item| experiment.workload.prompt(item).chars().count()).sum();
    let system = calls.settings.system.as_ref().map_or(0, |text| text.chars().count()) * calls.requests as usize;
    // No tokenizer makes more tokens than characters.
    let input = ((characters + system) * lanes) as u64;
    Preflight {
        host: connection.host().to_owned(),
        plain_http: connection.is_plain_http(),
        model: calls.settings.model.to_string(),
        each: calls.requests,
        lanes,
        tries: experiment.lanes.iter().map(|lane| lane.tries).max().unwrap_or(1),
        tokens,
        cost: price::of(&calls.settings.model).map(|price| price.cost(input, tokens)),
    }
}
