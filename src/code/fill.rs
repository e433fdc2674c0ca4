//! A template becomes a program: what does not hold of the lane is left out, and the rest is filled in.
//!
//! Of a template's lines,
//! - `-- a !b c|d` begins a section: what follows, up to the next such line, is there if `a` holds, `b` does not, and
//!   `c` or `d` does;
//! - `[a !b] text` is there under the same kind of condition;
//! - `text @queue` is what a request waits at: see [`Step`];
//! - `# text @remark` is a comment that the page shows as well, since the program differs there from the lane;
//! - `$hole` is what the lane has there; a line with `$gate` or another list's hole is there once for each of them.
//!
//! A line of a template belongs to the line above it that stands less deep. In the program it stands as deep as it
//! has such lines that are there: a block whose first line is left out moves to the left. Of several first lines
//! that exclude each other, one after the other, the one that is there counts.

use super::facts::{Facts, Holes};
use super::{Language, Line, Program, Step};

/// The program of `template` for the lane that `facts` are of.
pub(super) fn filled(language: Language, template: &str, facts: &Facts) -> Program {
    let mut filling = Filling { language, facts, made: Program::default(), above: Vec::new() };
    let mut is_there = true;
    for line in template.lines() {
        let text = line.trim_start();
        if let Some(condition) = text.strip_prefix("--") {
            is_there = facts.hold(condition);
            filling.above.clear();
        } else if text.is_empty() {
            filling.paragraph();
        } else if is_there {
            filling.add(line.len() - text.len(), text);
        }
    }
    let lines = &mut filling.made.lines;
    lines.truncate(lines.iter().rposition(|line| !line.text.is_empty()).map_or(0, |last| last + 1));
    filling.made
}

/// A line that those below it may belong to.
struct Above {
    /// How deep it stands in the template.
    at: usize,
    is_there: bool,
    opens: bool,
}

/// The program so far.
struct Filling<'a> {
    language: Language,
    facts: &'a Facts,
    made: Program,
    above: Vec<Above>,
}

impl Filling<'_> {
    fn paragraph(&mut self) {
        if self.made.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.push(String::new(), None);
        }
    }

    fn add(&mut self, at: usize, line: &str) {
        let (condition, text) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")).unwrap_or(("", line));
        let is_there = self.facts.hold(condition);
        let (text, mark) = text.rsplit_once(" @").filter(|(_, mark)| is_mark(mark)).unwrap_or((text, ""));
        let opens = text.ends_with(['{', '(', '[', ':', '|']) || text.ends_with("=>");
        while self.above.last().is_some_and(|above| above.at > at) {
            self.above.pop();
        }
        let beside = self.above.pop_if(|above| above.at == at);
        if is_there {
            let depth = self.above.iter().filter(|above| above.is_there).count();
            self.write(&self.language.indent().repeat(depth), text, mark);
        }
        // One of several first lines that exclude each other.
        let stands_for_it = opens && !is_there && beside.is_some_and(|beside| beside.opens && beside.is_there);
        self.above.push(Above { at, is_there: is_there || stands_for_it, opens });
    }

    fn write(&mut self, start: &str, text: &str, mark: &str) {
        let facts = self.facts;
        let list = facts.lists.iter().find(|(name, _)| names(text).any(|hole| hole == *name));
        if let Some((_, rows)) = list {
            for row in rows {
                self.push(start.to_owned() + &with_holes(text, &[row, &facts.holes]), step(mark));
            }
            return;
        }
        let text = with_holes(text, &[&facts.holes]);
        if mark == "remark" {
            self.made.remarks.push(text.trim_start_matches(self.language.remark()).to_owned());
        }
        self.push(start.to_owned() + &text, step(mark));
    }

    fn push(&mut self, text: String, step: Option<Step>) {
        self.made.lines.push(Line { text, step });
    }
}

fn is_mark(mark: &str) -> bool {
    mark == "remark" || step(mark).is_some()
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

/// The names of the holes in `text`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|piece| &piece[..end_of_name(piece)])
}

fn end_of_name(piece: &str) -> usize {
    piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len())
}

/// `text` with what stands in its holes; what is no hole of ours stays as it is.
fn with_holes(text: &str, holes: &[&Holes]) -> String {
    let mut pieces = text.split('$');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, after) = piece.split_at(end_of_name(piece));
        match holes.iter().find_map(|holes| holes.get(name)) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["$", name]),
        }
        filled.push_str(after);
    }
    filled
}
