//! The glossary: each term with one sentence, and where a text uses a term for the first time.
//!
//! The file is one that people write and translate: a line for each term, `term / other form: sentence.`, in the
//! order of the alphabet. A text is cut at its terms and nowhere else, so that the pieces put together are the text.

use std::collections::BTreeSet;

/// Terms with a sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glossary {
    /// The terms, in the order of the file.
    pub terms: Vec<Term>,
}

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// How a text may write it: its name first.
    pub forms: Vec<String>,
    /// What it means.
    pub sentence: String,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Nothing to explain.
    Plain(&'a str),
    /// A term where it stands for the first time, as the text writes it.
    Term(&'a str, &'a Term),
}

impl<'a> Piece<'a> {
    /// What the text says here.
    #[must_use]
    pub fn text(self) -> &'a str {
        match self {
            Self::Plain(text) | Self::Term(text, _) => text,
        }
    }
}

impl Term {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.forms.first().map_or("", String::as_str)
    }
}

impl Glossary {
    /// The terms in a file. A line without a sentence is none.
    #[must_use]
    pub fn read(file: &str) -> Self {
        let term = |line: &str| {
            let (forms, sentence) = line.split_once(": ")?;
            let forms = forms.split(" / ").map(|form| form.trim().to_owned()).filter(|form| !form.is_empty());
            let term = Term { forms: forms.collect(), sentence: sentence.trim().to_owned() };
            (!term.forms.is_empty()).then_some(term)
        };
        Self { terms: file.lines().filter_map(term).collect() }
    }

    /// A text in pieces, each term marked where it is used first.
    #[must_use]
    pub fn mark<'a>(&'a self, text: &'a str) -> Vec<Piece<'a>> {
        self.marker().mark(text)
    }

    /// Marks several texts that are read one after the other.
    #[must_use]
    pub fn marker(&self) -> Marker<'_> {
        Marker { glossary: self, marked: BTreeSet::new() }
    }

    /// The longest term that `text` begins with as a whole word: its place, and its length in the text.
    fn longest(&self, text: &str) -> Option<(usize, usize)> {
        let forms = self.terms.iter().enumerate().flat_map(|(place, term)| term.forms.iter().map(move |f| (place, f)));
        let found = forms.filter_map(|(place, form)| Some((place, begins_with(text, form)?)));
        found.max_by_key(|&(_, length)| length)
    }
}

/// Marks the terms of several texts; what one has marked the next ones do not mark again.
#[derive(Clone, Debug)]
pub struct Marker<'g> {
    glossary: &'g Glossary,
    marked: BTreeSet<usize>,
}

impl<'g> Marker<'g> {
    /// The next text in pieces.
    pub fn mark<'a>(&mut self, text: &'a str) -> Vec<Piece<'a>>
    where
        'g: 'a,
    {
        let mut pieces = Vec::new();
        let (mut plain_from, mut at) = (0, 0);
        let mut before = None;
        while let Some(here) = text[at..].chars().next() {
            let term = if before.is_some_and(is_of_a_word) { None } else { self.glossary.longest(&text[at..]) };
            // Of a longer term that is marked already no shorter one is marked: it would mean something else.
            let length = term.map_or(here.len_utf8(), |(_, length)| length);
            if let Some((place, _)) = term.filter(|&(place, _)| self.marked.insert(place)) {
                if plain_from < at {
                    pieces.push(Piece::Plain(&text[plain_from..at]));
                }
                pieces.push(Piece::Term(&text[at..at + length], &self.glossary.terms[place]));
                plain_from = at + length;
            }
            at += length;
            before = text[..at].chars().next_back();
        }
        if plain_from < text.len() {
            pieces.push(Piece::Plain(&text[plain_from..]));
        }
        pieces
    }
}

/// A hyphen joins words: what stands in `time-out` is not `out`.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// How much of `text` is `form`, if it begins with that as a whole word, in whatever case.
fn begins_with(text: &str, form: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in form.chars() {
        let is_same = rest.next()?.to_lowercase().eq(wanted.to_lowercase());
        if !is_same {
            return None;
        }
    }
    let after = rest.as_str();
    if after.starts_with(is_of_a_word) { None } else { Some(text.len() - after.len()) }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = include_str!("../../words/en/glossary.md");

    fn written() -> Glossary {
        Glossary::read(FILE)
    }

    /// A text with its marked terms in brackets.
    fn shown(pieces: &[Piece]) -> String {
        let show = |piece: &Piece| match piece {
            Piece::Plain(text) => (*text).to_owned(),
            Piece::Term(text, term) => format!("[{text}|{}]", term.name()),
        };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn every_term_has_one_sentence_and_its_place_in_the_alphabet() {
        let all = written().terms;
        assert_eq!(all.len(), FILE.lines().count(), "a line each");
        assert!(all.len() >= 40);
        let names: Vec<String> = all.iter().map(|term| term.name().to_lowercase()).collect();
        assert!(names.is_sorted(), "{names:?}");
        for Term { forms, sentence } in &all {
            let ends = sentence.split_ascii_whitespace().filter(|word| word.ends_with(['.', '?', '!'])).count();
            assert!(ends == 1 && sentence.ends_with('.'), "{forms:?}: {sentence}");
            assert!(sentence.starts_with(char::is_uppercase) && !sentence.contains('!'), "{forms:?}: {sentence}");
            assert!(sentence.len() <= 160, "{forms:?} has {} bytes", sentence.len());
        }
    }

    #[test]
    fn no_form_is_written_twice() {
        let all = written().terms;
        let forms: Vec<String> = all.iter().flat_map(|term| &term.forms).map(|form| form.to_lowercase()).collect();
        let different: BTreeSet<&String> = forms.iter().collect();
        assert_eq!(different.len(), forms.len(), "{forms:?}");
    }

    #[test]
    fn a_term_is_marked_where_it_is_used_first_and_as_it_is_written() {
        let glossary = written();
        let text = "Permits: a permit is given. A semaphore has permits.";
        assert_eq!(
            shown(&glossary.mark(text)),
            "[Permits|permit]: a permit is given. A [semaphore|semaphore] has permits."
        );
    }

    #[test]
    fn only_whole_words_are_terms() {
        let glossary = Glossary::read("task: Work.\nout: Not in.\n");
        assert_eq!(
            shown(&glossary.mark("multitask taskmaster time-out task_a")),
            "multitask taskmaster time-out task_a"
        );
        assert_eq!(shown(&glossary.mark("(task) \"out\"")), "([task|task]) \"[out|out]\"");
    }

    #[test]
    fn the_longest_term_wins_and_hides_the_shorter_ones_every_time() {
        let glossary = written();
        let text = "A token bucket, a Token Bucket, and a token";
        assert_eq!(shown(&glossary.mark(text)), "A [token bucket|token bucket], a Token Bucket, and a [token|token]");
    }

    #[test]
    fn texts_that_are_read_in_a_row_share_what_is_marked() {
        let glossary = written();
        let mut marker = glossary.marker();
        assert_eq!(shown(&marker.mark("A queue")), "A [queue|queue]");
        assert_eq!(shown(&marker.mark("The queue of tasks")), "The queue of [tasks|task]");
        assert_eq!(shown(&glossary.mark("The queue")), "The [queue|queue]", "another reading begins anew");
    }

    #[test]
    fn letters_whose_small_form_is_longer_are_cut_where_they_end() {
        let glossary = Glossary::read("İç: A word.\n");
        assert_eq!(shown(&glossary.mark("in İç, there")), "in [İç|İç], there");
    }

    proptest! {
        #[test]
        fn marking_loses_no_letter(words in prop::collection::vec("token|Bucket|é|429|back-off|in|flight|[ -~]{0,3}|\\PC", 0..40)) {
            let text = words.join(" ");
            let glossary = written();
            let pieces = glossary.mark(&text);
            let together: String = pieces.iter().map(|piece| piece.text()).collect();
            prop_assert_eq!(&together, &text);
            prop_assert!(pieces.iter().all(|piece| !piece.text().is_empty()));
            let terms: Vec<&str> = pieces.iter().filter_map(|piece| match piece {
                Piece::Term(_, term) => Some(term.name()),
                Piece::Plain(_) => None,
            }).collect();
            let different: BTreeSet<&str> = terms.iter().copied().collect();
            prop_assert_eq!(different.len(), terms.len());
        }
    }
}
