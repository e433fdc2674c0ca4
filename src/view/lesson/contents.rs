//! The course: its lessons in order, which of them were done, and how the first prediction went.

use super::progress;
use crate::browser::page;
use crate::lesson::progress::Progress;
use crate::lesson::{CARDS, Lesson, PARTS};
use crate::view::dom::{El, el};
use crate::view::modal::modal;
use crate::view::state::{Dialog, State};
use crate::view::words::lesson::progress as in_words;
use leptos::prelude::*;

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
