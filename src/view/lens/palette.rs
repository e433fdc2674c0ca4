//! All that can be done, in a list to search.

use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::preset::PRESETS;
use crate::id::lane_letter;
use crate::scene::go::Go;
use crate::scene::lens::{Rows, Sort};
use crate::scene::playback::Command;
use crate::view::dom::event::{entered, key};
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::files::saved;
use crate::view::modal::modal;
use crate::view::picture::Picture;
use crate::view::state::{Dialog, State};
use crate::view::theme::Theme;
use crate::view::words::lens::order;
use leptos::prelude::*;
use std::rc::Rc;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};

/// A file that is being saved.
type Saving = StoredValue<Option<Task>, LocalStorage>;

/// Something to do.
#[derive(Clone)]
struct Entry {
    name: String,
    /// The key that does it, where there is one.
    key: &'static str,
    act: Rc<dyn Fn()>,
}

pub(super) fn palette(state: State, theme: Theme) -> El {
    let (filter, chosen) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    // What is listed, to be done by its place.
    let listed = StoredValue::new_local(Vec::<Entry>::new());
    let saving = StoredValue::new_local(None::<Task>);
    // Done once the dialog has closed and given the focus back: some commands move it.
    let wanted = StoredValue::new_local(None::<Rc<dyn Fn()>>);
    let act = move |place: usize| {
        wanted.set_value(listed.with_value(|listed| listed.get(place).map(|entry| entry.act.clone())));
        state.dialog.set(None);
    };
    let list = el("ul").attr("id", "commands").attr("role", "listbox").attr("aria-label", "Commands").part(move || {
        if state.dialog.get() != Some(Dialog::Palette) {
            return Vec::new();
        }
        let words = filter.read().to_lowercase();
        let fits = |entry: &Entry| words.split_whitespace().all(|word| entry.name.to_lowercase().contains(word));
        let fitting: Vec<Entry> = untrack(|| entries(state, theme, saving)).into_iter().filter(fits).collect();
        let items = fitting.iter().enumerate().map(|(place, entry)| item(entry, place, chosen, act)).collect();
        listed.set_value(fitting);
        items
    });
    let count = move || listed.with_value(Vec::len);
    let field = el("input")
        .attr("type", "text")
        .attr("role", "combobox")
        .attr("aria-label", "Command")
        .attr("aria-expanded", "true")
        .attr("aria-controls", "commands")
        .attr("autofocus", "")
        .attr("autocomplete", "off")
        .attr("placeholder", "What do you want to do?")
        .attr_by("aria-activedescendant", move || format!("command-{}", chosen.get()))
        .value_by(move || filter.get())
        .on("input", move |event| {
            chosen.set(0);
            filter.set(entered(&event));
        })
        .on("keydown", move |event| {
            let last = count().saturating_sub(1);
            match key(&event).as_deref() {
                Some("ArrowDown") => chosen.update(|place| *place = if *place >= last { 0 } else { *place + 1 }),
                Some("ArrowUp") => chosen.update(|place| *place = place.checked_sub(1).unwrap_or(last)),
                Some("Enter") => act(chosen.get_untracked()),
                _ => return,
            }
            event.prevent_default();
        });
    let nothing = move || {
        let _ = (filter.get(), state.dialog.get());
        if count() == 0 { "No command of that name." } else { "" }.to_owned()
    };
    let palette = modal(state, Dialog::Palette, "Commands")
        .class("palette")
        .child(field)
        .child(list)
        .child(el("p").class("fine").attr("role", "status").text_by(nothing));
    // It begins anew each time.
    palette.on("close", move |_| {
        filter.set(String::new());
        chosen.set(0);
        if let Some(act) = wanted.try_update_value(Option::take).flatten() {
            act();
        }
    })
}

fn item(entry: &Entry, place: usize, chosen: RwSignal<usize>, act: impl Fn(usize) + 'static) -> El {
    let item = el("li")
        .attr("id", &format!("command-{place}"))
        .attr("role", "option")
        .aria_by("aria-selected", move || chosen.get() == place)
        .on("click", move |_| act(place))
        .child(el("span").text(&entry.name));
    let node: Element = item.node();
    follow(move || {
        if chosen.get() == place {
            let nearest = ScrollIntoViewOptions::new();
            nearest.set_block(ScrollLogicalPosition::Nearest);
            node.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
    if entry.key.is_empty() { item } else { item.child(el("kbd").text(entry.key)) }
}

/// All commands, in the order of being listed.
fn entries(state: State, theme: Theme, saving: Saving) -> Vec<Entry> {
    let mut all = Vec::new();
    of_run(&mut all, state);
    of_time(&mut all, state);
    of_rows(&mut all, state);
    of_page(&mut all, state, theme, saving);
    all
}

fn add(all: &mut Vec<Entry>, name: impl Into<String>, key: &'static str, act: impl Fn() + 'static) {
    all.push(Entry { name: name.into(), key, act: Rc::new(act) });
}

fn of_run(all: &mut Vec<Entry>, state: State) {
    let is_live = state.live.read_untracked().is_some();
    add(all, if is_live { "Stop the run" } else { "Run" }, "R", move || state.run());
    if !is_live {
        add(all, "Play or pause", "Space", move || state.command(Command::PlayOrPause));
        add(all, "To the start", "", move || state.command(Command::ToStart));
        add(all, "To the end", "", move || state.command(Command::ToEnd));
        add(all, "Next event", ".", move || state.step(true));
        add(all, "Event before", ",", move || state.step(false));
        for preset in PRESETS {
            add(all, format!("Load: {}", preset.label), "", move || state.load_preset(preset));
        }
    }
    if !state.is_script() {
        add(all, "Light the critical path", "C", move || state.light_path());
    }
}

fn of_time(all: &mut Vec<Entry>, state: State) {
    for (name, key, go) in [
        ("Zoom in", "W", Go::Closer),
        ("Zoom out", "S", Go::Wider),
        ("Earlier", "A", Go::Earlier),
        ("Later", "D", Go::Later),
        ("Fit the whole run", "0", Go::Whole),
        ("Fit the selection", "F", Go::Chosen),
        ("Mark the playhead's moment, or take the mark away", "M", Go::Mark),
        ("To the next mark", "]", Go::NextMark),
        ("To the mark before", "[", Go::PreviousMark),
        ("Select what is seen as a range", "", Go::SelectSeen),
        ("Clear the range", "Esc", Go::NoRange),
    ] {
        add(all, name, key, move || state.go(go));
    }
    add(all, "Search requests", "/", move || state.search());
}

fn of_rows(all: &mut Vec<Entry>, state: State) {
    add(all, "Rows: requests", "", move || state.lens.update(|lens| lens.rows = Rows::Requests));
    add(all, "Rows: slots", "", move || state.lens.update(|lens| lens.rows = Rows::Slots));
    for sort in Sort::ALL {
        add(all, format!("Order rows by: {}", order(sort)), "", move || state.lens.update(|lens| lens.sort = sort));
    }
    add(all, "Group rows under headings, or not", "", move || {
        state.lens.update(|lens| lens.is_grouped = !lens.is_grouped);
    });
    add(all, "Higher rows", "", move || state.heighten_rows(true));
    add(all, "Lower rows", "", move || state.heighten_rows(false));
    for lane in 0..state.with_picture(Picture::len).unwrap_or(0) {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let is_folded = state.lens.read_untracked().is_collapsed(lane);
        let name = format!("{} lane {letter}", if is_folded { "Unfold" } else { "Fold" });
        add(all, name, "", move || state.lens.update(|lens| lens.toggle_lane(lane)));
    }
}

fn of_page(all: &mut Vec<Entry>, state: State, theme: Theme, saving: Saving) {
    for (name, dialog) in [
        ("Lessons", Dialog::Course),
        ("Share this experiment", Dialog::Share),
        ("Use my API key", Dialog::Connect),
        ("Show the keys", Dialog::Keys),
    ] {
        let key = if dialog == Dialog::Keys { "?" } else { "" };
        add(all, name, key, move || state.dialog.set(Some(dialog)));
    }
    for (name, place) in [
        ("Unfold: What if, many runs at once", ".study > details"),
        ("Unfold: Plan a job", ".unfolds:not(.gone)"),
        ("Unfold: Runs of this visit", ".runs"),
        ("Unfold: More settings", ".more"),
    ] {
        if page::has(place) {
            add(all, name, "", move || page::unfold(place));
        }
    }
    add(all, "Save the run as a file", "", move || {
        saving.set_value(Some(spawn(async move {
            if let Err(problem) = saved(state).await {
                state.notice.set(Some(problem));
            }
        })));
    });
    let is_dark = untrack(|| theme.is_dark());
    add(all, if is_dark { "Light theme" } else { "Dark theme" }, "", move || theme.toggle());
    let is_talk = state.guide.is_presenting.get_untracked();
    add(all, if is_talk { "End the talk" } else { "Present" }, "", move || state.present(!is_talk));
}
