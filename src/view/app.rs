//! The page as a whole.

use crate::browser::page::{self, Listener};
use crate::view::code_panel::CodePanel;
use crate::view::connect::ConnectDialog;
use crate::view::controls::Controls;
use crate::view::errors::ErrorCards;
use crate::view::headline::HeadlineBar;
use crate::view::inspector::Inspector;
use crate::view::keys::on_key;
use crate::view::playbar::Playbar;
use crate::view::preflight::PreflightDialog;
use crate::view::results::Results;
use crate::view::share::ShareDialog;
use crate::view::state::State;
use crate::view::statistics::Statistics;
use crate::view::theme::Theme;
use crate::view::timeline::Timeline;
use crate::view::topbar::TopBar;
use leptos::prelude::*;

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let state = State::new();
    provide_context(state);
    provide_context(Theme::new());
    state.open_address();
    super::connect::restore(state);
    // The window outlives the page's state; these end with it.
    let listeners = StoredValue::new_local([
        Listener::on_window("keydown", move |event| on_key(state, &event)),
        Listener::on_window("hashchange", move |_| state.open_address()),
        Listener::on_document("visibilitychange", move |_| state.tab(page::is_hidden())),
        Listener::on_window("beforeunload", move |event| {
            if state.live.read_untracked().is_some() {
                event.prevent_default();
            }
        }),
    ]);
    on_cleanup(move || listeners.dispose());

    view! {
        <div class="app">
            <TopBar/>
            <main class="stage">
                <Notice/>
                <HeadlineBar/>
                <section class="card" aria-label="Timeline">
                    <Timeline/>
                    <Playbar/>
                </section>
                <ErrorCards/>
                <Results/>
            </main>
            <aside class="side" aria-label="Experiment"><Controls/></aside>
            <aside class="inspector" aria-label="Details">
                <Inspector/>
                <CodePanel/>
                <Statistics/>
            </aside>
        </div>
        <ConnectDialog/>
        <ShareDialog/>
        <PreflightDialog/>
    }
}

/// Something to tell the user, until it is put away.
#[component]
fn Notice() -> impl IntoView {
    let state = State::here();
    view! {
        <div role="status" class="notice-place">
            {move || state.notice.get().map(|text| view! {
                <p class="notice">
                    <span>{text}</span>
                    <button class="ghost" aria-label="Put away" on:click=move |_| state.notice.set(None)>"×"</button>
                </p>
            })}
        </div>
    }
}
