//! A link to the experiment.

use crate::browser::page;
use crate::experiment::{Experiment, share};
use crate::view::copying::copy_button;
use crate::view::dom::event::is_ticked;
use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::state::{Dialog, State};
use crate::view::words::units::capital;
use leptos::prelude::*;

pub(crate) fn share_dialog(state: State) -> El {
    let sharing = Sharing { state, with_prompts: RwSignal::new(false) };
    let tick = el("input")
        .attr("type", "checkbox")
        .on("change", move |event| sharing.with_prompts.set(is_ticked(&event)))
        .checked_by(move || sharing.with_prompts.get());
    let ticked = el("span").text("Put my prompts, steps, fixed texts and the system instruction into it");
    let promise = move || {
        let sees = if state.is_connected() {
            "Whoever opens the link has the same experiment, to be run with a key of their own."
        } else {
            "Whoever opens the link sees the same simulation, to the microsecond."
        };
        format!("{sees} It holds neither a key nor a server's address.")
    };
    modal(state, Dialog::Share, "Share this experiment")
        .child(el("p").text_by(promise))
        .child(el("label").class("tick").child(tick).child(ticked))
        .when(move || sharing.offers(true), move || sharing.link_and_button())
        .when(move || sharing.offers(false), move || sharing.problem())
        .child(for_a_class(state))
}

/// The way to a link for a class.
fn for_a_class(state: State) -> El {
    let open = el("button").class("ghost").on("click", move |_| state.dialog.set(Some(Dialog::Assign)));
    el("div")
        .class("row")
        .child(el("span").class("fine").text("With locked controls and a goal that the page checks:"))
        .child(open.text("For a class …"))
}

/// What the dialog knows. A handle: copies share it.
#[derive(Clone, Copy)]
struct Sharing {
    state: State,
    with_prompts: RwSignal<bool>,
}

impl Sharing {
    /// The link, or why there is none.
    fn link(self) -> Result<String, String> {
        let experiment = self.state.experiment.read();
        let shared = if self.with_prompts.get() { experiment.clone() } else { without_prompts(&experiment) };
        match share::encode(&shared) {
            Ok(value) => Ok(format!("{}#x={value}", page::address())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether to show a link, or why there is none. A link is made only for a dialog that is open:
    /// it is made anew with every edit.
    fn offers(self, link: bool) -> bool {
        self.state.dialog.get() == Some(Dialog::Share) && self.link().is_ok() == link
    }

    fn link_and_button(self) -> El {
        link_row(move || self.link().ok())
    }

    fn problem(self) -> El {
        let words = move || self.link().err().map(|error| capital(&error)).unwrap_or_default();
        el("p").class("problem").attr("role", "alert").text_by(words).text(".")
    }
}

/// A link to read, and a button that copies it.
pub(crate) fn link_row(link: impl Fn() -> Option<String> + Clone + 'static) -> El {
    let own = link.clone();
    let field = el("input").class("link").attr("readonly", "").attr("aria-label", "Link");
    el("div")
        .class("row")
        .child(field.value_by(move || own().unwrap_or_default()))
        .child(copy_button("Copy", link).class("primary"))
}

/// The experiment with the default prompt in the place of the user's own, and nothing else that the user wrote to be
/// read. There are as many steps as before, and a text stands in where one did.
pub(crate) fn without_prompts(experiment: &Experiment) -> Experiment {
    let mut shared = experiment.clone();
    if let Some(calls) = shared.workload.calls_mut() {
        calls.prompts = crate::experiment::workload::Calls::default().prompts;
        calls.settings.system = None;
        calls.steps.fill("Go on.".into());
    }
    for fallback in shared.lanes.iter_mut().filter_map(|lane| lane.fallback.as_mut()) {
        fallback.text = fallback.text.as_ref().map(|_| "A fixed text.".into());
    }
    shared
}
