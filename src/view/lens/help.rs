//! The keys, and what the pointer does.

use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::state::{Dialog, State};
use crate::view::words::lens::{KEYS, POINTER};

pub(super) fn keys_dialog(state: State) -> El {
    let key = |keys: &[&str]| el("dt").children(keys.iter().map(|key| el("kbd").text(key)));
    let mut list = el("dl").class("keys");
    for (keys, does) in KEYS {
        list = list.child(key(keys)).child(el("dd").text(does));
    }
    let mut pointer = el("dl").class("keys");
    for (what, does) in POINTER {
        pointer = pointer.child(el("dt").text(what)).child(el("dd").text(does));
    }
    modal(state, Dialog::Keys, "Keys").child(list).child(el("h3").text("Pointer")).child(pointer).child(
        el("p")
            .class("fine")
            .text("Keys rest while a field has the focus. What the browser uses itself stays its own."),
    )
}
