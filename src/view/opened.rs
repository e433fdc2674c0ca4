//! Parts that are made when they are first opened.

use crate::browser::clock;
use crate::browser::later::NotFetched;
use crate::browser::page::Listener;
use crate::browser::spawn::{Task, spawn};
use crate::scene::playback::FITTED;
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, el};
use crate::view::state::State;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use std::future::Future;

/// Something to unfold, under `summary`. What is in it is made, and its code fetched, when it is first opened.
pub(crate) fn made_when_opened<F>(state: State, summary: &str, make: impl Fn(State, Owner) -> F + 'static) -> El
where
    F: Future<Output = Result<El, NotFetched>> + 'static,
{
    unfolding(state, el("summary").text(summary), make)
}

/// The same, under an element of its own.
pub(crate) fn unfolding<F>(state: State, summary: El, make: impl Fn(State, Owner) -> F + 'static) -> El
where
    F: Future<Output = Result<El, NotFetched>> + 'static,
{
    unfolding_boxed(state, summary, Box::new(move |state, home| Box::pin(make(state, home))))
}

/// What is made, once its code has been fetched.
type Making = LocalBoxFuture<'static, Result<El, NotFetched>>;

fn unfolding_boxed(state: State, summary: El, make: Box<dyn Fn(State, Owner) -> Making>) -> El {
    let home = Owner::current().unwrap_or_default();
    let is_made = StoredValue::new(false);
    let fetching = StoredValue::new_local(None::<Task>);
    let place = el("details").child(summary);
    let inside = place.clone();
    place.on("toggle", move |_| {
        if is_made.get_value() {
            return;
        }
        let done = move || is_made.set_value(true);
        fetching.set_value(Some(add_when_fetched(state, &inside, make(state, home.clone()), done)));
    })
}

/// Adds what is `making`, whose code may have to be fetched, to `place` once it is made.
pub(crate) fn add_when_fetched<F>(state: State, place: &El, making: F, done: impl FnOnce() + 'static) -> Task
where
    F: Future<Output = Result<El, NotFetched>> + 'static,
{
    add_boxed(state, place.clone(), Box::pin(making), Box::new(done))
}

fn add_boxed(state: State, place: El, making: Making, done: Box<dyn FnOnce()>) -> Task {
    spawn(async move {
        match making.await {
            Ok(made) => {
                place.add(&made);
                done();
            }
            Err(problem) => state.notice.set(Some(problem.into())),
        }
    })
}

/// What shows that a visitor has looked around.
const STIRS: [&str; 5] = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"];

/// Adds to `place` what the first seconds are not for. It is made, and its code fetched, when the visitor first stirs,
/// when a lesson is open, or when the first race has been played.
pub(crate) fn made_when_stirred<F>(state: State, place: &El, make: impl Fn(State, Owner) -> F + 'static)
where
    F: Future<Output = Result<El, NotFetched>> + 'static,
{
    let home = Owner::current().unwrap_or_default();
    let place = place.clone();
    let fetching = StoredValue::new_local(None::<Task>);
    when_stirred(state, move || {
        fetching.set_value(Some(add_when_fetched(state, &place, make(state, home.clone()), || ())));
    });
}

/// Calls once, when the visitor first stirs, when a lesson is open, or when the first race has been played.
pub(crate) fn when_stirred(state: State, call: impl Fn() + 'static) {
    when_stirred_boxed(state, Box::new(call));
}

fn when_stirred_boxed(state: State, call: Box<dyn Fn()>) {
    let is_wanted = RwSignal::new(false);
    let stir = move || {
        if !is_wanted.get_untracked() {
            is_wanted.set(true);
        }
    };
    keep(STIRS.map(|kind| Listener::on_window(kind, move |_| stir())));
    keep(spawn(async move {
        clock::pause(FITTED).await;
        stir();
    }));
    let mut is_called = false;
    follow(move || {
        let is_due = is_wanted.get() || state.guide.lesson.read().is_some();
        if is_due && !is_called {
            is_called = true;
            call();
        }
    });
}
