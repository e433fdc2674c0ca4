//! Requests found by what is entered: a number, a lane and a number, words of a prompt or an answer, what failed,
//! or how it ended.

use crate::experiment::Workload;
use crate::time::Instant;
use crate::trace::span::{Fate, Fold, Row};
use crate::trace::{LaneTrace, Outcome};

/// A lane to look through.
#[derive(Clone, Copy)]
pub struct Hay<'a> {
    /// Its rows.
    pub fold: &'a Fold,
    /// Its texts and failures.
    pub log: &'a LaneTrace,
    /// What a request's row says besides the text that came, in words.
    pub said: &'a dyn Fn(u32) -> String,
}

impl std::fmt::Debug for Hay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hay").field("rows", &self.fold.rows.len()).finish_non_exhaustive()
    }
}

/// What is looked for: a figure, or words, or either of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    figure: Option<Figure>,
    /// In lower case.
    words: Option<String>,
}

/// What a number that was entered stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    /// A request's number, of one lane or of any.
    Number { lane: Option<usize>, number: usize },
    /// What the server refused or failed with.
    Status(usize),
}

impl Needle {
    /// What is meant by what is entered; nothing if that is nothing. A number is a status where any request has failed
    /// with that by `now`, and else a request's; after `#` it is always a request's, and found in no words.
    #[must_use]
    pub fn of(entered: &str, lanes: &[Hay<'_>], now: Instant) -> Option<Self> {
        let words = entered.trim().to_lowercase();
        if words.is_empty() {
            return None;
        }
        let (bare, is_bare) = (words.trim_start_matches('#'), !words.starts_with('#'));
        let first = bare.chars().next();
        let lane = ('a'..='h').position(|letter| first == Some(letter));
        let number = if lane.is_some() { bare[1..].trim_start() } else { bare }.parse().ok();
        let is_status = |status| {
            let mut rows = lanes.iter().flat_map(|hay| hay.fold.rows.iter().map(|row| (row, hay.log)));
            is_bare && lane.is_none() && rows.any(|(row, log)| has_status(row, log, status, now))
        };
        let figure = number
            .map(|number| if is_status(number) { Figure::Status(number) } else { Figure::Number { lane, number } });
        let words = Some(words).filter(|_| is_bare || figure.is_none());
        Some(Self { figure, words })
    }

    /// Whether a request is meant, lane and item. Of what is later than `now` nothing is known.
    #[must_use]
    pub fn is_in(&self, (lane, item): (usize, u32), hay: &Hay<'_>, workload: &Workload, now: Instant) -> bool {
        let row = hay.fold.row(item);
        let fits = match self.figure {
            Some(Figure::Number { lane: of, number }) => item as usize + 1 == number && of.is_none_or(|of| of == lane),
            Some(Figure::Status(status)) => row.is_some_and(|row| has_status(row, hay.log, status, now)),
            None => false,
        };
        fits || self.words.as_ref().is_some_and(|words| {
            let name = workload.name_of(lane, item).unwrap_or_default();
            has(name, words)
                || has(&workload.prompt(item), words)
                || row.is_some_and(|row| row_has(row, hay.log, words, now))
                || has(&(hay.said)(item), words)
        })
    }
}

/// The requests of `lanes` that fit what is entered, in their order: lane and item.
#[must_use]
pub fn found(entered: &str, lanes: &[Hay<'_>], workload: &Workload, now: Instant) -> Vec<(usize, usize)> {
    let Some(needle) = Needle::of(entered, lanes, now) else { return Vec::new() };
    let of_lane = |(lane, hay)| {
        let needle = &needle;
        let items = (0..workload.rows_of(lane)).filter(move |&item| needle.is_in((lane, item), hay, workload, now));
        items.map(move |item| (lane, item as usize))
    };
    lanes.iter().enumerate().flat_map(of_lane).collect()
}

/// The one of what was found that comes after `from`, or before it; from the last on it begins anew.
#[must_use]
pub fn beside(found: &[(usize, usize)], from: (usize, usize), after: bool) -> Option<usize> {
    let last = found.len().checked_sub(1)?;
    let place = found.partition_point(|&at| if after { at <= from } else { at < from });
    Some(if after { if place > last { 0 } else { place } } else { place.checked_sub(1).unwrap_or(last) })
}

fn has(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(words)
}

fn row_has(row: &Row, log: &LaneTrace, words: &str, now: Instant) -> bool {
    let ended = row.outcome.filter(|_| row.is_over(now)).map_or("", how);
    // So short a part of it says too little.
    words.len() > 2 && ended.starts_with(words)
        || failures(row, now).any(|place| log.failures.get(place).is_some_and(|failed| failed.kind.name() == words))
        || has(&row.text(&log.text, now), words)
}

fn has_status(row: &Row, log: &LaneTrace, status: usize, now: Instant) -> bool {
    let of = |place: usize| log.failures.get(place).and_then(|failed| failed.status);
    failures(row, now).any(|place| of(place).is_some_and(|of| usize::from(of) == status))
}

/// What its attempts failed with, as far as that has happened: places of the lane's failures.
fn failures(row: &Row, now: Instant) -> impl Iterator<Item = usize> {
    row.all_spans().filter(move |span| span.to <= now).filter_map(|span| match span.fate {
        Fate::Failed(place) => Some(place as usize),
        _ => None,
    })
}

/// How it ended, as the page says it.
fn how(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Failed => "failed",
        Outcome::Substituted => "stood in for",
        Outcome::Cancelled => "given up",
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::{Experiment, preset};
    use crate::lab::simulate;

    fn in_race(entered: &str, now: Instant) -> Vec<(usize, usize)> {
        in_run_of(&preset::race(), entered, now)
    }

    fn in_run_of(experiment: &Experiment, entered: &str, now: Instant) -> Vec<(usize, usize)> {
        let trace = simulate(experiment).unwrap();
        let folds: Vec<Fold> = trace.lanes.iter().map(|lane| Fold::of(&lane.events)).collect();
        let lanes: Vec<Hay<'_>> = folds
            .iter()
            .zip(&trace.lanes)
            .map(|(fold, log)| Hay {
                fold,
                log,
                said: &|item| if item == 4 { "Fiel aus: Ärger" } else { "" }.to_owned(),
            })
            .collect();
        found(entered, &lanes, &trace.experiment.workload, now)
    }

    #[test]
    fn a_number_is_a_request_of_each_lane_or_of_one() {
        assert_eq!(in_race("7", Instant::NEVER), [(0, 6), (1, 6)]);
        assert_eq!(in_race(" b7 ", Instant::NEVER), [(1, 6)]);
        assert_eq!(in_race("B 12", Instant::NEVER), [(1, 11)]);
        for nowhere in ["13", "c1", "0", ""] {
            assert_eq!(in_race(nowhere, Instant::NEVER), [], "{nowhere}");
        }
    }

    #[test]
    fn a_failure_is_found_by_its_status_and_its_kind_once_it_has_happened() {
        assert_eq!(in_race("503", Instant::NEVER), [(1, 6)]);
        assert_eq!(in_race("Overloaded", Instant::NEVER), [(1, 6)]);
        assert_eq!(in_race("503", Instant(1_000_000)), []);
    }

    /// A run of so many requests of which the seventh is refused once with a 503.
    fn many(requests: u32) -> Experiment {
        let mut experiment = preset::race();
        if let Some(calls) = experiment.workload.calls_mut() {
            calls.requests = requests;
            calls.prompts = vec!["What came after 1984?".into(), "Who was ÄRGERLICH?".into()];
        }
        experiment.lanes.truncate(2);
        experiment
    }

    #[test]
    fn a_number_is_a_status_where_any_failed_with_it_and_after_a_sign_a_request() {
        let many = many(520);
        let all = |entered| in_run_of(&many, entered, Instant::NEVER);
        assert!(!all("503").is_empty() && !all("503").contains(&(0, 502)), "{:?}", all("503"));
        assert_eq!(all("#503"), [(0, 502), (1, 502)]);
        assert_eq!(all("# b503"), []);
        assert_eq!(all("#b503"), [(1, 502)]);
        assert_eq!(all("b503"), [(1, 502)]);
        // Nothing has failed yet.
        assert_eq!(in_run_of(&many, "503", Instant::ZERO), [(0, 502), (1, 502)]);
    }

    #[test]
    fn a_number_is_found_in_words_and_letters_in_either_case() {
        let all = |entered| in_run_of(&many(6), entered, Instant::NEVER);
        assert_eq!(all("1984"), [(0, 0), (0, 2), (0, 4), (1, 0), (1, 2), (1, 4)]);
        assert_eq!(all("#1984"), []);
        assert_eq!(all("ärgerlich").len(), 6);
        assert_eq!(all("AUS: ÄRGER"), [(0, 4), (1, 4)], "in what its row says");
        assert_eq!(all("#"), [], "a sign alone is looked for as it is");
    }

    #[test]
    fn words_are_found_in_prompts_and_in_what_has_come_of_answers() {
        assert_eq!(in_race("BIRDS migrate", Instant::ZERO).len(), 24);
        let trace = simulate(&preset::race()).unwrap();
        let fold = Fold::of(&trace.lanes[0].events);
        let (row, log) = (&fold.rows[3], &trace.lanes[0]);
        let words: String = row.text(&log.text, Instant::NEVER).chars().take(12).collect();
        assert!(in_race(&words, Instant::NEVER).contains(&(0, 3)), "{words}");
        assert!(!in_race(&words, row.asked).contains(&(0, 3)));
        assert_eq!(in_race("nothing says this", Instant::NEVER), []);
    }

    #[test]
    fn how_it_ended_is_found_once_it_has() {
        assert_eq!(in_race("answered", Instant::NEVER).len(), 24);
        assert_eq!(in_race("answered", Instant::ZERO).len(), 0);
        assert_eq!(in_race("given up", Instant::NEVER), []);
    }

    #[test]
    fn one_goes_round_through_what_was_found() {
        let found = [(0, 2), (0, 9), (1, 2)];
        let from = |at, after| beside(&found, at, after).map(|place| found[place]);
        assert_eq!(from((0, 2), true), Some((0, 9)));
        assert_eq!(from((0, 5), true), Some((0, 9)));
        assert_eq!(from((1, 2), true), Some((0, 2)));
        assert_eq!(from((0, 2), false), Some((1, 2)));
        assert_eq!(from((0, 9), false), Some((0, 2)));
        assert_eq!(beside(&[], (0, 0), true), None);
    }
}
