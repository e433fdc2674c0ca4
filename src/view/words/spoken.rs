//! A lane in a sentence, for those who hear the timeline: what it has done by the playhead, and what its requests do
//! now.

use crate::time::Instant;
use crate::trace::span::{Phase, Row};
use crate::trace::stats::Stats;
use crate::view::words::phase;
use crate::view::words::units::{duration, moment};
use std::time::Duration;

/// What a lane has done by `now`. `stats` are its figures then, `rows` its requests.
#[must_use]
pub fn lane(letter: char, stats: &Stats, rows: &[Row], is_script: bool, now: Instant) -> String {
    let brought = if is_script { "returned" } else { "answered" };
    let mut parts = vec![format!("{} of {} {brought}", stats.succeeded, stats.items)];
    let ends = [(stats.substituted, "stood in for"), (stats.failed, "failed"), (stats.cancelled, "given up")];
    let doing = doing(rows, now);
    let going = Phase::ALL.iter().zip(doing).map(|(&phase, many)| (many, phase::doing(phase)));
    let some = ends.into_iter().chain(going).filter(|&(many, _)| many > 0);
    parts.extend(some.map(|(many, how)| format!("{many} {how}")));
    let when = if stats.finished {
        format!("over after {}", duration(Duration::from_micros(stats.makespan_micros)))
    } else {
        format!("{} so far", moment(now))
    };
    format!("Lane {letter}: {}; {when}.", parts.join(", "))
}

/// A lane of which nothing may be told yet.
#[must_use]
pub fn held(letter: char, items: usize) -> String {
    format!("Lane {letter}: {items} in all; not run yet.")
}

/// How many requests are in each phase at `now`.
fn doing(rows: &[Row], now: Instant) -> [usize; Phase::ALL.len()] {
    let mut doing = [0; Phase::ALL.len()];
    for span in rows.iter().filter(|row| !row.is_over(now)).filter_map(|row| row.span_at(now)) {
        doing[span.phase as usize] += 1;
    }
    doing
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::lab;
    use crate::trace::span::Fold;
    use crate::trace::stats::Terms;

    #[test]
    fn the_phases_stand_at_their_numbers() {
        assert!(Phase::ALL.iter().enumerate().all(|(place, &phase)| phase as usize == place));
    }

    /// What is said of lane B of the race, four at a time, at a moment.
    fn said(now: Instant) -> String {
        let trace = lab::simulate(&preset::race()).expect("it is sound");
        let fold = Fold::of(&trace.lanes[1].events);
        let stats = Stats::at(now, &fold, &trace.lanes[1], Terms { items: 12, limit: 4, ..Terms::default() });
        lane('B', &stats, &fold.rows, false, now)
    }

    #[test]
    fn every_request_is_counted_once_under_what_it_does() {
        assert_eq!(
            said(Instant(1_000_000)),
            "Lane B: 0 of 12 answered, 8 waiting for a slot, 4 waiting for the first byte; 1.0 s so far."
        );
        assert_eq!(
            said(Instant(6_700_000)),
            "Lane B: 4 of 12 answered, 4 waiting for a slot, 3 waiting for the first byte, 1 backing off; 6.7 s so far."
        );
        assert_eq!(said(Instant::NEVER), "Lane B: 12 of 12 answered; over after 20.5 s.");
    }

    #[test]
    fn how_the_others_ended_is_said_as_well() {
        let stats = Stats { items: 9, succeeded: 4, failed: 2, cancelled: 3, finished: true, ..Stats::default() };
        assert_eq!(
            lane('A', &stats, &[], true, Instant(0)),
            "Lane A: 4 of 9 returned, 2 failed, 3 given up; over after 0 s."
        );
    }
}
