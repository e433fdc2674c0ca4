//! The course: the experiment of each lesson, in the order of the lessons.
//!
//! A lesson claims something of its experiment. `tests/course_part2.rs` and its two neighbours hold every claim
//! on the record of a run, with its figures; where a claim is about several sizes, they vary the experiment.

mod part2;
mod part4;

use crate::experiment::Experiment;
use crate::experiment::preset::{self, Preset};

/// All rows of the course.
pub const ROWS: &[Preset] = &[
    row("first-call", "Anatomy of a call", part2::first_call),
    row("five-in-a-loop", "Five in a loop", preset::five),
    row("many-users", "How long each user waits", part2::many_users),
    row("models-side-by-side", "Four models side by side", part2::models_side_by_side),
    row("fallback", "First finished, first success", part2::fallback),
    row("one-client", "A client for each call", part2::one_client),
    row("chain", "Chains of three calls", part2::chain),
    row("who-holds-the-slot", "Who holds the slot", part2::who_holds_the_slot),
    row("worker-pool", "A pool of workers", part4::worker_pool),
    row("thousand-prompts", "A thousand prompts", part4::thousand_prompts),
    row("fifty-thousand", "Fifty thousand prompts", part4::fifty_thousand),
    row("dead-letters", "Dead letters", part4::dead_letters),
    row("drain", "Stopping halfway", part4::drain),
    row("hedging", "A second copy", part4::hedging),
    row("capstone", "Everything together", part4::capstone),
];

const fn row(id: &'static str, label: &'static str, make: fn() -> Experiment) -> Preset {
    Preset { id, label, make }
}
