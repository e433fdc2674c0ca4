//! The verdict, and a bar a lane.

use crate::id::lane_letter;
use crate::lab::live::Phase;
use crate::time::Instant;
use crate::view::state::State;
use crate::view::words::headline::say;
use crate::view::words::units::moment;
use leptos::prelude::*;

#[component]
pub(crate) fn HeadlineBar() -> impl IntoView {
    let state = State::here();
    let stats = state.stats();
    let headline = Memo::new(move |_| {
        state.with_picture(|picture| say(&picture.runners(&stats.read()))).map(|h| (h.big, h.small))
    });
    let big = move || headline.get().map(|(big, _)| big).unwrap_or_default();
    let small = move || headline.get().map(|(_, small)| small).unwrap_or_default();
    // Spoken once, when there is a verdict: the counting would never let a listener rest.
    let spoken = move || {
        if stats.read().iter().all(|lane| lane.finished) { format!("{}. {}", big(), small()) } else { String::new() }
    };
    view! {
        <section class="verdict" aria-label="Result">
            <div>
                <p class="big">{big}</p>
                <p class="small">
                    {small}
                    {move || state.is_edited().then(|| view! { <span class="edited">" · changed since: press Run"</span> })}
                </p>
                <p class="unseen" role="status">{spoken}</p>
            </div>
            <div class="totals">
                <For each=move || 0..stats.read().len() key=|lane| *lane let:lane>
                    <Total lane stats/>
                </For>
                <Waiting/>
            </div>
        </section>
    }
}

/// How far a lane is: its items while it runs, its time against the slowest once it is over.
#[component]
fn Total(lane: usize, stats: Memo<Vec<crate::trace::stats::Stats>>) -> impl IntoView {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let shown = move || {
        let all = stats.read();
        let own = all.get(lane).cloned().unwrap_or_default();
        let over = own.succeeded + own.failed + own.cancelled;
        let slowest = all.iter().map(|lane| lane.makespan_micros).max().unwrap_or(0).max(1);
        let all_over = all.iter().all(|lane| lane.finished);
        #[allow(clippy::cast_precision_loss)] // For display only.
        if all_over {
            (own.makespan_micros as f64 / slowest as f64, moment(Instant(own.makespan_micros)))
        } else {
            (over as f64 / own.items.max(1) as f64, format!("{over}/{}", own.items))
        }
    };
    view! {
        <span>{letter.to_string()}</span>
        <div class="bar" class:first=lane == 0>
            <i style:width=move || format!("{:.1}%", shown().0 * 100.0)></i>
        </div>
        <b>{move || shown().1}</b>
    }
}

/// What a real run is doing between its lanes.
#[component]
fn Waiting() -> impl IntoView {
    let state = State::here();
    move || {
        let Some(Phase::Waiting { next, until_millis }) = state.live.get() else { return ().into_any() };
        let letter = lane_letter(u8::try_from(next).unwrap_or(u8::MAX));
        // The playhead moves each frame of a real run, and the countdown with it.
        let left = move || {
            let _ = state.playback.get();
            ((until_millis - crate::browser::clock::now_millis()) / 1_000.0).max(0.0).ceil()
        };
        view! {
            <p class="countdown">
                {move || format!("Lane {letter} begins in {} s: both share one quota.", left())}
                <button class="ghost" on:click=move |_| state.skip_wait()>"Start now"</button>
            </p>
        }
        .into_any()
    }
}
