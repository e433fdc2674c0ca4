//! The dialog that makes a link for a class: what is locked, what is to be reached, and a note.

use crate::browser::page;
use crate::id::lane_letter;
use crate::lesson::assignment::{Assignment, AssignmentError, What, encode};
use crate::lesson::goal::Goal;
use crate::lesson::lock::Lock;
use crate::view::controls::field::{Number, choice_field, text_field, tick_field, whole};
use crate::view::dom::event::chosen;
use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::share::{link_row, without_prompts};
use crate::view::state::{Dialog, State};
use crate::view::words::assignment::lock as name;
use crate::view::words::units::capital;
use leptos::prelude::*;

/// What is entered. A handle: copies share it.
#[derive(Clone, Copy)]
struct Form {
    state: State,
    locked: RwSignal<Vec<Lock>>,
    goal: RwSignal<Goal>,
    note: RwSignal<String>,
    presents: RwSignal<bool>,
    with_prompts: RwSignal<bool>,
}

pub(super) fn assign_dialog(state: State) -> El {
    let form = Form {
        state,
        locked: RwSignal::default(),
        goal: RwSignal::default(),
        note: RwSignal::default(),
        presents: RwSignal::new(false),
        with_prompts: RwSignal::new(false),
    };
    let prompts = move || {
        tick_field(
            "Put my prompts, steps, fixed texts and the system instruction into it",
            move || form.with_prompts.get(),
            move |on| form.with_prompts.set(on),
        )
    };
    let problem = move || {
        let words = move || form.link().err().map(|error| capital(&error.to_string())).unwrap_or_default();
        el("p").class("problem").attr("role", "alert").text_by(words).text(".")
    };
    modal(state, Dialog::Assign, "For a class")
        .class("assign")
        .child(el("p").text_by(move || form.about()))
        .child(form.locks())
        .child(form.goal_fields())
        .child(text_field(
            "Note to the class (at most 280 characters)",
            3,
            move || form.note.get(),
            move |text| form.note.set(text.trim().to_owned()),
        ))
        .child(choice_field(
            "It opens",
            &["to be played with", "before an audience"],
            move || usize::from(form.presents.get()),
            move |place| form.presents.set(place == 1),
        ))
        .when(move || state.guide.lesson.read().is_none(), prompts)
        .when(move || form.offers(true), move || link_row(move || form.link().ok()))
        .when(move || form.offers(false), problem)
}

impl Form {
    fn about(self) -> String {
        let what = match self.state.guide.lesson.get() {
            Some(lesson) => format!("The link opens the lesson “{}” at its beginning.", lesson.title),
            None => "The link opens the experiment as it stands now.".to_owned(),
        };
        format!("{what} It holds neither a key nor a server's address, and whoever opens it can unlock everything.")
    }

    /// What the link is to open.
    fn what(self) -> What {
        if let Some(lesson) = self.state.guide.lesson.get() {
            return What::Lesson(lesson.id.to_owned());
        }
        let experiment = self.state.experiment.read();
        let shared = if self.with_prompts.get() { experiment.clone() } else { without_prompts(&experiment) };
        What::Experiment(shared.into())
    }

    fn link(self) -> Result<String, AssignmentError> {
        let goal = Some(self.goal.get()).filter(|goal| !goal.terms().is_empty());
        let given = Assignment {
            locked: self.offered().into_iter().filter(|lock| self.locked.read().contains(lock)).collect(),
            goal,
            note: self.note.get(),
            presents: self.presents.get(),
            ..Assignment::new(self.what())
        };
        Ok(format!("{}#t={}", page::address(), encode(&given)?))
    }

    /// Whether to show a link, or why there is none. A link is made only for a dialog that is open.
    fn offers(self, link: bool) -> bool {
        self.state.dialog.get() == Some(Dialog::Assign) && self.link().is_ok() == link
    }

    /// The groups that can be locked: of a lesson, those that its knobs are in.
    fn offered(self) -> Vec<Lock> {
        let lesson = self.state.guide.lesson.get();
        let is_there =
            |lock: &Lock| lesson.is_none_or(|lesson| lesson.knobs.iter().any(|&knob| Lock::of(knob).contains(lock)));
        Lock::ALL.into_iter().filter(is_there).collect()
    }

    fn locks(self) -> El {
        let places = move || {
            let offered = self.offered();
            let all = Lock::ALL.iter().enumerate();
            all.filter(|(_, lock)| offered.contains(lock)).map(|(place, _)| place).collect()
        };
        let tick = move |place: usize| {
            let lock = Lock::ALL[place];
            let set = move |on: bool| {
                self.locked.update(|locked| {
                    locked.retain(|other| *other != lock);
                    if on {
                        locked.push(lock);
                    }
                });
            };
            vec![tick_field(name(lock), move || self.locked.read().contains(&lock), set)]
        };
        el("fieldset").child(el("legend").text("Locked")).each(places, tick)
    }

    fn goal_fields(self) -> El {
        let figure = |number: Number, read: fn(&Goal) -> Option<f64>, put: fn(&mut Goal, Option<f64>)| {
            number.field(move || read(&self.goal.read()), move |entered| self.goal.update(|goal| put(goal, entered)))
        };
        let most = f64::from(Goal::MOST);
        el("fieldset")
            .child(el("legend").text("Goal (leave all empty for none)"))
            .child(self.lane_field())
            .child(figure(
                Number::new("Done in under, s", 0.0, most / 1_000.0).by(0.1),
                |goal| goal.under_millis.map(|millis| f64::from(millis) / 1_000.0),
                |goal, secs| goal.under_millis = secs.map(|secs| whole(secs * 1_000.0)),
            ))
            .child(figure(
                Number::new("Refusals at most", 0.0, most),
                |goal| goal.most_refusals.map(f64::from),
                |goal, most| goal.most_refusals = most.map(whole),
            ))
            .child(figure(
                Number::new("Calls at most", 0.0, most),
                |goal| goal.most_calls.map(f64::from),
                |goal, most| goal.most_calls = most.map(whole),
            ))
            .child(tick_field(
                "Every request is answered",
                move || self.goal.read().all_answered,
                move |on| self.goal.update(|goal| goal.all_answered = on),
            ))
    }

    /// Which lane has to reach it: one of those that there are, or whichever is best.
    fn lane_field(self) -> El {
        let lanes = move || (0..self.state.experiment.read().lanes.len()).collect::<Vec<_>>();
        let option = |lane: usize| {
            let words = format!("lane {}", lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)));
            vec![el("option").attr("value", &(lane + 1).to_string()).text(&words)]
        };
        let select = el("select")
            .attr("id", "goal-lane")
            .child(el("option").attr("value", "0").text("the best lane"))
            .each(lanes, option)
            .on("change", move |event| {
                let lane = chosen(&event).and_then(|place| u8::try_from(place.checked_sub(1)?).ok());
                self.goal.update(|goal| goal.lane = lane);
            })
            .value_by(move || {
                // Its options come and go with the lanes.
                let _ = lanes();
                self.goal.read().lane.map_or(0, |lane| usize::from(lane) + 1).to_string()
            });
        el("div").class("field row").child(el("label").attr("for", "goal-lane").text("Reached by")).child(select)
    }
}
