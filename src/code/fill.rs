//! A template becomes a program: what does not hold of the lane is left out, and the rest is filled in and indented.
//!
//! Of a template's lines,
//! - `-- a !b` begins a section: what follows, up to the next such line, is there if `a` holds and `b` does not;
//! - `[a !b] text` is there under the same kind of condition;
//! - `text @queue` is what a request waits at: see [`Step`];
//! - `$hole` is what the lane has there; a line with `$gate` is there once for each gate of rate;
//! - `<` ends a block of Python. What ends in a colon or an open bracket begins one, and a closing bracket ends it.
//!
//! A template's own indentation says nothing; an empty line ends all blocks.

use super::facts::Facts;
use super::gates::Gate;
use super::{Line, Step};

/// The program of `template` for the lane that `facts` are of, each block indented by `indent`.
pub(super) fn filled(template: &str, indent: &str, facts: &Facts) -> Vec<Line> {
    let mut program = Program { lines: Vec::new(), depth: 0, indent };
    let mut is_there = true;
    for line in template.lines().map(str::trim) {
        if let Some(condition) = line.strip_prefix("--") {
            is_there = facts.hold(condition);
        } else if line.is_empty() {
            program.paragraph();
        } else if is_there {
            let (condition, text) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")).unwrap_or(("", line));
            if facts.hold(condition) {
                program.add(text, facts);
            }
        }
    }
    program.lines.truncate(program.lines.iter().rposition(|line| !line.text.is_empty()).map_or(0, |last| last + 1));
    program.lines
}

/// The lines so far, and how deep the next one stands.
struct Program<'a> {
    lines: Vec<Line>,
    depth: usize,
    indent: &'a str,
}

impl Program<'_> {
    fn paragraph(&mut self) {
        self.depth = 0;
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.push(String::new(), None);
        }
    }

    fn add(&mut self, line: &str, facts: &Facts) {
        if line.trim_start_matches('<').is_empty() {
            self.depth = self.depth.saturating_sub(line.len());
            return;
        }
        let (text, step) = line.rsplit_once(" @").map_or((line, None), |(text, name)| (text, step(name)));
        if text.starts_with('}') {
            self.depth = self.depth.saturating_sub(1);
        }
        let start = self.indent.repeat(self.depth);
        if text.contains("$gate") {
            for gate in &facts.gates {
                self.push(start.clone() + &with_holes(text, facts, Some(gate)), step);
            }
        } else {
            self.push(start + &with_holes(text, facts, None), step);
        }
        if text.ends_with(['{', '(', ':']) {
            self.depth += 1;
        }
    }

    fn push(&mut self, text: String, step: Option<Step>) {
        self.lines.push(Line { text, step });
    }
}

fn step(name: &str) -> Option<Step> {
    Some(match name {
        "queue" => Step::Queue,
        "call" => Step::Call,
        "backoff" => Step::BackOff,
        "answer" => Step::Answer,
        "giveup" => Step::GiveUp,
        _ => return None,
    })
}

/// `text` with what stands in its holes; what is no hole of ours stays as it is.
fn with_holes(text: &str, facts: &Facts, gate: Option<&Gate>) -> String {
    let mut pieces = text.split('$');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len());
        let (name, after) = piece.split_at(end);
        match gate.and_then(|gate| gate.hole(name)).or_else(|| facts.hole(name)) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["$", name]),
        }
        filled.push_str(after);
    }
    filled
}
