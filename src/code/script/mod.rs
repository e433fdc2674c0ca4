//! A script's program, whole, as it runs in a real language.
//!
//! There is no scheduling of ours in it: what the language itself does with it is the lesson. All three print the
//! same lines where their rules are the same; `examples/scripts` runs them, and holds the engine to what they
//! print.

mod facts;
mod javascript;
mod python;
mod rust;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
mod text;

use super::{Language, Line};
use crate::experiment::script::{Dialect, Program};
use facts::Facts;

/// `program`, which is sound, in `language`. In Rust it has as many threads as `dialect` says, and one if that is
/// another language's.
#[must_use]
pub fn program(language: Language, program: &Program, dialect: Dialect) -> Vec<Line> {
    let facts = Facts::of(language, program);
    match language {
        Language::Python => python::program(&facts),
        Language::JavaScript => javascript::program(&facts),
        Language::Rust => rust::program(&facts, dialect == Dialect::TokioManyThreads),
    }
}
