//! What a real run will send, to whom, and what it may cost; nothing is sent before a click here.

use crate::experiment::{Experiment, LaneSpec, Workload, price};
use crate::lab::live::PAUSE;
use crate::view::dom::{El, el};
use crate::view::facts::{Fact, fact, fact_list};
use crate::view::modal::{buttons, modal};
use crate::view::state::{Dialog, State};
use crate::view::words::units::{count, dollars};
use leptos::prelude::*;
use std::rc::Rc;
use std::slice;

/// What a real run amounts to.
#[derive(Clone, Debug, Default)]
struct Preflight {
    host: String,
    plain_http: bool,
    model: String,
    each: u32,
    lanes: usize,
    /// Calls of all lanes, if every one must be made as often as its lane allows.
    most_calls: u64,
    /// Output tokens of that many calls.
    tokens: u64,
    cost: Option<f64>,
}

pub(crate) fn preflight_dialog(state: State) -> El {
    let label = move || format!("Send {}", count(preflight(state).all(), "request", "requests"));
    let send = el("button").class("primary").on("click", move |_| state.run_live()).text_by(label);
    let not_now = el("button").class("ghost").on("click", move |_| state.dialog.set(None)).text("Not now");
    modal(state, Dialog::Preflight, "Send real requests?")
        .child(fact_list(move || preflight(state).facts()).class("facts"))
        .when(move || preflight(state).lanes > 1, one_by_one)
        .when(move || preflight(state).plain_http, plain_http)
        .child(buttons().child(not_now).child(send))
}

fn one_by_one() -> El {
    let words = "The lanes share your key and its quota, so they never run together: the most concurrent one goes \
                 first, and the next waits until";
    el("p").text(&format!("{words} {} s have passed since the last call.", PAUSE.as_secs()))
}

fn plain_http() -> El {
    let words = "This is plain HTTP: the browser itself opens at most 6 connections to a host, and further requests \
                 wait inside it, unseen from here.";
    el("p").class("hint").text(words)
}

impl Preflight {
    /// All requests of all lanes.
    fn all(&self) -> usize {
        self.each as usize * self.lanes
    }

    fn facts(self) -> Vec<Fact> {
        let all = self.all();
        let requests = format!("{all}: {} in each of {}", self.each, count(self.lanes, "lane", "lanes"));
        let calls = format!("{}, if every one must be tried as often as its lane allows", self.most_calls);
        let cost = match self.cost {
            Some(cost) => format!("{}, by the price list of {}", dollars(cost), price::AS_OF),
            None => "no price known for every model".into(),
        };
        vec![
            fact("To", self.host),
            fact("Model", self.model),
            fact("Requests", requests),
            fact("Calls at most", calls),
            fact("Output tokens at most", self.tokens.to_string()),
            fact("Cost at most", cost),
        ]
    }
}

/// What a run would send now. It is reckoned only for a dialog that is open: it counts every letter.
fn preflight(state: State) -> Preflight {
    if state.dialog.get() != Some(Dialog::Preflight) {
        return Preflight::default();
    }
    let experiment = state.experiment.read();
    let connection = state.connection.read();
    let Some(connection) = connection.as_ref() else { return Preflight::default() };
    let Workload::Calls(calls) = &experiment.workload else { return Preflight::default() };
    let lanes = experiment.lanes.len();
    let tries: u64 = experiment.lanes.iter().map(|lane| lane.most_calls(experiment.workload.steps())).sum();
    let most_calls = u64::from(calls.requests) * tries;
    let tokens = most_calls * u64::from(calls.settings.max_output_tokens);
    let workload = &experiment.workload;
    let prompts: usize = (0..calls.requests).map(|item| workload.ask(item, 0, "").len()).sum();
    let system = calls.settings.system.as_ref().map_or(0, |text| text.len()) * calls.requests as usize;
    // No tokenizer makes more tokens than a text has bytes; a later step asks about all that the one before said.
    let later = if workload.steps() > 1 { tokens + most_calls * longest(&calls.steps) } else { 0 };
    let input = (prompts + system) as u64 * tries + later;
    let specs: Vec<&LaneSpec> = experiment.lanes.iter().collect();
    Preflight {
        host: connection.host().to_owned(),
        plain_http: connection.is_plain_http(),
        model: models(&experiment),
        each: calls.requests,
        lanes,
        most_calls,
        tokens,
        cost: price::at_most(workload, &specs).map(|price| price.cost(input, tokens)),
    }
}

/// Every model that may be asked, once.
fn models(experiment: &Experiment) -> String {
    let Workload::Calls(calls) = &experiment.workload else { return String::new() };
    let own = if calls.models.is_empty() { slice::from_ref(&calls.settings.model) } else { &calls.models[..] };
    let others = experiment.lanes.iter().filter_map(|lane| lane.fallback.as_ref()).flat_map(|other| &other.models);
    let mut names: Vec<&str> = Vec::new();
    for name in own.iter().chain(others) {
        if !names.contains(&&**name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn longest(steps: &[Rc<str>]) -> u64 {
    steps.iter().map(|step| step.len() as u64).max().unwrap_or(0)
}
