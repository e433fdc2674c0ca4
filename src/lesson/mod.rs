//! The course: short lessons, each a live experiment, with something to predict before it is run.
//!
//! A lesson's file has what a program can check: its experiment, its claim, what is predicted, where its beats stop
//! and what can be played with after. Its sentences lie in `words/en/lessons/`, a file each under the lesson's name,
//! where a translator finds them; the page fetches them when the lesson is opened. `tests/lessons.rs` holds every
//! claim under many seeds.

pub mod assignment;
pub mod beat;
pub mod glossary;
pub mod goal;
pub mod knob;
pub mod lock;
pub mod marked;
pub mod prediction;
pub mod progress;
pub mod ran;
pub mod words;

mod cards;
mod cook;
mod jobs;
mod limits;
mod requests;

use crate::experiment::Experiment;
use beat::Beat;
use knob::Knob;
use prediction::Prediction;
use ran::Ran;

/// A lesson.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// Its name in links, in lower case: also that of the file with its sentences.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What it runs.
    pub experiment: fn() -> Experiment,
    /// Whether what it claims holds of a run.
    pub claim: fn(&Ran) -> bool,
    /// What is predicted before the run.
    pub prediction: Prediction,
    /// Where it stops after the run, in the order of telling.
    pub beats: &'static [Beat],
    /// What to play with after.
    pub knobs: &'static [Knob],
}

/// A part of the course.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What it is called.
    pub title: &'static str,
    /// Its lessons, in order.
    pub lessons: &'static [Lesson],
}

/// The course, in order.
pub const PARTS: &[Part] = &[
    Part { title: "One cook, many pots", lessons: cook::LESSONS },
    Part { title: "Real requests", lessons: requests::LESSONS },
    Part { title: "Limits", lessons: limits::LESSONS },
    Part { title: "Jobs", lessons: jobs::LESSONS },
];

/// Sentences that can be read about concurrency, none of them true, each with the run that shows it.
pub const CARDS: &[Lesson] = cards::LESSONS;

/// All lessons, in order; the cards stand beside them.
pub fn all() -> impl Iterator<Item = &'static Lesson> {
    PARTS.iter().flat_map(|part| part.lessons)
}

/// The lesson of that name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Lesson> {
    all().chain(CARDS).find(|lesson| lesson.id == id)
}

/// The lesson after that one.
#[must_use]
pub fn after(id: &str) -> Option<&'static Lesson> {
    all().skip_while(|lesson| lesson.id != id).nth(1)
}
