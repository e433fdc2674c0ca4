//! What is said of predictions, beats and the progress through the course.

use crate::id::lane_letter;
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Guess, Prediction};
use crate::lesson::progress::Progress;
use crate::time::Instant;
use crate::view::words::units::{count, duration, moment};
use std::time::Duration;

/// What stands at the finish line.
pub fn finish_line(at: Instant) -> String {
    format!("you say {}", moment(at))
}

/// What stands beside the stretch by which a prediction was off.
#[must_use]
pub fn off_by(span: Duration) -> String {
    format!("off by {}", duration(span))
}

/// What was said, or what is right, in words. `names` are those of the items, from the first.
pub fn guess(prediction: Prediction, guess: &Guess, names: &dyn Fn(u32) -> String) -> String {
    match guess {
        Guess::At(at) => moment(*at),
        Guess::Order(items) => items.iter().map(|&item| names(item)).collect::<Vec<_>>().join(", "),
        Guess::Count(calls) => match prediction {
            Prediction::Refused { .. } => count(*calls as usize, "refusal", "refusals"),
            _ => calls.to_string(),
        },
        Guess::Lane(lane) => format!("lane {}", lane_letter(u8::try_from(*lane).unwrap_or(u8::MAX))),
        Guess::Truth(true) => "true".to_owned(),
        Guess::Truth(false) => "false".to_owned(),
    }
}

/// What came of a prediction.
pub fn verdict(is_right: bool, said: &str, was: &str) -> String {
    if is_right && said == was {
        format!("Right: {was}.")
    } else if is_right {
        format!("Right: you said {said}, it is {was}.")
    } else {
        format!("You said {said}. It is {was}.")
    }
}

/// What a lane is to be best at, where it is chosen.
pub fn best(best: Best) -> &'static str {
    match best {
        Best::Soonest => "Done first",
        Best::FewestCalls => "The fewest calls",
        Best::FewestRefused => "The fewest refusals",
        Best::MostAnswered => "The most answers",
        Best::FirstSoonest => "The first answer soonest",
        Best::MeanSoonest => "The shortest wait on the average",
    }
}

/// How far somebody has come.
pub fn progress(progress: &Progress) -> String {
    let done = progress.done.len();
    if done == 0 {
        return "Each lesson asks what you expect before it runs. What you answer stays in this browser.".to_owned();
    }
    let right = progress.done.values().filter(|is_right| **is_right).count();
    format!("{} done, {right} right at the first try. It stays in this browser.", count(done, "lesson", "lessons"))
}

/// What a knob is called. `names` are those of the rows, from the first.
pub fn knob(knob: Knob, names: &dyn Fn(u32) -> String) -> String {
    let of = |what: &str, lane: usize| format!("{what}, lane {}", lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)));
    match knob {
        Knob::Requests => "Requests".to_owned(),
        Knob::CallTenths => "A call takes, s".to_owned(),
        Knob::Quota => "The server's quota".to_owned(),
        Knob::CallTokens(_) => "Tokens of a call, in hundreds".to_owned(),
        Knob::Thinking => "Tokens thought before an answer".to_owned(),
        Knob::Speed => "Tokens a second".to_owned(),
        Knob::Load => "Slower under load (0: not at all, 100: in proportion)".to_owned(),
        Knob::Reuse => "One client for all calls".to_owned(),
        Knob::Seed => "Seed of chance".to_owned(),
        Knob::Limit(lane) => of("At most in flight", lane),
        Knob::Tries(lane) => of("Tries in all", lane),
        Knob::FirstDelayTenths(lane) => of("First wait, s", lane),
        Knob::Jitter(lane) => of("Jitter", lane),
        Knob::Permit(lane) => of("A slot is held for", lane),
        Knob::Order(lane) => of("Who goes first", lane),
        Knob::Capacity(lane) => of("The bucket holds", lane),
        Knob::PerMinute(lane) => of("Refilled a minute", lane),
        Knob::Window(lane) => of("Requests in the window", lane),
        Knob::Honour(lane) => of("Wait as long as the server says", lane),
        Knob::Breaker(lane) => of("A circuit breaker", lane),
        Knob::Dialect => "Language".to_owned(),
        Knob::Takes(row) => format!("{}: takes, s", names(u32::try_from(row).unwrap_or(u32::MAX))),
        Knob::Permits(lane) => of("Permits", lane),
        Knob::Processes(lane) => of("Processes", lane),
        Knob::CooldownSecs(lane) => of("The breaker stays open, s", lane),
        Knob::TimeoutTenths(lane) => of("A call may take, s", lane),
        Knob::Fallback(lane) => of("Other models", lane),
        Knob::HedgeTenths(lane) => of("A second copy after, s", lane),
        Knob::AfterFirstTenths(lane) => of("Ends after the first by, s", lane),
    }
}

/// What the choices of a knob are called, in its order.
pub fn choices(knob: Knob) -> &'static [&'static str] {
    match knob {
        Knob::Jitter(_) => &["none", "full", "equal", "±50 %", "decorrelated"],
        Knob::Permit(_) => &["one attempt", "a step", "the whole request"],
        Knob::Order(_) => &["who came first", "the higher class", "tenants in turn"],
        Knob::Dialect => &["Python", "JavaScript", "Rust, one thread", "Rust, many threads"],
        Knob::Fallback(_) => &["one after the other", "the first to succeed", "the first to end"],
        _ => &[],
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_what_was_said_and_what_is_so() {
        let finish = Prediction::Finish { lane: 0, axis_secs: 40 };
        let said = |secs: u64| guess(finish, &Guess::At(Instant(secs * 1_000_000)), &|_| String::new());
        assert_eq!(verdict(true, &said(9), &said(8)), "Right: you said 9.0 s, it is 8.0 s.");
        assert_eq!(verdict(false, &said(30), &said(8)), "You said 30.0 s. It is 8.0 s.");
        let order = Prediction::Order { lane: 0, items: &[0, 1] };
        let names = |item: u32| ["tea", "toast"][item as usize].to_owned();
        assert_eq!(guess(order, &Guess::Order(vec![1, 0]), &names), "toast, tea");
        let refused = Prediction::Refused { lane: 0, most: 20 };
        assert_eq!(guess(refused, &Guess::Count(1), &names), "1 refusal");
    }
}
