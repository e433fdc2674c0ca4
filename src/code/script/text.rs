//! Lines as they are written: blocks one in the other, lists that break where they are long, texts in quotes.

use super::Line;

/// What still fits in a line, without the blocks that it stands in.
const WIDTH: usize = 84;

/// The lines so far.
pub(super) struct Text {
    lines: Vec<Line>,
    depth: usize,
    indent: &'static str,
}

impl Text {
    pub(super) fn new(indent: &'static str) -> Self {
        Self { lines: Vec::new(), depth: 0, indent }
    }

    pub(super) fn add(&mut self, text: impl AsRef<str>) {
        self.lines.push(Line { text: self.indent.repeat(self.depth) + text.as_ref(), step: None });
    }

    /// A line that begins a block.
    pub(super) fn open(&mut self, text: impl AsRef<str>) {
        self.add(text);
        self.enter();
    }

    /// What follows stands in the block that the last line began.
    pub(super) fn enter(&mut self) {
        self.depth += 1;
    }

    /// Ends a block.
    pub(super) fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Ends a block with a line.
    pub(super) fn close(&mut self, text: impl AsRef<str>) {
        self.end();
        self.add(text);
    }

    /// An empty line, and all blocks are over.
    pub(super) fn paragraph(&mut self) {
        self.depth = 0;
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.lines.push(Line { text: String::new(), step: None });
        }
    }

    /// `items` between `before` and `after`: in one line, or one in each. Where it breaks, `after` may.
    pub(super) fn list(&mut self, before: &str, items: &[String], after: &str) {
        let line = format!("{before}{}{}", items.join(", "), after.replace('\n', ""));
        if line.chars().count() <= WIDTH {
            return self.add(line);
        }
        self.open(before);
        for item in items {
            self.add(format!("{item},"));
        }
        self.end();
        after.lines().for_each(|line| self.add(line));
    }

    /// Whether the last line ends so.
    pub(super) fn ends_with(&self, end: char) -> bool {
        self.lines.last().is_some_and(|line| line.text.ends_with(end))
    }

    /// The other lines after these.
    pub(super) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    pub(super) fn lines(self) -> Vec<Line> {
        self.lines
    }
}

/// What `text` stands between.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// Double quotes: it is what it says.
    Plain,
    /// Double quotes, and braces mean something: of Python's f-strings and Rust's formats.
    Format,
    /// Back quotes: of JavaScript's templates.
    Template,
}

impl Quote {
    /// `text` between these quotes; `{name}` stands for the name where the quotes allow it.
    pub(super) fn around(self, text: &str) -> String {
        let (mark, name) = match self {
            Self::Plain | Self::Format => ('"', "{name}"),
            Self::Template => ('`', "${name}"),
        };
        let pieces: Vec<String> = text.split("{name}").map(|piece| self.escaped(piece, mark)).collect();
        format!("{mark}{}{mark}", pieces.join(name))
    }

    fn escaped(self, text: &str, mark: char) -> String {
        let mut escaped = String::new();
        for c in text.chars() {
            match c {
                '\n' => escaped.push_str("\\n"),
                '{' | '}' if self == Self::Format => escaped.extend([c, c]),
                '$' if self == Self::Template => escaped.push_str("\\$"),
                c if c == mark || c == '\\' => escaped.extend(['\\', c]),
                c if c.is_control() => {}
                c => escaped.push(c),
            }
        }
        escaped
    }
}
