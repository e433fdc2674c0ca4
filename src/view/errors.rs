//! What went wrong in the run, a card a kind, the server's own words folded under it.

use crate::browser::page;
use crate::id::lane_letter;
use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::Kind;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::forensics::{is_limit, which_limit};
use crate::view::opened::add_when_fetched;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::failure::card;
use crate::view::words::units::count;
use leptos::prelude::*;
use std::time::Duration;

/// Failures of one kind, as far as the playhead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) kind: FailureKind,
    times: usize,
    lanes: String,
    /// The latest of each lane.
    pub(crate) struck: Vec<Struck>,
    /// The latest of them.
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    pub(crate) body: String,
}

/// The latest failure of a kind in a lane.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Struck {
    pub(crate) lane: usize,
    pub(crate) at: Instant,
    /// How long the server asked to wait.
    pub(crate) delay: Option<Duration>,
}

/// Adds the cards, while there are any: the place is for a real server, or for others.
pub(crate) fn error_cards(stage: El, state: State, is_real: bool) -> El {
    let groups = Memo::new(move |_| {
        let now = state.looked.get().at;
        state.with_picture(|picture| groups(picture, now)).unwrap_or_default()
    });
    let kinds = move || groups.read().iter().map(|group| group.kind as usize).collect::<Vec<_>>();
    let section = move || {
        el("section")
            .attr("aria-label", "What went wrong")
            .class("failures")
            .child(el("h2").text("What went wrong"))
            .each(kinds, move |kind| article(state, groups, kind))
    };
    stage.when(move || state.is_connected() == is_real && !groups.read().is_empty(), section)
}

/// The card of a kind. It changes in place, so that what was unfolded stays so.
fn article(state: State, groups: Memo<Vec<Group>>, key: usize) -> Vec<El> {
    let of = move |field: fn(&Group) -> String| {
        groups.read().iter().find(|group| group.kind as usize == key).map(field).unwrap_or_default()
    };
    let kind = groups.read_untracked().iter().map(|group| group.kind).find(|kind| *kind as usize == key);
    let Some(kind) = kind else { return Vec::new() };
    let words = card(kind);
    let times = move || of(|group| format!("{} · lane {}", count(group.times, "time", "times"), group.lanes));
    let offline = move || {
        groups.track();
        let is_offline = kind == FailureKind::Network && page::is_offline();
        if is_offline { " The browser says that it is offline now." } else { "" }.to_owned()
    };
    let body = move || el("pre").attr("tabindex", "0").text_by(move || of(|group| group.body.clone()));
    let own_words = el("details")
        .child(el("summary").text(if kind.has_servers_words() { "The server's own words" } else { "Details" }))
        .child(el("p").class("message").text_by(move || of(|group| group.message.clone())))
        .when(move || !of(|group| group.body.clone()).is_empty(), body);
    let limit = el("div");
    if is_limit(kind) {
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &limit, which_limit(state, groups, kind, home), || ()));
    }
    let said = |who, what| el("p").child(el("b").text(who)).text(what);
    let card = el("article")
        .class("card failure")
        .attr("data-kind", kind.name())
        .child(el("h3").text(words.title).child(el("span").class("times").text_by(times)))
        .child(el("p").text(words.happened).text_by(offline))
        .child(said("Lanescope: ", words.does))
        .child(said("You: ", words.you_can))
        .child(limit)
        .child(own_words);
    vec![card]
}

/// The failures so far, in the order of their kinds.
fn groups(picture: &Picture, now: Instant) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for lane in 0..picture.len() {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let Some(log) = picture.log(lane) else { continue };
        for event in log.events.iter().take_while(|event| event.at <= now) {
            let Kind::Failed { failure } = event.kind else { continue };
            let Some(failure) = log.failures.get(failure as usize) else { continue };
            let place = groups.partition_point(|group| group.kind < failure.kind);
            if groups.get(place).is_none_or(|group| group.kind != failure.kind) {
                groups.insert(place, Group::new(failure.kind));
            }
            let group = &mut groups[place];
            group.times += 1;
            let struck = Struck { lane, at: event.at, delay: failure.delay() };
            match group.struck.last_mut() {
                Some(last) if last.lane == lane => *last = struck,
                _ => group.struck.push(struck),
            }
            if !group.lanes.ends_with(letter) {
                if !group.lanes.is_empty() {
                    group.lanes.push_str(" and ");
                }
                group.lanes.push(letter);
            }
            group.status = failure.status;
            (*failure.message).clone_into(&mut group.message);
            (*failure.body).clone_into(&mut group.body);
        }
    }
    groups
}

impl Group {
    fn new(kind: FailureKind) -> Self {
        let (lanes, message, body) = (String::new(), String::new(), String::new());
        Self { kind, times: 0, lanes, struck: Vec::new(), status: None, message, body }
    }
}
