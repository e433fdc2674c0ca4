//! The course: the experiment of each lesson, in the order of the lessons.
//!
//! A lesson claims something of its experiment. `tests/course_part2.rs` and its two neighbours hold every claim
//! on the record of a run, with its figures; where a claim is about several sizes, they vary the experiment.

mod part3;

use crate::experiment::Experiment;
use crate::experiment::preset::Preset;

/// All rows of the course.
pub const ROWS: &[Preset] = &[
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
];

const fn row(id: &'static str, label: &'static str, make: fn() -> Experiment) -> Preset {
    Preset { id, label, make }
}
