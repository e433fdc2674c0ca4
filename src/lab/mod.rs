//! Where worlds and engine meet: an experiment goes in, a trace comes out.

#[cfg(target_arch = "wasm32")]
pub mod live;
mod simulate;

pub use simulate::{SimulateError, SimulatedLane, SimulatedRun, run_script, simulate};
