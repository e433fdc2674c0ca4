//! Light or dark, as the system says until the user says otherwise.

use crate::browser::page;
use crate::browser::storage::{self, Keep};
use leptos::prelude::*;

const KEPT: &str = "lanescope.theme";

/// The theme in force. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Theme(RwSignal<bool>);

impl Theme {
    pub(crate) fn new() -> Self {
        let dark = match storage::read(Keep::Browser, KEPT).as_deref() {
            Some("dark") => true,
            Some("light") => false,
            _ => page::matches("(prefers-color-scheme: dark)"),
        };
        let theme = Self(RwSignal::new(dark));
        Effect::new(move || {
            let root = web_sys::window().and_then(|window| window.document()).and_then(|d| d.document_element());
            if let Some(root) = root {
                let _ = root.set_attribute("data-theme", if theme.is_dark() { "dark" } else { "light" });
            }
        });
        theme
    }

    pub(crate) fn is_dark(self) -> bool {
        self.0.get()
    }

    pub(crate) fn toggle(self) {
        self.0.update(|dark| *dark = !*dark);
        storage::write(Keep::Browser, KEPT, if self.0.get_untracked() { "dark" } else { "light" });
    }
}
