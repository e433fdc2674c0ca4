//! What the scheduler, a simulated item and an event cost as WebAssembly. Built by
//! `cargo build --release --target wasm32-unknown-unknown --example bench_web` and then
//! `wasm-bindgen --target web`, it exports to JavaScript:
//!
//! - `schedule(tasks, limit)`: a promise of nanoseconds a task, of so many tasks that are answered at once, so many of
//!   them in flight, through the engine in the browser's world, every event recorded;
//! - `simulate(items, kind)`: milliseconds that a simulated run of so many items takes. Kinds: `burst`, `poisson`
//!   (load 0.9), `retries` (10 % answered with a 503, tried again, under two quotas);
//! - `bytes_an_event()`: bytes that the record of a run holds for each of its events, texts apart.

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

#[cfg(target_arch = "wasm32")]
#[path = "bench/loads.rs"]
mod loads;

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
}

#[cfg(target_arch = "wasm32")]
#[allow(missing_docs, unreachable_pub, reason = "exported to JavaScript, not to Rust")]
mod exported {
    use crate::loads;
    use lanescope::browser::clock::{BrowserClock, now_millis};
    use std::fmt::Display;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    pub async fn schedule(tasks: u32, limit: u32) -> Result<f64, JsError> {
        let clock = BrowserClock::default();
        let began = now_millis();
        let lane = clock.keeping_time(loads::schedule(tasks, limit, clock.clone())).await.map_err(said)?;
        let took = now_millis() - began;
        if lane.answers.len() == tasks as usize {
            Ok(took * 1e6 / f64::from(tasks))
        } else {
            Err(said("not all ended"))
        }
    }

    #[wasm_bindgen]
    pub fn simulate(items: u32, kind: &str) -> Result<f64, JsError> {
        let began = now_millis();
        let trace = loads::traced(kind, items).map_err(said)?.ok_or_else(|| said("no such kind"))?;
        let took = now_millis() - began;
        if trace.lanes[0].answers.len() == items as usize { Ok(took) } else { Err(said("not all were answered")) }
    }

    #[wasm_bindgen]
    pub fn bytes_an_event() -> Result<f64, JsError> {
        let trace = loads::traced("burst", 100_000).map_err(said)?.ok_or_else(|| said("no such kind"))?;
        Ok(loads::bytes_an_event(&trace.lanes[0]))
    }

    fn said(error: impl Display) -> JsError {
        JsError::new(&error.to_string())
    }
}
