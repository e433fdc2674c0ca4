//! The verdict, and a bar a lane.

use crate::browser::clock::now_millis;
use crate::figure::fixed;
use crate::id::lane_letter;
use crate::lab::live::Phase;
use crate::time::Instant;
use crate::trace::span::{Cause, Fate};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::headline::{Headline, say};
use crate::view::words::units::moment;
use leptos::prelude::*;

pub(crate) fn headline_bar(state: State) -> El {
    let edited = || el("span").class("edited").text(" · changed since: press Run");
    let small = el("p").class("small").text_by(move || headline(state).small).when(move || state.is_edited(), edited);
    let said = el("div")
        .child(el("p").class("big").text_by(move || headline(state).big))
        .child(small)
        .child(el("p").class("unseen").attr("role", "status").text_by(move || spoken(state)));
    let totals = el("div")
        .class("totals")
        .each(move || (0..state.stats.read().len()).collect(), move |lane| total(state, lane))
        .when(move || waiting(state).is_some(), move || countdown(state))
        .when(move || state.live.read().is_some(), move || progress(state));
    el("section").class("verdict").attr("aria-label", "Result").child(said).child(totals)
}

/// What can be said now.
fn headline(state: State) -> Headline {
    let said = state.with_picture(|picture| say(&picture.runners(&state.stats.read())));
    // A simulation shows itself within a frame; only a real run waits to be begun.
    said.unwrap_or_else(|| {
        if state.is_connected() { say(&[]) } else { Headline { big: String::new(), small: String::new() } }
    })
}

/// Spoken once, when there is a verdict: the counting would never let a listener rest.
fn spoken(state: State) -> String {
    if !state.stats.read().iter().all(|lane| lane.finished) {
        return String::new();
    }
    let Headline { big, small } = headline(state);
    format!("{big}. {small}")
}

/// A lane's letter, its bar and its figure.
fn total(state: State, lane: usize) -> Vec<El> {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let filled = el("i").style_by("width", move || format!("{}%", fixed(how_far(state, lane).0 * 100.0, 1)));
    let bar = el("div").class(if lane == 0 { "bar first" } else { "bar" }).child(filled);
    vec![el("span").text(&letter.to_string()), bar, el("b").text_by(move || how_far(state, lane).1)]
}

/// How far a lane is: its items while it runs, its time against the slowest once it is over.
#[allow(clippy::cast_precision_loss)] // For display only.
fn how_far(state: State, lane: usize) -> (f64, String) {
    let all = state.stats.read();
    let Some(own) = all.get(lane) else { return (0.0, String::new()) };
    if all.iter().all(|lane| lane.finished) {
        let slowest = all.iter().map(|lane| lane.makespan_micros).max().unwrap_or(0).max(1);
        return (own.makespan_micros as f64 / slowest as f64, moment(Instant(own.makespan_micros)));
    }
    let over = own.over();
    (over as f64 / own.items.max(1) as f64, format!("{over}/{}", own.items))
}

/// The lane that a real run waits for, and until when.
fn waiting(state: State) -> Option<(usize, f64)> {
    match state.live.get()? {
        Phase::Waiting { next, until_millis } => Some((next, until_millis)),
        Phase::Running(_) | Phase::Over => None,
    }
}

/// What a real run is doing between its lanes.
fn countdown(state: State) -> El {
    let words = move || {
        let Some((next, until_millis)) = waiting(state) else { return String::new() };
        // The playhead moves each frame of a real run, and the countdown with it.
        state.playback.track();
        let letter = lane_letter(u8::try_from(next).unwrap_or(u8::MAX));
        let left = ((until_millis - now_millis()) / 1_000.0).max(0.0).ceil();
        format!("Lane {letter} begins in {} s: both share one quota.", fixed(left, 0))
    };
    let start = el("button").class("ghost").on("click", move |_| state.skip_wait()).text("Start now");
    el("p").class("countdown").text_by(words).child(start)
}

/// How much of a real run is over, and how much longer its running lane will take.
fn progress(state: State) -> El {
    let bar =
        el("progress").attr("max", "100").attr("aria-label", "Requests that are over").attr_by("value", move || {
            let stats = state.stats.read();
            let (over, all) = stats.iter().fold((0, 0), |(over, all), lane| (over + lane.over(), all + lane.items));
            (over * 100 / all.max(1)).to_string()
        });
    let is_running = move || matches!(state.live.get(), Some(Phase::Running(_)));
    let pause = move || {
        el("button")
            .class("ghost")
            .on("click", move |_| state.pause(!state.paused.get()))
            .text_by(move || if state.paused.get() { "Resume" } else { "Pause" }.to_owned())
    };
    let drain = move || {
        el("button")
            .class("ghost")
            .attr("title", "What has begun may end within 60 s; nothing more begins")
            .on("click", move |_| state.drain())
            .text("Let it run out")
    };
    el("p")
        .class("progress")
        .child(bar)
        .child(el("span").text_by(move || time_left(state)))
        // One that is paused between its lanes can go on from there.
        .when(move || (is_running() || state.paused.get()) && !state.draining.get(), pause)
        .when(move || !state.draining.get(), drain)
}

/// How many microseconds the longest wait of the lane lasts on.
fn longest_wait(state: State, lane: usize) -> u64 {
    let now = state.now();
    let longest = state.with_picture(|picture| {
        let last = picture.fold(lane)?.rows.iter().filter_map(|row| row.spans.last());
        last.filter(|span| span.fate == Fate::Open)
            .filter_map(|span| match span.cause {
                Cause::Drawn { until, .. } => Some(until.0.saturating_sub(now.0)),
                _ => None,
            })
            .max()
    });
    longest.flatten().unwrap_or(0)
}

/// By the pace of the lane so far; nothing before its first request is over.
fn time_left(state: State) -> String {
    if state.paused.get() {
        return "paused".to_owned();
    }
    if state.draining.get() {
        return "running out".to_owned();
    }
    let Some(Phase::Running(number)) = state.live.get() else { return String::new() };
    let stats = state.stats.read();
    let Some(lane) = stats.get(number).filter(|lane| lane.over() > 0) else { return String::new() };
    let (over, items) = (lane.over() as u64, lane.items as u64);
    let by_pace = lane.makespan_micros * items.saturating_sub(over) / over;
    let left = by_pace.max(longest_wait(state, number));
    let letter = lane_letter(u8::try_from(number).unwrap_or(u8::MAX));
    format!("about {} s left in lane {letter}", left.div_ceil(1_000_000))
}
