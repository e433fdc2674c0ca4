//! The figures of the selected range, a row a lane.

use crate::browser::page;
use crate::figure::fixed;
use crate::id::lane_letter;
use crate::scene::go::Go;
use crate::trace::stretch::Stretch;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::lens::seen;
use leptos::prelude::*;

/// The columns of requests, and those of a script's tasks.
const OF_CALLS: &[&str] =
    &["Sent", "Answered", "Failed", "Refused", "In flight", "Answers a second", "Tokens a second"];
const OF_TASKS: &[&str] = &["Returned", "Failed"];

pub(super) fn card(state: State) -> El {
    let stretches = Memo::new(move |_| {
        let (range, now) = (state.lens.read().range, state.looked.get().at);
        // Of what is later than the playhead nothing is known.
        let known = range.map(|(from, to)| (from.min(now), to.min(now)));
        let of = |picture: &Picture, lane| Some(Stretch::of(picture.fold(lane)?, &*picture.log(lane)?, known?));
        let all = |picture: &Picture| (0..picture.len()).filter_map(|lane| of(picture, lane)).collect::<Vec<_>>();
        state.with_picture(all).unwrap_or_default()
    });
    let columns = if state.is_script() { OF_TASKS } else { OF_CALLS };
    let head = el("tr")
        .child(el("th").attr("scope", "col").text("Lane"))
        .children(columns.iter().map(|name| el("th").attr("scope", "col").class("figure").text(name)));
    let row = move |lane: usize| {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)).to_string();
        let figure = move |column: usize| {
            let of = move || stretches.read().get(lane).map(|stretch| figures(stretch, columns.len())[column].clone());
            el("td").class("figure").text_by(move || of().unwrap_or_default())
        };
        let name = el("th").attr("scope", "row").text(&letter);
        vec![el("tr").child(name).children((0..columns.len()).map(figure))]
    };
    let title = move || {
        let (range, end) = (state.lens.read().range, state.axis_end());
        range.map(|range| seen(range, end)).unwrap_or_default()
    };
    let button = |go: Go, name: &str| {
        let act = move |_| {
            state.go(go);
            if go == Go::NoRange {
                // The button is gone, and the focus with it.
                page::focus(".timeline");
            }
        };
        el("button").class("ghost").on("click", act).text(name)
    };
    let table = el("table")
        .child(el("thead").child(head))
        .child(el("tbody").each(move || (0..stretches.read().len()).collect(), row));
    el("section")
        .class("range")
        .attr("aria-label", "Range")
        .child(
            el("div")
                .class("row")
                .child(el("h3").text("Range "))
                .child(el("span").class("fine").text_by(title))
                .child(button(Go::Chosen, "Zoom to it"))
                .child(button(Go::NoRange, "Clear")),
        )
        .child(
            el("div")
                .class("scroll")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", "Figures of the range")
                .child(table),
        )
}

/// What stands in so many columns.
fn figures(stretch: &Stretch, columns: usize) -> Vec<String> {
    let Stretch { sent, answered, failed, refused, .. } = *stretch;
    if columns == OF_TASKS.len() {
        return [answered, failed].iter().map(ToString::to_string).collect();
    }
    let mut said: Vec<String> = [sent, answered, failed, refused].iter().map(ToString::to_string).collect();
    said.push(fixed(stretch.mean_in_flight, 1));
    said.push(fixed(stretch.per_second(answered as u64), 2));
    said.push(fixed(stretch.per_second(stretch.tokens), 0));
    said
}
