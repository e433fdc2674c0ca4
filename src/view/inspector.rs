//! The selected request: its spans so far, and why it waits.

use crate::id::{Tag, lane_letter};
use crate::lab;
use crate::time::Instant;
use crate::trace::span::{Fate, Phase, Row};
use crate::trace::{LaneTrace, Opened};
use crate::view::dom::{El, el};
use crate::view::facts::{Fact, fact_list};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::handed::sentence;
use crate::view::words::units::capital;
use crate::view::words::why::{Said, met};
use crate::view::words::{phase, units};
use leptos::prelude::*;

pub(crate) fn inspector(state: State) -> [El; 2] {
    let heard = move || el("p").class("fine").text_by(move || handed_over(state).unwrap_or_default());
    let heading = move || {
        let (lane, item) = state.selected.get();
        let item = u32::try_from(item).unwrap_or(u32::MAX);
        let name = state.with_picture(|picture| picture.name_of(lane, item));
        let name = name.unwrap_or_else(|| format!("request {}", u64::from(item) + 1));
        format!("{} · lane {}", capital(&name), lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    };
    let why = el("p")
        .class("why")
        .child(el("b").text_by(move || said(state).lead))
        .text(" ")
        .text_by(move || said(state).rest);
    [
        el("section").child(el("h2").text_by(heading)).child(fact_list(move || spans(state)).class("spans")),
        el("section")
            .child(el("h2").text("Why is it waiting?"))
            .child(why)
            .when(move || handed_over(state).is_some(), heard)
            .when(move || can_cancel(state), move || cancel(state)),
    ]
}

/// When the program hears of the selected request.
fn handed_over(state: State) -> Option<String> {
    let ((lane, item), now) = (state.selected.get(), state.now());
    let item = u32::try_from(item).unwrap_or(u32::MAX);
    let sentence = |picture: &Picture| {
        // A program's own lines say what main hears of, and when.
        let fold = picture.fold(lane).filter(|_| !picture.is_script())?;
        sentence(fold, picture.plans.get(lane)?, item, now)
    };
    state.with_picture(sentence).flatten()
}

/// Whether the selected request is one of a real run's running lane and not over.
fn can_cancel(state: State) -> bool {
    let (lane, item) = state.selected.get();
    let runs = state.live.get() == Some(lab::live::Phase::Running(lane));
    runs && state
        .with_picture(|picture| picture.row(lane, item).is_some_and(|row| row.ended.is_none()))
        .unwrap_or(false)
}

fn cancel(state: State) -> El {
    el("button").class("ghost").on("click", move |_| state.cancel_selected()).text("Cancel this request")
}

fn said(state: State) -> Said {
    let ((lane, item), now) = (state.selected.get(), state.now());
    let said = state.with_picture(|picture| picture.why(lane, item, now));
    said.flatten().unwrap_or(Said { lead: "Not begun.".into(), rest: String::new() })
}

fn spans(state: State) -> Vec<Fact> {
    let ((lane, item), now) = (state.selected.get(), state.now());
    let spans = state.with_picture(|picture| Some(lines(picture.row(lane, item)?, &*picture.log(lane)?, now)));
    spans.flatten().unwrap_or_default()
}

/// The spans of a row as far as `now`; attempts that failed are told by their number.
fn lines(row: &Row, log: &LaneTrace, now: Instant) -> Vec<Fact> {
    let several = row.all_spans().any(|span| span.tag.attempt > 1 && span.from < now);
    row.all_spans()
        .filter(|span| span.from < now)
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
            let figure = match failure {
                Some(failure) => format!("{} after {took}", met(failure)),
                None if over => took,
                None => format!("{took} …"),
            };
            Fact { name: format!("{}{name}", whose(row, span.tag)), figure, failed: failure.is_some() }
        })
        .collect()
}

/// Which step and branch a span belongs to, where there are several.
fn whose(row: &Row, tag: Tag) -> String {
    let steps = row.all_spans().map(|span| span.tag.step).max().unwrap_or(0);
    let step = if steps > 0 { format!("Step {}: ", tag.step + 1) } else { String::new() };
    let branch = row.others.iter().find(|branch| (branch.tag.step, branch.tag.branch) == (tag.step, tag.branch));
    match branch.map(|branch| branch.why) {
        None => step,
        Some(Opened::Hedge) => format!("{step}Copy: "),
        Some(Opened::Fallback | Opened::AtOnce) => {
            let earlier = row.others.iter().filter(|other| other.tag.step == tag.step && other.tag.branch < tag.branch);
            let models = earlier.filter(|other| other.why != Opened::Hedge).count();
            format!("{step}Model {}: ", models + 2)
        }
    }
}
