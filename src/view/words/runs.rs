//! What the runs of a visit are called, and what is said of two of them.

use crate::experiment::Experiment;
use crate::id::lane_letter;
use crate::scene::shelf::{Kind, RunId};
use crate::time::Instant;
use crate::trace::Outcome;
use crate::trace::difference::Difference;
use crate::trace::stats::Stats;
use crate::view::words::units::{count, duration, moment, percent};
use std::cmp::Ordering;
use std::time::Duration;

/// What a run is called whose experiment has no name.
#[must_use]
pub fn named(experiment: &Experiment) -> String {
    let lanes = count(experiment.lanes.len(), "lane", "lanes");
    match experiment.workload.calls() {
        Some(calls) => format!("{}, {lanes}", count(calls.requests as usize, "request", "requests")),
        None => format!("Script, {lanes}"),
    }
}

/// What a lane is called that stands beside a lane of another run.
#[must_use]
pub fn lane_of_run(lane: &str, RunId(run): RunId) -> String {
    format!("{lane} of run {run}")
}

/// Where what happened in a run came from.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Simulated => "simulated",
        Kind::Replayed => "replayed from your run",
        Kind::Real => "real",
    }
}

/// How long each lane of a run took: a letter and its time, where it came to an end.
#[must_use]
pub fn totals(ends: impl IntoIterator<Item = Option<Instant>>) -> String {
    let lane = |(lane, end): (u8, Option<Instant>)| {
        format!("{} {}", lane_letter(lane), end.map_or_else(|| "–".into(), moment))
    };
    (0..).zip(ends).map(lane).collect::<Vec<_>>().join(", ")
}

/// That so many runs are no longer kept.
#[must_use]
pub fn gone(runs: usize) -> String {
    match runs {
        0 => String::new(),
        1 => "1 older run is no longer kept: there is room for so much and no more.".into(),
        _ => format!("{runs} older runs are no longer kept: there is room for so much and no more."),
    }
}

/// A difference of times, with its sign.
#[must_use]
pub fn signed(micros: i64) -> String {
    let span = duration(Duration::from_micros(micros.unsigned_abs()));
    match micros.cmp(&0) {
        Ordering::Less => format!("−{span}"),
        Ordering::Equal => span,
        Ordering::Greater => format!("+{span}"),
    }
}

/// What became of a request in the two.
#[must_use]
pub fn became(of: &Difference) -> String {
    let ended = |outcome| match outcome {
        Outcome::Answered => "answered",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "given up",
        Outcome::Substituted => "a fixed text",
    };
    match of.came.map(|came| came.map(|came| (ended(came.outcome), came.attempts))) {
        [Some((a, tries)), Some((b, others))] => {
            let became = if a == b { format!("{a} in both") } else { format!("{a} in A, {b} in B") };
            if tries == others { became } else { format!("{became}, tries {tries} and {others}") }
        }
        _ => "not over in both".into(),
    }
}

/// The gap between the two, as a number.
#[must_use]
pub fn gap(a: &Stats, b: &Stats, all: &[Difference]) -> String {
    if !a.finished || !b.finished {
        return "How far they lie apart shows at the end of both.".into();
    }
    let longer = b.makespan_micros.cast_signed().saturating_sub(a.makespan_micros.cast_signed());
    let apart = duration(Duration::from_micros(longer.unsigned_abs()));
    #[allow(clippy::cast_precision_loss)] // For display only.
    let share = percent(longer.unsigned_abs() as f64 / a.makespan_micros.max(1) as f64);
    let whole = match longer.cmp(&0) {
        Ordering::Less => format!("B took {apart} less than A, {share}."),
        Ordering::Equal => "B took as long as A.".into(),
        Ordering::Greater => format!("B took {apart} more than A, {share}."),
    };
    let mut ways = Vec::new();
    for (is, how) in [(Ordering::Less, "less"), (Ordering::Greater, "more"), (Ordering::Equal, "as long")] {
        let such = all.iter().filter_map(Difference::longer_micros).filter(|micros| micros.cmp(&0) == is).count();
        if such > 0 {
            ways.push(format!("{such} took {how}"));
        }
    }
    if ways.is_empty() { whole } else { format!("{whole} One by one: {}.", ways.join(", ")) }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::trace::difference::Came;

    fn came(took_micros: u64, outcome: Outcome, attempts: u32) -> Came {
        Came { took_micros, outcome, attempts }
    }

    fn of(one: Came, other: Came) -> Difference {
        Difference { item: 0, came: [Some(one), Some(other)] }
    }

    #[test]
    fn runs_have_names() {
        assert_eq!(named(&race()), "12 requests, 2 lanes");
        let mut one = race();
        one.lanes.truncate(1);
        one.workload.calls_mut().expect("calls").requests = 1;
        assert_eq!(named(&one), "1 request, 1 lane");
        assert_eq!(lane_of_run("Concurrent", RunId(3)), "Concurrent of run 3");
        assert_eq!(totals([Some(Instant(71_800_000)), None]), "A 71.8 s, B –");
    }

    #[test]
    fn differences_have_a_sign() {
        assert_eq!([-3_200_000, 0, 40_000].map(signed), ["−3.2 s", "0 s", "+40 ms"]);
    }

    #[test]
    fn what_became_of_a_request_is_said_of_both() {
        let answered = came(1, Outcome::Answered, 1);
        assert_eq!(became(&of(answered, answered)), "answered in both");
        assert_eq!(became(&of(answered, came(1, Outcome::Answered, 3))), "answered in both, tries 1 and 3");
        assert_eq!(became(&of(came(1, Outcome::Failed, 1), answered)), "failed in A, answered in B");
        assert_eq!(became(&Difference { item: 0, came: [Some(answered), None] }), "not over in both");
    }

    #[test]
    fn the_gap_is_a_number() {
        let stats = |makespan_micros| Stats { makespan_micros, finished: true, ..Stats::default() };
        let all =
            [(4, 1), (2, 2), (3, 5)].map(|(a, b)| of(came(a, Outcome::Answered, 1), came(b, Outcome::Answered, 1)));
        assert_eq!(
            gap(&stats(20_000_000), &stats(15_000_000), &all),
            "B took 5.0 s less than A, 25 %. One by one: 1 took less, 1 took more, 1 took as long."
        );
        assert_eq!(gap(&stats(10), &stats(10), &all[1..2]), "B took as long as A. One by one: 1 took as long.");
        let under_way = Stats { finished: false, ..stats(1) };
        assert_eq!(gap(&under_way, &stats(1), &all), "How far they lie apart shows at the end of both.");
    }
}
