//! Now you: the few controls that a lesson leaves to play with.

use super::card::Open;
use crate::lesson::knob::{Dial, Knob};
use crate::lesson::lock::Lock;
use crate::view::controls::field::{Number, choice_field, tick_field, whole};
use crate::view::controls::lock::group;
use crate::view::dom::{El, el};
use crate::view::words::lesson::{choices, knob as name};
use leptos::prelude::*;

/// What to try, and the knobs for it.
pub(super) fn now_you(open: Open) -> El {
    let knobs = open.lesson.knobs.iter().map(|&knob| group(open.state, Lock::of(knob)).child(field(open, knob)));
    el("div")
        .class("now-you")
        .child(el("h3").text("Now you"))
        .child(open.spell(el("p"), |marked| &marked.now_you))
        .child(el("div").class("knobs").children(knobs))
}

fn field(open: Open, knob: Knob) -> El {
    let name = name(knob, &|row| open.name_of(row));
    let stands = move || knob.get(&open.state.experiment.read()).unwrap_or_default();
    let set = move |value: u32| {
        open.state.turn(knob, value);
    };
    match knob.dial() {
        Dial::Number(least, most) if knob.is_tenths() => {
            let secs = |tenths: u32| f64::from(tenths) / 10.0;
            Number::new(name, secs(least), secs(most)).by(0.1).field(
                move || Some(secs(stands())),
                move |entered| {
                    if let Some(entered) = entered {
                        set(whole(entered * 10.0).clamp(least, most));
                    }
                },
            )
        }
        Dial::Number(least, most) => Number::new(name, f64::from(least), f64::from(most)).field(
            move || Some(f64::from(stands())),
            move |entered| {
                if let Some(entered) = entered {
                    set(whole(entered).clamp(least, most));
                }
            },
        ),
        Dial::Choice(_) => choice_field(
            &name,
            choices(knob),
            move || stands() as usize,
            move |place| set(u32::try_from(place).unwrap_or_default()),
        ),
        Dial::Switch => tick_field(&name, move || stands() > 0, move |is| set(u32::from(is))),
    }
}
