//! The playhead's buttons, its speed and its scrubber.

use crate::scene::playback::{Command, fitted_rate};
use crate::time::Instant;
use crate::view::state::State;
use crate::view::words::units::moment;
use leptos::prelude::*;

/// Speeds to choose from, besides the fitted one.
const SPEEDS: &[f64] = &[0.25, 1.0, 2.0, 5.0, 20.0, 100.0];

#[component]
pub(crate) fn Playbar() -> impl IntoView {
    let state = State::here();
    let playing = move || state.playback.read().playing;
    let is_live = move || state.live.read().is_some();
    view! {
        <div class="playbar" role="group" aria-label="Playback">
            <button aria-label="To the start" disabled=is_live on:click=move |_| state.command(Command::ToStart)>"|◂"</button>
            <button aria-label="Previous event" disabled=is_live on:click=move |_| state.step(false)>"‹"</button>
            <button aria-label=move || if playing() { "Pause" } else { "Play" } disabled=is_live
                on:click=move |_| state.command(Command::PlayOrPause)>
                {move || if playing() { "❚❚" } else { "▶" }}
            </button>
            <button aria-label="Next event" disabled=is_live on:click=move |_| state.step(true)>"›"</button>
            <button aria-label="To the end" disabled=is_live on:click=move |_| state.command(Command::ToEnd)>"▸|"</button>
            <Speed/>
            <Scrubber/>
            <span class="clock">{move || {
                let playback = state.playback.get();
                format!("{} of {}", moment(playback.at), moment(playback.end))
            }}</span>
        </div>
    }
}

#[component]
fn Speed() -> impl IntoView {
    let state = State::here();
    let fitted = move || fitted_rate(state.playback.read().end);
    let rate = Memo::new(move |_| state.playback.read().rate);
    let say = |rate: f64| {
        let figure = if rate < 1.0 { format!("{rate:.2}") } else { format!("{rate:.0}") };
        format!("{figure}× real time")
    };
    view! {
        <select class="pill" aria-label="Speed"
            on:change=move |event| {
                let chosen = event_target_value(&event);
                let rate = if chosen == "fitted" { Ok(fitted()) } else { chosen.parse() };
                if let Ok(rate) = rate {
                    state.command(Command::Rate(rate));
                }
            }>
            <option value="fitted" selected=move || !SPEEDS.contains(&rate.get())>{move || say(fitted())}</option>
            {SPEEDS.iter().map(|&speed| view! {
                <option value=speed.to_string() selected=move || rate.get().to_bits() == speed.to_bits()>{say(speed)}</option>
            }).collect_view()}
        </select>
    }
}

#[component]
fn Scrubber() -> impl IntoView {
    let state = State::here();
    let millis = |at: Instant| (at.0 / 1_000).to_string();
    view! {
        <input type="range" class="scrubber" aria-label="Playhead" min="0" step="1"
            disabled=move || state.live.read().is_some()
            max=move || millis(state.playback.read().end)
            prop:value=move || millis(state.playback.read().at)
            aria-valuetext=move || moment(state.playback.read().at)
            on:input=move |event| {
                if let Ok(millis) = event_target_value(&event).parse() {
                    state.command(Command::Seek(Instant::from_millis(millis)));
                }
            }/>
    }
}
