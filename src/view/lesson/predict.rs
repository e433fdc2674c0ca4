//! The forms in which a prediction is made.

use super::card::Open;
use crate::browser::spawn::{Task, spawn};
use crate::id::lane_letter;
use crate::lesson::prediction::{Guess, Prediction};
use crate::time::Instant;
use crate::view::dom::event::entered_number;
use crate::view::dom::{El, el};
use crate::view::words::lesson::best;
use crate::view::words::units::moment;
use leptos::prelude::*;
use web_sys::HtmlElement;

/// The form of the lesson's prediction, with the buttons that end it.
pub(super) fn form(open: Open) -> El {
    let guess = RwSignal::new(first_guess(open));
    let fields = match open.lesson.prediction {
        Prediction::Finish { axis_secs, .. } => finish(open, axis_secs),
        Prediction::Order { .. } => order(open, guess),
        Prediction::Refused { most, .. } => number(guess, most),
        Prediction::Wins(by) => lanes(open, guess, best(by), false),
        Prediction::Limit => lanes(open, guess, "The limit to choose", true),
        Prediction::Truth { .. } => truth(guess),
    };
    let said = move || match open.state.guide.marks.read_untracked().finish {
        Some((_, at)) => Some(Guess::At(at)),
        None => guess.get_untracked(),
    };
    let begins_filled = guess.with_untracked(Option::is_some);
    // Without its words nobody knows what is asked, nor what to see after.
    let is_asked = move || open.has_words();
    let is_said = move || is_asked() && guess.read().is_some() && (!begins_filled || open.state.guide.is_said.get());
    let run = el("button")
        .class("primary")
        .flag_by("disabled", move || !is_said())
        .on("click", move |_| open.commit(said()))
        .text("That is my answer: run it");
    let skip = el("button")
        .class("ghost")
        .flag_by("disabled", move || !is_asked())
        .on("click", move |_| {
            open.state.guide.marks.update(|marks| marks.finish = None);
            open.commit(None);
        })
        .text("Run it without an answer");
    fields.child(el("div").class("row").child(run).child(skip))
}

/// What stands in the form before anything was entered; none where something must be.
fn first_guess(open: Open) -> Option<Guess> {
    match open.lesson.prediction {
        Prediction::Finish { lane, axis_secs } => {
            // In the middle, which is as good a place to begin as any.
            let middle = Instant::from_millis(f64::from(axis_secs) * 500.0);
            open.state.guide.marks.update(|marks| marks.finish = Some((lane, middle)));
            Some(Guess::At(middle))
        }
        Prediction::Order { items, .. } => Some(Guess::Order(items.to_vec())),
        Prediction::Refused { .. } | Prediction::Wins(_) | Prediction::Limit | Prediction::Truth { .. } => None,
    }
}

/// What a press of an arrow moves the finish line by: about a hundredth of the axis, in whole tenths of a second as they
/// are shown.
fn step_millis(axis_secs: u32) -> u32 {
    (axis_secs * 10 / 100 * 100).max(100)
}

/// The finish line: on the timeline it is dragged, here it has its keys.
fn finish(open: Open, axis_secs: u32) -> El {
    let at = move || open.state.guide.marks.read().finish.map_or(Instant::ZERO, |(_, at)| at);
    let slider = el("input")
        .attr("type", "range")
        .class("finish")
        .attr("aria-label", "Finish line")
        .attr("min", "0")
        .attr("max", &(axis_secs * 1_000).to_string())
        .attr("step", &step_millis(axis_secs).to_string())
        .value_by(move || (at().0 / 1_000).to_string())
        .attr_by("aria-valuetext", move || moment(at()))
        .on("input", move |event| {
            if let Some(millis) = entered_number(&event) {
                open.state.guide.put_finish(Instant::from_millis(millis));
            }
        });
    let hint = el("p").class("fine").text("Drag the dashed line on the timeline, or this slider.");
    el("div")
        .class("predict")
        .child(el("div").class("row").child(slider).child(el("b").class("said").text_by(move || moment(at()))))
        .child(hint)
}

/// A list to bring into order.
fn order(open: Open, guess: RwSignal<Option<Guess>>) -> El {
    let items = move || match guess.get() {
        Some(Guess::Order(items)) => items,
        _ => Vec::new(),
    };
    let moved = move |item: u32, down: bool| {
        open.state.guide.is_said.set(true);
        guess.update(|guess| {
            let Some(Guess::Order(items)) = guess else { return };
            let Some(place) = items.iter().position(|each| *each == item) else { return };
            let other = if down { place + 1 } else { place.wrapping_sub(1) };
            if other < items.len() {
                items.swap(place, other);
            }
        });
    };
    let row = move |key: usize| {
        let item = u32::try_from(key).unwrap_or(u32::MAX);
        let name = open.name_of(item);
        let button = |down: bool, words: &str, sign: &str| {
            let button = el("button").class("ghost").attr("aria-label", &format!("{name}: {words}")).text(sign);
            let (node, focusing) = (button.node::<HtmlElement>(), StoredValue::new_local(None::<Task>));
            button.on("click", move |_| {
                moved(item, down);
                let node = node.clone();
                // A row that moves loses the focus, and it moves only after this turn.
                focusing.set_value(Some(spawn(async move {
                    let _ = node.focus();
                })));
            })
        };
        vec![
            el("li")
                .child(el("span").text(&name))
                .child(button(false, "earlier", "↑"))
                .child(button(true, "later", "↓")),
        ]
    };
    let keys = move || items().into_iter().map(|item| item as usize).collect();
    el("div")
        .class("predict")
        .child(el("ol").class("order").attr("aria-label", "The order of ending, the first at the top").each(keys, row))
}

/// So many refusals.
fn number(guess: RwSignal<Option<Guess>>, most: u32) -> El {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
    let whole = |number: f64| number.round() as u32;
    let field = el("input")
        .attr("type", "number")
        .attr("id", "predicted-number")
        .attr("min", "0")
        .attr("max", &most.to_string())
        .on("input", move |event| guess.set(entered_number(&event).map(|n| Guess::Count(whole(n).min(most)))));
    let label = el("label").attr("for", "predicted-number").text("Refusals");
    el("div").class("predict").child(el("div").class("row").child(label).child(field))
}

/// One of the lanes, by its name or by its limit.
fn lanes(open: Open, guess: RwSignal<Option<Guess>>, question: &str, by_limit: bool) -> El {
    let lanes = open.state.experiment.with_untracked(|experiment| {
        let name = |(number, lane): (usize, &crate::experiment::LaneSpec)| match lane.limit {
            Some(limit) if by_limit => limit.to_string(),
            _ => format!("{}  {}", lane_letter(u8::try_from(number).unwrap_or(u8::MAX)), lane.name),
        };
        experiment.lanes.iter().enumerate().map(name).collect::<Vec<_>>()
    });
    let choices = lanes.iter().enumerate().map(|(lane, name)| choice(guess, Guess::Lane(lane), name));
    choices_of(question).children(choices)
}

fn truth(guess: RwSignal<Option<Guess>>) -> El {
    choices_of("True or false?").child(choice(guess, Guess::Truth(true), "True")).child(choice(
        guess,
        Guess::Truth(false),
        "False",
    ))
}

fn choices_of(question: &str) -> El {
    el("div").class("predict choices").attr("role", "radiogroup").attr("aria-label", question)
}

fn choice(guess: RwSignal<Option<Guess>>, of: Guess, name: &str) -> El {
    let own = of.clone();
    let radio = el("input")
        .attr("type", "radio")
        .attr("name", "predicted")
        .checked_by(move || guess.read().as_ref() == Some(&own))
        .on("change", move |_| guess.set(Some(of.clone())));
    el("label").class("choice").child(radio).child(el("span").text(name))
}
