//! Two lanes that are compared: what they came to, and request by request how far they lie apart.

use crate::browser::later::later;
use crate::figure::fixed;
use crate::id::lane_letter;
use crate::scene::shelf::RunId;
use crate::trace::difference::{Difference, differences};
use crate::trace::stats::Stats;
use crate::view::dom::event::chosen;
use crate::view::dom::life::{follow, keep};
use crate::view::dom::{El, Slot, el};
use crate::view::opened::add_when_fetched;
use crate::view::state::{State, Versus};
use crate::view::words::runs::{became, gap, signed};
use crate::view::words::units::{capital, duration};
use leptos::prelude::*;
use std::time::Duration;

/// Rows that are shown: those that differ most.
const MOST_ROWS: usize = 100;

/// Adds the comparison, while there is one.
pub(crate) fn comparison_place(stage: El, state: State) -> El {
    stage.when(
        move || state.versus().is_some(),
        move || {
            let place = el("div");
            let home = Owner::current().unwrap_or_default();
            keep(add_when_fetched(state, &place, card(state, home), || ()));
            place
        },
    )
}

later! { runs:
    fn card(state: State, home: Owner) -> El {
        home.with(|| untrack(|| {
            let all = Memo::new(move |_| {
                let now = state.looked.get().at;
                let differ = state.with_picture(|both| Some(differences(both.fold(0)?, both.fold(1)?, now)));
                differ.flatten().unwrap_or_default()
            });
            let said = move || match &state.stats.read()[..] {
                [a, b] => gap(a, b, &all.read()),
                _ => String::new(),
            };
            el("section")
                .class("card comparison")
                .attr("aria-label", "Comparison")
                .child(head(state))
                .child(el("p").text_by(said))
                .child(sums(state))
                .child(requests(state, all))
                .child(el("p").class("fine").text_by(move || left_out(all.read().len())))
        }))
    }
}

/// Which lane of each run, and the way back.
fn head(state: State) -> El {
    let end = el("button").class("ghost").on("click", move |_| state.end_comparison()).text("End the comparison");
    el("div")
        .class("results-head")
        .child(el("h2").text("Comparison"))
        .child(lane_of(state, 'A', |versus| &mut versus.a))
        .child(lane_of(state, 'B', |versus| &mut versus.b))
        .child(el("div").class("end").child(end))
}

/// One of the two: which run it is, and the choice of its lane.
fn lane_of(state: State, letter: char, side: fn(&mut Versus) -> &mut (RunId, usize)) -> El {
    let now = move || state.versus().map(|mut versus| *side(&mut versus));
    let number = move || now().map_or(0, |(run, _)| run.0);
    let options = move || {
        let Some((run, lane)) = now() else { return Vec::new() };
        let option = |(place, name): (usize, &String)| {
            let option = el("option").text(name);
            if place == lane { option.attr("selected", "") } else { option }
        };
        lanes_of(state, run).iter().enumerate().map(option).collect()
    };
    let choose = move |lane: usize| {
        let Some(mut versus) = state.versus() else { return };
        side(&mut versus).1 = lane;
        if let Err(problem) = state.compare_lanes(versus) {
            state.notice.set(Some(problem));
        }
    };
    let select = el("select")
        .attr_by("aria-label", move || format!("Lane of run {} to compare as {letter}", number()))
        .part(options)
        .on("change", move |event| {
            if let Some(lane) = chosen(&event) {
                choose(lane);
            }
        });
    el("span").text_by(move || format!("{letter} is run {}, lane ", number())).child(select)
}

fn lanes_of(state: State, run: RunId) -> Vec<String> {
    state.with_runs(|runs| {
        let lanes = runs.get(run).map(|entry| entry.run.picture.experiment.lanes.as_slice()).unwrap_or_default();
        (0_u8..).zip(lanes).map(|(place, lane)| format!("{} {}", lane_letter(place), lane.name)).collect()
    })
}

/// A figure of both, and how far they lie apart.
type Sum = (&'static str, fn(&Stats) -> String, fn(&Stats, &Stats) -> String);

const SUMS: [Sum; 6] = [
    ("Total time", |of| micros(of.makespan_micros), |a, b| signed(apart(a.makespan_micros, b.makespan_micros))),
    ("Answered", |of| of.succeeded.to_string(), |a, b| counted(a.succeeded as u64, b.succeeded as u64)),
    ("Attempts", |of| of.attempts.to_string(), |a, b| counted(a.attempts.into(), b.attempts.into())),
    (
        "Attempts lost",
        |of| of.lost_attempts.to_string(),
        |a, b| counted(a.lost_attempts.into(), b.lost_attempts.into()),
    ),
    (
        "Mean in flight",
        |of| fixed(of.mean_in_flight, 2),
        |a, b| {
            let apart = b.mean_in_flight - a.mean_in_flight;
            format!("{}{}", if apart < 0.0 { "−" } else { "+" }, fixed(apart.abs(), 2))
        },
    ),
    (
        "Most in flight",
        |of| of.peak_in_flight.to_string(),
        |a, b| counted(a.peak_in_flight.into(), b.peak_in_flight.into()),
    ),
];

fn micros(micros: u64) -> String {
    duration(Duration::from_micros(micros))
}

fn apart(a: u64, b: u64) -> i64 {
    b.cast_signed().saturating_sub(a.cast_signed())
}

fn counted(a: u64, b: u64) -> String {
    match apart(a, b) {
        0 => "0".into(),
        less @ ..0 => format!("−{}", less.unsigned_abs()),
        more => format!("+{more}"),
    }
}

fn sums(state: State) -> El {
    let figure = move |of: fn(&Stats) -> String, lane: usize| {
        el("td").class("figure").text_by(move || state.stats.read().get(lane).map(of).unwrap_or_default())
    };
    let row = move |&(name, of, apart): &Sum| {
        let apart = move || match &state.stats.read()[..] {
            [a, b] => apart(a, b),
            _ => String::new(),
        };
        el("tr")
            .child(el("th").attr("scope", "row").text(name))
            .child(figure(of, 0))
            .child(figure(of, 1))
            .child(el("td").class("figure").text_by(apart))
            .child(el("td"))
    };
    let heads = columns(&[("So far", ""), ("A", "figure"), ("B", "figure"), ("B minus A", "figure"), ("", "")]);
    el("table").class("sums").child(el("thead").child(heads)).child(el("tbody").children(SUMS.iter().map(row)))
}

fn columns(names: &[(&str, &str)]) -> El {
    let column = |(name, class): &(&str, &str)| {
        let column = if name.is_empty() { el("td") } else { el("th").attr("scope", "col").text(name) };
        if class.is_empty() { column } else { column.class(class) }
    };
    el("tr").children(names.iter().map(column))
}

/// The requests, those first that differ most.
fn requests(state: State, all: Memo<Vec<Difference>>) -> El {
    let items = move || all.read().iter().take(MOST_ROWS).map(|of| of.item as usize).collect();
    let heads = columns(&[
        ("Request", ""),
        ("Took in A", "figure"),
        ("Took in B", "figure"),
        ("B minus A", "figure"),
        ("What became of it", ""),
    ]);
    let table = el("table")
        .child(el("thead").child(heads))
        .child(el("tbody").each(items, move |item| vec![request(state, all, item)]));
    el("div")
        .class("scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Differences by request")
        .child(table)
}

fn request(state: State, all: Memo<Vec<Difference>>, item: usize) -> El {
    let name = move || {
        let number = u32::try_from(item).unwrap_or(u32::MAX);
        capital(&state.with_picture(|both| both.name_of(0, number)).unwrap_or_default())
    };
    let is_on = move || state.selected.get().1 == item;
    let select = el("button")
        .aria_by("aria-pressed", is_on)
        .on("click", move |_| state.selected.update(|selected| selected.1 = item))
        .text_by(name);
    let mut row = el("tr").class_by("on", is_on).child(el("th").attr("scope", "row").child(select));
    let mut slots: Vec<Slot> = Vec::new();
    for class in ["figure", "figure", "figure", "became"] {
        let cell = el("td").class(class);
        slots.push(cell.slot());
        row = row.child(cell);
    }
    follow(move || {
        let all = all.read();
        let Some(of) = all.iter().find(|of| of.item as usize == item) else { return };
        let took = of.came.map(|came| came.map_or_else(|| "–".into(), |came| micros(came.took_micros)));
        let [a, b] = took;
        let words = [a, b, of.longer_micros().map_or_else(|| "–".into(), signed), became(of)];
        for (slot, words) in slots.iter_mut().zip(&words) {
            slot.put(words);
        }
    });
    row
}

/// What is not in the table, and what it shows.
fn left_out(all: usize) -> String {
    let more = all.saturating_sub(MOST_ROWS);
    let rest = if more > 0 { format!(" {more} that differ less are left out.") } else { String::new() };
    format!("Times are from being asked to the end, up to the playhead.{rest}")
}
