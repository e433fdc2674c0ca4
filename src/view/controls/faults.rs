//! What goes wrong with some tries, whenever they are made; rules of another make are kept as they are.
//! Rules with a start or an end are spells, which have fields of their own.

use super::field::{Number, choice_field};
use super::server::edit;
use crate::experiment::server::{Fault, Rule, When};
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

/// What the page offers, and what it says of it.
const FAULTS: [(Option<Fault>, &str); 9] = [
    (None, "nothing"),
    (Some(Fault::Status(503)), "503, overloaded"),
    (Some(Fault::Status(429)), "429, no delay named"),
    (Some(Fault::Status(500)), "500, internal"),
    (Some(Fault::Stall), "no byte ever comes"),
    (Some(Fault::Cut), "cut in the middle"),
    (Some(Fault::ErrorInStream(503)), "error in the stream"),
    (Some(Fault::Slow(4.0)), "four times as slow"),
    (Some(Fault::Network), "no connection"),
];

/// How many tries a fault strikes at first.
const AT_FIRST_PERCENT: f64 = 10.0;

/// Adds the fields.
pub(super) fn fault_fields(fields: El, state: State) -> El {
    let names = FAULTS.map(|(_, name)| name);
    let now = move || {
        let fault = first_rule(state, |rule| rule.fault);
        FAULTS.iter().position(|(known, _)| *known == fault).unwrap_or_default()
    };
    let choice = choice_field("What goes wrong", &names, now, move |place| {
        strike_any(state, FAULTS[place].0, AT_FIRST_PERCENT);
    });
    let fine = || el("p").class("fine").text("Now only for chosen requests; a new share makes it any.");
    fields
        .child(choice)
        .when(move || first_rule(state, |_| ()).is_some(), move || share_field(state))
        .when(move || first_rule(state, strikes_some).unwrap_or(false), fine)
}

fn share_field(state: State) -> El {
    Number::new("For so many tries, %", 0.0, 100.0).field(
        move || first_rule(state, |rule| rule.when.probability * 100.0),
        move |percent| {
            let fault = first_rule(state, |rule| rule.fault);
            strike_any(state, fault, percent.unwrap_or(0.0).clamp(0.0, 100.0));
        },
    )
}

/// What `read` sees in the first rule that strikes attempts whenever they are made, if there is one.
fn first_rule<T>(state: State, read: fn(&Rule) -> T) -> Option<T> {
    state.experiment.read().server.simulated()?.faults.iter().find(|rule| rule.is_plain()).map(read)
}

/// Whether a rule asks for more than luck.
fn strikes_some(rule: &Rule) -> bool {
    rule.when != When { probability: rule.when.probability, ..When::default() }
}

/// Has `fault` strike so many of all tries, and no other but spells.
fn strike_any(state: State, fault: Option<Fault>, percent: f64) {
    edit(state, &|figures| figures.strike_any(fault, percent / 100.0));
    // The places of the spells may be others now.
    state.spell.set(None);
}
