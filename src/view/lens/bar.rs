//! The buttons that move about in the timeline, and which stretch of it is seen.

use super::menu::menu;
use crate::scene::go::Go;
use crate::scene::look::Look;
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::{Dialog, State};
use crate::view::words::lens::seen;
use leptos::prelude::*;

pub(crate) fn bar(state: State) -> El {
    let is_whole = move || state.lens.read().look == Look::Whole;
    let go = move |go: Go, sign: &str, title: &str| button(title, sign, move || state.go(go));
    let at_mark = move || state.lens.read().marks.contains(&state.now());
    let no_marks = move || state.lens.read().marks.is_empty();
    el("div")
        .class("timeline-bar")
        .attr("role", "group")
        .attr("aria-label", "Moving about")
        .child(go(Go::Wider, "−", "Zoom out (S)"))
        .child(go(Go::Closer, "+", "Zoom in (W)"))
        .child(go(Go::Earlier, "◂", "Earlier (A)").flag_by("disabled", is_whole))
        .child(go(Go::Later, "▸", "Later (D)").flag_by("disabled", is_whole))
        .child(go(Go::Whole, "Fit", "The whole run (0)").flag_by("disabled", is_whole))
        .child(go(Go::Chosen, "Fit selection", "The range, or the selected request (F)"))
        .child(go(Go::Mark, "Mark", "Mark the playhead's moment (M)").aria_by("aria-pressed", at_mark))
        .child(go(Go::PreviousMark, "‹", "Mark before ([)").flag_by("disabled", no_marks))
        .child(go(Go::NextMark, "›", "Next mark (])").flag_by("disabled", no_marks))
        .child(button("Search (/)", "Search", move || state.search()))
        .child(made_when_opened(state, "View", menu).class("menu"))
        .child(button("All that can be done", "Commands", move || state.dialog.set(Some(Dialog::Palette))))
        .child(button("Keys (?)", "?", move || state.dialog.set(Some(Dialog::Keys))))
        .child(el("span").class("seen").text_by(move || seen(state.window(), state.axis_end())))
}

/// A button of a sign or a word. Its title names it where that is a sign.
fn button(title: &str, sign: &str, act: impl Fn() + 'static) -> El {
    let button = el("button").class("ghost").attr("title", title).on("click", move |_| act()).text(sign);
    if sign.chars().nth(1).is_some() {
        return button;
    }
    let name = title.split_once(" (").map_or(title, |(name, _)| name);
    button.attr("aria-label", name)
}
