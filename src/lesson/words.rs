//! The sentences of a lesson, read from a file that people write and translate.
//!
//! The file is plain Markdown: first what the lesson is about, then a section each for what to watch, the claim, the
//! question before the run, what the beats say (a list), and what to try after. The headings are names for this
//! program and are not shown; they stay as they are in every language.

/// The sentences of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What it is about: two to five sentences.
    pub about: String,
    /// What to watch while it runs.
    pub watch: String,
    /// What it claims.
    pub claim: String,
    /// What is asked before the run.
    pub question: String,
    /// What the beats say, in order.
    pub beats: Vec<String>,
    /// What to try after.
    pub now_you: String,
}

impl Words {
    /// The sentences in a file. What is missing is empty.
    #[must_use]
    pub fn read(file: &str) -> Self {
        let mut words = Self::default();
        let mut section = "";
        for line in file.lines().map(str::trim) {
            if let Some(heading) = line.strip_prefix("## ") {
                section = heading;
            } else if let Some(beat) = line.strip_prefix("- ").filter(|_| section == "Beats") {
                words.beats.push(beat.to_owned());
            } else if !line.is_empty() {
                let text = match section {
                    "" => &mut words.about,
                    "Watch" => &mut words.watch,
                    "Claim" => &mut words.claim,
                    "Question" => &mut words.question,
                    "Now you" => &mut words.now_you,
                    "Beats" => match words.beats.last_mut() {
                        Some(beat) => beat,
                        None => continue,
                    },
                    _ => continue,
                };
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(line);
            }
        }
        words
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_by_its_headings() {
        let file = "One.\nTwo.\n\n## Beats\n- First\n  on.\n- Second.\n\n## Question\nWhen?\n\n## Else\nNothing.\n";
        let beats = vec!["First on.".to_owned(), "Second.".to_owned()];
        let words = Words { about: "One. Two.".into(), beats, question: "When?".into(), ..Words::default() };
        assert_eq!(Words::read(file), words);
    }
}
