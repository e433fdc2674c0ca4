//! Other luck: every lane under many seeds, as bands, and which of two lanes is faster how often.

use super::running::Running;
use crate::figure::fixed;
use crate::id::lane_letter;
use crate::study::bands::{Band, Bands, LaneBands};
use crate::study::{Ledger, Task};
use crate::view::controls::field::{Number, whole};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::study::{counts, duel, seconds};
use crate::view::words::units::{capital, percent};
use leptos::prelude::*;

pub(super) fn bands(state: State) -> El {
    let running = Running::new();
    let seeds = RwSignal::new(Bands::USUAL_SEEDS as usize);
    let problem = RwSignal::new(String::new());
    let start = move || {
        let count = u32::try_from(seeds.get_untracked()).unwrap_or(u32::MAX);
        let task = Task::Bands(Bands { experiment: state.experiment.get_untracked(), seeds: count });
        problem.set(task.validate().err().map(|error| capital(&error.to_string())).unwrap_or_default());
        if problem.read_untracked().is_empty() {
            running.start(task);
        }
    };
    let field = Number::new("Seeds", 1.0, f64::from(Bands::MOST_SEEDS)).field(
        move || u32::try_from(seeds.get()).ok().map(f64::from),
        move |entered| seeds.set(entered.map_or(Bands::USUAL_SEEDS, whole) as usize),
    );
    let about = "Every lane of the experiment on this page is run under many seeds: each seed is other luck of the \
                 server, the same for all lanes. p5 means that 5 of 100 runs come to no more, p50 half of them, p95 \
                 95 of 100. Time lost is how long attempts that brought no answer were with the server.";
    let wrong = move || el("p").class("problem").attr("role", "alert").text_by(move || problem.get()).text(".");
    el("div")
        .child(el("p").class("fine").text(about))
        .child(el("div").class("study-form").child(field))
        .when(move || !problem.read().is_empty(), wrong)
        .child(running.controls(start))
        .part(move || match running.task().as_deref() {
            Some(Task::Bands(bands)) => vec![found(running, bands)],
            _ => Vec::new(),
        })
}

/// What was found of each lane, and of each against lane A.
fn found(running: Running, bands: &Bands) -> El {
    let found = |task: &Task, ledger: &Ledger| match task {
        Task::Bands(bands) => bands.of_lanes(ledger),
        Task::Sweep(_) => Vec::new(),
    };
    let known = Memo::new(move |_| running.read(found).unwrap_or_default());
    let mut heads = el("tr");
    for (head, class) in
        [("Lane", ""), ("What", ""), ("p5", "figure"), ("p50", "figure"), ("p95", "figure"), ("From p5 to p95", "")]
    {
        heads = heads.child(el("th").class(class).attr("scope", "col").text(head));
    }
    let mut table = el("table").child(el("thead").child(heads));
    for (lane, spec) in bands.experiment.lanes.iter().enumerate() {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        table = table.child(rows(known, lane, &format!("{letter} {}", spec.name)));
    }
    let mut said = el("div").class("duels").attr("role", "status");
    for other in 1..bands.experiment.lanes.len() {
        let of = bands.clone();
        let against = move |ledger: &Ledger| of.duel(ledger, u32::try_from(other).unwrap_or(u32::MAX));
        let says = move || running.read(|_, ledger| duel(other, against(ledger))).unwrap_or_default();
        said = said.child(el("p").text_by(says));
    }
    el("div")
        .class("bands")
        .child(
            el("div")
                .class("scroll")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", "Table of bands")
                .child(table),
        )
        .child(said)
}

/// What is said of one kind of figure.
struct Kind {
    name: &'static str,
    of: fn(&LaneBands) -> Band,
    said: fn(Band) -> [String; 3],
}

const KINDS: [Kind; 3] = [
    Kind { name: "Total time", of: |lane| lane.makespan, said: seconds },
    Kind { name: "Time lost", of: |lane| lane.waste, said: seconds },
    Kind { name: "Refusals (429)", of: |lane| lane.refused, said: counts },
];

/// The rows of one lane.
fn rows(known: Memo<Vec<LaneBands>>, lane: usize, name: &str) -> El {
    let own = move || known.read().get(lane).copied().unwrap_or_default();
    let rows = (KINDS.len() + 1).to_string();
    let head = el("th").attr("scope", "rowgroup").attr("rowspan", &rows).text(name);
    let mut body = el("tbody");
    for (number, Kind { name, of, said }) in KINDS.into_iter().enumerate() {
        let mut row = el("tr");
        if number == 0 {
            row = row.child(head.clone());
        }
        row = row.child(el("th").attr("scope", "row").text(name));
        for place in 0..3 {
            let words = move || said(of(&own())).get(place).cloned().unwrap_or_default();
            row = row.child(el("td").class("figure").text_by(words));
        }
        let most = move || known.read().iter().map(|lane| of(lane).p95).fold(0.0, f64::max);
        body = body.child(row.child(el("td").child(bar(move || of(&own()), most))));
    }
    let answered = el("td").class("figure").attr("colspan", "3").text_by(move || percent(own().success));
    body.child(el("tr").child(el("th").attr("scope", "row").text("Answered")).child(answered).child(el("td")))
}

/// A bar from the low end of a band to its high end, with a mark at its middle, on an axis that ends at `most`.
fn bar(band: impl Fn() -> Band + Copy + 'static, most: impl Fn() -> f64 + Copy + 'static) -> El {
    let share = move |of: fn(Band) -> f64| {
        let most = most();
        let share = if most > 0.0 { of(band()) / most * 100.0 } else { 0.0 };
        format!("{}%", fixed(share, 2))
    };
    let range = el("i")
        .style_by("left", move || share(|band| band.p5))
        .style_by("width", move || share(|band| band.p95 - band.p5));
    let middle = el("b").style_by("left", move || share(|band| band.p50));
    el("span").class("range").attr("aria-hidden", "true").child(range).child(middle)
}
