//! Why a task of a script waits, in plain words: who has the thread, whom it waits for, until when it sleeps.

use crate::experiment::script::Program;
use crate::time::Instant;
use crate::trace::span::{Cause, Fate, Row, Span};
use crate::trace::stall::holders;
use crate::trace::{Gate, LaneTrace, Outcome};
use crate::view::words::units::{duration, moment};
use crate::view::words::why::Said;

fn said(lead: impl Into<String>, rest: impl Into<String>) -> Said {
    Said { lead: lead.into(), rest: rest.into() }
}

/// What a row of a program is doing at `now`, or what became of it.
#[must_use]
pub fn waiting_for(row: &Row, lane: &LaneTrace, program: &Program, now: Instant) -> Said {
    let name = |item: u32| program.names().nth(item as usize).unwrap_or("a task").to_owned();
    if row.is_over(now) {
        return what_became_of(row, lane);
    }
    match row.span_at(now) {
        Some(span) => match span.cause {
            Cause::Permit { gate: Gate::Semaphore, by: None, .. } => for_a_permit(span, lane, &name, now),
            _ => of_span(span, &name, now),
        },
        None if row.made.is_some_and(|made| made <= now) => {
            said("Made, and not begun.", "Nothing of it runs before somebody waits for it.")
        }
        None => said("Not called yet.", ""),
    }
}

/// What a stretch of a task's life waits for; `name` gives the names of tasks.
#[must_use]
pub fn of_span(span: &Span, name: &dyn Fn(u32) -> String, now: Instant) -> Said {
    match span.cause {
        Cause::Works => said("It has the thread.", "It computes, and lets nobody else run on that thread meanwhile."),
        Cause::Asleep { until } => {
            let length = duration(until.since(span.from));
            said(
                format!("Asleep for {length}."),
                format!("It is woken at {}; the thread is free for others.", moment(until)),
            )
        }
        Cause::Awaits { item } => {
            said(format!("It waits for {}.", name(item)), "Until then the thread is free for others.")
        }
        Cause::Permit { gate: Gate::Thread, by, .. } => {
            let who = by.map_or_else(|| "another task".to_owned(), |tag| name(tag.item));
            said("It could go on.", format!("It is ready, but {who} has the thread."))
        }
        Cause::Permit { gate: Gate::Semaphore, by, .. } => {
            let known = by.filter(|_| span.fate != Fate::Open && span.to > now);
            let rest = known.map_or_else(
                || "All of them are taken.".to_owned(),
                |tag| format!("{} gives one up at {}.", name(tag.item), moment(span.to)),
            );
            said("It waits for a permit.", rest)
        }
        _ => said("It waits.", ""),
    }
}

/// A wait of which nobody knows the end: who has the permits now.
fn for_a_permit(span: &Span, lane: &LaneTrace, name: &dyn Fn(u32) -> String, now: Instant) -> Said {
    let own = |item: u32| if item == span.tag.item { "it itself".to_owned() } else { name(item) };
    let holders: Vec<String> = holders(lane, now).into_iter().map(own).collect();
    said("It waits for a permit.", format!("Who has them: {}.", holders.join(", ")))
}

fn what_became_of(row: &Row, lane: &LaneTrace) -> Said {
    match row.outcome {
        Some(Outcome::Answered) => said("It returned.", ""),
        Some(Outcome::Failed) => {
            let failure = row.failure.and_then(|place| lane.failures.get(place as usize));
            said("It failed.", failure.map(|failure| format!("Its message: {}.", failure.message)).unwrap_or_default())
        }
        _ if row.spans.is_empty() => said("It never ran.", "It was made, and nobody waited for it."),
        _ => said("It was broken off.", "It was cancelled, or what ran it ended."),
    }
}
