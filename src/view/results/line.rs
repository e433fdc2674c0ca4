//! What a row of the table says, and what of that can be found.

use crate::experiment::LaneSpec;
use crate::scene::cells::{backed_off, service, waited};
use crate::time::Instant;
use crate::trace::span::Row;
use crate::trace::{LaneTrace, Outcome};
use crate::view::picture::Picture;
use crate::view::words::chosen::chosen;
use crate::view::words::units::{duration, ordinal};
use crate::view::words::why::ending;
use crate::view::words::{failure, phase};
use std::time::Duration;

/// How many cells a row has besides its name.
pub(super) const CELLS: usize = 7;

/// What a row says at a moment.
pub(super) struct Line {
    /// What its cells say; the last is its answer.
    pub(super) cells: [String; CELLS],
    /// What is noted after the answer.
    pub(super) note: String,
}

/// The line of an item at `now`; `place` is its place among those that finished.
pub(super) fn line(picture: &Picture, lane: usize, item: usize, place: Option<usize>, now: Instant) -> Option<Line> {
    let (row, log) = (picture.row(lane, item)?, picture.log(lane)?);
    let said = |span: Duration| if span.is_zero() { String::new() } else { duration(span) };
    let (state, note) = state_and_note(picture, row, &log, now);
    let cells = [
        place.filter(|_| row.is_over(now)).map(|place| ordinal(place + 1)).unwrap_or_default(),
        state,
        said(waited(row, now)),
        said(backed_off(row, now)),
        service(row, now).map(said).unwrap_or_default(),
        row.attempts_by(now).to_string(),
        answer(picture, lane, row, &log, now),
    ];
    Some(Line { cells, note })
}

/// A row in a few words, for whoever hears it; without a moment nothing may be told of it but its name.
pub(super) fn in_short(picture: &Picture, lane: usize, item: usize, now: Option<Instant>) -> String {
    let request = picture.whose(lane, item);
    let (Some(row), Some(log), Some(now)) = (picture.row(lane, item), picture.log(lane), now) else { return request };
    let (state, _) = state_and_note(picture, row, &log, now);
    chosen(&request, waited(row, now), backed_off(row, now), &state)
}

/// What a row says besides the text that came, to be found.
pub(crate) fn said(picture: &Picture, lane: usize, item: u32, now: Instant) -> String {
    let (Some(row), Some(log)) = (picture.row(lane, item as usize), picture.log(lane)) else { return String::new() };
    let (state, note) = state_and_note(picture, row, &log, now);
    // How it ended is not found by just any part of the word.
    let doing = if row.is_over(now) { String::new() } else { state };
    let stood_in =
        if row.outcome == Some(Outcome::Substituted) { answer(picture, lane, row, &log, now) } else { String::new() };
    // A line each, so that nothing is found across two of them.
    [doing, note, stood_in].join("\n")
}

/// The text that came, or the one that stands in where no model answered.
fn answer(picture: &Picture, lane: usize, row: &Row, log: &LaneTrace, now: Instant) -> String {
    if row.outcome == Some(Outcome::Substituted) && row.is_over(now) {
        return picture.experiment.lanes.get(lane).and_then(LaneSpec::fixed_text).unwrap_or_default().to_owned();
    }
    row.text(&log.text, now)
}

/// What a row is doing, or how it ended, and what to add to its answer.
fn state_and_note(picture: &Picture, row: &Row, log: &LaneTrace, now: Instant) -> (String, String) {
    match row.outcome.filter(|_| row.is_over(now)) {
        Some(Outcome::Answered) => {
            let finish = row
                .answer()
                .and_then(|place| log.answers.get(place as usize))
                .and_then(|answer| ending(&answer.finish));
            let how = if picture.is_script() { "returned" } else { "answered" };
            (how.to_owned(), finish.map(|said| format!(" {said}")).unwrap_or_default())
        }
        Some(Outcome::Failed) => {
            let last = row.failure.and_then(|place| log.failures.get(place as usize));
            ("failed".to_owned(), last.map(|last| format!(" {}.", failure::in_short(last))).unwrap_or_default())
        }
        Some(Outcome::Substituted) => ("stood in for".to_owned(), " A fixed text, not from a model.".to_owned()),
        Some(Outcome::Cancelled) => ("given up".to_owned(), String::new()),
        None => (row.span_at(now).map(|span| phase::doing(span.phase)).unwrap_or_default().to_owned(), String::new()),
    }
}
