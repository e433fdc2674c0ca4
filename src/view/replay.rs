//! From a real run to its replay in virtual time, and how far the next real run was from what that foretold.

use crate::browser::later::later;
use crate::study::fit::{fit, gaps, predict, takes};
use crate::view::controls::field::tick_field;
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::opened::add_when_fetched;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::replay::{gap, rests_on};
use crate::view::words::units::capital;
use leptos::prelude::*;

/// Adds what can be done with a real run that is over, and what a replay is. Its code is fetched when a real run begins:
/// at the end of one there may be no connection.
pub(crate) fn replay_place(stage: El, state: State) -> El {
    // Of two that are compared there are two servers.
    let is_wanted = move || {
        let is_one = state.versus().is_none();
        state.with_picture(|picture| is_one && (picture.is_replay() || picture.is_real())) == Some(true)
    };
    let place = move || {
        let place = el("div");
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &place, card(state, home), || ()));
        place
    };
    stage.when(is_wanted, place)
}

/// Whether there is a real run to replay.
fn is_over(state: State) -> bool {
    let is_over = state.live.get().is_none();
    state.with_picture(|picture| is_over && picture.is_real() && has_sent(picture)) == Some(true)
}

fn has_sent(picture: &Picture) -> bool {
    (0..picture.len()).any(|lane| picture.fold(lane).is_some_and(|fold| fold.rows.iter().any(|row| row.attempts > 0)))
}

later! { replay:
    fn card(state: State, home: Owner) -> El {
        home.with(|| {
            let is_replay = move || state.with_picture(Picture::is_replay) == Some(true);
            el("section")
                .class("card found replay")
                .attr("aria-label", "Replay")
                .class_by("gone", move || !is_replay() && !is_over(state))
                .when(move || is_over(state), move || of_real(state))
                .when(is_replay, move || of_replay(state))
        })
    }
}

/// How far it was from what was foretold, and the way to its replay.
fn of_real(state: State) -> El {
    let said = move || {
        let foretold = foretold_gap(state);
        foretold.unwrap_or_else(|| "Try other plans on the server that this run met, without sending anything.".into())
    };
    el("p").class("row").child(el("span").text_by(said)).child(button("Replay this run", move || replay(state)))
}

/// What it is, which durations it has, and the way back to the real server.
fn of_replay(state: State) -> El {
    let rests = move || state.with_picture(|picture| picture.experiment.server.recorded().map(rests_on)).flatten();
    let very = move || !state.experiment.read().server.takes().is_empty();
    let choice = move || tick_field("The very durations", very, move |uses| state.use_takes(uses));
    el("p")
        .class("row")
        .child(el("b").text("Replayed from your run"))
        .child(el("span").text_by(move || rests().unwrap_or_default()))
        .when(move || state.has_takes(), choice)
        .child(button("Run it for real", move || state.go_real()))
}

fn button(label: &str, act: impl Fn() + 'static) -> El {
    el("button").class("ghost").on("click", move |_| act()).text(label)
}

fn replay(state: State) {
    let fitted = state.with_picture(|picture| {
        let trace = picture.trace();
        Ok((fit(&trace)?, takes(&trace)?))
    });
    match fitted {
        Some(Ok((recorded, takes))) => state.replay(recorded, takes),
        Some(Err(problem)) => {
            let problem: crate::study::fit::FitError = problem;
            state.notice.set(Some(format!("{}.", capital(&problem.to_string()))));
        }
        None => {}
    }
}

/// How long the lanes were foretold to take, and took; none of a run that was not tried on a replay.
fn foretold_gap(state: State) -> Option<String> {
    state.with_picture(|picture| {
        let trace = picture.trace();
        let foretold = predict(&state.foretold()?, &trace.experiment).ok()?;
        gap(&gaps(&foretold, &trace), picture.len())
    })?
}
