//! Other settings: two of them to choose, what they are given, and the map that comes of it.

use super::heat::heat;
use super::running::Running;
use crate::id::lane_letter;
use crate::study::{Axis, Setting, Sweep, Task};
use crate::view::controls::field::{Number, choice_field, read_field, whole};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::study::{Measure, OF_THE_FIELD, setting};
use crate::view::words::units::capital;
use leptos::prelude::*;

/// Seeds of each cell at first.
const SEEDS: usize = 10;

/// One side of the map as it is entered. A handle: copies share it.
#[derive(Clone, Copy)]
struct Side {
    /// The place of its setting.
    setting: RwSignal<usize>,
    values: RwSignal<String>,
}

impl Side {
    fn new(of: Setting) -> Self {
        let place = Setting::ALL.iter().position(|&known| known == of).unwrap_or_default();
        Self { setting: RwSignal::new(place), values: RwSignal::new(of.usual().to_owned()) }
    }

    fn setting(self) -> Setting {
        Setting::ALL.get(self.setting.get()).copied().unwrap_or(Setting::InFlight)
    }

    fn axis(self) -> Axis {
        let setting = self.setting();
        Axis::read(setting, &self.values.read()).unwrap_or_else(|_| Axis::usual(setting))
    }

    fn fields(self, label: &str, hint: &'static str) -> El {
        let names = Setting::ALL.map(setting);
        let choice = choice_field(
            label,
            &names,
            move || self.setting.get(),
            move |place| {
                self.setting.set(place);
                self.values.set(self.setting().usual().to_owned());
            },
        );
        let values = move || {
            read_field(
                hint,
                1,
                move || self.values.get(),
                move |text| {
                    let axis = Axis::read(self.setting(), text).map_err(|problem| capital(&problem.to_string()))?;
                    self.values.set(if text.contains(" to ") { text.trim().to_owned() } else { axis.text() });
                    Ok(())
                },
            )
        };
        // Its values are kinds, and all of them are tried.
        el("fieldset").child(choice).when(move || self.setting() != Setting::Jitter, values)
    }
}

/// Which experiment the map is of, where it is not the one on the page.
fn of_what(state: State, running: Running) -> String {
    let Some(Task::Sweep(shown)) = running.task().as_deref().cloned() else { return String::new() };
    if shown == Sweep::of_the_field() {
        OF_THE_FIELD.to_owned()
    } else if shown.experiment != *state.experiment.read() {
        "The map is of the experiment as it was when these runs were started.".to_owned()
    } else {
        String::new()
    }
}

pub(super) fn sweep(state: State) -> El {
    let running = Running::new();
    let (columns, rows) = (Side::new(Setting::InFlight), Side::new(Setting::Requests));
    let measure = RwSignal::new(0_usize);
    let seeds = RwSignal::new(SEEDS);
    let problem = RwSignal::new(String::new());
    let start = move |sweep: Sweep| {
        let task = Task::Sweep(sweep);
        match task.validate() {
            Ok(()) => {
                problem.set(String::new());
                running.start(task);
            }
            Err(error) => problem.set(capital(&error.to_string())),
        }
    };
    let own = move || {
        let experiment = state.experiment.get();
        let lane = state.own_lane().min(experiment.lanes.len().saturating_sub(1));
        let seeds = u32::try_from(seeds.get()).unwrap_or(u32::MAX);
        Sweep { experiment, lane, x: columns.axis(), y: rows.axis(), seeds }
    };
    let field =
        el("button").class("ghost").on("click", move |_| start(Sweep::of_the_field())).text("The field's table");
    let lane = move || {
        let lane = u8::try_from(state.own_lane()).unwrap_or(u8::MAX);
        format!("Lane {} of the experiment on this page is run with every pair of values.", lane_letter(lane))
    };
    let wrong = move || el("p").class("problem").attr("role", "alert").text_by(move || problem.get()).text(".");
    el("div")
        .child(el("p").class("fine").text_by(lane))
        .child(
            el("div")
                .class("study-form")
                .child(columns.fields("Columns", "Column values, such as 1, 5, 10 or 1 to 20"))
                .child(rows.fields("Rows", "Row values, such as 1, 5, 10 or 1 to 20"))
                .child(shown_fields(measure, seeds)),
        )
        .when(move || !problem.read().is_empty(), wrong)
        .child(running.controls(move || start(own())).child(field))
        .child(el("p").class("fine").text_by(move || of_what(state, running)))
        .child(heat(state, running, measure))
}

fn shown_fields(measure: RwSignal<usize>, seeds: RwSignal<usize>) -> El {
    let shown =
        choice_field("Show", &Measure::ALL.map(Measure::name), move || measure.get(), move |at| measure.set(at));
    let each = Number::new("Runs of each pair", 1.0, f64::from(Sweep::MOST_SEEDS)).field(
        move || u32::try_from(seeds.get()).ok().map(f64::from),
        move |entered| seeds.set(entered.map_or(SEEDS, |count| whole(count) as usize)),
    );
    el("fieldset").child(shown).child(each)
}
