//! Real requests: what one is made of, and what becomes of several.

mod chain;
mod fallback;
mod first_call;
mod five_in_a_loop;
mod many_users;
mod models_side_by_side;
mod one_client;
mod who_holds_the_slot;

use crate::experiment::server::{Amount, Simulated};
use crate::experiment::sketch::constant;
use crate::lesson::Lesson;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[
    first_call::LESSON,
    five_in_a_loop::LESSON,
    many_users::LESSON,
    models_side_by_side::LESSON,
    fallback::LESSON,
    one_client::LESSON,
    chain::LESSON,
    who_holds_the_slot::LESSON,
];

const QUICKEST: &str = "gemini-flash-lite-latest";
const USUAL: &str = "gemini-flash-latest";
const SLOWEST: &str = "gemini-4-argon";

/// A server whose models take these many seconds, a quarter of a second of it to answer.
fn by_model(secs: &[(&str, f64)]) -> Simulated {
    let first_byte = |secs: f64| Amount::Constant(secs * 1_000.0 - 250.0);
    Simulated {
        first_byte_by_model: secs.iter().map(|&(model, secs)| (model.to_owned(), first_byte(secs))).collect(),
        ..constant(1.0)
    }
}
