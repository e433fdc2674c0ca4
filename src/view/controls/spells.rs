//! The spells of the simulated server as a list: what is drawn under the time axis, without a pointer.

use super::field::{Number, choice_field};
use super::lane::{millis, secs};
use super::lock::locked_fields;
use crate::browser::page;
use crate::experiment::server::Rule;
use crate::lesson::lock::Lock;
use crate::scene::spell::{SpellKind, spells};
use crate::time::Instant;
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::spell::name;
use leptos::prelude::*;

/// When a new spell begins and ends.
const AT_FIRST: (Instant, Instant) = (Instant(5_000_000), Instant(10_000_000));

/// The longest that can be entered, in seconds.
const MOST: f64 = 86_400.0;

pub(super) fn spell_fields(state: State) -> El {
    let add = el("button")
        .class("ghost add-spell")
        .on("click", move |_| state.add_spell(SpellKind::Outage, AT_FIRST.0, AT_FIRST.1))
        .text("Add an outage");
    locked_fields(state, "The server, broken by hand", &[Lock::Server])
        .each(move || places(state), move |place| vec![spell_row(state, place)])
        .child(add)
}

/// The places of the rules that are spells.
fn places(state: State) -> Vec<usize> {
    spells(&state.experiment.read().server).iter().map(|spell| spell.place).collect()
}

fn spell_row(state: State, place: usize) -> El {
    let number = move || places(state).iter().filter(|&&other| other <= place).count();
    let kind = choice_field(
        "It is",
        &SpellKind::ALL.map(name),
        move || of(state, place, kind_of).unwrap_or_default(),
        move |chosen| state.edit_spell(place, |rule| rule.fault = SpellKind::ALL[chosen].fault()),
    );
    let from = Number::new("From, s", 0.0, MOST).by(0.1).field(
        move || of(state, place, |rule| secs(rule.when.from_millis.unwrap_or(0))),
        move |s| state.edit_spell(place, |rule| rule.when.from_millis = Some(millis(s))),
    );
    let to = Number::new("To, s (empty: no end)", 0.0, MOST).by(0.1).field(
        move || of(state, place, |rule| rule.when.to_millis.map(secs)).flatten(),
        move |s| {
            state.edit_spell(place, |rule| {
                rule.when.to_millis = s.map(|s| millis(Some(s)));
                // Without either it would be no spell any more.
                rule.when.from_millis.get_or_insert(0);
            });
        },
    );
    let remove = move |_| {
        state.remove_spell(place);
        // The button is gone, and the focus with it.
        page::focus(".add-spell");
    };
    let remove = el("button").class("ghost").on("click", remove).text("Remove this spell");
    el("div")
        .class("spell")
        .attr("role", "group")
        .attr_by("aria-label", move || format!("Spell {}", number()))
        .child(kind)
        .child(from)
        .child(to)
        .child(remove)
}

/// What `read` sees in a rule, if there is one at this place.
fn of<T>(state: State, place: usize, read: fn(&Rule) -> T) -> Option<T> {
    state.experiment.read().server.simulated()?.faults.get(place).map(read)
}

/// The place of a rule's kind among all kinds.
fn kind_of(rule: &Rule) -> usize {
    SpellKind::ALL.iter().position(|kind| *kind == SpellKind::of(rule.fault)).unwrap_or_default()
}
