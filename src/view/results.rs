//! The table of results: the timeline in words and figures, and the answers as they grow.

use crate::experiment::LaneSpec;
use crate::id::lane_letter;
use crate::time::Instant;
use crate::trace::span::{Fate, Phase, Row};
use crate::trace::{LaneTrace, Outcome};
use crate::view::dom::life::follow;
use crate::view::dom::{El, Slot, el};
use crate::view::files::file_buttons;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::units::{duration, ordinal};
use crate::view::words::why::ending;
use crate::view::words::{failure, phase};
use leptos::prelude::*;
use std::time::Duration;

/// Rows that are shown at once; the downloads have them all.
const MOST_ROWS: usize = 200;

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    /// Its place among those that are over.
    finished: Option<usize>,
    /// What its cells say, and last the note under the answer.
    words: [String; 8],
}

pub(crate) fn results(state: State) -> El {
    // Whether rows are sorted by when they finished; else by when they were asked.
    let by_finish = RwSignal::new(false);
    let lines = Memo::new(move |_| {
        let (lane, now) = (state.selected.get().0, state.now());
        state.with_picture(|picture| lines(picture, lane, now)).unwrap_or_default()
    });
    let shown = move || {
        let mut items = if by_finish.get() { by_place(&lines.read()) } else { (0..lines.read().len()).collect() };
        items.truncate(MOST_ROWS);
        items
    };
    let left_out = move || lines.read().len().saturating_sub(MOST_ROWS);
    let table = el("table")
        .class_by("of-script", move || state.is_script())
        .child(el("thead").child(columns(by_finish)))
        .child(el("tbody").each(shown, move |item| vec![row(state, lines, item)]));
    let scroll = el("div")
        .class("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Table of results")
        .child(table);
    let more = move || el("p").class("fine").text_by(move || format!("{} more rows are in the downloads.", left_out()));
    el("section")
        .class("card results")
        .attr("aria-label", "Results")
        .child(head(state))
        .child(scroll)
        .when(move || left_out() > 0, more)
}

/// The lanes to choose from, and what to do with what came of them.
fn head(state: State) -> El {
    let lanes = move || (0..state.with_picture(Picture::len).unwrap_or(0)).collect::<Vec<_>>();
    let tab = move |lane: usize| {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let tab = el("button")
            .aria_by("aria-pressed", move || state.selected.get().0 == lane)
            .on("click", move |_| state.selected.update(|selected| selected.0 = lane))
            .text(&format!("Lane {letter}"));
        vec![tab]
    };
    let again = move || {
        el("button")
            .class("ghost")
            .on("click", move |_| state.rerun_failed(state.selected.get_untracked().0))
            .text("Run the failed ones again")
    };
    let back = move || el("button").class("ghost").on("click", move |_| state.go_back()).text("Back to the whole run");
    el("div")
        .class("results-head")
        .child(el("h2").text("Results"))
        .child(el("div").class("tabs").attr("role", "group").attr("aria-label", "Lane").each(lanes, tab))
        .child(
            el("div")
                .class("end")
                .when(move || state.has_whole(), back)
                .when(move || has_failed(state), again)
                .children(file_buttons(state)),
        )
}

/// Whether the run is over and some of the lane's requests have no answer.
fn has_failed(state: State) -> bool {
    let is_over = state.live.read().is_none() && state.playback.read().is_at_end();
    let lane = state.selected.get().0;
    let any = state.with_picture(|picture| {
        if picture.is_script() {
            return false;
        }
        let rows = picture.fold(lane).map(|fold| &*fold.rows).unwrap_or_default();
        rows.iter().any(Row::is_unanswered)
    });
    is_over && any.unwrap_or(false)
}

fn columns(by_finish: RwSignal<bool>) -> El {
    let sorting = |name, finish: bool| {
        let sorted = move || if by_finish.get() == finish { "ascending" } else { "none" }.to_owned();
        let button = el("button").on("click", move |_| by_finish.set(finish)).text(name);
        el("th").attr("scope", "col").attr_by("aria-sort", sorted).child(button)
    };
    let plain = |name| el("th").attr("scope", "col").text(name);
    let figure = |name| plain(name).class("figure");
    el("tr")
        .child(sorting("Asked", false))
        .child(sorting("Finished", true))
        .child(plain("State"))
        .child(figure("Waited"))
        .child(figure("Backed off"))
        .child(figure("Service"))
        .child(figure("Tries"))
        .child(plain("Answer"))
}

/// One row. One effect changes its words in place, while its answer grows.
fn row(state: State, lines: Memo<Vec<Line>>, item: usize) -> El {
    let is_on = move || state.selected.get().1 == item;
    let select = el("button")
        .aria_by("aria-pressed", is_on)
        .on("click", move |_| state.selected.update(|selected| selected.1 = item))
        .text_by(move || named(state, item));
    let mut row = el("tr").class_by("on", is_on).child(el("th").attr("scope", "row").child(select));
    let mut slots: Vec<Slot> = Vec::new();
    for class in ["", "", "figure", "figure", "figure", "figure"] {
        let cell = el("td");
        slots.push(cell.slot());
        row = row.child(if class.is_empty() { cell } else { cell.class(class) });
    }
    let (answer, note) = (el("td").class("answer"), el("i"));
    slots.extend([answer.slot(), note.slot()]);
    follow(move || {
        let lines = lines.read();
        let Some(line) = lines.get(item) else { return };
        for (slot, words) in slots.iter_mut().zip(&line.words) {
            slot.put(words);
        }
    });
    row.child(answer.child(note))
}

/// What a row is called: a request by its number, a task by its name.
fn named(state: State, item: usize) -> String {
    let lane = state.selected.get().0;
    let name = state.with_picture(|picture| {
        let item = u32::try_from(item).unwrap_or(u32::MAX);
        picture.experiment.workload.name_of(lane, item).map(ToOwned::to_owned)
    });
    name.flatten().unwrap_or_else(|| ordinal(item + 1))
}

/// The items in the order in which they finished, then the others.
fn by_place(lines: &[Line]) -> Vec<usize> {
    let over = lines.iter().filter(|line| line.finished.is_some()).count();
    let mut items = vec![0; over];
    for (item, line) in lines.iter().enumerate() {
        match line.finished {
            Some(place) => items[place] = item,
            None => items.push(item),
        }
    }
    items
}

fn lines(picture: &Picture, lane: usize, now: Instant) -> Vec<Line> {
    let (Some(fold), Some(log)) = (picture.fold(lane), picture.log(lane)) else { return Vec::new() };
    let places = places(&fold.rows, now);
    let fixed = picture.experiment.lanes.get(lane).and_then(LaneSpec::fixed_text).unwrap_or_default();
    fold.rows.iter().zip(places).map(|(row, finished)| line(row, finished, &log, fixed, now)).collect()
}

/// The place of each row among those that were over by `now`; of those that ended in one moment, the
/// one that was asked first stands first.
fn places(rows: &[Row], now: Instant) -> Vec<Option<usize>> {
    // What was given up did not finish.
    let is_given_up = |row: &Row| row.outcome == Some(Outcome::Cancelled);
    let ended = |row: &Row| row.ended.filter(|&ended| ended <= now && !is_given_up(row));
    let mut ends: Vec<Instant> = rows.iter().filter_map(ended).collect();
    ends.sort_unstable();
    let mut taken = vec![0_usize; ends.len()];
    let place = |row: &Row| {
        let ended = ended(row)?;
        let first = ends.partition_point(|&end| end < ended);
        taken[first] += 1;
        Some(first + taken[first] - 1)
    };
    rows.iter().map(place).collect()
}

/// `fixed` is the text that stands in where no model answered.
fn line(row: &Row, finished: Option<usize>, log: &LaneTrace, fixed: &str, now: Instant) -> Line {
    let spent = |phase: Phase| -> Duration {
        let spans = row.all_spans().filter(|span| span.phase == phase && span.from <= now);
        spans.map(|span| if span.fate == Fate::Open { now } else { span.to.min(now) }.since(span.from)).sum()
    };
    let said = |span: Duration| if span.is_zero() { String::new() } else { duration(span) };
    let end = row.ended.filter(|&ended| ended <= now).unwrap_or(now);
    let sent = row.sent.filter(|&sent| sent <= now);
    let (state, note) = state_and_note(row, row.is_over(now), log, now);
    Line {
        finished,
        words: [
            finished.map(|place| ordinal(place + 1)).unwrap_or_default(),
            state,
            said(spent(Phase::Queued) + spent(Phase::RateLimited) + spent(Phase::CircuitOpen)),
            said(spent(Phase::BackingOff)),
            sent.map(|sent| said(end.since(sent))).unwrap_or_default(),
            row.attempts_by(now).to_string(),
            if row.outcome == Some(Outcome::Substituted) && row.is_over(now) {
                fixed.to_owned()
            } else {
                row.text(&log.text, now)
            },
            note,
        ],
    }
}

/// What a row is doing, or how it ended, and what to add to its answer.
fn state_and_note(row: &Row, is_over: bool, log: &LaneTrace, now: Instant) -> (String, String) {
    match row.outcome.filter(|_| is_over) {
        Some(Outcome::Answered) => {
            let finish = row
                .answer()
                .and_then(|place| log.answers.get(place as usize))
                .and_then(|answer| ending(&answer.finish));
            let how = if log.is_of_script() { "returned" } else { "answered" };
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
