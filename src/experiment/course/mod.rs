//! The course: the experiment of each lesson, in the order of the lessons.
//!
//! A lesson claims something of its experiment. `tests/course_part1.rs` and its neighbours hold every claim
//! on the record of a run, with its figures; where a claim is about several sizes, they vary the experiment.

mod part1;
mod part2;
mod part3;
mod part4;

use crate::experiment::Experiment;
use crate::experiment::preset::{self, Preset};

/// All rows of the course.
pub const ROWS: &[Preset] = &[
    row("breakfast", "Breakfast", part1::breakfast),
    row("never-awaited", "Called and never awaited", part1::never_awaited),
    row("await-in-a-row", "Awaiting in a row", part1::await_in_a_row),
    row("one-thread", "Waits overlap, work does not", part1::one_thread),
    row("tasks", "Created, started, finished", part1::tasks),
    row("forgotten-task", "A forgotten task", part1::forgotten_task),
    row("gather-or-as-completed", "All together or as they come", part1::gather_or_as_completed),
    row("wait-first", "The first, then a while", part1::wait_first),
    row("one-fails", "One of five fails", part1::one_fails),
    row("blocked-loop", "A loop that is kept busy", part1::blocked_loop),
    row("deadlock", "Waiting for oneself", part1::deadlock),
    row("first-call", "Anatomy of a call", part2::first_call),
    row("five-in-a-loop", "Five in a loop", preset::five),
    row("many-users", "How long each user waits", part2::many_users),
    row("models-side-by-side", "Four models side by side", part2::models_side_by_side),
    row("fallback", "First finished, first success", part2::fallback),
    row("one-client", "A client for each call", part2::one_client),
    row("chain", "Chains of three calls", part2::chain),
    row("who-holds-the-slot", "Who holds the slot", part2::who_holds_the_slot),
    row("hitting-the-wall", "Hitting the wall", part3::hitting_the_wall),
    row("semaphore", "How many at once", part3::semaphore),
    row("token-bucket", "How fast, with bursts", part3::token_bucket),
    row("sliding-window", "How fast, exactly", part3::sliding_window),
    row("bucket-too-big", "A bucket that is too big", part3::bucket_too_big),
    row("two-budgets", "Two budgets", part3::two_budgets),
    row("in-flight-is-not-rate", "In flight is not a rate", part3::in_flight_is_not_rate),
    row("give-up-or-back-off", "Give up or back off", part3::give_up_or_back_off),
    row("herd", "The herd", part3::herd),
    row("it-told-you", "The server says how long", part3::it_told_you),
    row("per-day", "The quota of a day", part3::per_day),
    row("adaptive", "Finding a limit has a price", part3::adaptive),
    row("circuit-breaker", "A circuit breaker", part3::circuit_breaker),
    row("three-layers", "Three layers", part3::three_layers),
    row("priorities", "Who goes first", part3::priorities),
    row("fair-share", "A fair share", part3::fair_share),
    row("semaphore-scope", "Whose limit it is", part3::semaphore_scope),
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
