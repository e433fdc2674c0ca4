//! The menu of how rows are arranged.

use crate::browser::later::later;
use crate::browser::page::{self, Listener};
use crate::id::lane_letter;
use crate::scene::go::Go;
use crate::scene::lens::{Rows, Sort};
use crate::view::controls::field::{choice_field, tick_field};
use crate::view::dom::event::key;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::lens::order;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

later! { lens:
    pub(super) fn menu(state: State, home: Owner) -> El {
        home.with(|| untrack(|| inside(state)))
    }
}

fn inside(state: State) -> El {
    let rows = choice_field(
        "Rows",
        &["requests", "slots"],
        move || usize::from(state.lens.read().rows == Rows::Slots),
        move |place| state.lens.update(|lens| lens.rows = if place == 0 { Rows::Requests } else { Rows::Slots }),
    );
    let sort = choice_field(
        "Order",
        &Sort::ALL.map(order),
        move || Sort::ALL.iter().position(|&sort| sort == state.lens.read().sort).unwrap_or(0),
        move |place| state.lens.update(|lens| lens.sort = Sort::ALL.get(place).copied().unwrap_or_default()),
    );
    let group = move || {
        tick_field(
            "Group under headings",
            move || state.lens.read().is_grouped,
            move |is| state.lens.update(|lens| lens.is_grouped = is),
        )
    };
    let lanes = move || (0..state.with_picture(Picture::len).unwrap_or(0)).collect::<Vec<_>>();
    let fold = move |lane: usize| {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        vec![tick_field(
            &format!("Fold lane {letter}"),
            move || state.lens.read().is_collapsed(lane),
            move |_| state.lens.update(|lens| lens.toggle_lane(lane)),
        )]
    };
    let go = |go: Go, name: &str| el("button").class("ghost").on("click", move |_| state.go(go)).text(name);
    el("div")
        .class("menu-inside")
        .attr("role", "group")
        .attr("aria-label", "View")
        .child(rows)
        .child(sort)
        .when(move || state.lens.read().sort.has_groups(), group)
        .child(heights(state))
        .child(el("div").each(lanes, fold))
        .child(
            el("div")
                .class("row")
                .child(go(Go::SelectSeen, "Select what is seen"))
                .child(go(Go::NoRange, "Clear range")),
        )
        .with(closing)
}

/// How high rows are.
fn heights(state: State) -> El {
    let button = |higher: bool, name: &str, sign: &str| {
        el("button")
            .class("ghost")
            .attr("aria-label", name)
            .pressed(move || state.rows_after(higher).is_none(), move || state.heighten_rows(higher))
            .text(sign)
    };
    el("div")
        .class("field row")
        .child(el("span").text("Row height"))
        .child(el("span").child(button(false, "Lower rows", "−")).child(button(true, "Higher rows", "+")))
}

/// Escape closes the menu and gives its button the focus; a press elsewhere closes it too.
fn closing(inside: El) -> El {
    let menu = |of: &Element| of.closest("details").ok().flatten();
    let close = move |of: &El| {
        if let Some(menu) = menu(&of.node()) {
            let _ = menu.remove_attribute("open");
        }
    };
    let (own, other) = (inside.clone(), inside.clone());
    keep(Listener::on_window("pointerdown", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if !target.is_some_and(|target| target.closest(".menu").is_ok_and(|found| found.is_some())) {
            close(&other);
        }
    }));
    inside.on("keydown", move |event| {
        if key(&event).as_deref() == Some("Escape") {
            event.prevent_default();
            close(&own);
            page::focus(".menu summary");
        }
    })
}
