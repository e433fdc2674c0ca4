//! Jobs: many prompts, failures among them, and the end of a run.

mod capstone;
mod dead_letters;
mod drain;
mod fifty_thousand;
mod hedging;
mod thousand_prompts;
mod worker_pool;

use crate::lesson::Lesson;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[
    worker_pool::LESSON,
    thousand_prompts::LESSON,
    fifty_thousand::LESSON,
    dead_letters::LESSON,
    drain::LESSON,
    hedging::LESSON,
    capstone::LESSON,
];

/// Longer than any call of these jobs.
const TEN_MINUTES: u32 = 600_000;
