//! Dialogs.

use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::state::{Dialog, State};
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

/// A dialog that is open while the state says so. What it holds is added to it.
pub(crate) fn modal(state: State, of: Dialog, title: &str) -> El {
    let dialog = el("dialog");
    let node: HtmlDialogElement = dialog.node();
    follow(move || {
        let should_be_open = state.dialog.get() == Some(of);
        if should_be_open && !node.open() {
            let _ = node.show_modal();
        } else if !should_be_open && node.open() {
            node.close();
        }
    });
    let close =
        el("button").class("ghost").attr("aria-label", "Close").on("click", move |_| state.dialog.set(None)).text("×");
    let head = el("div").class("dialog-head").child(el("h2").text(title)).child(close);
    // The Escape key closes it without asking. What closed may be open again by the time it is told.
    let node: HtmlDialogElement = dialog.node();
    dialog.attr("aria-label", title).child(head).on("close", move |_| {
        if state.dialog.get_untracked() == Some(of) && !node.open() {
            state.dialog.set(None);
        }
    })
}

/// The row of buttons at the foot of a dialog.
pub(crate) fn buttons() -> El {
    el("div").class("row end")
}
