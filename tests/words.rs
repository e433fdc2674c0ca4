//! The page's words are plain: what CONTRIBUTING.md asks of them, as far as a program can tell.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test may stop where it stands")]

use lanescope::lesson;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that say nothing, or that tell a reader who is puzzled that it was easy.
const BANNED: [&str; 12] = [
    "please",
    "simply",
    "just",
    "obviously",
    "basically",
    "easily",
    "actually",
    "trivial",
    "etc",
    "e.g",
    "i.e",
    "leverage",
];
/// Names, and labels that a text speaks of.
const NAMES: [&str; 12] = [
    "Chromium",
    "Gemini",
    "Google",
    "JavaScript",
    "Lanescope",
    "More",
    "Python",
    "Run",
    "Rust",
    "Share",
    "Tokio",
    "Chrome",
];
/// What is said by elements and calls of these names is a label.
const LABELLED: [&str; 13] = [
    "button",
    "dt",
    "h1",
    "h2",
    "h3",
    "label",
    "legend",
    "summary",
    "th",
    "choice_field",
    "field",
    "tick_field",
    "Number::new",
];
/// Attributes that name an element.
const NAMING: [&str; 3] = ["\"aria-label\", ", "\"placeholder\", ", "\"title\", "];

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|is| is == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A string literal, and the code of its statement that stands before it.
struct Literal {
    place: String,
    before: String,
    text: String,
}

/// The literals of the shipped code in `source`.
fn literals(place: &str, source: &str) -> Vec<Literal> {
    let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut before = String::new();
    let mut letters = shipped.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => while letters.next_if(|c| *c != '\n').is_some() {},
            // The letter of a char literal, which may be a quotation mark.
            '\'' => {
                let mut ahead = letters.clone();
                let first = ahead.next();
                if first == Some('\\') {
                    ahead.next();
                }
                if ahead.next() == Some('\'') {
                    letters = ahead;
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next_if(|c| *c != '"') {
                    match letter {
                        '\\' => match letters.next() {
                            Some('\n') => while letters.next_if(|c| c.is_whitespace()).is_some() {},
                            Some(escaped) => text.push(escaped),
                            None => {}
                        },
                        _ => text.push(letter),
                    }
                }
                letters.next();
                before.extend(["\"", &text, "\""]);
                let before = before[..before.len() - text.len() - 2].to_owned();
                found.push(Literal { place: place.to_owned(), before, text });
            }
            // A statement ends.
            ';' | '{' | '}' => before.clear(),
            _ => before.push(letter),
        }
    }
    found
}

impl Literal {
    /// Whether it names something on the page.
    fn is_label(&self) -> bool {
        let before = self.before.trim_end();
        if NAMING.iter().any(|attribute| before.ends_with(attribute.trim_end())) {
            return true;
        }
        let called = |name: &str| before.ends_with(&format!("{name}("));
        let element = before.rsplit_once("el(\"").and_then(|(_, rest)| rest.split_once('"')).map(|(tag, _)| tag);
        LABELLED.iter().any(|name| called(name))
            || called(".text") && element.is_some_and(|tag| LABELLED.contains(&tag))
    }

    /// Whether people read it: it has words, and isn't a name for the program.
    fn is_read(&self) -> bool {
        let text = self.text.trim();
        let attribute = self.before.trim_end();
        let is_names = attribute.ends_with(".class(") || attribute.ends_with("matches(");
        !is_names && (self.is_label() || text.starts_with(char::is_uppercase) || text.contains(' '))
    }
}

/// All literals of the page's code that are read, but for those that make sentences.
fn of_the_page() -> Vec<Literal> {
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/view/words");
    let all = files("src/view", "rs").into_iter().filter(|path| !path.starts_with(&words));
    let read = all.flat_map(|path| literals(&path.display().to_string(), &fs::read_to_string(&path).expect("a file")));
    read.filter(Literal::is_read).collect()
}

/// Lines of the files that are fetched, and literals of the code that makes sentences.
fn sentences() -> Vec<(String, String)> {
    let read = |path: &PathBuf| (path.display().to_string(), fs::read_to_string(path).expect("a file"));
    let lines = files("words", "md").into_iter().flat_map(|path| {
        let (place, text) = read(&path);
        text.lines().map(|line| (place.clone(), line.to_owned())).collect::<Vec<_>>()
    });
    let made = files("src/view/words", "rs").into_iter().flat_map(|path| {
        let (place, text) = read(&path);
        literals(&place, &text).into_iter().map(|literal| (literal.place, literal.text)).collect::<Vec<_>>()
    });
    lines.chain(made).collect()
}

/// What is wrong with any text.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // Code between backticks is not ours.
    let said: String = text.split('`').step_by(2).collect();
    if said.replace("!=", "").contains('!') {
        faults.push("an exclamation mark".to_owned());
    }
    let words = said.split(|c: char| c.is_whitespace() || "(),:;\"?!/".contains(c));
    let banned = words.map(|word| word.trim_matches('.').to_lowercase()).filter(|word| BANNED.contains(&&**word));
    faults.extend(banned.map(|word| format!("the word {word}")));
    faults
}

/// The words of a label or sentence that begin with a capital without need.
fn needless_capitals(text: &str) -> Vec<&str> {
    let mut begins = true;
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let mut letters = bare.chars();
        let is_capital =
            letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
        let stem = bare.strip_suffix("'s").unwrap_or(bare);
        if is_capital && !begins && !NAMES.contains(&stem) {
            found.push(bare);
        }
        // A sentence may follow, or what a colon or a dot in the middle introduces.
        begins = word.ends_with(['.', ':', '?', '·', '…', '}']) || bare.is_empty();
    }
    found
}

#[test]
fn nothing_on_the_page_shouts_begs_or_belittles() {
    let of_the_page = of_the_page().into_iter().map(|literal| (literal.place, literal.text));
    let all: Vec<(String, String)> = of_the_page.chain(sentences()).collect();
    assert!(all.len() > 1_500, "only {} texts were found", all.len());
    let found: Vec<String> = all
        .iter()
        .flat_map(|(place, text)| faults(text).into_iter().map(move |fault| format!("{place}: {fault}: {text}")))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn labels_and_titles_are_in_sentence_case() {
    let titles = lesson::all().chain(lesson::CARDS).map(|lesson| ("a lesson".to_owned(), lesson.title.to_owned()));
    let parts = lesson::PARTS.iter().map(|part| ("a part".to_owned(), part.title.to_owned()));
    let labels = of_the_page().into_iter().map(|literal| (literal.place, literal.text));
    let all: Vec<(String, String)> = titles.chain(parts).chain(labels).collect();
    assert!(all.len() > 350, "only {} labels were found", all.len());
    let found: Vec<_> = all.iter().filter(|(_, text)| !needless_capitals(text).is_empty()).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_label_ends_with_a_full_stop() {
    let labels: Vec<Literal> = of_the_page().into_iter().filter(Literal::is_label).collect();
    assert!(labels.len() > 150, "only {} labels were found", labels.len());
    let found: Vec<String> = labels
        .iter()
        .filter(|label| label.text.ends_with('.'))
        .map(|label| format!("{}: {}", label.place, label.text))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let title = lesson::all().chain(lesson::CARDS).find(|lesson| lesson.title.ends_with('.'));
    assert!(title.is_none(), "{title:?}");
}

#[test]
fn what_is_wrong_would_be_found() {
    let source = r#"
        // "A comment!"
        let c = '"';
        el("button").class("ghost Row").on("click", move |_| go()).text("Send It.");
        el("p").attr("aria-label", "What is \
            this").text("Wait, please!");
    "#;
    let read: Vec<Literal> = literals("here", source).into_iter().filter(Literal::is_read).collect();
    let texts: Vec<(&str, bool)> = read.iter().map(|literal| (&*literal.text, literal.is_label())).collect();
    assert_eq!(texts, [("Send It.", true), ("What is this", true), ("Wait, please!", false)]);
    assert_eq!(needless_capitals("Send It. Now: Go to Gemini"), ["It"]);
    assert_eq!(faults("Wait, please!"), ["an exclamation mark", "the word please"]);
    assert_eq!(faults("A bucket (of tokens, etc.)"), ["the word etc"]);
    assert_eq!(faults("Adjust it, `please!`"), [""; 0]);
}
