//! An experiment shown to an audience: its own beats, made of what happens in every run.

use super::beats;
use crate::lesson::marked::Bit;
use crate::lesson::ran::Ran;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::state::{State, Stop};
use crate::view::words::talk::{Beat, beats as of_run};
use leptos::prelude::*;

pub(super) fn card(state: State) -> El {
    // Another run has other beats.
    follow(move || {
        // A real run under way has no end yet to speak of.
        if state.live.read().is_some() {
            return;
        }
        let stops = state.with_picture(|picture| of_run(&Ran::new(picture.trace())).into_iter().map(stop).collect());
        state.guide.stop.set(None);
        state.guide.stops.set(stops.unwrap_or_default());
    });
    el("section")
        .class("card lesson")
        .attr("aria-label", "Talk")
        .child(beats::walk(state, |says| vec![Bit::Plain(says)]))
}

fn stop(Beat { at, lit, says }: Beat) -> Stop {
    Stop { at, lit, says }
}
