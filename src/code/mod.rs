//! A lane as a program that runs, in three languages: what the lane does, done by the language's own means.
//!
//! Each line knows which moment of a request's life it stands for, so that the page can light the line that the
//! selected request is at. The programs are templates, one a language, in files that the page fetches when they are
//! wanted: `facts` is what they need to know of a lane, `fill` makes a program of both. Where a language's own
//! construct does otherwise than the engine did, the program has the one that does the same, and a comment says so;
//! what a program does otherwise than the lane is a remark. `examples/programs` runs them and compares what a server
//! sees of them with the engine's own trace.

mod facts;
mod fill;
mod gates;
mod signature;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use crate::experiment::plan::Plan;
use crate::experiment::workload::Calls;
use facts::Facts;

/// A language to show a lane in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python with asyncio and Google's SDK.
    Python,
    /// JavaScript with promises and `fetch`, for Node.
    JavaScript,
    /// Rust with tokio and reqwest.
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

    /// How the name of a file with a program ends.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::JavaScript => "mjs",
            Self::Rust => "rs",
        }
    }

    /// The file in `templates` that its programs are made of.
    #[must_use]
    pub fn template_file(self) -> &'static str {
        match self {
            Self::Python => "python.txt",
            Self::JavaScript => "javascript.txt",
            Self::Rust => "rust.txt",
        }
    }

    /// The text of that file. The page fetches it instead.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::Python => include_str!("templates/python.txt"),
            Self::JavaScript => include_str!("templates/javascript.txt"),
            Self::Rust => include_str!("templates/rust.txt"),
        }
    }

    /// The words that the language keeps for itself, as far as they stand in a program.
    #[must_use]
    pub fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Python => &[
                "async", "def", "with", "for", "in", "try", "return", "await", "except", "as", "if", "raise", "not",
                "or", "while", "is", "else", "finally", "class", "import", "from", "and", "elif", "lambda", "pass",
                "break", "None", "True", "False", "self",
            ],
            Self::JavaScript => &[
                "async",
                "function",
                "const",
                "let",
                "for",
                "of",
                "try",
                "return",
                "await",
                "catch",
                "finally",
                "if",
                "throw",
                "new",
                "while",
                "class",
                "import",
                "from",
                "else",
                "continue",
                "break",
                "extends",
                "null",
                "undefined",
                "true",
                "false",
                "this",
                "constructor",
            ],
            Self::Rust => &[
                "async", "fn", "let", "for", "in", "loop", "match", "return", "await", "if", "else", "move", "mut",
                "while", "struct", "impl", "use", "const", "static", "self", "Self", "true", "false", "continue",
                "break", "as", "where",
            ],
        }
    }

    /// What a remark begins with, where one stands in a program.
    #[must_use]
    pub fn remark(self) -> &'static str {
        if self == Self::Python { "# " } else { "// " }
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

/// A program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Its lines.
    pub lines: Vec<Line>,
    /// What it does otherwise than the lane, or needs besides itself. Each stands in it as a comment too.
    pub remarks: Vec<String>,
}

impl Program {
    /// All of it, as a file has it.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }
}

/// The program that does what `plan` does with `calls`. `template` is the text of the language's
/// [file](Language::template_file).
#[must_use]
pub fn program(language: Language, template: &str, plan: &Plan, calls: &Calls) -> Program {
    fill::filled(language, template, &Facts::of(language, plan, calls))
}
