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

/// A moment of the run, always to a tenth of a second, so that it jumps little while it grows: in seconds for ten
/// minutes, as durations are.
#[must_use]
pub fn moment(at: Instant) -> String {
    let tenths = at.0.saturating_add(50_000) / 100_000;
    let secs = format!("{}.{} s", tenths / 10 % 60, tenths % 10);
    match tenths / 600 {
        0..10 => format!("{} s", fixed(at.as_secs(), 1)),
        minutes @ 10..120 => format!("{minutes} min {secs}"),
        minutes => format!("{} h {} min {secs}", minutes / 60, minutes % 60),
    }
}

/// A moment of a run that ends at `end`, where it stands beside others, to so many places of a second, six at the
/// most: in seconds, and in a run of ten minutes and more as players have it, `4:19:01.8`.
#[must_use]
pub fn clock(at: Instant, end: Instant, places: u32) -> String {
    if end.as_secs() < 600.0 {
        return format!("{} s", fixed(at.as_secs(), places));
    }
    let micros_a_part = 10_u64.pow(6 - places);
    let parts = at.0.saturating_add(micros_a_part / 2) / micros_a_part;
    let (whole, part) = (parts / 10_u64.pow(places), parts % 10_u64.pow(places));
    let (minutes, secs) = (whole / 60, whole % 60);
    let has_hours = end.as_secs() >= 3_600.0;
    let minutes = if has_hours { format!("{}:{:02}", minutes / 60, minutes % 60) } else { minutes.to_string() };
    format!("{minutes}:{secs:02}.{part:0width$}", width = places as usize)
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

    #[test]
    fn a_moment_is_said_to_the_tenth_in_the_units_of_durations() {
        let said = |micros| moment(Instant(micros));
        assert_eq!([0, 6_449_999, 599_940_000].map(said), ["0.0 s", "6.4 s", "599.9 s"]);
        assert_eq!([599_960_000, 1_560_900_000].map(said), ["10 min 0.0 s", "26 min 0.9 s"]);
        assert_eq!([7_200_000_000, 62_154_800_000].map(said), ["2 h 0 min 0.0 s", "17 h 15 min 54.8 s"]);
    }

    #[test]
    fn beside_others_a_moment_of_a_long_run_is_said_as_players_have_it() {
        let said =
            |at: f64, end: f64, places| clock(Instant::from_millis(at * 1e3), Instant::from_millis(end * 1e3), places);
        assert_eq!([said(6.449, 71.8, 1), said(12.34, 599.9, 2)], ["6.4 s", "12.34 s"]);
        assert_eq!([said(0.0, 1_560.9, 1), said(1_560.9, 1_560.9, 1)], ["0:00.0", "26:00.9"]);
        assert_eq!([said(59.96, 62_154.8, 1), said(15_541.75, 62_154.8, 3)], ["0:01:00.0", "4:19:01.750"]);
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
