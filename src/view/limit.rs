//! What a search for the server's limit found, above the timeline of its run.

use crate::browser::later::later;
use crate::experiment::OnFailure;
use crate::gemini::forensics::forensics;
use crate::trace::limit_found::{Searched, search};
use crate::view::dom::life::keep;
use crate::view::dom::{El, el};
use crate::view::opened::add_when_fetched;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::limit::sentences;
use leptos::prelude::*;

/// Adds what was found, once a run that seeks a limit is over.
pub(crate) fn found_limit(stage: El, state: State) -> El {
    let is_over = move || {
        let seeks = |picture: &Picture| picture.plans.iter().any(|plan| plan.on_failure == OnFailure::StopAtRefusal);
        state.with_picture(seeks) == Some(true) && state.playback.read().is_at_end() && state.live.get().is_none()
    };
    let place = move || {
        let place = el("div");
        let home = Owner::current().unwrap_or_default();
        keep(add_when_fetched(state, &place, card(state, home), || ()));
        place
    };
    stage.when(is_over, place)
}

later! { tools:
    fn card(state: State, home: Owner) -> El {
        home.with(|| {
            let said = move || state.with_picture(what_was_found).flatten().unwrap_or_default();
            el("section")
                .class("card found")
                .attr("aria-label", "The limit")
                .child(el("p").child(el("b").text_by(move || said()[0].clone())).text(" ").text_by(move || said()[1].clone()))
        })
    }
}

fn what_was_found(picture: &Picture) -> Option<[String; 2]> {
    let lane = picture.plans.iter().position(|plan| plan.on_failure == OnFailure::StopAtRefusal)?;
    let (fold, log) = (picture.fold(lane)?, picture.log(lane)?);
    let searched = search(fold, &log);
    let refusal = match searched {
        Searched::Found(found) => log.failures.get(found.failure as usize),
        Searched::NotReached { .. } => None,
    };
    let said = refusal.and_then(|failure| Some(forensics(failure.status?, &failure.message, &failure.body)));
    let named = said.and_then(|said| Some((said.limit?, said.verdict)));
    Some(sentences(&searched, named))
}
