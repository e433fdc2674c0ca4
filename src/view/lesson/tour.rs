//! The first visit: once the race has been played, three steps say what there is to see in it. A card lies over the
//! timeline; it takes no focus, moves nothing, and comes once.

use crate::browser::clock;
use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::browser::storage::{self, Keep};
use crate::browser::text;
use crate::experiment::preset;
use crate::lesson;
use crate::lesson::words::Words;
use crate::scene::playback::FITTED;
use crate::time::Instant;
use crate::view::dom::event::key;
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, el};
use crate::view::state::State;
use leptos::prelude::*;

/// Kept in this browser once the tour has been shown.
const KEPT: &str = "lanescope-tour";

/// How far the tour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tour {
    /// The race has not been played yet.
    Waiting,
    /// It stands on the page.
    Shown,
    /// It was ended, or the race is gone.
    Over,
}

/// Adds the place of the tour, if this is a first visit. Nothing is fetched before the race is over.
pub(crate) fn tour_place(timeline: El, state: State) -> El {
    if !page::fragment().is_empty() || storage::read(Keep::Browser, KEPT).is_some() {
        return timeline;
    }
    let tour = RwSignal::new(Tour::Waiting);
    let is_played = Memo::new(move |_| {
        let playback = state.playback.read();
        has_race(state) && playback.end > Instant::ZERO && playback.is_at_end()
    });
    follow(move || match tour.get() {
        // If the playhead leaves the end, this wait ends with what was read.
        Tour::Waiting if is_played.get() => keep(spawn(async move {
            if page::matches("(prefers-reduced-motion: reduce)") {
                // Nothing was played, but there was as much to look at.
                clock::pause(FITTED).await;
            }
            tour.set(Tour::Shown);
        })),
        Tour::Shown if !has_race(state) => tour.set(Tour::Over),
        Tour::Waiting | Tour::Shown | Tour::Over => {}
    });
    timeline.when(
        move || tour.get() == Tour::Shown,
        move || {
            let place = el("div").class("tour-place");
            let (made, home) = (place.clone(), Owner::current().unwrap_or_default());
            keep(spawn(async move {
                // Nobody asked for it: if it can't be fetched, nothing is said of that.
                if let Ok(card) = tour_card(state, tour, home).await {
                    made.add(&card);
                }
            }));
            place
        },
    )
}

/// Whether the page is as it opens: the race, unchanged, and nothing that asks for attention.
fn has_race(state: State) -> bool {
    let guide = state.guide;
    *state.preset.read() == Some(preset::PRESETS[0].id)
        && guide.lesson.read().is_none()
        && !guide.is_presenting.get()
        && !state.is_connected()
}

later! { lessons:
    fn tour_card(state: State, tour: RwSignal<Tour>, home: Owner) -> El {
        home.with(|| untrack(|| card(state, tour)))
    }
}

fn card(state: State, tour: RwSignal<Tour>) -> El {
    let (says, step) = (RwSignal::new(Vec::<String>::new()), RwSignal::new(0_usize));
    keep(spawn(async move {
        if let Ok(file) = text::fetch("words/en/tour.md").await {
            storage::write(Keep::Browser, KEPT, "shown");
            says.set(Words::read(&file).beats);
        }
    }));
    // The second step is about lane A, the third about lane B: the other one lies in the shade.
    let lit = Lit(state);
    follow(move || lit.only(step.get().checked_sub(1)));
    // It takes no focus, so a screen reader says what comes into it.
    el("div").attr("aria-live", "polite").when(move || !says.read().is_empty(), move || step_by_step(says, step, tour))
}

fn step_by_step(says: RwSignal<Vec<String>>, step: RwSignal<usize>, tour: RwSignal<Tour>) -> El {
    let is_last = move || step.get() + 1 >= says.read().len();
    // The button that was pressed is gone.
    let end = move || {
        tour.set(Tour::Over);
        page::focus(".timeline");
    };
    let button = |class, words: &str| el("button").class(class).text(words);
    let go_on = move |_| {
        step.update(|step| *step += 1);
        keep(spawn(async { page::focus(".tour .primary") }));
    };
    let next = move || button("primary", "Next").on("click", go_on);
    let start = move || {
        button("primary", "Start with the first lesson").on("click", move |_| {
            end();
            if let Some(first) = lesson::all().next() {
                page::go_to(&format!("lesson={}", first.id));
            }
        })
    };
    let skip = el("button")
        .class("ghost")
        .on("click", move |_| end())
        .text_by(move || if is_last() { "Done" } else { "Skip" }.to_owned());
    el("section")
        .class("tour")
        .attr("aria-label", "What the race shows")
        .attr_by("data-step", move || (step.get() + 1).to_string())
        .on("keydown", move |event| {
            if key(&event).as_deref() == Some("Escape") {
                event.prevent_default();
                end();
            }
        })
        .child(el("p").class("fine").text_by(move || format!("{} of {}", step.get() + 1, says.read().len())))
        .child(el("p").text_by(move || says.read().get(step.get()).cloned().unwrap_or_default()))
        .child(el("div").class("row end").child(skip).when(move || !is_last(), next).when(is_last, start))
}

/// What is lit for the tour. Dropping it puts that out.
struct Lit(State);

impl Lit {
    /// Lights one lane; none lights all.
    fn only(&self, lane: Option<usize>) {
        let state = self.0;
        let rows = lane.and_then(|lane| {
            let items = state.with_picture(|picture| picture.items_of(lane))?;
            Some((0..items).map(|item| (lane, item)).collect())
        });
        state.guide.marks.update(|marks| marks.lit = rows.unwrap_or_default());
    }
}

impl Drop for Lit {
    fn drop(&mut self) {
        let _ = self.0.guide.marks.try_update(|marks| marks.lit.clear());
    }
}
