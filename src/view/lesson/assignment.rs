//! The card of a teacher's link: the note, the goal in its terms, and what each run reaches of them.

use crate::lesson::assignment::{Assignment, What};
use crate::lesson::goal::{Checked, Reached, Term};
use crate::lesson::ran::Ran;
use crate::view::copying::copy_button;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::assignment::{line, outcome, reached, term};
use leptos::prelude::*;
use std::rc::Rc;

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// No run is over yet.
    NotYet,
    /// The run is not of what was given: something locked is another there, or the lane is gone.
    Another,
    /// It was checked. The seed is none of a real run.
    Checked(Checked, Option<u64>),
}

/// What the card knows. A handle: copies share it.
#[derive(Clone)]
struct Card {
    state: State,
    given: Rc<Assignment>,
    result: RwSignal<Outcome>,
}

pub(super) fn card(state: State, given: Rc<Assignment>) -> El {
    let card = Card { state, given, result: RwSignal::new(Outcome::NotYet) };
    card.check_each_run();
    let section = el("section").class("card lesson").attr("aria-label", "From the link").child(card.head());
    let section = match &*card.given.note {
        "" => section,
        note => section.child(el("p").class("note").text(note)),
    };
    match card.given.goal {
        None => section,
        Some(goal) => section.child(card.terms(goal.terms())).child(card.verdict()),
    }
}

impl Card {
    /// Checks a run when all of it has been seen: the goal must not tell how it ends. What was found stays until
    /// another run is shown.
    fn check_each_run(&self) {
        let (state, result, given) = (self.state, self.result, self.given.clone());
        let is_seen = Memo::new(move |_| {
            let is_over = state.playback.read().is_at_end() || state.guide.stop.get().is_some();
            is_over && !state.guide.is_held.get() && state.live.read().is_none()
        });
        let mut checked = None;
        follow(move || {
            let (run, is_seen) = (state.own_run(), is_seen.get());
            if run.is_some() && checked == run {
                return;
            }
            let found =
                state.with_picture(|picture| (is_seen && run.is_some()).then(|| check(&given, picture))).flatten();
            checked = run.filter(|_| found.is_some());
            let found = found.unwrap_or(Outcome::NotYet);
            if *result.read_untracked() != found {
                result.set(found);
            }
        });
    }

    /// What it is, and the ways back and out. A lesson has its own.
    fn head(&self) -> El {
        let (state, given) = (self.state, self.given.clone());
        let title = if given.goal.is_some() { "Your goal" } else { "From the link" };
        let head = el("div").class("lesson-head").child(el("h2").text(title));
        if matches!(given.what, What::Lesson(_)) {
            return head;
        }
        let again = el("button").class("ghost").on("click", move |_| state.begin_assignment(&given)).text("Start over");
        let leave = el("button")
            .class("ghost")
            .attr("title", "Unlocks everything")
            .on("click", move |_| state.leave_assignment())
            .text("Open in the playground");
        head.child(el("div").class("end").child(again).child(leave))
    }

    fn terms(&self, terms: Vec<Term>) -> El {
        let row = |(place, of): (usize, Term)| {
            let result = self.result;
            let found = move || result.with(|result| reached_of(result, place));
            let mark = move || match found() {
                Some(Reached { met: true, .. }) => "✓ ",
                Some(_) => "✕ ",
                None => "○ ",
            };
            let figure = move || found().map(|found| format!(": {}", reached(&found))).unwrap_or_default();
            el("li")
                .class_by("met", move || found().is_some_and(|found| found.met))
                .class_by("missed", move || found().is_some_and(|found| !found.met))
                .child(el("span").class("mark").text_by(move || mark().to_owned()))
                .text(&term(of))
                .child(el("b").text_by(figure))
        };
        el("ul").class("terms").attr("aria-label", "Goal").children(terms.into_iter().enumerate().map(row))
    }

    fn verdict(&self) -> El {
        let result = self.result;
        let names_lane = self.given.goal.is_some_and(|goal| goal.lane.is_none());
        let words = move || match &*result.read() {
            Outcome::NotYet => String::new(),
            Outcome::Another => {
                "This run is not the one that the link asks for: something that it locked was changed.".to_owned()
            }
            Outcome::Checked(checked, _) => outcome(checked, names_lane),
        };
        let copied = move || match &*result.read() {
            Outcome::Checked(checked, seed) => Some(line(checked, *seed)),
            Outcome::NotYet | Outcome::Another => None,
        };
        let verdict = el("p").class("lesson-verdict").attr("role", "status").text_by(words);
        el("div").class("row").child(verdict).when(
            move || matches!(*result.read(), Outcome::Checked(..)),
            move || copy_button("Copy the result", copied).class("ghost"),
        )
    }
}

/// What a run came to, if it is of what was given.
fn check(given: &Assignment, picture: &Picture) -> Outcome {
    let (Some(goal), true) = (given.goal, given.is_kept(&picture.experiment)) else { return Outcome::Another };
    let seed = picture.experiment.seed;
    let is_real = picture.is_real();
    match goal.check(&Ran::new(picture.trace())) {
        Some(checked) => Outcome::Checked(checked, (!is_real).then_some(seed)),
        None => Outcome::Another,
    }
}

fn reached_of(result: &Outcome, place: usize) -> Option<Reached> {
    match result {
        Outcome::Checked(checked, _) => checked.terms.get(place).copied(),
        Outcome::NotYet | Outcome::Another => None,
    }
}
