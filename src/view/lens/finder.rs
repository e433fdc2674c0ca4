//! The search: a field, how many requests were found, and the way from one to the next.

use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::scene::search::{beside, found};
use crate::time::Instant;
use crate::view::dom::event::{entered, key};
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::search::lanes_of;
use crate::view::state::State;
use crate::view::words::lens::matches;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

pub(super) fn finder(state: State) -> El {
    let all = Memo::new(move |_| {
        let (query, now) = (state.query.get().unwrap_or_default(), state.looked.get().at);
        state.with_picture(|picture| look_through(picture, &query, now)).unwrap_or_default()
    });
    let walk = move |after: bool| {
        let found = all.get_untracked();
        if let Some(place) = beside(&found, state.selected.get_untracked(), after) {
            choose(state, found[place]);
        }
    };
    let count = move || {
        if state.query.read().as_ref().is_none_or(|query| query.trim().is_empty()) {
            return String::new();
        }
        let (found, selected) = (all.read(), state.selected.get());
        matches(found.iter().position(|&at| at == selected), found.len())
    };
    // What is found first is shown at once, unless what is selected was found too.
    let show = move || {
        let (found, selected) = (all.get_untracked(), state.selected.get_untracked());
        if let Some(&first) = found.iter().find(|&&at| at == selected).or(found.first()) {
            choose(state, first);
        }
    };
    let field = el("input")
        .attr("type", "search")
        .attr("aria-label", "Search requests")
        .attr("placeholder", "Words, a status, or a number: #17, B17")
        .value_by(move || state.query.get().unwrap_or_default())
        .on("input", move |event| {
            state.query.set(Some(entered(&event)));
            show();
        })
        .on("keydown", move |event| match key(&event).as_deref() {
            Some("Enter") => {
                let is_back = event.dyn_ref::<KeyboardEvent>().is_some_and(KeyboardEvent::shift_key);
                walk(!is_back);
                event.prevent_default();
            }
            Some("Escape") => close(state),
            _ => {}
        });
    let node: HtmlElement = field.node();
    // It can't take the focus before it stands on the page; some of what is sought may have been typed by then.
    keep(spawn(async move {
        let _ = node.focus();
        if !state.query.read_untracked().as_ref().is_none_or(String::is_empty) {
            show();
        }
    }));
    let button = |class: &str, name: &str, sign: &str| {
        el("button").class(&format!("ghost {class}")).attr("aria-label", name).attr("title", name).text(sign)
    };
    el("div")
        .class("finder")
        .attr("role", "search")
        .child(field)
        .child(el("span").class("fine").attr("role", "status").text_by(count))
        .child(button("previous", "Match before", "‹").on("click", move |_| walk(false)))
        .child(button("next", "Next match", "›").on("click", move |_| walk(true)))
        .child(button("close", "Close the search", "×").on("click", move |_| close(state)))
}

fn look_through(picture: &Picture, query: &str, now: Instant) -> Vec<(usize, usize)> {
    lanes_of(picture, now, |lanes| found(query, lanes, &picture.experiment.workload, now))
}

/// Selects a request, and looks to where its work begins.
fn choose(state: State, (lane, item): (usize, usize)) {
    state.selected.set((lane, item));
    let begins = state.with_picture(|picture| picture.row(lane, item).map(|row| row.sent.unwrap_or(row.asked)));
    if let Some(at) = begins.flatten() {
        state.reveal(at);
    }
}

/// Closes the search; the timeline has the focus then, not nothing.
fn close(state: State) {
    state.query.set(None);
    page::focus(".timeline");
}
