//! The table: of whatever number of rows, those in sight are made. It has one stop for the Tab key; the arrows move the
//! choice from row to row, which is that of the timeline.

use super::chosen::status;
use super::row::{id_of, row};
use super::speech::Speech;
use super::tools;
use crate::id::lane_letter;
use crate::scene::cells;
use crate::scene::search::Needle;
use crate::scene::table::{Column, Rows, Wish};
use crate::scene::window::{PAGE, ROW, made, scroll_to};
use crate::time::Instant;
use crate::view::canvas::px;
use crate::view::dom::event::key;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::picture::Picture;
use crate::view::search::lanes_of;
use crate::view::state::State;
use crate::view::words::units::capital;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{Element, Event};

/// What the table knows. A handle: copies share it.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) state: State,
    /// How it is wished for.
    pub(super) wish: RwSignal<Wish>,
    pub(super) lane: Memo<usize>,
    /// The place of each item among those that finished.
    pub(super) places: Memo<Vec<Option<usize>>>,
    /// The items that are wished for, in their order.
    pub(super) order: Memo<Vec<usize>>,
    /// How far it is scrolled down.
    scrolled: RwSignal<f64>,
    /// The place in that order of the first row that is made, and the items of all that are.
    pub(super) made: Memo<(usize, Vec<usize>)>,
}

impl Table {
    fn new(state: State) -> Self {
        let (wish, scrolled) = (RwSignal::new(Wish::default()), RwSignal::new(0.0));
        let lane = Memo::new(move |_| state.selected.get().0);
        let places = Memo::new(move |_| {
            let places = |picture: &Picture| {
                let fold = picture.fold(lane.get())?;
                Some(cells::places(&fold.rows, &fold.ends))
            };
            state.with_picture(places).flatten().unwrap_or_default()
        });
        let order = Memo::new(move |_| {
            let (wish, lane) = (wish.get(), lane.get());
            let now = if wish.is_timeless() { Instant::ZERO } else { state.looked.get().at };
            let in_order = |picture: &Picture| {
                let (log, places) = (picture.log(lane)?, places.read());
                lanes_of(picture, now, |lanes| {
                    let (hay, workload) = (lanes.get(lane)?, &picture.experiment.workload);
                    let needle = Needle::of(&wish.words, lanes, now);
                    let finds = |item: usize| {
                        let item = u32::try_from(item).unwrap_or(u32::MAX);
                        needle.as_ref().is_some_and(|needle| needle.is_in((lane, item), hay, workload, now))
                    };
                    let rows = Rows { rows: picture.rows(lane), places: &places, text: &log.text, finds: &finds, now };
                    Some(rows.in_order(&wish))
                })
            };
            state.with_picture(in_order).flatten().unwrap_or_default()
        });
        let made = Memo::new(move |_| {
            let order = order.read();
            let range = made(scrolled.get(), order.len());
            (range.start, order.get(range).unwrap_or_default().to_vec())
        });
        Self { state, wish, lane, places, order, scrolled, made }
    }

    /// Chooses the row so far down from the one that is chosen, or the first where that is not shown.
    fn choose(self, to: impl Fn(usize, usize) -> usize) {
        let order = self.order.read_untracked();
        let chosen = self.state.selected.get_untracked().1;
        let last = order.len().saturating_sub(1);
        let place = order.iter().position(|&item| item == chosen).map_or(0, |place| to(place, last).min(last));
        if let Some(&item) = order.get(place) {
            self.state.selected.update(|selected| selected.1 = item);
        }
    }

    fn on_key(self, event: &Event) {
        let Some(key) = key(event) else { return };
        match &*key {
            "ArrowDown" => self.choose(|place, _| place + 1),
            "ArrowUp" => self.choose(|place, _| place.saturating_sub(1)),
            "PageDown" => self.choose(|place, _| place + PAGE),
            "PageUp" => self.choose(|place, _| place.saturating_sub(PAGE)),
            "Home" => self.choose(|_, _| 0),
            "End" => self.choose(|_, last| last),
            // On the head of a column it is a press of that.
            "Enter" if is_own(event) => self.choose(|place, _| place),
            _ => return,
        }
        event.prevent_default();
    }
}

/// Whether an event came to the very element that hears it.
fn is_own(event: &Event) -> bool {
    event.target().map(JsValue::from) == event.current_target().map(JsValue::from)
}

/// The table with what picks its rows, and the answer of the chosen one.
pub(super) fn table(state: State) -> El {
    let (table, speech) = (Table::new(state), Speech::new(state));
    let scroll = el("div").class("scroll");
    let scroller: Element = scroll.node();
    let seen = scroller.clone();
    let scroll = scroll
        .attr("role", "region")
        .attr("aria-label", "Table of results")
        .on("scroll", move |_| table.scrolled.set(f64::from(seen.scroll_top())))
        .child(grid(table));
    keep_in_step(table, scroller);
    el("div")
        .class("results-table")
        .child(tools::tools(table).child(speech.switch()))
        .child(speech.log())
        .child(status(state, move || speech.is_on()))
        .child(scroll)
        .child(whole_answer(table))
}

fn grid(table: Table) -> El {
    let Table { state, order, made, lane, .. } = table;
    let chosen = move || {
        let item = state.selected.get().1;
        if made.read().1.contains(&item) { id_of(item) } else { String::new() }
    };
    let label = move || {
        let letter = lane_letter(u8::try_from(lane.get()).unwrap_or(u8::MAX));
        format!("{} of lane {letter}", if state.is_script() { "Tasks" } else { "Requests" })
    };
    #[allow(clippy::cast_precision_loss)] // Rows that fit into a page.
    let height = |rows: usize| px(rows as f64 * ROW);
    let grid = el("table")
        .attr("role", "grid")
        .attr("tabindex", "0")
        .attr_by("aria-label", label)
        .attr_by("aria-rowcount", move || (order.read().len() + 1).to_string())
        .attr_by("aria-activedescendant", chosen)
        .class_by("of-script", move || state.is_script())
        .on("keydown", move |event| table.on_key(&event))
        .child(el("thead").child(columns(table)))
        .child(el("tbody").each(move || made.read().1.clone(), move |item| vec![row(table, item)]));
    // All rows have their room, and those that are made stand in it where they belong.
    el("div")
        .class("rows")
        .style_by("height", move || height(order.read().len() + 1))
        .style_by("padding-top", move || height(made.read().0))
        .child(grid)
}

fn columns(table: Table) -> El {
    let mut columns = el("tr").attr("aria-rowindex", "1");
    for column in Column::ALL {
        let (name, is_figure) = match column {
            Column::Asked => ("Asked", false),
            Column::Finished => ("Finished", false),
            Column::State => ("State", false),
            Column::Waited => ("Waited", true),
            Column::BackedOff => ("Backed off", true),
            Column::Service => ("Service", true),
            Column::Tries => ("Tries", true),
            Column::Answer => ("Answer", false),
        };
        let sorted = move || {
            let wish = table.wish.read();
            match (wish.by == column, wish.falls) {
                (true, false) => "ascending",
                (true, true) => "descending",
                (false, _) => "none",
            }
            .to_owned()
        };
        let button = el("button").on("click", move |_| table.wish.update(|wish| wish.press(column))).text(name);
        let head = el("th").attr("scope", "col").attr_by("aria-sort", sorted).child(button);
        columns = columns.child(if is_figure { head.class("figure") } else { head });
    }
    columns
}

/// Begins at the top when other rows are wished for, and shows the chosen one, wherever it was chosen. Only the table
/// scrolls, never the page.
fn keep_in_step(table: Table, scroller: Element) {
    let Table { state, wish, order, scrolled, .. } = table;
    let seen = scroller.clone();
    follow(move || {
        wish.track();
        seen.set_scroll_top(0);
        scrolled.set(0.0);
    });
    follow(move || {
        let item = state.selected.get().1;
        untrack(|| {
            let Some(place) = order.read().iter().position(|&other| other == item) else { return };
            let (from, height) = (f64::from(scroller.scroll_top()), f64::from(scroller.client_height()));
            if let Some(to) = scroll_to(place, from, height).filter(|_| height > 0.0) {
                #[allow(clippy::cast_possible_truncation)] // Pixels.
                scroller.set_scroll_top(to as i32);
                // Not only when the browser says so, which is a frame later.
                scrolled.set(f64::from(scroller.scroll_top()));
            }
        });
    });
}

/// The answer of the chosen request, whose row has room for its beginning.
fn whole_answer(table: Table) -> El {
    let Table { state, lane, places, .. } = table;
    let said = move || {
        let (item, now) = (state.selected.get().1, state.now());
        let line = |picture: &Picture| {
            let number = u32::try_from(item).unwrap_or(u32::MAX);
            let place = places.read().get(item).copied().flatten();
            let line = super::line::line(picture, lane.get(), item, place, now)?;
            let [.., answer] = line.cells;
            let name = picture.name_of(lane.get(), number);
            // What a program calls a task stays as it is written there.
            let name = if picture.is_script() { name } else { capital(&name) };
            Some((name, format!("{answer}{}", line.note)))
        };
        state.with_picture(line).flatten().unwrap_or_default()
    };
    el("p")
        .class("whole-answer")
        .attr("role", "region")
        .attr("tabindex", "0")
        .attr("aria-label", "Answer of the chosen row")
        .child(el("b").text_by(move || said().0))
        .text(" ")
        .text_by(move || said().1)
}
