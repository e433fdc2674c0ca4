//! Figures with their units.

use crate::figure::{fixed, plain};
use crate::time::{Instant, micros_as_secs, whole_micros};
use std::time::Duration;

/// A duration as people say it: `40 ms`, `6.4 s`, `12 min 5 s`, `41 h 40 min`.
#[must_use]
pub fn duration(span: Duration) -> String {
    let micros = whole_micros(span);
    match micros {
        0 => "0 s".into(),
        1..=99_949 => format!("{} ms", (micros + 500) / 1_000),
        99_950..=599_949_999 => format!("{} s", fixed(micros_as_secs(micros), 1)),
        _ => {
            let secs = (micros + 500_000) / 1_000_000;
            if secs < 7_200 {
                format!("{} min {} s", secs / 60, secs % 60)
            } else {
                format!("{} h {} min", secs / 3_600, secs / 60 % 60)
            }
        }
    }
}

/// A moment of the run: always in seconds, to one place, so that it does not jump while it grows.
#[must_use]
pub fn moment(at: Instant) -> String {
    format!("{} s", fixed(at.as_secs(), 1))
}

/// A moment on an axis that ends at `end` and is marked every `step_micros`: all its marks are in one unit, with no more places
/// than they need.
#[must_use]
pub fn axis(at: Instant, step_micros: u64, end: Instant) -> String {
    let secs = at.as_secs();
    let (figure, unit) = match step_micros {
        _ if end.0 < 1_000_000 => (secs * 1_000.0, "ms"),
        hours if hours.is_multiple_of(3_600_000_000) => (secs / 3_600.0, "h"),
        minutes if minutes.is_multiple_of(60_000_000) => (secs / 60.0, "min"),
        _ => (secs, "s"),
    };
    format!("{} {unit}", plain(figure))
}

/// A speed-up: one place below ten, none above.
#[must_use]
pub fn times(factor: f64) -> String {
    format!("{}×", fixed(factor, u32::from(factor < 9.95)))
}

/// A share in whole percent.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", fixed(share * 100.0, 0))
}

/// So many of a thing: `1 request`, `3 requests`.
#[must_use]
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// A place in an order: 1st, 2nd, 3rd, 4th, 11th, 21st.
#[must_use]
pub fn ordinal(n: usize) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// US dollars, with as many places as a small sum needs.
#[must_use]
pub fn dollars(sum: f64) -> String {
    format!("${}", fixed(sum, if sum > 0.0 && sum < 0.01 { 4 } else { 2 }))
}

/// A sentence begins with a capital.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut sentence = text.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        // No sentence here begins with a letter that is not ASCII.
        first.make_ascii_uppercase();
    }
    sentence
}

/// A number in words as far as ten, else in digits.
#[must_use]
pub fn small_number(n: usize) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    words.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// A handful of things, those with more of something first; of equals, the earlier one. (The library's sorts are
/// quicker for thousands, and three kilobytes each on the page.)
pub fn most_first<T, K: Ord>(things: impl IntoIterator<Item = T>, much: impl Fn(&T) -> K) -> Vec<T> {
    let mut sorted: Vec<T> = Vec::new();
    for thing in things {
        let place = sorted.iter().position(|other| much(other) < much(&thing)).unwrap_or(sorted.len());
        sorted.insert(place, thing);
    }
    sorted
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let said = |micros| duration(Duration::from_micros(micros));
        assert_eq!(said(0), "0 s");
        assert_eq!(said(40_000), "40 ms");
        assert_eq!(said(6_400_000), "6.4 s");
        assert_eq!(said(71_812_345), "71.8 s");
        assert_eq!(said(725_000_000), "12 min 5 s");
        assert_eq!(said(150_000_000_000), "41 h 40 min");
    }

    const SECOND: u64 = 1_000_000;

    #[test]
    fn an_axis_has_one_unit_and_no_more_places_than_it_needs() {
        let marks = |step: u64, end: u64| {
            let mark = |at| axis(Instant(at), step, Instant(end));
            [0, step, end - end % step].map(mark).join(", ")
        };
        assert_eq!(marks(500, 20_700), "0 ms, 0.5 ms, 20.5 ms");
        assert_eq!(marks(100_000, 900_000), "0 ms, 100 ms, 900 ms");
        assert_eq!(marks(200_000, 1_500_000), "0 s, 0.2 s, 1.4 s");
        assert_eq!(marks(20_000, 65_530_000), "0 s, 0.02 s, 65.52 s");
        assert_eq!(marks(30 * SECOND, 220 * SECOND), "0 s, 30 s, 210 s");
        assert_eq!(marks(15 * 60 * SECOND, 2_000 * SECOND), "0 min, 15 min, 30 min");
        assert_eq!(marks(3 * 3_600 * SECOND, 100_000 * SECOND), "0 h, 3 h, 27 h");
    }

    #[test]
    fn ordinals_know_the_teens() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 112].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]
        );
    }
}
