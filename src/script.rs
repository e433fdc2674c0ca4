//! `window.lanescope`: the same laboratory for the console, for tests and for pages of the same
//! origin.
//!
//! ```ts
//! interface Lanescope {
//!   /** The trace of a simulated experiment, as plain JSON. */
//!   simulate(experiment: Experiment): Promise<Trace>;
//!   /** Runs against a real server with the key given here, and no other. */
//!   run(experiment: Experiment, options: {
//!     apiKey: string;
//!     /** Default https://generativelanguage.googleapis.com */
//!     baseUrl?: string;
//!     /** Default v1beta */
//!     apiVersion?: string;
//!     /** Aborts every call under way; the promise then rejects with the signal's reason. */
//!     signal?: AbortSignal;
//!     /** Told of each event soon after it happened, with the number of its lane. */
//!     onEvent?: (event: Event, lane: number) => void;
//!   }): Promise<Trace>;
//!   /** The figures of each lane at its end; times in microseconds. Its code comes with the first
//!       `await` of another method, so a page that only has a saved trace awaits `schema()` before. */
//!   stats(trace: Trace): Stats[];
//!   /** JSON Schema (2020-12) of Experiment and Trace. */
//!   schema(): Promise<object>;
//!   version: string;
//! }
//! ```
//!
//! A key that was typed into the page can't be had from here: `run` has the key that it is given.

use crate::browser::clock::{BrowserClock, now_millis};
use crate::browser::later::later;
use crate::experiment::{Experiment, Plan, Server, price};
use crate::gemini::{ApiKey, Connection, DEFAULT_BASE_URL, DEFAULT_VERSION};
use crate::lab::live::LiveRun;
use crate::lab::{SimulatedRun, run_script};
use crate::port::Clock;
use crate::trace::Trace;
use crate::trace::span::Fold;
use crate::trace::stats::{Stats, Terms};
use futures::future::{Either, select};
use js_sys::{Error, Function, JSON, Object, Promise, Reflect};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// How long a simulation may keep the page's thread at a time, in milliseconds.
const SLICE_MILLIS: f64 = 8.0;
/// How soon events of a real run are told.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// Puts `lanescope` on the window.
///
/// # Errors
/// What the browser threw.
pub fn install() -> Result<(), JsValue> {
    let api = Object::new();
    for name in ["simulate", "run", "schema"] {
        let whole = api.clone();
        method(&api, name, move |first, second| {
            future_to_promise(once_whole(whole.clone(), name, first, second)).into()
        })?;
    }
    method(&api, "stats", |_, _| {
        wasm_bindgen::throw_val(refused("stats comes with the first `await` of another method"))
    })?;
    Reflect::set(&api, &"version".into(), &env!("CARGO_PKG_VERSION").into())?;
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    Reflect::set(&window, &"lanescope".into(), &api)?;
    Ok(())
}

/// Puts the methods themselves in the place of those that fetch them, and calls one.
async fn once_whole(api: Object, name: &str, first: JsValue, second: JsValue) -> Result<JsValue, JsValue> {
    put_methods(api.clone()).await.map_err(refused)??;
    let method: Function = Reflect::get(&api, &name.into())?.dyn_into()?;
    JsFuture::from(Promise::from(method.call2(&api, &first, &second)?)).await
}

later! { tools:
    fn put_methods(api: Object) -> Result<(), JsValue> {
        put(&api)
    }
}

fn put(api: &Object) -> Result<(), JsValue> {
    method(api, "simulate", |experiment, _| future_to_promise(simulate(experiment)).into())?;
    method(api, "run", |experiment, options| future_to_promise(run(experiment, options)).into())?;
    method(api, "stats", |trace, _| stats(&trace).unwrap_or_else(|error| wasm_bindgen::throw_val(error)))?;
    method(api, "schema", |_, _| future_to_promise(schema()).into())
}

fn method(api: &Object, name: &str, call: impl FnMut(JsValue, JsValue) -> JsValue + 'static) -> Result<(), JsValue> {
    // The page's one window keeps it for as long as there is a page.
    let closure = Closure::<dyn FnMut(JsValue, JsValue) -> JsValue>::new(call).into_js_value();
    Reflect::set(api, &name.into(), &closure).map(|_| ())
}

async fn simulate(experiment: JsValue) -> Result<JsValue, JsValue> {
    let experiment: Experiment = from_js(&experiment)?;
    if experiment.workload.script().is_some() {
        return to_js(&run_script(&experiment).map_err(refused)?);
    }
    let mut run = SimulatedRun::new(&experiment).map_err(refused)?;
    let clock = BrowserClock::default();
    let mut slice_began = now_millis();
    while !run.run_for(1_000) {
        if now_millis() - slice_began > SLICE_MILLIS {
            pause(&clock, Duration::ZERO).await;
            slice_began = now_millis();
        }
    }
    to_js(&run.into_trace())
}

async fn run(experiment: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let option = |name: &str| Reflect::get(&options, &name.into()).ok().filter(|value| !value.is_null_or_undefined());
    let text = |name: &str| option(name).and_then(|value| value.as_string());
    let experiment = Experiment { server: Server::Gemini, ..from_js(&experiment)? };
    let key = ApiKey::new(&text("apiKey").unwrap_or_default()).map_err(refused)?;
    let base = text("baseUrl").unwrap_or_else(|| DEFAULT_BASE_URL.into());
    let version = text("apiVersion").unwrap_or_else(|| DEFAULT_VERSION.into());
    let connection = Connection::new(&base, &version, key).map_err(refused)?;
    let live = LiveRun::new(experiment, Rc::new(connection)).map_err(refused)?;

    let on_event = option("onEvent").and_then(|value| value.dyn_into::<Function>().ok());
    let signal = option("signal");
    let watched = async {
        let mut told = vec![0; live.recorders().len()];
        {
            let running = pin!(live.run());
            let telling = pin!(tell_for_ever(&live, on_event.as_ref(), &mut told));
            select(running, telling).await;
        }
        tell(&live, on_event.as_ref(), &mut told);
    };
    match signal {
        None => watched.await,
        Some(signal) => {
            let aborted = pin!(aborted(&signal));
            // The signal first: one that has already fired lets nothing be sent.
            if let Either::Left((reason, _)) = select(aborted, pin!(watched)).await {
                live.stop();
                return Err(reason);
            }
        }
    }
    to_js(&live.trace())
}

/// Ends when the signal aborts, with its reason.
async fn aborted(signal: &JsValue) -> JsValue {
    let clock = BrowserClock::default();
    loop {
        let is_aborted = Reflect::get(signal, &"aborted".into()).is_ok_and(|value| value.is_truthy());
        if is_aborted {
            return Reflect::get(signal, &"reason".into()).unwrap_or(JsValue::NULL);
        }
        pause(&clock, TELL_EVERY).await;
    }
}

async fn tell_for_ever(live: &LiveRun, on_event: Option<&Function>, told: &mut [usize]) {
    let clock = BrowserClock::default();
    loop {
        pause(&clock, TELL_EVERY).await;
        tell(live, on_event, told);
    }
}

/// Tells of the events that were not told yet.
fn tell(live: &LiveRun, on_event: Option<&Function>, told: &mut [usize]) {
    let Some(on_event) = on_event else { return };
    for (lane, (recorder, told)) in (0_u32..).zip(live.recorders().iter().zip(told)) {
        let news = recorder.read().events[*told..].to_vec();
        *told += news.len();
        for event in news {
            if let Ok(event) = to_js(&event) {
                // What a listener throws is its own affair; the run goes on.
                let _ = on_event.call2(&JsValue::NULL, &event, &lane.into());
            }
        }
    }
}

async fn pause(clock: &BrowserClock, span: Duration) {
    let until = clock.read() + span.max(Duration::from_millis(1));
    clock.keeping_time(clock.sleep_until(until)).await;
}

fn stats(trace: &JsValue) -> Result<JsValue, JsValue> {
    let trace: Trace = from_js(trace)?;
    let plans = trace.experiment.plans().map_err(refused)?;
    if !trace.is_consistent() {
        return Err(refused("the trace does not fit its experiment"));
    }
    let all: Vec<Stats> = trace
        .lanes
        .iter()
        .zip(&plans)
        .enumerate()
        .map(|(number, (lane, plan))| {
            let fold = Fold::of(&lane.events);
            Stats::at(fold.latest, &fold, lane, terms(&trace.experiment, plan, number))
        })
        .collect();
    serde_wasm_bindgen::to_value(&all).map_err(refused)
}

fn terms<'a>(experiment: &'a Experiment, plan: &Plan, number: usize) -> Terms<'a> {
    Terms {
        items: experiment.workload.rows_of(number) as usize,
        workload: Some(&experiment.workload),
        limit: plan.limit(),
        quota: experiment.server.quota(),
        price: price::of_lane(&experiment.workload, experiment.lanes.get(number)),
    }
}

async fn schema() -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: web_sys::Response = JsFuture::from(window.fetch_with_str("schema.json")).await?.dyn_into()?;
    JsFuture::from(response.json()?).await
}

/// Plain data out of JavaScript, by way of JSON: the form that files and links have too.
fn from_js<T: serde::de::DeserializeOwned>(value: &JsValue) -> Result<T, JsValue> {
    let json = JSON::stringify(value)?.as_string().ok_or_else(|| refused("not plain data"))?;
    serde_json::from_str(&json).map_err(refused)
}

fn to_js<T: serde::Serialize>(value: &T) -> Result<JsValue, JsValue> {
    JSON::parse(&serde_json::to_string(value).map_err(refused)?)
}

/// An `Error` that says why.
#[allow(clippy::needless_pass_by_value, reason = "errors are handed over by `map_err`")]
fn refused(why: impl ToString) -> JsValue {
    Error::new(&why.to_string()).into()
}
