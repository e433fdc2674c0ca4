//! Runs each script of the course in `CPython`, in Node and on tokio, and holds the engine to what they print.
//!
//! `cargo run --example scripts` prints a table, and fails where any differs; a name after `--` picks the scripts that
//! begin so, and `sample` takes further programs in place of the lessons'. All times are a fifth of the lesson's, so a
//! machine that is busy enough to be 100 ms late with a timer can show a difference that is its own. It needs
//! `python3` and `node`.

#[cfg(not(target_arch = "wasm32"))]
mod compare;
#[cfg(not(target_arch = "wasm32"))]
mod real;
#[cfg(not(target_arch = "wasm32"))]
mod samples;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<std::process::ExitCode, Box<dyn std::error::Error>> {
    compare::print(&std::env::args().nth(1).unwrap_or_default())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
