//! One row of the table.

use super::line::{CELLS, line};
use super::table::Table;
use crate::view::dom::life::follow;
use crate::view::dom::{El, Slot, el};
use crate::view::picture::Picture;
use crate::view::words::units::ordinal;
use leptos::prelude::*;

/// The classes of the cells.
const CLASSES: [&str; CELLS] = ["", "", "figure", "figure", "figure", "figure", "answer"];

/// The id of an item's row.
pub(super) fn id_of(item: usize) -> String {
    format!("row-{item}")
}

/// One row. One effect changes its words in place, while its answer grows.
pub(super) fn row(table: Table, item: usize) -> El {
    let Table { state, lane, places, made, .. } = table;
    let is_on = move || state.selected.get().1 == item;
    let index = move || {
        let made = made.read();
        let place = made.1.iter().position(|&other| other == item).unwrap_or(0);
        // The head is the first row, and they are counted from 1.
        (made.0 + place + 2).to_string()
    };
    // A press of the pointer; keys go to the table, which has the focus for all of its rows.
    let select = el("button")
        .attr("tabindex", "-1")
        .on("click", move |_| state.selected.update(|selected| selected.1 = item))
        .text_by(move || named(table, item));
    let mut row = el("tr")
        .attr("id", &id_of(item))
        .attr_by("aria-rowindex", index)
        .aria_by("aria-selected", is_on)
        .class_by("on", is_on)
        .child(el("th").attr("scope", "row").child(select));
    let mut slots: Vec<Slot> = Vec::new();
    for class in CLASSES {
        let cell = el("td").class(class);
        slots.push(cell.slot());
        if class == "answer" {
            let note = el("i");
            slots.push(note.slot());
            cell.add(&note);
        }
        row = row.child(cell);
    }
    follow(move || {
        let (lane, now) = (lane.get(), state.now());
        let place = places.read().get(item).copied().flatten();
        let line = state.with_picture(|picture: &Picture| line(picture, lane, item, place, now)).flatten();
        let Some(line) = line else { return };
        for (slot, words) in slots.iter_mut().zip(line.cells.iter().chain([&line.note])) {
            slot.put(words);
        }
    });
    row
}

/// What a row is called: a request by its number, a task by its name.
fn named(table: Table, item: usize) -> String {
    let name = table.state.with_picture(|picture| {
        let item = u32::try_from(item).unwrap_or(u32::MAX);
        picture.experiment.workload.name_of(table.lane.get(), item).map(ToOwned::to_owned)
    });
    name.flatten().unwrap_or_else(|| ordinal(item + 1))
}
