//! A lane as a program: a screen of code in three languages, its numbers filled in.
//!
//! Each line knows which moment of a request's life it stands for, so that the page can light the
//! line that the selected request is at. The programs are templates (`fill`), one a language, and what
//! fills them is known of the lane (`facts`). Where a language's own construct does otherwise than the engine
//! did, the program has the one that does the same, and a comment says so.

mod facts;
mod fill;
mod gates;
pub mod script;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use crate::experiment::plan::Plan;
use facts::Facts;
use fill::filled;

/// A language to show a lane in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python with asyncio.
    Python,
    /// JavaScript with promises.
    JavaScript,
    /// Rust with tokio.
    Rust,
}

impl Language {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Python, Self::JavaScript, Self::Rust];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::Rust => "Rust",
        }
    }

    /// The words that the language keeps for itself, as far as they stand in a sketch.
    #[must_use]
    pub fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Python => &[
                "async", "def", "with", "for", "in", "try", "return", "await", "except", "as", "if", "raise", "not",
                "or", "while", "is", "else", "finally",
            ],
            Self::JavaScript => &[
                "async", "function", "const", "let", "for", "of", "try", "return", "await", "catch", "finally", "if",
                "throw", "new", "while",
            ],
            Self::Rust => &[
                "async", "fn", "let", "for", "in", "loop", "match", "return", "await", "if", "else", "move", "mut",
                "while",
            ],
        }
    }

    /// What a remark begins with, where one stands in a sketch.
    #[must_use]
    pub fn remark(self) -> &'static str {
        if self == Self::Python { "# " } else { "// " }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Python => include_str!("python.txt"),
            Self::JavaScript => include_str!("javascript.txt"),
            Self::Rust => include_str!("rust.txt"),
        }
    }

    fn indent(self) -> &'static str {
        if self == Self::JavaScript { "  " } else { "    " }
    }
}

/// A moment of a request's life that a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It waits for its turn or a permit.
    Queue,
    /// It is with the server.
    Call,
    /// It waits before it tries again.
    BackOff,
    /// It has its answer.
    Answer,
    /// It failed for good.
    GiveUp,
}

/// A line of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says, indented.
    pub text: String,
    /// The moment it stands for.
    pub step: Option<Step>,
}

/// The program of `plan` for items of so many steps.
#[must_use]
pub fn sketch(language: Language, plan: &Plan, steps: u8) -> Vec<Line> {
    filled(language.template(), language.indent(), &Facts::of(plan, steps))
}
