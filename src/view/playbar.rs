//! The playhead's buttons, its speed and its scrubber.

use crate::figure::fixed;
use crate::scene::playback::{Command, fitted_rate};
use crate::time::Instant;
use crate::view::dom::event::{entered, entered_number};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::units::moment;
use leptos::prelude::*;

/// Speeds to choose from, besides the fitted one, by the names of their options.
const SPEEDS: [(&str, f64); 6] = [("0.25", 0.25), ("1", 1.0), ("2", 2.0), ("5", 5.0), ("20", 20.0), ("100", 100.0)];

/// The option of the speed that fits the run.
const FITTED: &str = "fitted";

pub(crate) fn playbar(state: State) -> El {
    let playing = move || state.playback.read().playing;
    let play = button(state, move || state.command(Command::PlayOrPause))
        .attr_by("aria-label", move || if playing() { "Pause" } else { "Play" }.to_owned())
        .text_by(move || if playing() { "❚❚" } else { "▶" }.to_owned());
    let clock = move || {
        let playback = state.playback.get();
        format!("{} of {}", moment(playback.at), moment(playback.end))
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
        .child(speed(state))
        .child(scrubber(state))
        .child(el("span").class("clock").text_by(clock))
}

/// A button that rests while the playhead is not to be moved.
fn button(state: State, act: impl Fn() + 'static) -> El {
    el("button").flag_by("disabled", move || is_fixed(state)).on("click", move |_| act())
}

/// Whether the playhead is not to be moved: that of a real run is the present, and that of a run to be predicted waits.
fn is_fixed(state: State) -> bool {
    state.live.read().is_some() || state.guide.is_held.get()
}

fn speed(state: State) -> El {
    let fitted = move || fitted_rate(state.playback.read().end);
    let now = move || {
        let rate = state.playback.read().rate.to_bits();
        SPEEDS.iter().find(|(_, speed)| speed.to_bits() == rate).map_or(FITTED, |(name, _)| *name).to_owned()
    };
    let choose = move |chosen: &str| {
        let known = SPEEDS.iter().find(|(name, _)| *name == chosen);
        state.command(Command::Rate(known.map_or_else(fitted, |(_, speed)| *speed)));
    };
    el("select")
        .class("pill")
        .attr("aria-label", "Speed")
        .on("change", move |event| choose(&entered(&event)))
        .child(el("option").attr("value", FITTED).text_by(move || said(fitted())))
        .children(SPEEDS.iter().map(|(name, speed)| el("option").attr("value", name).text(&said(*speed))))
        .value_by(now)
}

fn said(rate: f64) -> String {
    format!("{}× real time", fixed(rate, if rate < 1.0 { 2 } else { 0 }))
}

fn scrubber(state: State) -> El {
    let millis = |at: Instant| (at.0 / 1_000).to_string();
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
        .on("input", move |event| {
            if let Some(millis) = entered_number(&event) {
                state.command(Command::Seek(Instant::from_millis(millis)));
            }
        })
}
