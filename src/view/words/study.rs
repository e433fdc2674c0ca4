//! What is said of many runs: settings, their values, cells of a map, and bands.

use crate::figure::{fixed, plain};
use crate::id::lane_letter;
use crate::study::bands::{Band, Duel};
use crate::study::map::{Cell, Knee};
use crate::study::{Axis, Setting, Sweep};
use crate::time::micros_as_secs;
use crate::view::words::units::{count, dollars, duration, percent};
use std::time::Duration;

/// A setting by the name that it has among the controls, with the unit of its values.
#[must_use]
pub fn setting(setting: Setting) -> &'static str {
    match setting {
        Setting::InFlight => "In flight at most",
        Setting::Rate => "Lane's rate, requests a minute",
        Setting::Burst => "Lane's burst, requests",
        Setting::Tries => "Tries in all",
        Setting::FirstDelay => "First wait, s",
        Setting::Jitter => "Jitter",
        Setting::Timeout => "Attempt timeout, s",
        Setting::Hedge => "Second copy after, s",
        Setting::Requests => "Requests",
        Setting::Steps => "Steps of each chain",
        Setting::Quota => "Server's quota, requests",
        Setting::Faults => "Attempts that fail, %",
        Setting::Load => "Slower under load, exponent",
    }
}

/// A value as the head of a row or column.
#[must_use]
pub fn value(of: Setting, value: f64) -> String {
    const JITTERS: [&str; 5] = ["full", "decorrelated", "±50 %", "equal", "none"];
    if of == Setting::Jitter {
        let kind = (0_u8..).zip(JITTERS).find(|&(place, _)| f64::from(place) >= value);
        return kind.map_or("none", |(_, name)| name).to_owned();
    }
    if of.rank(value).is_infinite() { "none".to_owned() } else { plain(value) }
}

/// Both settings of a cell.
#[must_use]
pub fn values(sweep: &Sweep, cell: usize) -> String {
    let (x, y) = sweep.values(cell);
    let said = |axis: &Axis, at: f64| format!("{} {}", setting(axis.setting), value(axis.setting, at));
    format!("{}; {}", said(&sweep.x, x), said(&sweep.y, y))
}

/// What a map can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The median makespan.
    Makespan,
    /// The share that was answered.
    Success,
    /// The cost of a run.
    Cost,
    /// The 429s of a run.
    Refused,
}

impl Measure {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Makespan, Self::Success, Self::Cost, Self::Refused];

    /// What its cells hold, with the unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Makespan => "Total time, s",
            Self::Success => "Answered, %",
            Self::Cost => "Cost, US dollars",
            Self::Refused => "Refusals (429)",
        }
    }

    /// The figure of a cell; none where it is not known.
    #[must_use]
    pub fn of(self, cell: &Cell) -> Option<f64> {
        match self {
            Self::Makespan => Some(micros_as_secs(cell.makespan_micros)),
            Self::Success => Some(cell.success * 100.0),
            Self::Cost => cell.dollars,
            Self::Refused => Some(cell.refused),
        }
    }

    /// The figure as it stands in a cell, where there is room for four digits.
    #[must_use]
    pub fn short(self, figure: f64) -> String {
        let places = match self {
            Self::Success => 0,
            Self::Makespan | Self::Refused => u32::from(figure < 99.95),
            Self::Cost if figure >= 0.1 => 2,
            Self::Cost => 4,
        };
        fixed(figure, places)
    }
}

/// The shade of a figure among others, 1 to 7. Times are shaded by how many times as long they are.
#[must_use]
pub fn shade(measure: Measure, figure: f64, least: f64, most: f64) -> u8 {
    let scaled = |figure: f64| if measure == Measure::Makespan { libm::log(figure.max(1e-3)) } else { figure };
    let (from, to) = (scaled(least), scaled(most));
    let share = if to > from { (scaled(figure) - from) / (to - from) } else { 0.0 };
    let steps = (1..7_u8).filter(|&step| share * 7.0 >= f64::from(step));
    1 + u8::try_from(steps.count()).unwrap_or(6)
}

/// All that is known of a cell.
#[must_use]
pub fn cell(known: &Cell, knee: Knee) -> String {
    let time = duration(Duration::from_micros(known.makespan_micros));
    let median = if known.runs > 1 { format!(", the median of {} runs", known.runs) } else { String::new() };
    let cost = known.dollars.map(|sum| format!(" {} a run.", dollars(sum))).unwrap_or_default();
    let refused = fixed(known.refused, 1);
    let knee = match knee {
        Knee::Not => "",
        Knee::Inside => " This is the knee.",
        Knee::AtTheEdge => " This is the knee of what is on the map: beyond its edge may lie a better one.",
    };
    format!("{time}{median}. {} answered.{cost} {refused} refusals (429) a run.{knee}", percent(known.success))
}

/// What the marks of a map mean.
pub const KNEE: &str = "The knee is the least that is nearly as good as the best. Of the cells that answer most and, \
                        where there are such, are never refused, those count whose time is within 5 % of the \
                        shortest; the one the fewest steps away from the least values is the knee. Every amount of \
                        work and every server has one of its own.";

/// What the field's own table is of.
pub const OF_THE_FIELD: &str = "The map is of the field's table: chains of three calls that take 25 s in all, in a \
                                lane of their own, and not of the experiment on this page.";

/// A band of times.
#[must_use]
pub fn seconds(band: Band) -> [String; 3] {
    [band.p5, band.p50, band.p95].map(|secs| duration(crate::time::from_secs(secs)))
}

/// A band of counts.
#[must_use]
pub fn counts(band: Band) -> [String; 3] {
    [band.p5, band.p50, band.p95].map(|figure| fixed(figure, 0))
}

/// How another lane did against lane A; nothing before a seed was run.
#[must_use]
pub fn duel(lane: usize, duel: Duel) -> String {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let seeds = duel.first + duel.other + duel.ties + duel.unlike;
    let share = |part: u32| percent(f64::from(part) / f64::from(seeds));
    if seeds == 0 {
        return String::new();
    }
    if seeds == duel.unlike {
        return format!("A and {letter} never answered the same requests, so neither is faster.");
    }
    let (winner, wins) = if duel.first > duel.other { ('A', duel.first) } else { (letter, duel.other) };
    let loser = if winner == 'A' { letter } else { 'A' };
    let mut said = format!("{winner} is faster than {loser} under {} of {seeds} seeds", share(wins));
    for (part, what) in [
        (duel.first.min(duel.other), format!("{loser} is under")),
        (duel.ties, "they take the same time under".to_owned()),
        (duel.unlike, "they do not answer the same requests under".to_owned()),
    ] {
        if part > 0 {
            said = format!("{said}; {what} {}", share(part));
        }
    }
    format!("{said}.")
}

/// How far a study is.
#[must_use]
pub fn progress(noted: u32, runs: u32) -> String {
    format!("{noted} of {}", count(runs as usize, "run", "runs"))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_duel_is_said_with_all_its_seeds() {
        let said = |first, other, ties, unlike| duel(1, Duel { first, other, ties, unlike });
        assert_eq!(said(0, 500, 0, 0), "B is faster than A under 100 % of 500 seeds.");
        assert_eq!(said(465, 35, 0, 0), "A is faster than B under 93 % of 500 seeds; B is under 7 %.");
        assert_eq!(
            said(0, 5, 3, 2),
            "B is faster than A under 50 % of 10 seeds; they take the same time under 30 %; they do not answer the \
             same requests under 20 %."
        );
        assert_eq!(said(0, 0, 0, 0), "", "nothing was run");
        assert_eq!(said(0, 0, 0, 10), "A and B never answered the same requests, so neither is faster.");
    }

    #[test]
    fn shades_go_from_the_least_to_the_most_and_times_by_their_ratio() {
        assert_eq!([0.0, 10.0, 50.0, 100.0].map(|figure| shade(Measure::Success, figure, 0.0, 100.0)), [1, 1, 4, 7]);
        assert_eq!([1.0, 10.0, 100.0].map(|secs| shade(Measure::Makespan, secs, 1.0, 100.0)), [1, 4, 7]);
        assert_eq!(shade(Measure::Refused, 3.0, 3.0, 3.0), 1);
    }

    #[test]
    fn values_are_said_as_they_are_entered() {
        assert_eq!(value(Setting::Rate, 0.0), "none");
        assert_eq!(value(Setting::Faults, 0.0), "0");
        assert_eq!(value(Setting::FirstDelay, 0.25), "0.25");
        assert_eq!([0.0, 4.0].map(|kind| value(Setting::Jitter, kind)), ["full", "none"]);
        let figures = [(Measure::Makespan, 71.84), (Measure::Makespan, 2_500.0), (Measure::Cost, 0.01234)];
        assert_eq!(figures.map(|(measure, figure)| measure.short(figure)), ["71.8", "2500", "0.0123"]);
    }
}
