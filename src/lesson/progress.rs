//! How far somebody has come in the course: which lessons were done, and which were predicted right at the first try.
//!
//! It is kept as one line of text, `name` or `name+` for one that was right at first, parted by spaces.

use std::collections::BTreeMap;

/// How far somebody has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The lessons that were done, by name, and whether the first prediction was right.
    pub done: BTreeMap<String, bool>,
}

impl Progress {
    /// What was kept. What can't be read is no progress.
    #[must_use]
    pub fn read(kept: &str) -> Self {
        let lesson = |word: &str| match word.strip_suffix('+') {
            Some(id) => (id.to_owned(), true),
            None => (word.to_owned(), false),
        };
        Self { done: kept.split_ascii_whitespace().map(lesson).collect() }
    }

    /// Notes that a lesson was done. Only the first time counts.
    pub fn note(&mut self, id: &str, is_right: bool) {
        self.done.entry(id.to_owned()).or_insert(is_right);
    }

    /// What is to be kept.
    #[must_use]
    pub fn kept(&self) -> String {
        let word = |(id, is_right): (&String, &bool)| format!("{id}{}", if *is_right { "+" } else { "" });
        self.done.iter().map(word).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn the_first_try_counts_and_what_is_kept_is_read_again() {
        let mut progress = Progress::default();
        progress.note("herd", false);
        progress.note("herd", true);
        progress.note("chain", true);
        assert_eq!(progress.kept(), "chain+ herd");
        assert_eq!(Progress::read(&progress.kept()), progress);
        assert_eq!(Progress::read(""), Progress::default());
    }
}
