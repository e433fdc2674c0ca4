//! What is chosen, said to those who hear the page: the request, wherever it was chosen, and the event that somebody
//! stepped to. It is short, and needs no switch: whoever presses a key waits for what comes of it.

use super::line::in_short;
use super::speech::said;
use crate::scene::teller::Turn;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::chosen::stepped;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;

/// A place that speaks; `is_told` is whether events are told elsewhere.
pub(super) fn status(state: State, is_told: impl Fn() -> bool + 'static) -> El {
    let place = el("p").class("unseen chosen").attr("role", "status");
    let (mut words, mut before) = (place.slot(), None);
    follow(move || {
        let (chosen, now) = (state.selected.get(), state.playback.get());
        let Some((last, was)) = before.replace((chosen, now)) else { return };
        // What moves by itself, or is another run, nobody stepped to.
        let is_step = was.at != now.at && was.end == now.end && !was.playing && !now.playing;
        let line = untrack(|| {
            if last != chosen {
                request(state, chosen)
            } else if is_step && state.live.read().is_none() && !state.guide.is_held.get() && !is_told() {
                said(state, Turn::TellMoment(now.at)).map(|what| stepped(now.at, &what))
            } else {
                None
            }
        });
        if let Some(line) = line {
            words.put(&line);
        }
    });
    place
}

/// The request that was chosen. In the table, whose rows speak for themselves, nothing more is said.
fn request(state: State, (lane, item): (usize, usize)) -> Option<String> {
    let focus = document().active_element();
    if focus.is_some_and(|focus| focus.closest("[role=grid]").is_ok_and(|grid| grid.is_some())) {
        return None;
    }
    let now = (!state.guide.is_held.get()).then(|| state.now());
    state.with_picture(|picture: &Picture| in_short(picture, lane, item, now))
}
