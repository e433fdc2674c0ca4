//! The map of a sweep as a table: a cell for each pair of values, shaded by its figure. One of them is in reach of
//! the Tab key, and the others of the arrows.

use super::preview::preview;
use super::running::Running;
use crate::study::{Ledger, Map, Sweep, Task};
use crate::view::dom::event::key;
use crate::view::dom::life::follow;
use crate::view::dom::{El, Slot, el};
use crate::view::state::State;
use crate::view::words::study::{KNEE, Measure, cell, setting, shade, value, values};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// What is shown of a map. A handle: copies share it.
#[derive(Clone, Copy)]
struct Shown {
    map: Memo<Map>,
    /// The place of its measure.
    measure: RwSignal<usize>,
    /// The cell that is spoken of.
    at: RwSignal<Option<usize>>,
}

impl Shown {
    fn measure(self) -> Measure {
        Measure::ALL.get(self.measure.get()).copied().unwrap_or(Measure::Makespan)
    }

    /// The figures of all cells.
    fn figures(self) -> Vec<Option<f64>> {
        let measure = self.measure();
        self.map.read().cells.iter().map(|cell| measure.of(cell.as_ref()?)).collect()
    }
}

/// The least and the most of some figures; none of none.
fn ends(figures: &[Option<f64>]) -> Option<(f64, f64)> {
    figures
        .iter()
        .flatten()
        .map(|&figure| (figure, figure))
        .reduce(|(least, most), (figure, _)| (least.min(figure), most.max(figure)))
}

/// The map of what runs, made anew for each study.
pub(super) fn heat(state: State, running: Running, measure: RwSignal<usize>) -> El {
    el("div").part(move || match running.task().as_deref() {
        Some(Task::Sweep(sweep)) => vec![whole(state, running, measure, &Rc::new(sweep.clone()))],
        _ => Vec::new(),
    })
}

fn whole(state: State, running: Running, measure: RwSignal<usize>, sweep: &Rc<Sweep>) -> El {
    let found = |task: &Task, ledger: &Ledger| match task {
        Task::Sweep(sweep) => Map::of(sweep, ledger),
        Task::Bands(_) => Map::default(),
    };
    let map = Memo::new(move |_| running.read(found).unwrap_or_default());
    let shown = Shown { map, measure, at: RwSignal::new(None) };
    let unfold = el("details").child(el("summary").text("What the knee is")).child(el("p").class("fine").text(KNEE));
    el("div")
        .class("heat")
        .child(el("div").class("scroll").child(table(state, shown, sweep)))
        .child(legend(shown))
        .child(unfold)
        .child(spoken_of(state, shown, sweep))
}

/// A cell on the page.
struct Place {
    cell: El,
    figure: Slot,
    mark: Slot,
    class: String,
}

fn table(state: State, shown: Shown, sweep: &Rc<Sweep>) -> El {
    let columns = sweep.x.values.len();
    let axes = format!("across: {}; down: {}", setting(sweep.x.setting), setting(sweep.y.setting));
    let label = move || format!("{}; {axes}", shown.measure().name());
    let mut heads = el("tr").child(el("td").attr("aria-hidden", "true"));
    for &at in &sweep.x.values {
        heads = heads.child(el("th").attr("scope", "col").text(&value(sweep.x.setting, at)));
    }
    let mut body = el("tbody");
    let mut places: Vec<Place> = Vec::new();
    for (number, &at) in sweep.y.values.iter().enumerate() {
        let mut row = el("tr").child(el("th").attr("scope", "row").text(&value(sweep.y.setting, at)));
        for column in 0..columns {
            let number = number * columns + column;
            let cell =
                el("td").attr("data-cell", &number.to_string()).attr("tabindex", if number == 0 { "0" } else { "-1" });
            let (figure, mark) = (cell.slot(), el("span").class("unseen"));
            let mark_slot = mark.slot();
            row = row.child(cell.clone().child(mark));
            places.push(Place { cell, figure, mark: mark_slot, class: String::new() });
        }
        body = body.child(row);
    }
    let cells: Rc<[El]> = places.iter().map(|place| place.cell.clone()).collect();
    follow(move || fill(&mut places, shown));
    let caption = el("caption").text_by(label.clone());
    let table = el("table").attr("role", "grid").attr_by("aria-label", label).child(caption);
    listen(table.child(el("thead").child(heads)).child(body), state, shown, sweep, cells)
}

/// Writes the figures that are others than before.
fn fill(places: &mut [Place], shown: Shown) {
    let (figures, measure) = (shown.figures(), shown.measure());
    let known = ends(&figures);
    let map = shown.map.read();
    for (number, place) in places.iter_mut().enumerate() {
        let figure = figures.get(number).copied().flatten();
        let is_knee = map.knees.contains(&number);
        place.figure.put(&figure.map(|figure| measure.short(figure)).unwrap_or_default());
        place.mark.put(if is_knee { ", knee" } else { "" });
        let shade = figure.zip(known).map_or(0, |(figure, (least, most))| shade(measure, figure, least, most));
        let class = format!("shade-{shade}{}", if is_knee { " knee" } else { "" });
        if place.class != class {
            let _ = place.cell.node::<Element>().set_attribute("class", &class);
            place.class = class;
        }
    }
}

/// The cell that an event is about.
fn cell_of(event: &Event) -> Option<usize> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("[data-cell]").ok()??.get_attribute("data-cell")?.parse().ok()
}

fn listen(table: El, state: State, shown: Shown, sweep: &Rc<Sweep>, cells: Rc<[El]>) -> El {
    let speak = move |event: Event| {
        if let Some(cell) = cell_of(&event) {
            shown.at.set(Some(cell));
        }
    };
    let columns = sweep.x.values.len();
    let sweep = sweep.clone();
    let reached = StoredValue::new(0_usize);
    let to = cells.clone();
    table
        .on("pointerover", speak)
        .on("focusin", move |event| {
            if let (Some(old), Some(new)) = (cells.get(reached.get_value()), cell_of(&event)) {
                let _ = old.clone().attr("tabindex", "-1");
                let _ = cells[new].clone().attr("tabindex", "0");
                reached.set_value(new);
            }
            speak(event);
        })
        .on("keydown", move |event| {
            let (Some(from), Some(key)) = (cell_of(&event), key(&event)) else { return };
            if key == "Enter" {
                event.prevent_default();
                return state.try_out(sweep.experiment_of(from), sweep.lane);
            }
            let Some(next) = moved(&key, from, columns, to.len()) else { return };
            // The page's own keys would move the playhead.
            event.prevent_default();
            if let Some(cell) = to.get(next) {
                let _ = cell.node::<HtmlElement>().focus();
            }
        })
}

/// Where a key leads in a table of so many columns and cells.
fn moved(key: &str, from: usize, columns: usize, cells: usize) -> Option<usize> {
    let column = from % columns;
    let to = match key {
        "ArrowRight" if column + 1 < columns => from + 1,
        "ArrowLeft" if column > 0 => from - 1,
        "ArrowDown" if from + columns < cells => from + columns,
        "ArrowUp" if from >= columns => from - columns,
        "Home" => from - column,
        "End" => from - column + columns - 1,
        "ArrowRight" | "ArrowLeft" | "ArrowDown" | "ArrowUp" => from,
        _ => return None,
    };
    Some(to)
}

/// The shades from the least to the most.
fn legend(shown: Shown) -> El {
    let end = move |of: fn((f64, f64)) -> f64| {
        el("span")
            .text_by(move || ends(&shown.figures()).map(|both| shown.measure().short(of(both))).unwrap_or_default())
    };
    let mut legend = el("div").class("heat-legend").child(end(|(least, _)| least));
    for shade in 1..=7 {
        legend = legend.child(el("i").class(&format!("shade-{shade}")));
    }
    let knee = el("span").class("knee-name").child(el("i").class("knee-mark")).text("the knee");
    let name = el("span").text_by(move || shown.measure().name().to_owned());
    legend.child(end(|(_, most)| most)).child(name).child(knee)
}

/// The cell that is spoken of: its figures, its plan drawn, and the way to the timeline.
fn spoken_of(state: State, shown: Shown, sweep: &Rc<Sweep>) -> El {
    let named = sweep.clone();
    let names = move || shown.at.get().map(|at| values(&named, at)).unwrap_or_default();
    let of = sweep.clone();
    let says = move || {
        let map = shown.map.read();
        let known = shown.at.get().and_then(|at| Some((at, map.cells.get(at)?.as_ref()?)));
        known.map_or_else(
            || "Point at a cell, or go to it with the arrow keys. Enter runs its plan in the timeline.".to_owned(),
            |(at, known)| cell(known, map.knee(&of, at)),
        )
    };
    let tried = sweep.clone();
    let run = move || {
        let tried = tried.clone();
        let try_it = move |_| {
            if let Some(at) = shown.at.get_untracked() {
                state.try_out(tried.experiment_of(at), tried.lane);
            }
        };
        el("button").class("ghost").on("click", try_it).text("Run this plan in the timeline")
    };
    let drawn = sweep.clone();
    el("div")
        .class("heat-said")
        .child(el("p").child(el("b").text_by(names)))
        .child(el("p").attr("role", "status").text_by(says))
        .when(move || shown.at.get().is_some(), move || preview(drawn.clone(), shown.at))
        .when(move || shown.at.get().is_some(), run)
}
