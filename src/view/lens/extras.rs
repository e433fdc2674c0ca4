//! What stands around the timeline once it is wanted: the search above it; below it the figures of the range and the
//! whole run as a strip.

use super::card::card;
use super::finder::finder;
use super::strip::strip;
use crate::browser::later::later;
use crate::browser::spawn::{Task, spawn};
use crate::scene::look::Look;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::theme::Theme;
use leptos::prelude::*;

/// So many rows are more than can be seen at once.
const MANY: usize = 200;

/// The places above and below the timeline. What stands there is made, and its code fetched, when it is first wanted.
pub(crate) fn extras(state: State, theme: Theme) -> [El; 2] {
    let places = [el("div"), el("div")];
    let (is_made, fetching) = (StoredValue::new(false), StoredValue::new_local(None::<Task>));
    let (home, [above, below]) = (Owner::current().unwrap_or_default(), places.clone());
    follow(move || {
        if is_made.get_value() || !(state.query.read().is_some() || has_card(state) || has_strip(state)) {
            return;
        }
        is_made.set_value(true);
        let (home, above, below) = (home.clone(), above.clone(), below.clone());
        fetching.set_value(Some(spawn(async move {
            if let Err(problem) = fill(state, theme, above, below, home).await {
                is_made.set_value(false);
                state.query.set(None);
                state.notice.set(Some(problem.into()));
            }
        })));
    });
    places
}

/// Whether a range has figures to show: what waits to be predicted has none.
fn has_card(state: State) -> bool {
    state.lens.read().range.is_some() && !state.guide.is_held.get()
}

/// Whether there is more than is seen, in time or in rows.
fn has_strip(state: State) -> bool {
    let rows = |picture: &Picture| (0..picture.len()).map(|lane| picture.items_of(lane)).sum::<usize>();
    let is_wanted = state.lens.read().look != Look::Whole || state.with_picture(rows).is_some_and(|rows| rows > MANY);
    is_wanted && !state.guide.is_held.get() && !state.guide.is_presenting.get()
}

later! { lens:
    fn fill(state: State, theme: Theme, above: El, below: El, home: Owner) -> () {
        home.with(|| {
            untrack(|| {
                above.when(move || state.query.read().is_some(), move || finder(state));
                below
                    .when(move || has_card(state), move || card(state))
                    .when(move || has_strip(state), move || strip(state, theme));
            });
        });
    }
}
