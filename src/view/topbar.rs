//! The top of the page: its name, exercises to load, where requests go, and what to do with it all.

use crate::experiment::preset::PRESETS;
use crate::view::state::{Dialog, State};
use crate::view::theme::Theme;
use leptos::prelude::*;

#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let state = State::here();
    let theme: Theme = expect_context();
    let chips = PRESETS.iter().map(|preset| {
        let is_on = move || state.preset.get() == Some(preset.id);
        view! {
            <button aria-pressed=move || is_on().to_string() on:click=move |_| state.load_preset(preset)>
                {preset.label}
            </button>
        }
    });
    view! {
        <header class="top">
            <h1 class="brand"><Logo/>"Lanescope"</h1>
            <nav class="chips" aria-label="Exercises">{chips.collect_view()}</nav>
            <div class="end">
                <Destination/>
                <button class="ghost" on:click=move |_| state.dialog.set(Some(Dialog::Connect))>
                    {move || if state.connection.read().is_some() { "API key" } else { "Use my API key" }}
                </button>
                <button class="ghost" on:click=move |_| state.dialog.set(Some(Dialog::Share))>"Share"</button>
                <button class="ghost" on:click=move |_| theme.toggle()
                    aria-label=move || if theme.is_dark() { "Light theme" } else { "Dark theme" }>
                    "◐"
                </button>
            </div>
        </header>
    }
}

/// Where requests go: nowhere, or to this host.
#[component]
fn Destination() -> impl IntoView {
    let state = State::here();
    move || {
        if !state.is_connected() {
            return view! { <span class="pill"><span class="dot"></span>"Simulated, no key needed"</span> }.into_any();
        }
        let host = state.connection.read().as_ref().map(|connection| connection.host().to_owned());
        view! {
            <span class="pill real">
                <span class="dot"></span>
                {host.map_or_else(|| "Real server, no key yet".to_owned(), |host| format!("Real: {host}"))}
            </span>
            <button class="ghost" on:click=move |_| state.disconnect()>"Simulate instead"</button>
        }
        .into_any()
    }
}

#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
            <rect class="first-byte" x="2" y="4" width="13" height="3.4" rx="1.7"></rect>
            <rect class="streaming" x="6" y="10.3" width="16" height="3.4" rx="1.7"></rect>
            <rect class="backing-off" x="4" y="16.6" width="9" height="3.4" rx="1.7"></rect>
        </svg>
    }
}
