//! Light or dark, as the system says until the user says otherwise.

use crate::browser::page;
use crate::browser::storage::{self, Keep};
use crate::view::dom::life::follow;
use leptos::leptos_dom::helpers::document;
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
        // Made before the timeline, it runs before it: the painter asks the page for its colours.
        follow(move || {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-theme", name(theme.is_dark()));
            }
        });
        theme
    }

    pub(crate) fn is_dark(self) -> bool {
        self.0.get()
    }

    pub(crate) fn toggle(self) {
        self.0.update(|dark| *dark = !*dark);
        storage::write(Keep::Browser, KEPT, name(self.0.get_untracked()));
    }
}

fn name(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}
