//! Runs each script of the course in CPython, in Node and on tokio, and holds the engine to what they print.
//!
//! `cargo run --example scripts` prints a table, and fails where any differs. All times are a tenth of the lesson's.
//! It needs `python3`, `node`, and for tokio a registry or a filled cache.

#[cfg(not(target_arch = "wasm32"))]
mod real;
#[cfg(not(target_arch = "wasm32"))]
mod samples;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::io::Result<std::process::ExitCode> {
    real::dump()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
