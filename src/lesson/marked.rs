//! The texts of a lesson with their terms marked: each once, where somebody who reads the lesson meets it first.
//!
//! A term becomes a button on the page, and a browser may end a line beside a button. So the letters that touch a
//! term, such as the bracket before it and the full stop after it, are told apart from the rest of the text.

use super::glossary::{Glossary, Marker, Piece};
use super::words::Words;

/// The texts of a lesson in bits, in the order in which they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// What it is about.
    pub about: Vec<Bit>,
    /// What is asked before the run.
    pub question: Vec<Bit>,
    /// What to watch while it runs.
    pub watch: Vec<Bit>,
    /// What the beats say, in order.
    pub beats: Vec<Vec<Bit>>,
    /// What it claims.
    pub claim: Vec<Bit>,
    /// What to try after.
    pub now_you: Vec<Bit>,
}

/// A bit of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bit {
    /// Nothing to explain.
    Plain(String),
    /// Code, which stands between backticks in the file and is no place for terms.
    Code(String),
    /// A term that is explained here.
    Term {
        /// What touches it from before.
        before: String,
        /// The term, as the text writes it.
        text: String,
        /// What touches it from behind.
        after: String,
        /// What it means.
        sentence: String,
    },
}

impl Marked {
    /// The texts of `words`. A glossary without terms marks nothing.
    #[must_use]
    pub fn of(words: &Words, glossary: &Glossary) -> Self {
        let mut marker = glossary.marker();
        // The order of these lines is the order of reading.
        Self {
            about: bits(&mut marker, &words.about),
            question: bits(&mut marker, &words.question),
            watch: bits(&mut marker, &words.watch),
            beats: words.beats.iter().map(|beat| bits(&mut marker, beat)).collect(),
            claim: bits(&mut marker, &words.claim),
            now_you: bits(&mut marker, &words.now_you),
        }
    }
}

fn bits(marker: &mut Marker<'_>, text: &str) -> Vec<Bit> {
    let mut bits = Vec::new();
    for (place, piece) in text.split('`').enumerate() {
        if place % 2 == 1 {
            bits.push(Bit::Code(piece.to_owned()));
        } else {
            bits.extend(bits_of_prose(marker, piece));
        }
    }
    bits
}

fn bits_of_prose(marker: &mut Marker<'_>, text: &str) -> Vec<Bit> {
    let pieces = marker.mark(text);
    let mut bits = Vec::new();
    // What touches the next term from before.
    let mut before = String::new();
    for (place, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Term(text, term) => {
                let (before, text) = (std::mem::take(&mut before), (*text).to_owned());
                bits.push(Bit::Term { before, text, after: String::new(), sentence: term.sentence.clone() });
            }
            Piece::Plain(text) => {
                let mut rest = *text;
                if let Some(Bit::Term { after, .. }) = bits.last_mut() {
                    let (touching, apart) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
                    touching.clone_into(after);
                    rest = apart;
                }
                if matches!(pieces.get(place + 1), Some(Piece::Term(..))) {
                    let apart = rest.trim_end_matches(|c: char| !c.is_whitespace()).len();
                    rest[apart..].clone_into(&mut before);
                    rest = &rest[..apart];
                }
                if !rest.is_empty() {
                    bits.push(Bit::Plain(rest.to_owned()));
                }
            }
        }
    }
    bits
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(bits: &[Bit]) -> String {
        let show = |bit: &Bit| match bit {
            Bit::Plain(text) => format!("<{text}>"),
            Bit::Code(text) => format!("`{text}`"),
            Bit::Term { before, text, after, .. } => format!("[{before}|{text}|{after}]"),
        };
        bits.iter().map(show).collect()
    }

    fn together(bits: &[Bit]) -> String {
        let text = |bit: &Bit| match bit {
            Bit::Plain(text) | Bit::Code(text) => text.clone(),
            Bit::Term { before, text, after, .. } => format!("{before}{text}{after}"),
        };
        bits.iter().map(text).collect()
    }

    fn of(words: &Words) -> Marked {
        Marked::of(words, &Glossary::read("task / tasks: Work.\nqueue: A line.\n"))
    }

    #[test]
    fn a_term_is_marked_in_the_text_that_is_read_first() {
        let words = Words {
            about: "No term.".into(),
            question: "A task?".into(),
            watch: "The tasks.".into(),
            beats: vec!["A task in a queue.".into(), "The queue.".into()],
            claim: "One task, one queue.".into(),
            ..Words::default()
        };
        let marked = of(&words);
        assert_eq!(shown(&marked.about), "<No term.>");
        assert_eq!(shown(&marked.question), "<A >[|task|?]");
        assert_eq!(shown(&marked.watch), "<The tasks.>");
        assert_eq!(
            marked.beats.iter().map(|beat| shown(beat)).collect::<Vec<_>>(),
            ["<A task in a >[|queue|.]", "<The queue.>"]
        );
        assert_eq!(shown(&marked.claim), "<One task, one queue.>");
    }

    #[test]
    fn what_touches_a_term_stays_with_it() {
        let about = |text: &str| shown(&of(&Words { about: text.into(), ..Words::default() }).about);
        assert_eq!(about("Two (tasks), then"), "<Two >[(|tasks|),]< then>");
        assert_eq!(about("\"task/queue\""), "[\"|task|/][|queue|\"]");
        assert_eq!(about("task, \"queue\""), "[|task|,]< >[\"|queue|\"]");
        assert_eq!(about("`task` in a queue"), "`task`< in a >[|queue|]");
    }

    #[test]
    fn without_a_glossary_a_text_stands_as_it_is() {
        let words = Words { about: "A task.".into(), ..Words::default() };
        assert_eq!(Marked::of(&words, &Glossary::default()).about, [Bit::Plain("A task.".into())]);
    }

    proptest! {
        #[test]
        fn marking_loses_no_letter(parts in prop::collection::vec("task|tasks|queue|[ (),./\"é`]{0,3}|\\PC", 0..30)) {
            let text = parts.concat();
            prop_assert_eq!(together(&of(&Words { about: text.clone(), ..Words::default() }).about), text.replace('`', ""));
        }
    }
}
