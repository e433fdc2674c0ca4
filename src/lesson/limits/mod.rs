//! Limits: how many at once and how fast, what to do with a no, and who goes first.

mod adaptive;
mod bucket_too_big;
mod circuit_breaker;
mod fair_share;
mod give_up_or_back_off;
mod herd;
mod hitting_the_wall;
mod in_flight_is_not_rate;
mod it_told_you;
mod per_day;
mod priorities;
mod semaphore;
mod semaphore_scope;
mod sliding_window;
mod three_layers;
mod token_bucket;
mod two_budgets;

use crate::lesson::Lesson;
use crate::lesson::ran::Ran;

const SECOND: u32 = 1_000;
const MINUTE: u32 = 60 * SECOND;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[
    hitting_the_wall::LESSON,
    semaphore::LESSON,
    token_bucket::LESSON,
    sliding_window::LESSON,
    bucket_too_big::LESSON,
    two_budgets::LESSON,
    in_flight_is_not_rate::LESSON,
    give_up_or_back_off::LESSON,
    herd::LESSON,
    it_told_you::LESSON,
    per_day::LESSON,
    adaptive::LESSON,
    circuit_breaker::LESSON,
    three_layers::LESSON,
    priorities::LESSON,
    fair_share::LESSON,
    semaphore_scope::LESSON,
];

/// How many calls of a lane went out before that second.
fn sent_before(ran: &Ran, lane: usize, secs: f64) -> usize {
    ran.starts(lane).into_iter().filter(|&at| at < secs).count()
}
