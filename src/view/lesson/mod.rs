//! A lesson on the page: what it is about, a prediction, the run, its beats, and something to play with. Its code and
//! its words are fetched when one is opened.

mod assign;
mod assignment;
mod beats;
mod card;
mod contents;
mod knobs;
mod predict;
mod progress;
mod talk;
mod terms;
mod tour;

pub(crate) use contents::course_dialog;
pub(crate) use tour::tour_place;

use crate::browser::later::later;
use crate::lesson::assignment::{Assignment, decode};
use crate::lesson::{self, Lesson};
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::opened::add_when_fetched;
use crate::view::state::State;
use crate::view::words::units::capital;
use leptos::prelude::*;
use std::rc::Rc;

later! { lessons:
    /// The lesson of that name.
    pub(crate) fn lesson_of(id: String) -> Option<&'static Lesson> {
        lesson::find(&id)
    }
}

later! { lessons:
    /// Begins what a teacher's link gives, or says why it can't be opened.
    pub(crate) fn begin_given(state: State, value: String) -> Result<(), String> {
        let given = decode(&value).map_err(|error| format!("{}.", capital(&error.to_string())));
        given.map(|given| state.begin_assignment(&Rc::new(given)))
    }
}

later! { lessons:
    /// The dialog that makes a link for a class.
    pub(crate) fn assign_dialog(state: State, home: Owner) -> El {
        home.with(|| untrack(|| assign::assign_dialog(state)))
    }
}

later! { lessons:
    fn assignment_card(state: State, given: Rc<Assignment>, home: Owner) -> El {
        home.with(|| untrack(|| assignment::card(state, given)))
    }
}

/// Adds what a teacher's link gives, while there is such a thing.
pub(crate) fn assignment_place(stage: El, state: State) -> El {
    stage.part(move || {
        let Some(given) = state.guide.assignment.get() else { return Vec::new() };
        let place = el("div");
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &place, assignment_card(state, given, home), || ()));
        vec![place]
    })
}

later! { lessons:
    fn lesson_card(state: State, lesson: &'static Lesson, below: El, home: Owner) -> El {
        home.with(|| untrack(|| card::card(state, lesson, &below)))
    }
}

later! { lessons:
    fn talk_card(state: State, home: Owner) -> El {
        home.with(|| talk::card(state))
    }
}

/// Adds the beats of an experiment that is shown to an audience, where no lesson has its own.
pub(crate) fn talk_place(stage: El, state: State) -> El {
    let is_talk = move || state.guide.is_presenting.get() && state.guide.lesson.read().is_none();
    stage.when(is_talk, move || {
        let place = el("div");
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &place, talk_card(state, home), || ()));
        place
    })
}

/// Adds the card of the lesson that is open; a second one comes into `below`.
pub(crate) fn lesson_place(stage: El, state: State, below: El) -> El {
    stage.part(move || {
        let Some(lesson) = state.guide.lesson.get() else { return Vec::new() };
        let (place, under) = (el("div"), el("div"));
        below.add(&under);
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &place, lesson_card(state, lesson, under.clone(), home), || ()));
        keep(Standing(under));
        vec![place]
    })
}

/// An element on the page. Dropping it takes it off.
struct Standing(El);

impl Drop for Standing {
    fn drop(&mut self) {
        self.0.remove();
    }
}
