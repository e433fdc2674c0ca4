//! What the selected lane's program has printed so far.

use crate::browser::later::later;
use crate::id::lane_letter;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::opened::add_when_fetched;
use crate::view::state::State;
use crate::view::words::units::moment;
use leptos::prelude::*;

pub(crate) fn printed(state: State) -> El {
    let place = el("section");
    let home = Owner::current().unwrap_or_default();
    keep(add_when_fetched(state, &place, lines(state, home), || ()));
    place
}

later! { lessons:
    fn lines(state: State, home: Owner) -> El {
        home.with(|| {
            let heading =
                move || format!("Lane {} prints", lane_letter(u8::try_from(state.selected.get().0).unwrap_or(u8::MAX)));
            let line = |(at, text): (String, String)| {
                el("span").class("line").child(el("span").class("fine").text(&at)).text(" ").text(&text).text("\n")
            };
            let said = el("pre")
                .attr("tabindex", "0")
                .attr("aria-label", "Printed")
                .part(move || said(state).into_iter().map(line).collect());
            el("div").class("printed").child(el("h2").text_by(heading)).child(said)
        })
    }
}

/// The lines up to the playhead, each with its moment.
fn said(state: State) -> Vec<(String, String)> {
    let (lane, now) = (state.selected.get().0, state.now());
    let lines = state.with_picture(|picture| {
        let log = picture.log(lane)?;
        let so_far = log.said().take_while(|&(at, ..)| at <= now);
        Some(so_far.map(|(at, _, text)| (moment(at), text.to_owned())).collect::<Vec<_>>())
    });
    lines.flatten().unwrap_or_default()
}
