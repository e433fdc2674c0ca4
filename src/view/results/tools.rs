//! What picks the rows of the table: an outcome, and words to find.

use super::table::Table;
use crate::scene::table::Which;
use crate::view::dom::event::{chosen, entered};
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::words::units::count;
use leptos::prelude::*;

pub(super) fn tools(table: Table) -> El {
    let wish = table.wish;
    let find = el("input")
        .attr("type", "search")
        .attr("placeholder", "Words, a status, or #17")
        .attr("aria-label", "Find in the table")
        .on("input", move |event| wish.update(|wish| wish.words = entered(&event)));
    let option = |which: Which| {
        el("option").text(match which {
            Which::All => "all outcomes",
            Which::Answered => "answered",
            Which::Failed => "failed",
            Which::Retried => "retried",
            Which::GivenUp => "given up",
            Which::UnderWay => "under way",
            Which::Waiting => "waiting",
        })
    };
    let choice =
        el("select").attr("aria-label", "Outcome").children(Which::ALL.map(option)).on("change", move |event| {
            let which = chosen(&event).and_then(|place| Which::ALL.get(place));
            wish.update(|wish| wish.which = which.copied().unwrap_or(Which::All));
        });
    el("div")
        .class("table-tools")
        .child(find)
        .child(choice)
        .child(el("span").class("fine").text_by(move || shown(table)))
}

/// How many rows are shown.
fn shown(table: Table) -> String {
    let all = table.state.with_picture(|picture: &Picture| picture.rows(table.lane.get()).len()).unwrap_or(0);
    let rows = count(all, "row", "rows");
    if table.wish.read().picks() { format!("{} of {rows}", table.order.read().len()) } else { rows }
}
