//! A lane as a program: a screen of code in three languages, its numbers filled in.
//!
//! Each line knows which moment of a request's life it stands for, so that the page can light the
//! line that the selected request is at.

mod javascript;
mod python;
mod rust;

use crate::experiment::plan::{Plan, Rates, Strategy};
use crate::figure::plain;
use crate::policy::backoff::{self, Jitter};
use crate::policy::{refusal, token_bucket};

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
                "or",
            ],
            Self::JavaScript => &[
                "async", "function", "const", "let", "for", "of", "try", "return", "await", "catch", "finally", "if",
                "throw", "new",
            ],
            Self::Rust => &[
                "async", "fn", "let", "for", "in", "loop", "match", "return", "await", "if", "else", "move", "mut",
                "while",
            ],
        }
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

/// The program of `plan`.
#[must_use]
pub fn sketch(language: Language, plan: &Plan) -> Vec<Line> {
    match language {
        Language::Python => python::sketch(plan),
        Language::JavaScript => javascript::sketch(plan),
        Language::Rust => rust::sketch(plan),
    }
}

/// The lines of a program, one after the other.
struct Program(Vec<Line>);

impl Program {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn line(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Line { text: text.into(), step: None });
        self
    }

    fn at(&mut self, step: Step, text: impl Into<String>) -> &mut Self {
        self.0.push(Line { text: text.into(), step: Some(step) });
        self
    }
}

/// What the programs of all languages need to know of a plan.
struct Numbers {
    /// Permits of the semaphore; none where no more than the browser's own bound is set.
    limit: Option<u16>,
    sequential: bool,
    tries: u8,
    timeout_secs: String,
    first: String,
    base: String,
    cap: String,
    /// Three times the first wait, which decorrelated jitter may reach at once.
    thrice_first: String,
    jitter: Jitter,
    keeps_permit: bool,
    rates: Rates,
    /// Whether the delay that the server names is waited out.
    honours: bool,
}

/// A gate of rate as the programs name it: a variable, what makes it, and its figures.
struct Gate {
    name: &'static str,
    class: &'static str,
    figures: Vec<(&'static str, String)>,
}

impl Numbers {
    fn of(plan: &Plan) -> Self {
        let backoff::Figures { first, base, cap, jitter } = plan.backoff.figures();
        let is_set = |limit: &u16| *limit < crate::policy::semaphore::Params::MOST;
        let limit = (plan.strategy != Strategy::Sequential).then(|| plan.permits.limit()).filter(is_set);
        Self {
            limit,
            sequential: plan.strategy == Strategy::Sequential,
            tries: plan.retry.tries(),
            timeout_secs: plain(plan.timeout.attempt().as_secs_f64()),
            first: plain(first.as_secs_f64()),
            base: plain(base),
            cap: plain(cap.as_secs_f64()),
            thrice_first: plain(3.0 * first.as_secs_f64()),
            jitter,
            keeps_permit: plan.keeps_permit(),
            rates: plan.rates,
            honours: plan.refusals != refusal::Rule::Ignore,
        }
    }

    /// The gates of rate that an attempt passes once it has its permit, in order; the breaker is the last.
    fn gates(&self) -> Vec<Gate> {
        let Rates { requests, tokens, window, pace, breaker } = self.rates;
        let a_second = |bucket: token_bucket::Params| plain(bucket.per_second());
        let gates = [
            requests.map(|bucket| Gate {
                name: "requests",
                class: "TokenBucket",
                figures: vec![("capacity", bucket.capacity().to_string()), ("per_second", a_second(bucket))],
            }),
            tokens.map(|(bucket, estimate)| Gate {
                name: "tokens",
                class: "TokenBucket",
                figures: vec![
                    ("capacity", bucket.capacity().to_string()),
                    ("per_second", a_second(bucket)),
                    ("cost", estimate.to_string()),
                ],
            }),
            window.map(|window| Gate {
                name: "window",
                class: "SlidingWindow",
                figures: vec![("limit", window.limit().to_string()), ("seconds", plain(window.window().as_secs_f64()))],
            }),
            pace.map(|_| Gate { name: "pace", class: "AdaptiveRate", figures: Vec::new() }),
            breaker.map(|_| Gate { name: "breaker", class: "CircuitBreaker", figures: Vec::new() }),
        ];
        gates.into_iter().flatten().collect()
    }

    /// The nominal wait, where `power` raises the base to the number of tries before.
    fn nominal(&self, power: &str) -> String {
        format!("{} * {power}", self.first)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::LaneSpec;
    use crate::experiment::limits::{Breaker, RequestBucket, Window};

    fn text(language: Language, spec: &LaneSpec) -> String {
        let lines = sketch(language, &spec.validate().expect("sound"));
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    #[test]
    fn the_numbers_of_the_lane_stand_in_every_language() {
        let spec = LaneSpec { tries: 7, delay_cap_millis: 33_000, ..LaneSpec::concurrent(13) };
        for language in Language::ALL {
            let text = text(language, &spec);
            for number in ["13", "7", "33"] {
                assert!(text.contains(number), "{number} is missing in {}:\n{text}", language.name());
            }
        }
    }

    #[test]
    fn every_moment_has_a_line_where_there_are_retries() {
        for language in Language::ALL {
            let lines = sketch(language, &LaneSpec::default().validate().expect("sound"));
            for step in [Step::Queue, Step::Call, Step::BackOff, Step::Answer, Step::GiveUp] {
                assert!(lines.iter().any(|line| line.step == Some(step)), "{step:?} in {}", language.name());
            }
        }
    }

    #[test]
    fn every_gate_is_made_and_passed_in_every_language() {
        let spec = LaneSpec {
            request_bucket: Some(RequestBucket { capacity: 17, per_minute: 90 }),
            window: Some(Window { requests: 19, window_millis: 23_000 }),
            breaker: Some(Breaker::default()),
            ..LaneSpec::concurrent(4)
        };
        for language in Language::ALL {
            let text = text(language, &spec);
            for word in ["17", "1.5", "19", "23", "requests.", "window.", "breaker."] {
                assert!(text.contains(word), "{word} is missing in {}:\n{text}", language.name());
            }
        }
    }

    #[test]
    fn a_sequential_lane_has_no_semaphore() {
        for language in Language::ALL {
            assert!(!text(language, &LaneSpec::sequential()).to_lowercase().contains("semaphore"));
        }
    }

    #[test]
    fn a_sketch_is_at_most_a_screen() {
        for language in Language::ALL {
            assert!(sketch(language, &LaneSpec::default().validate().expect("sound")).len() <= 30);
        }
    }
}
