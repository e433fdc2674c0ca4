//! The selected request: its spans so far, and why it waits.

use crate::id::lane_letter;
use crate::time::Instant;
use crate::trace::LaneTrace;
use crate::trace::span::{Fate, Phase, Row};
use crate::view::state::State;
use crate::view::words::why::{Said, met, waiting_for};
use crate::view::words::{phase, units};
use leptos::prelude::*;

/// A line of the list: what it was, how long, and whether it failed.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    name: String,
    took: String,
    failed: bool,
}

#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let state = State::here();
    let heading = move || {
        let (lane, item) = state.selected.get();
        format!("Request {} · lane {}", item + 1, lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    };
    let lines = Memo::new(move |_| {
        let ((lane, item), now) = (state.selected.get(), state.now());
        state
            .with_picture(|picture| Some(lines(picture.row(lane, item)?, &*picture.log(lane)?, now)))
            .flatten()
            .unwrap_or_default()
    });
    let said = Memo::new(move |_| {
        let ((lane, item), now) = (state.selected.get(), state.now());
        let said = state.with_picture(|picture| {
            let (row, fold, log) = (picture.row(lane, item)?, picture.fold(lane)?, picture.log(lane)?);
            Some(waiting_for(row, fold, &log, picture.plans.get(lane)?, now))
        });
        said.flatten().unwrap_or(Said { lead: "Not begun.".into(), rest: String::new() })
    });
    view! {
        <section>
            <h2>{heading}</h2>
            <dl class="spans">
                {move || lines.get().into_iter().map(|line| view! {
                    <dt>{line.name}</dt>
                    <dd class:failed=line.failed>{line.took}</dd>
                }).collect_view()}
            </dl>
        </section>
        <section>
            <h2>"Why is it waiting?"</h2>
            <p class="why"><b>{move || said.get().lead}</b>" "{move || said.get().rest}</p>
        </section>
    }
}

/// The spans of a row as far as `now`; attempts that failed are told by their number.
fn lines(row: &Row, log: &LaneTrace, now: Instant) -> Vec<Line> {
    let several = row.attempts > 1;
    row.spans
        .iter()
        .take_while(|span| span.from < now)
        .map(|span| {
            let over = span.fate != Fate::Open && span.to <= now;
            let end = if over { span.to } else { now };
            let took = units::duration(end.since(span.from));
            let failure = match span.fate {
                Fate::Failed(place) if over => log.failures.get(place as usize),
                _ => None,
            };
            let name = match span.phase {
                Phase::FirstByte if several || failure.is_some() => format!("Attempt {}", span.tag.attempt),
                _ => phase::name(span).to_owned(),
            };
            Line {
                name,
                took: match failure {
                    Some(failure) => format!("{} after {took}", met(failure)),
                    None if over => took,
                    None => format!("{took} …"),
                },
                failed: failure.is_some(),
            }
        })
        .collect()
}
