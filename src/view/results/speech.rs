//! The run for those who hear it: each lane in a sentence beside the timeline, and, for whoever wishes, what happens,
//! at a rate that a person can follow.

use crate::browser::clock::{now_millis, pause};
use crate::browser::spawn::{Task, spawn};
use crate::browser::storage::{self, Keep};
use crate::id::lane_letter;
use crate::scene::teller::{Teller, Turn};
use crate::time::{Instant, from_secs};
use crate::view::dom::event::is_ticked;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::{spoken, told};
use leptos::prelude::*;
use std::time::Duration;

const KEPT: &str = "lanescope.speaks";

/// Lines that are kept to be read again.
const LINES: usize = 30;

fn letter(lane: usize) -> char {
    lane_letter(u8::try_from(lane).unwrap_or(u8::MAX))
}

/// Fills the place beside the timeline: a sentence for each lane, as far as the playhead. It is read when somebody comes
/// there, and does not speak by itself.
pub(super) fn sum_up(state: State, place: El) {
    let lanes = move || (0..state.with_picture(Picture::len).unwrap_or(0)).collect::<Vec<_>>();
    place.each(lanes, move |lane| vec![el("li").text_by(move || summary(state, lane))]);
}

fn summary(state: State, lane: usize) -> String {
    let summary = |picture: &Picture| {
        if state.guide.is_held.get() {
            return spoken::held(letter(lane), picture.items_of(lane));
        }
        let stats = state.stats.read();
        let Some(stats) = stats.get(lane) else { return String::new() };
        spoken::lane(letter(lane), stats, picture.rows(lane), picture.is_script(), state.looked.get().at)
    };
    state.with_picture(summary).unwrap_or_default()
}

/// The telling of what happens, which is off until somebody wishes for it. A handle: copies share it.
#[derive(Clone, Copy)]
pub(super) struct Speech {
    state: State,
    is_on: RwSignal<bool>,
}

impl Speech {
    pub(super) fn new(state: State) -> Self {
        Self { state, is_on: RwSignal::new(storage::read(Keep::Browser, KEPT).is_some()) }
    }

    /// Whether what happens is told.
    pub(super) fn is_on(self) -> bool {
        self.is_on.get()
    }

    pub(super) fn switch(self) -> El {
        let turn = move |is_on: bool| {
            if is_on {
                storage::write(Keep::Browser, KEPT, "yes");
            } else {
                storage::forget(Keep::Browser, KEPT);
            }
            self.is_on.set(is_on);
        };
        let tick = el("input")
            .attr("type", "checkbox")
            .checked_by(move || self.is_on.get())
            .on("change", move |event| turn(is_ticked(&event)));
        el("label").class("tick").child(tick).text("Speak events")
    }

    /// What was told. It is there while nothing is told, because a reader hears only of what comes into a log that it
    /// knows.
    pub(super) fn log(self) -> El {
        let Self { state, is_on } = self;
        let log = el("div").class("told").attr("role", "log").attr("aria-label", "Events").attr("tabindex", "0");
        let (mut lines, place) = (Vec::<El>::new(), log.clone());
        let teller = StoredValue::new(None::<Teller>);
        let again = RwSignal::new(0_usize);
        let waiting = StoredValue::new_local(None::<Task>);
        follow(move || {
            again.track();
            let (at, moves) = moves(state);
            if !is_on.get() || state.guide.is_held.get() {
                return teller.set_value(None);
            }
            let mut told = teller.get_value().unwrap_or_else(|| Teller::new(at, moves));
            match told.hear(clock(), at, moves) {
                // Of a run that moves, the next frame asks again.
                Turn::Wait(rest) if !moves => waiting.set_value(Some(ask_again(rest, again))),
                Turn::Wait(_) | Turn::Rest => {}
                turn => {
                    if let Some(line) = said(state, turn) {
                        lines.insert(0, el("p").text(&line));
                        place.add(&lines[0]);
                        // From now on it can be heard: the next one comes a breath after this moment.
                        told.spoke(clock());
                        for old in lines.drain(LINES.min(lines.len())..) {
                            old.remove();
                        }
                        place.node::<web_sys::Element>().set_scroll_top(i32::MAX);
                    }
                }
            }
            teller.set_value(Some(told));
        });
        log.class_by("gone", move || !is_on.get())
    }
}

/// A time that only grows.
fn clock() -> Duration {
    from_secs(now_millis() / 1_000.0)
}

/// Where the playhead is, and whether it moves by itself; that of a real run is the present.
fn moves(state: State) -> (Instant, bool) {
    let playback = state.playback.get();
    (playback.at, playback.playing || state.live.read().is_some())
}

fn ask_again(after: Duration, again: RwSignal<usize>) -> Task {
    spawn(async move {
        pause(after).await;
        again.update(|times| *times += 1);
    })
}

/// The line for a turn of the teller.
pub(super) fn said(state: State, turn: Turn) -> Option<String> {
    let said = |picture: &Picture| {
        let (logs, names): (Vec<_>, Vec<_>) = (0..picture.len())
            .filter_map(|lane| Some((picture.log(lane)?, move |item| picture.name_of(lane, item))))
            .unzip();
        let lane = |(number, (log, name))| told::Lane {
            letter: (logs.len() > 1).then(|| letter(number)),
            log,
            is_script: picture.is_script(),
            name,
        };
        let lanes: Vec<told::Lane<'_>> =
            logs.iter().map(|log| &**log).zip(names.iter().map(|name| name as _)).enumerate().map(lane).collect();
        match turn {
            Turn::Tell(of) => told::stretch(&lanes, of),
            Turn::TellMoment(at) => told::at_moment(&lanes, at),
            Turn::Rest | Turn::Wait(_) => None,
        }
    };
    state.with_picture(said).flatten()
}
