//! The playhead's buttons, its speed and its scrubber.

use crate::figure::fixed;
use crate::scene::playback::{Command, Speed};
use crate::time::Instant;
use crate::view::dom::event::{entered, entered_number, key};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::units::{clock, moment};
use leptos::prelude::*;

/// The speeds to choose from, by the names of their options.
const SPEEDS: [(&str, Speed); 9] = [
    ("fitted", Speed::Fitted),
    ("1/8", Speed::Eighths(1)),
    ("1/4", Speed::Eighths(2)),
    ("1/2", Speed::Eighths(4)),
    ("1", Speed::Eighths(8)),
    ("2", Speed::Eighths(16)),
    ("5", Speed::Eighths(40)),
    ("20", Speed::Eighths(160)),
    ("max", Speed::Max),
];

pub(crate) fn playbar(state: State) -> El {
    let playing = move || state.playback.read().playing;
    let play = button(state, move || state.command(Command::PlayOrPause))
        .attr_by("aria-label", move || if playing() { "Pause" } else { "Play" }.to_owned())
        .text_by(move || if playing() { "❚❚" } else { "▶" }.to_owned());
    let time = move || {
        let playback = state.playback.get();
        let said = |at| clock(at, playback.end, 1);
        format!("{} of {}", said(playback.at), said(playback.end))
    };
    let named = |name, act: Box<dyn Fn()>, sign| button(state, act).attr("aria-label", name).text(sign);
    el("div")
        .class("playbar")
        .attr("role", "group")
        .attr("aria-label", "Playback")
        .child(named("To the start", Box::new(move || state.command(Command::ToStart)), "|◂"))
        .child(named("Previous event", Box::new(move || state.step(false)), "‹"))
        .child(play)
        .child(named("Next event", Box::new(move || state.step(true)), "›"))
        .child(named("To the end", Box::new(move || state.command(Command::ToEnd)), "▸|"))
        .child(looped(state))
        .child(speed(state))
        .child(scrubber(state))
        .child(el("span").class("clock").text_by(time))
}

/// A button that rests while the playhead is not to be moved.
fn button(state: State, act: impl Fn() + 'static) -> El {
    el("button").pressed(move || is_fixed(state), act)
}

/// Whether the playhead is not to be moved: that of a real run is the present, and that of a run to be predicted waits.
fn is_fixed(state: State) -> bool {
    state.live.read().is_some() || state.guide.is_held.get()
}

fn speed(state: State) -> El {
    let now = move || {
        let speed = state.playback.read().speed;
        SPEEDS.iter().find(|(_, other)| *other == speed).map_or("", |(name, _)| *name).to_owned()
    };
    let choose = move |chosen: &str| {
        if let Some((_, speed)) = SPEEDS.iter().find(|(name, _)| *name == chosen) {
            state.command(Command::Speed(*speed));
        }
    };
    let option = |&(name, speed): &(&'static str, Speed)| {
        let said = move || match speed {
            Speed::Eighths(_) => format!("{name}× real time"),
            Speed::Fitted => said(state.playback.read().rate_at(speed)),
            Speed::Max => format!("Max, {}", said(state.playback.read().rate_at(speed))),
        };
        el("option").attr("value", name).text_by(said)
    };
    el("select")
        .class("pill")
        .attr("aria-label", "Speed")
        .on("change", move |event| choose(&entered(&event)))
        .children(SPEEDS.iter().map(option))
        .value_by(now)
}

fn said(rate: f64) -> String {
    format!("{}× real time", fixed(rate, if rate < 1.0 { 2 } else { 0 }))
}

/// Whether playback goes round and round.
fn looped(state: State) -> El {
    button(state, move || state.command(Command::Loop))
        .attr("aria-label", "Loop")
        .attr("title", "Begins anew at the end: of the chosen range, or else of the run")
        .aria_by("aria-pressed", move || state.playback.read().loops)
        .text("↻")
}

fn scrubber(state: State) -> El {
    // Rounded up: the last place of the slider is the end of the run.
    let millis = |at: Instant| at.0.div_ceil(1_000).to_string();
    el("input")
        .attr("type", "range")
        .class("scrubber")
        .attr("aria-label", "Playhead")
        .attr("min", "0")
        .attr("step", "1")
        .flag_by("disabled", move || is_fixed(state))
        .attr_by("max", move || millis(state.playback.read().end))
        .value_by(move || millis(state.playback.read().at))
        .attr_by("aria-valuetext", move || moment(state.playback.read().at))
        .on("keydown", move |event| {
            // By itself it would move a millisecond a press.
            let to = key(&event).and_then(|key| state.playback.read_untracked().led_by(&key));
            if let Some(to) = to {
                state.command(Command::Seek(to));
                event.prevent_default();
            }
        })
        .on("input", move |event| {
            if let Some(millis) = entered_number(&event) {
                state.command(Command::Seek(Instant::from_millis(millis)));
            }
        })
}
