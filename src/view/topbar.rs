//! The top of the page: its name, exercises to load, where requests go, and what to do with it all.

use crate::experiment::Server;
use crate::view::dom::{El, el, svg};
use crate::view::exercises::exercises;
use crate::view::state::{Dialog, State};
use crate::view::theme::Theme;
use leptos::prelude::*;

pub(crate) fn top_bar(state: State, theme: Theme) -> El {
    let key = el("button")
        .class("ghost")
        .on("click", move |_| state.dialog.set(Some(Dialog::Connect)))
        .text_by(move || if state.connection.read().is_some() { "API key" } else { "Use my API key" }.to_owned());
    let share = el("button").class("ghost").on("click", move |_| state.dialog.set(Some(Dialog::Share))).text("Share");
    let lessons =
        el("button").class("lessons").on("click", move |_| state.dialog.set(Some(Dialog::Course))).text("Lessons");
    let present = el("button")
        .class("ghost")
        .attr("title", "Large, for an audience: the arrow keys lead from beat to beat")
        .on("click", move |_| state.present(!state.guide.is_presenting.get_untracked()))
        .text_by(move || if state.guide.is_presenting.get() { "End the talk" } else { "Present" }.to_owned());
    let light = el("button")
        .class("ghost")
        .on("click", move |_| theme.toggle())
        .attr_by("aria-label", move || if theme.is_dark() { "Light theme" } else { "Dark theme" }.to_owned())
        .text("◐");
    el("header")
        .class("top")
        .child(el("h1").class("brand").child(logo()).text("Lanescope"))
        .child(lessons)
        .child(exercises(state))
        .child(
            el("div")
                .class("end")
                .with(|end| destination(end, state))
                .child(key)
                .child(share)
                .child(present)
                .child(light),
        )
}

/// Where requests go: nowhere, or to this host.
fn destination(end: El, state: State) -> El {
    let pill = |class| el("span").class(class).child(el("span").class("dot"));
    let host = move || match &*state.connection.read() {
        Some(connection) => format!("Real: {}", connection.host()),
        None => "Real server, no key yet".to_owned(),
    };
    let simulate =
        move || el("button").class("ghost").on("click", move |_| state.disconnect()).text("Simulate instead");
    let simulated = move || match &state.experiment.read().server {
        Server::Recorded(_) => "Replayed from your run",
        _ => "Simulated",
    };
    // On a narrow screen the rest goes without saying.
    let free = move || el("span").class("wide").text(", no key needed");
    let needs_none = move || matches!(state.experiment.read().server, Server::Simulated(_));
    end.when(
        move || !state.is_connected(),
        move || pill("pill").child(el("span").text_by(move || simulated().to_owned()).when(needs_none, free)),
    )
    .when(move || state.is_connected(), move || pill("pill real").text_by(host))
    .when(move || state.is_connected(), simulate)
}

fn logo() -> El {
    let bar = |class, (x, y, width)| {
        svg("rect").class(class).attr("x", x).attr("y", y).attr("width", width).attr("height", "3.4").attr("rx", "1.7")
    };
    svg("svg")
        .class("logo")
        .attr("width", "22")
        .attr("height", "22")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(bar("first-byte", ("2", "4", "13")))
        .child(bar("streaming", ("6", "10.3", "16")))
        .child(bar("backing-off", ("4", "16.6", "9")))
}
