//! What the makespan of the selected lane was made of, while the critical path is lit.

use crate::browser::later::later;
use crate::id::lane_letter;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::opened::add_when_fetched;
use crate::view::state::State;
use crate::view::words::critical::sentence;
use leptos::prelude::*;

pub(crate) fn critical(state: State) -> El {
    let place = el("section");
    let home = Owner::current().unwrap_or_default();
    keep(add_when_fetched(state, &place, section(state, home), || ()));
    place
}

later! { tools:
    fn section(state: State, home: Owner) -> El {
        home.with(|| {
            let sentence = el("p").class("critical").text_by(move || said(state));
            el("div").child(el("h2").text("Critical path")).child(sentence)
        })
    }
}

fn said(state: State) -> String {
    let lane = state.selected.get().0;
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    // It is about all of the lane, and nothing later than the playhead is said.
    let is_over = state.stats.read().get(lane).is_some_and(|stats| stats.finished);
    if !is_over {
        return format!("What the time of lane {letter} is made of shows at its end.");
    }
    let said = state.with_picture(|picture| picture.path(lane).map(|links| sentence(letter, links)));
    said.flatten().unwrap_or_default()
}
