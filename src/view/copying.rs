//! Buttons that put words on the clipboard.

use crate::browser::download;
use crate::browser::spawn::{Task, spawn};
use crate::view::dom::{El, el};
use leptos::prelude::*;
use std::rc::Rc;

/// A button that copies `words`, if there are any, and says so until they are others.
pub(crate) fn copy_button(label: &'static str, words: impl Fn() -> Option<String> + 'static) -> El {
    copy_boxed(label, Rc::new(words))
}

fn copy_boxed(label: &'static str, words: Rc<dyn Fn() -> Option<String>>) -> El {
    let copied = RwSignal::new(None::<String>);
    let task = StoredValue::new_local(None::<Task>);
    let own = words.clone();
    let is_copied = move || copied.read().is_some() && *copied.read() == own();
    el("button")
        .on("click", move |_| {
            let Some(words) = words() else { return };
            task.set_value(Some(spawn(async move {
                let is_copied = download::copy(&words).await.is_ok();
                copied.set(is_copied.then_some(words));
            })));
        })
        .text_by(move || if is_copied() { "Copied" } else { label }.to_owned())
}
