//! The table of results: the timeline in words and figures, and the answers as they grow.

use crate::id::lane_letter;
use crate::time::Instant;
use crate::trace::span::{Fate, Phase, Row};
use crate::trace::{LaneTrace, Outcome};
use crate::view::files::FileButtons;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::units::{duration, ordinal};
use crate::view::words::why::ending;
use crate::view::words::{failure, phase};
use leptos::prelude::*;
use std::time::Duration;

/// Rows that are shown at once; the downloads have them all.
const MOST_ROWS: usize = 200;

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Asked,
    Finished,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    item: usize,
    finished: Option<usize>,
    state: String,
    waited: String,
    service: String,
    backed_off: String,
    attempts: u8,
    answer: String,
    note: String,
}

#[component]
pub(crate) fn Results() -> impl IntoView {
    let state = State::here();
    let order = RwSignal::new(Order::Asked);
    let lane = move || state.selected.get().0;
    let lanes = Memo::new(move |_| state.with_picture(Picture::len).unwrap_or(0));
    let lines = Memo::new(move |_| {
        let (lane, now) = (lane(), state.now());
        let mut lines = state.with_picture(|picture| lines(picture, lane, now)).unwrap_or_default();
        if order.get() == Order::Finished {
            lines.sort_by_key(|line| line.finished.unwrap_or(usize::MAX));
        }
        lines
    });
    let left_out = move || lines.read().len().saturating_sub(MOST_ROWS);
    let failed = move || {
        let is_over = state.live.read().is_none() && state.playback.read().is_at_end();
        let any = state.with_picture(|picture| {
            let rows = picture.fold(lane()).map(|fold| &*fold.rows).unwrap_or_default();
            rows.iter().any(|row| matches!(row.outcome, Some(Outcome::Failed | Outcome::Cancelled)))
        });
        is_over && any.unwrap_or(false)
    };
    let sorted = move |by: Order| if order.get() == by { "ascending" } else { "none" };
    view! {
        <section class="card results" aria-label="Results">
            <div class="results-head">
                <h2>"Results"</h2>
                <div class="tabs" role="group" aria-label="Lane">
                    <For each=move || 0..lanes.get() key=|lane| *lane let:each>
                        <button aria-pressed=move || (lane() == each).to_string()
                            on:click=move |_| state.selected.update(|selected| selected.0 = each)>
                            {format!("Lane {}", lane_letter(u8::try_from(each).unwrap_or(u8::MAX)))}
                        </button>
                    </For>
                </div>
                <div class="end">
                    <Show when=failed>
                        <button class="ghost" on:click=move |_| state.rerun_failed(state.selected.get_untracked().0)>"Run the failed ones again"</button>
                    </Show>
                    <FileButtons/>
                </div>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of results">
                <table>
                    <thead><tr>
                        <th scope="col" aria-sort=move || sorted(Order::Asked)>
                            <button on:click=move |_| order.set(Order::Asked)>"Asked"</button>
                        </th>
                        <th scope="col" aria-sort=move || sorted(Order::Finished)>
                            <button on:click=move |_| order.set(Order::Finished)>"Finished"</button>
                        </th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="figure">"Waited"</th>
                        <th scope="col" class="figure">"Backed off"</th>
                        <th scope="col" class="figure">"Service"</th>
                        <th scope="col" class="figure">"Tries"</th>
                        <th scope="col">"Answer"</th>
                    </tr></thead>
                    <tbody>
                        <For each=move || lines.get().into_iter().take(MOST_ROWS) key=|line| line.item let:line>
                            <ResultRow item=line.item lines/>
                        </For>
                    </tbody>
                </table>
            </div>
            <Show when=move || { left_out() > 0 }>
                <p class="fine">{move || format!("{} more rows are in the downloads.", left_out())}</p>
            </Show>
        </section>
    }
}

/// One row, which changes in place while its answer grows.
#[component]
fn ResultRow(item: usize, lines: Memo<Vec<Line>>) -> impl IntoView {
    let state = State::here();
    let line = Memo::new(move |_| lines.read().iter().find(|line| line.item == item).cloned());
    let of = move |field: fn(&Line) -> String| move || line.read().as_ref().map(field).unwrap_or_default();
    let is_on = move || state.selected.get().1 == item;
    view! {
        <tr class:on=is_on>
            <th scope="row">
                <button aria-pressed=move || is_on().to_string() on:click=move |_| state.selected.update(|selected| selected.1 = item)>
                    {ordinal(item + 1)}
                </button>
            </th>
            <td>{of(|line| line.finished.map(|place| ordinal(place + 1)).unwrap_or_default())}</td>
            <td>{of(|line| line.state.clone())}</td>
            <td class="figure">{of(|line| line.waited.clone())}</td>
            <td class="figure">{of(|line| line.backed_off.clone())}</td>
            <td class="figure">{of(|line| line.service.clone())}</td>
            <td class="figure">{of(|line| line.attempts.to_string())}</td>
            <td class="answer">{of(|line| line.answer.clone())}<i>{of(|line| line.note.clone())}</i></td>
        </tr>
    }
}

fn lines(picture: &Picture, lane: usize, now: Instant) -> Vec<Line> {
    let (Some(fold), Some(log)) = (picture.fold(lane), picture.log(lane)) else { return Vec::new() };
    let mut ended: Vec<(Instant, usize)> = (0..)
        .zip(&fold.rows)
        .filter_map(|(item, row)| row.ended.filter(|&ended| ended <= now).map(|ended| (ended, item)))
        .collect();
    ended.sort_unstable();
    let mut places = vec![None; fold.rows.len()];
    for (place, &(_, item)) in ended.iter().enumerate() {
        places[item] = Some(place);
    }
    fold.rows
        .iter()
        .zip(places)
        .enumerate()
        .map(|(item, (row, finished))| line(row, item, finished, &log, now))
        .collect()
}

fn line(row: &Row, item: usize, finished: Option<usize>, log: &LaneTrace, now: Instant) -> Line {
    let spent = |phase: Phase| -> Duration {
        let spans = row.spans.iter().filter(|span| span.phase == phase && span.from <= now);
        spans.map(|span| if span.fate == Fate::Open { now } else { span.to.min(now) }.since(span.from)).sum()
    };
    let said = |span: Duration| if span.is_zero() { String::new() } else { duration(span) };
    let end = row.ended.filter(|&ended| ended <= now).unwrap_or(now);
    let sent = row.sent.filter(|&sent| sent <= now);
    let is_over = finished.is_some();
    let (state, note) = match row.outcome.filter(|_| is_over) {
        Some(Outcome::Answered) => {
            let finish =
                row.answer.and_then(|place| log.answers.get(place as usize)).and_then(|answer| ending(&answer.finish));
            ("answered".to_owned(), finish.map(|said| format!(" {said}")).unwrap_or_default())
        }
        Some(Outcome::Failed) => {
            let last = row.failure.and_then(|place| log.failures.get(place as usize));
            ("failed".to_owned(), last.map(|last| format!("{}.", failure::in_short(last))).unwrap_or_default())
        }
        Some(Outcome::Cancelled) => ("given up".to_owned(), String::new()),
        None => (row.span_at(now).map(|span| phase::doing(span.phase)).unwrap_or_default().to_owned(), String::new()),
    };
    Line {
        item,
        finished,
        state,
        waited: said(spent(Phase::Queued)),
        service: sent.map(|sent| said(end.since(sent))).unwrap_or_default(),
        backed_off: said(spent(Phase::BackingOff)),
        attempts: u8::try_from(
            row.spans.iter().filter(|span| span.phase == Phase::FirstByte && span.from <= now).count(),
        )
        .unwrap_or(u8::MAX),
        answer: row.text(&log.text, now),
        note,
    }
}
