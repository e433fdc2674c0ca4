//! The buttons that move about in the timeline, and which stretch of it is seen.

use super::menu::menu;
use crate::scene::go::Go;
use crate::scene::lens::Lens;
use crate::scene::look::Look;
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::{Dialog, State};
use crate::view::words::lens::seen;
use leptos::prelude::*;

pub(crate) fn bar(state: State) -> El {
    let go = |go: Go, sign: &str, title: &str| button(title, sign, move || state.go(go));
    // Those that lead nowhere rest.
    let rests = |go: Go, sign: &str, title: &str, rests: fn(&Lens) -> bool| {
        named(title, sign).pressed(move || rests(&state.lens.read()), move || state.go(go))
    };
    let is_whole = |lens: &Lens| lens.look == Look::Whole;
    let no_marks = |lens: &Lens| lens.marks.is_empty();
    let at_mark = move || state.lens.read().marks.contains(&state.now());
    el("div")
        .class("timeline-bar")
        .attr("role", "group")
        .attr("aria-label", "Moving about")
        .child(go(Go::Wider, "−", "Zoom out (S)"))
        .child(go(Go::Closer, "+", "Zoom in (W)"))
        .child(rests(Go::Earlier, "◂", "Earlier (A)", is_whole))
        .child(rests(Go::Later, "▸", "Later (D)", is_whole))
        .child(rests(Go::Whole, "Fit", "The whole run (0)", |lens| lens.look == Look::Whole && lens.taller == 0))
        .child(go(Go::Chosen, "Fit selection", "The range, or the selected request (F)"))
        .child(go(Go::Mark, "Mark", "Mark the playhead's moment (M)").aria_by("aria-pressed", at_mark))
        .child(rests(Go::PreviousMark, "‹", "Mark before ([)", no_marks))
        .child(rests(Go::NextMark, "›", "Next mark (])", no_marks))
        .child(button("Search (/)", "Search", move || state.search()))
        .child(made_when_opened(state, "View", menu).class("menu"))
        .child(button("All that can be done", "Commands", move || state.dialog.set(Some(Dialog::Palette))))
        .child(button("Keys (?)", "?", move || state.dialog.set(Some(Dialog::Keys))))
        .child(el("span").class("seen").text_by(move || seen(state.window(), state.axis_end())))
}

fn button(title: &str, sign: &str, act: impl Fn() + 'static) -> El {
    named(title, sign).on("click", move |_| act())
}

/// A button of a sign or a word. Its title names it where that is a sign.
fn named(title: &str, sign: &str) -> El {
    let button = el("button").class("ghost").attr("title", title).text(sign);
    if sign.chars().nth(1).is_some() {
        return button;
    }
    let name = title.split_once(" (").map_or(title, |(name, _)| name);
    button.attr("aria-label", name)
}
