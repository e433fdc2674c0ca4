//! What the selected lane shows, as checked sentences; a press on one selects the first request of it.

use crate::browser::later::later;
use crate::trace::finding::{Finding, findings};
use crate::view::dom::{El, el};
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use crate::view::words::finding::sentence_with;
use leptos::prelude::*;

/// The findings, to unfold.
pub(crate) fn findings_of_lane(state: State) -> El {
    made_when_opened(state, "Findings", list)
}

later! { tools:
    fn list(state: State, home: Owner) -> El {
        home.with(|| untrack(|| el("ul").class("findings").part(move || entries(state))))
    }
}

fn entries(state: State) -> Vec<El> {
    // They are about the whole run, and nothing later than the playhead is said.
    if !state.playback.read().is_at_end() || state.live.read().is_some() {
        return vec![el("li").class("fine").text("At the end of the run.")];
    }
    let lane = state.selected.get().0;
    let found = state
        .with_picture(|picture| Some(findings(&*picture.log(lane)?, picture.fold(lane)?, picture.plans.get(lane)?)));
    let found = found.flatten().unwrap_or_default();
    if found.is_empty() {
        return vec![el("li").class("fine").text("Nothing stands out.")];
    }
    found.iter().map(|finding| entry(state, lane, finding)).collect()
}

fn entry(state: State, lane: usize, finding: &Finding) -> El {
    let name = |item| state.with_picture(|picture| picture.name_of(lane, item)).unwrap_or_default();
    let sentence = sentence_with(&finding.about, &name);
    match finding.items.first() {
        Some(&item) => {
            let select = el("button").on("click", move |_| state.selected.set((lane, item as usize))).text(&sentence);
            el("li").child(select)
        }
        None => el("li").text(&sentence),
    }
}
