//! Labelled fields for numbers, words and choices.

use crate::figure::plain;
pub(crate) use crate::figure::whole;
use crate::view::dom::event::{chosen, entered, entered_number, is_ticked};
use crate::view::dom::{El, el};
use leptos::prelude::*;
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use web_sys::Event;

/// A name for a field that no other on the page has.
fn unique_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("field-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A field for a number.
#[derive(Clone)]
pub(crate) struct Number {
    /// What it is, with its unit.
    label: Cow<'static, str>,
    least: f64,
    most: f64,
    /// The steps of its arrows.
    step: f64,
    /// Up to where it also has a slider, if it has.
    slider: Option<f64>,
}

impl Number {
    /// A field for whole numbers from `least` to `most`.
    pub(crate) fn new(label: impl Into<Cow<'static, str>>, least: f64, most: f64) -> Self {
        Self { label: label.into(), least, most, step: 1.0, slider: None }
    }

    /// The same in other steps.
    pub(crate) fn by(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// The same with a slider up to `most`.
    pub(crate) fn slider(self, most: f64) -> Self {
        Self { slider: Some(most), ..self }
    }

    /// The field. No number shows as an empty one; `set` takes what was entered, and nothing where
    /// the field was emptied.
    pub(crate) fn field(self, value: impl Fn() -> Option<f64> + 'static, set: impl Fn(Option<f64>) + 'static) -> El {
        self.boxed(Rc::new(value), Rc::new(set))
    }

    fn boxed(self, value: Rc<dyn Fn() -> Option<f64>>, set: Rc<dyn Fn(Option<f64>)>) -> El {
        let id = unique_id();
        let label = el("label").attr("for", &id).text(&self.label);
        let shown = value.clone();
        let number = self
            .input("number")
            .attr("max", &plain(self.most))
            .value_by(move || shown().map(plain).unwrap_or_default())
            .attr("id", &id)
            .on("change", enter(set.clone()));
        let field = el("div").class("field").child(el("div").class("row").child(label).child(number));
        let Some(most) = self.slider else { return field };
        // A number that was typed may lie beyond it: then it reaches as far as that. No number is its far end.
        let reach = Rc::new(Cell::new(most));
        let (far, shown) = (reach.clone(), value.clone());
        let widest = move || {
            far.set(far.get().max(shown().unwrap_or(most)));
            plain(far.get())
        };
        let slider = self.input("range").attr_by("max", widest).value_by(move || plain(value().unwrap_or(reach.get())));
        field.child(slider.attr("aria-label", &self.label).on("input", enter(set)))
    }

    fn input(&self, kind: &str) -> El {
        el("input").attr("type", kind).attr("min", &plain(self.least)).attr("step", &plain(self.step))
    }
}

fn enter(set: Rc<dyn Fn(Option<f64>)>) -> impl Fn(Event) {
    move |event| set(entered_number(&event))
}

/// A field for words, under its label: an area of so many rows, or a single line where that is 1.
pub(crate) fn text_field(
    label: &str,
    rows: u8,
    value: impl Fn() -> String + 'static,
    set: impl Fn(&str) + 'static,
) -> El {
    text_boxed(label, rows, Box::new(value), Box::new(set))
}

fn text_boxed(label: &str, rows: u8, value: Box<dyn Fn() -> String>, set: Box<dyn Fn(&str)>) -> El {
    let id = unique_id();
    let field = if rows > 1 { el("textarea").attr("rows", &rows.to_string()) } else { el("input") };
    let field = field.attr("id", &id).value_by(value).on("change", move |event| set(&entered(&event)));
    el("div").class("field").child(el("label").attr("for", &id).text(label)).child(field)
}

/// A field for words that must be read: what `take` says is wrong with them stands below, and nothing has changed then.
pub(crate) fn read_field(
    label: &str,
    rows: u8,
    value: impl Fn() -> String + 'static,
    take: impl Fn(&str) -> Result<(), String> + 'static,
) -> El {
    read_boxed(label, rows, Box::new(value), Box::new(take))
}

/// Takes words over, or says what is wrong with them.
type Reader = Box<dyn Fn(&str) -> Result<(), String>>;

fn read_boxed(label: &str, rows: u8, value: Box<dyn Fn() -> String>, take: Reader) -> El {
    let problem = RwSignal::new(String::new());
    let shown = move || {
        // What it holds anew could be read.
        problem.set(String::new());
        value()
    };
    let words = move || el("p").class("problem").attr("role", "alert").text_by(move || problem.get()).text(".");
    text_boxed(
        label,
        rows,
        Box::new(shown),
        Box::new(move |text: &str| problem.set(take(text).err().unwrap_or_default())),
    )
    .when(move || !problem.read().is_empty(), words)
}

/// One of several, each known by its place, with its label.
pub(crate) fn choice_field(
    label: &str,
    choices: &[&str],
    value: impl Fn() -> usize + 'static,
    set: impl Fn(usize) + 'static,
) -> El {
    choice_boxed(label, choices, Box::new(value), Box::new(set))
}

fn choice_boxed(label: &str, choices: &[&str], value: Box<dyn Fn() -> usize>, set: Box<dyn Fn(usize)>) -> El {
    let id = unique_id();
    let label = el("label").attr("for", &id).text(label);
    let mut select = el("select").attr("id", &id).on("change", move |event| {
        if let Some(place) = chosen(&event) {
            set(place);
        }
    });
    for (place, name) in choices.iter().enumerate() {
        select = select.child(el("option").attr("value", &place.to_string()).text(name));
    }
    let select = select.value_by(move || value().to_string());
    el("div").class("field row").child(label).child(select)
}

/// A box to tick, with its label.
pub(crate) fn tick_field(label: &str, value: impl Fn() -> bool + 'static, set: impl Fn(bool) + 'static) -> El {
    let tick = el("input").attr("type", "checkbox").checked_by(value).on("change", move |event| set(is_ticked(&event)));
    el("label").class("field tick").child(tick).child(el("span").text(label))
}
