//! The course: its lessons in order, which of them were done, and how the first prediction went.

use super::{progress, terms};
use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::lesson::glossary::Glossary;
use crate::lesson::progress::Progress;
use crate::lesson::{CARDS, Lesson, PARTS};
use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::state::{Dialog, State};
use crate::view::words::lesson::progress as in_words;
use leptos::prelude::*;
use std::rc::Rc;

pub(crate) fn course_dialog(state: State) -> El {
    let progress = RwSignal::new(Progress::default());
    // What was done meanwhile counts when it is opened again.
    let is_open = move || state.dialog.get() == Some(Dialog::Course);
    crate::view::dom::life::follow(move || {
        if is_open() {
            progress.set(progress::read());
        }
    });
    let forget = move || {
        el("button")
            .class("ghost")
            .on("click", move |_| {
                progress::forget();
                progress.set(Progress::default());
                // The button that was pressed is gone.
                page::focus("dialog[open] .dialog-head button");
            })
            .text("Forget my progress")
    };
    let parts = PARTS.iter().map(|part| section(state, progress, part.title, part.lessons));
    modal(state, Dialog::Course, "Lessons")
        .class("course")
        .child(
            el("div")
                .class("row")
                .child(el("p").class("fine").text_by(move || in_words(&progress.read())))
                .when(move || !progress.read().done.is_empty(), forget),
        )
        .children(parts)
        .child(section(state, progress, "True or false?", CARDS))
        .child(words())
}

fn section(state: State, progress: RwSignal<Progress>, title: &str, lessons: &'static [Lesson]) -> El {
    let items = lessons.iter().map(|lesson| {
        let of = move || progress.read().done.get(lesson.id).copied();
        let mark = move || match of() {
            Some(true) => "right at once",
            Some(false) => "done",
            None => "",
        };
        let open = el("button")
            .class("link")
            .on("click", move |_| {
                state.dialog.set(None);
                page::go_to(&format!("lesson={}", lesson.id));
            })
            .text(lesson.title);
        el("li").child(open).child(el("span").class("fine").text_by(move || mark().to_owned()))
    });
    el("section").child(el("h3").text(title)).child(el("ol").children(items))
}

/// All terms of the course, fetched when they are first looked at.
fn words() -> El {
    let glossary = RwSignal::new_local(None::<Result<Rc<Glossary>, ()>>);
    let fetching = StoredValue::new_local(None::<Task>);
    let list = move || match &*glossary.read() {
        Some(Ok(glossary)) => vec![el("dl").children(glossary.terms.iter().flat_map(|term| {
            let name = el("dt").text(term.name());
            [name, el("dd").text(&term.sentence)]
        }))],
        Some(Err(())) => {
            let problem = "The words could not be fetched. Check the connection and open this again.";
            vec![el("p").class("problem").text(problem)]
        }
        None => Vec::new(),
    };
    el("details")
        .class("words")
        .child(el("summary").text("Words"))
        .on("toggle", move |_| {
            if !matches!(&*glossary.read(), Some(Ok(_))) {
                let fetched = async move { glossary.set(Some(terms::fetch().await.map_err(drop))) };
                fetching.set_value(Some(spawn(fetched)));
            }
        })
        .part(list)
}
