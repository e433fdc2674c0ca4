//! The page as a whole.

use crate::browser::later::later;
use crate::browser::page::{self, Listener};
use crate::browser::spawn::{Task, spawn};
use crate::view::code_panel::code_panel;
use crate::view::comparison::comparison_place;
use crate::view::connect::{self, connect_dialog};
use crate::view::controls::controls;
use crate::view::critical::critical;
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, el};
use crate::view::errors::error_cards;
use crate::view::headline::headline_bar;
use crate::view::inspector::inspector;
use crate::view::keys::on_key;
use crate::view::lens::lens_dialog;
use crate::view::lesson::{assign_dialog, assignment_place, course_dialog, lesson_place, talk_place, tour_place};
use crate::view::limit::found_limit;
use crate::view::planner::planner;
use crate::view::playbar::playbar;
use crate::view::preflight::preflight_dialog;
use crate::view::printed::printed;
use crate::view::replay::replay_place;
use crate::view::results::results;
use crate::view::runs::runs_place;
use crate::view::share::share_dialog;
use crate::view::state::{Dialog, State};
use crate::view::statistics::statistics;
use crate::view::study::what_if;
use crate::view::theme::Theme;
use crate::view::timeline::timeline;
use crate::view::topbar::top_bar;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use web_sys::Node;

/// Adds the page to the document's body. It lives as long as the owner in which it is made.
pub fn app() {
    let (state, theme) = (State::new(), Theme::new());
    state.open_address();
    connect::restore(state);
    // The window outlives the page's state; these end with it.
    keep([
        Listener::on_window("keydown", move |event| on_key(state, &event)),
        Listener::on_window("hashchange", move |_| state.open_address()),
        Listener::on_document("visibilitychange", move |_| state.tab(page::is_hidden())),
        Listener::on_window("beforeunload", move |event| {
            if state.live.read_untracked().is_some() {
                event.prevent_default();
            }
        }),
    ]);
    add(&whole(state, theme));
    dialogs(state, theme);
}

fn add(part: &El) {
    if let Some(body) = document().body() {
        let _ = body.append_child(&part.node::<Node>());
    }
}

/// Makes each dialog when it is first opened.
fn dialogs(state: State, theme: Theme) {
    let home = Owner::current().unwrap_or_default();
    let made = StoredValue::new(Vec::new());
    let fetching = StoredValue::new_local(None::<Task>);
    follow(move || {
        let Some(of) = state.dialog.get().filter(|of| !made.read_value().contains(of)) else { return };
        let home = home.clone();
        fetching.set_value(Some(spawn(async move {
            let made_of = match of {
                Dialog::Assign => assign_dialog(state, home).await,
                Dialog::Palette | Dialog::Keys => lens_dialog(state, theme, of, home).await,
                _ => dialog(state, of, home).await,
            };
            match made_of {
                Ok(dialog) => {
                    made.update_value(|made| made.push(of));
                    add(&dialog);
                    // It can't open before it stands on the page.
                    state.dialog.notify();
                }
                Err(problem) => {
                    state.dialog.set(None);
                    state.notice.set(Some(problem.into()));
                }
            }
        })));
    });
}

later! { tools:
    fn dialog(state: State, of: Dialog, home: Owner) -> El {
        home.with(|| {
            untrack(|| match of {
                Dialog::Connect => connect_dialog(state),
                Dialog::Share => share_dialog(state),
                Dialog::Preflight => preflight_dialog(state),
                // The others are fetched with what they belong to.
                _ => course_dialog(state),
            })
        })
    }
}

/// All but the dialogs.
fn whole(state: State, theme: Theme) -> El {
    let details = el("aside")
        .class("inspector")
        .attr("aria-label", "Details")
        .children(inspector(state))
        .when(move || state.path_lit.get(), move || critical(state))
        .when(move || state.is_script(), move || printed(state))
        .child(code_panel(state))
        .when(move || !state.is_script(), move || statistics(state));
    el("div")
        .class("app")
        .class_by("assigned", move || state.guide.assignment.read().is_some())
        .class_by("in-lesson", move || state.guide.lesson.read().is_some())
        .class_by("held", move || state.guide.is_held.get())
        .class_by("presenting", move || state.guide.is_presenting.get())
        .flag_by("inert", move || state.opening.with(Option::is_some))
        .child(top_bar(state, theme))
        .child(controls(state))
        .child(stage(state, theme))
        .child(details)
}

/// The run: what came of it, how it went, and every request of it.
fn stage(state: State, theme: Theme) -> El {
    // The lanes in words, which the timeline is described by.
    let lanes = el("ul").class("unseen").attr("id", "timeline-lanes");
    let card = el("section")
        .class("card")
        .attr("aria-label", "Timeline")
        .children(timeline(state, theme))
        .child(lanes.clone())
        .child(playbar(state))
        .with(|card| tour_place(card, state));
    let below = el("div");
    let under = below.clone();
    el("main")
        .class("stage")
        .class_by("real", move || state.is_connected())
        .child(notice(state))
        .with(|stage| assignment_place(stage, state))
        .with(|stage| lesson_place(stage, state, under))
        .with(|stage| talk_place(stage, state))
        .child(headline_bar(state))
        .with(|stage| replay_place(stage, state))
        .with(|stage| found_limit(stage, state))
        .child(card)
        .child(below)
        .with(|stage| runs_place(stage, state))
        .with(|stage| comparison_place(stage, state))
        .with(|stage| error_cards(stage, state, true))
        .child(results(state, lanes))
        .with(|stage| what_if(stage, state))
        // A simulated failure is part of the lesson: its card moves nothing that is read.
        .with(|stage| error_cards(stage, state, false))
        .child(planner(state))
}

/// Something to tell the user, until it is put away.
fn notice(state: State) -> El {
    let put_away = move || {
        el("button")
            .class("ghost")
            .attr("aria-label", "Put away")
            .on("click", move |_| state.notice.set(None))
            .text("×")
    };
    el("div").attr("role", "status").class("notice-place").when(
        move || state.notice.read().is_some(),
        move || {
            let words = el("span").text_by(move || state.notice.get().unwrap_or_default());
            el("p").class("notice").child(words).child(put_away())
        },
    )
}
