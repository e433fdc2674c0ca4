//! What is said of a teacher's link: its goal in terms, what a run reached of them, and the line to hand in.

use crate::figure::{fixed, plain};
use crate::id::lane_letter;
use crate::lesson::goal::{Checked, Reached, Term};
use crate::lesson::lock::Lock;
use crate::time::Instant;
use crate::view::words::units::count;

/// What a group of controls is called.
pub fn lock(lock: Lock) -> &'static str {
    match lock {
        Lock::Requests => "The requests",
        Lock::Lanes => "The lanes: number, kind and limit",
        Lock::Retries => "Retries, timeouts and copies",
        Lock::Rates => "Rates",
        Lock::Server => "The server",
        Lock::Seed => "The seed",
    }
}

/// A term of a goal.
pub fn term(term: Term) -> String {
    match term {
        Term::Under(millis) => format!("Done in under {}", limit(millis)),
        Term::Refusals(0) => "No refusals".to_owned(),
        Term::Refusals(most) => format!("At most {}", count(most as usize, "refusal", "refusals")),
        Term::Calls(most) => format!("At most {}", count(most as usize, "call", "calls")),
        Term::AllAnswered => "Every request answered".to_owned(),
    }
}

/// What was reached of a term.
pub fn reached(reached: &Reached) -> String {
    let many = || usize::try_from(reached.figure.unwrap_or_default()).unwrap_or(usize::MAX);
    match reached.term {
        Term::Under(millis) => reached.figure.map_or_else(|| "never done".to_owned(), |micros| took(micros, millis)),
        Term::Refusals(_) => count(many(), "refusal", "refusals"),
        Term::Calls(_) => count(many(), "call", "calls"),
        Term::AllAnswered => format!("{} of {} answered", many(), reached.of),
    }
}

/// What became of a goal. `names_lane` where the goal left the lane open.
pub fn outcome(checked: &Checked, names_lane: bool) -> String {
    match (checked.is_met(), names_lane) {
        (true, true) => format!("Goal met by lane {}", letter(checked.lane)),
        (false, true) => format!("Goal missed; lane {} came closest", letter(checked.lane)),
        (true, false) => "Goal met".to_owned(),
        (false, false) => "Goal missed".to_owned(),
    }
}

/// What became of a goal, in one line to hand in. `seed` is none of a real run, whose luck is its own.
pub fn line(checked: &Checked, seed: Option<u64>) -> String {
    let what = if checked.is_met() { "met" } else { "missed" };
    let mut parts: Vec<String> = checked.terms.iter().map(with_limit).collect();
    parts.push(seed.map_or_else(|| "real requests".to_owned(), |seed| format!("seed {seed}")));
    parts.push(format!("lane {}", letter(checked.lane)));
    format!("Lanescope: goal {what} — {}", parts.join(", "))
}

/// What was reached of a term, and what it asks for where that is not plain.
fn with_limit(of: &Reached) -> String {
    let reached = reached(of);
    match (of.term, of.met) {
        (Term::Under(millis), true) => format!("{reached} (under {})", limit(millis)),
        (Term::Under(millis), false) => format!("{reached} (not under {})", limit(millis)),
        (Term::Refusals(0), true) | (Term::AllAnswered, _) => reached,
        (Term::Refusals(most) | Term::Calls(most), true) => format!("{reached} (at most {most})"),
        (Term::Refusals(most) | Term::Calls(most), false) => format!("{reached} (more than {most})"),
    }
}

/// A limit of time, with no more places than it needs.
fn limit(millis: u32) -> String {
    format!("{} s", plain(f64::from(millis) / 1_000.0))
}

/// How long a lane took: to one place, unless that would read as the limit itself or as the other side of it.
fn took(micros: u64, millis: u32) -> String {
    let (secs, limit) = (Instant(micros).as_secs(), f64::from(millis) / 1_000.0);
    let is_close = libm::fabs(secs - limit) <= 0.1 && micros != u64::from(millis) * 1_000;
    format!("{} s", if is_close { plain(secs) } else { fixed(secs, 1) })
}

fn letter(lane: usize) -> char {
    lane_letter(u8::try_from(lane).unwrap_or(u8::MAX))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn of(term: Term, figure: u64, of: u64, met: bool) -> Reached {
        Reached { term, figure: Some(figure), of, met }
    }

    #[test]
    fn a_goal_that_is_met_is_one_line() {
        let terms = vec![
            of(Term::Under(20_000), 18_400_000, 0, true),
            of(Term::Refusals(0), 0, 0, true),
            of(Term::Calls(12), 12, 0, true),
        ];
        let checked = Checked { lane: 1, terms };
        assert_eq!(
            line(&checked, Some(51)),
            "Lanescope: goal met — 18.4 s (under 20 s), 0 refusals, 12 calls (at most 12), seed 51, lane B"
        );
        assert_eq!(outcome(&checked, true), "Goal met by lane B");
        assert_eq!(outcome(&checked, false), "Goal met");
    }

    #[test]
    fn a_goal_that_is_missed_says_by_what() {
        let terms = vec![
            of(Term::Under(7_500), 77_000_000, 0, false),
            of(Term::Refusals(0), 1, 0, false),
            of(Term::Calls(12), 13, 0, false),
            of(Term::AllAnswered, 9, 12, false),
        ];
        let checked = Checked { lane: 0, terms };
        assert_eq!(
            line(&checked, None),
            "Lanescope: goal missed — 77.0 s (not under 7.5 s), 1 refusal (more than 0), 13 calls (more than 12), \
             9 of 12 answered, real requests, lane A"
        );
        assert_eq!(outcome(&checked, true), "Goal missed; lane A came closest");
    }

    #[test]
    fn a_figure_beside_its_limit_never_reads_as_the_limit() {
        assert_eq!(reached(&of(Term::Under(20_000), 19_960_000, 0, true)), "19.96 s");
        assert_eq!(reached(&of(Term::Under(20_000), 20_000_001, 0, false)), "20.000001 s");
        assert_eq!(reached(&of(Term::Under(20_000), 20_000_000, 0, false)), "20.0 s");
        let stalled = Reached { figure: None, ..of(Term::Under(20_000), 0, 0, false) };
        assert_eq!(with_limit(&stalled), "never done (not under 20 s)");
    }

    #[test]
    fn terms_are_said_as_people_say_them() {
        let said = [Term::Under(20_000), Term::Refusals(0), Term::Refusals(1), Term::Calls(12), Term::AllAnswered];
        assert_eq!(
            said.map(term),
            ["Done in under 20 s", "No refusals", "At most 1 refusal", "At most 12 calls", "Every request answered"]
        );
    }
}
