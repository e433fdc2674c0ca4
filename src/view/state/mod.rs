//! The page's state: the experiment as it is edited, the run that is shown, the playhead, the
//! selection and the connection. All else is derived.

mod edit;
mod guide;
mod run;
mod spells;

use crate::browser::frame::FrameLoop;
use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::{Experiment, Server, preset, share};
use crate::gemini::Connection;
use crate::lab::SimulatedRun;
use crate::lab::live::{LiveRun, Phase};
use crate::scene::lens::Lens;
use crate::scene::playback::{Command, Playback, next_event, previous_event};
use crate::time::Instant;
use crate::trace::stats::Stats;
use crate::view::picture::Picture;
use crate::view::words::units::capital;
pub(crate) use guide::{Guide, Stop};
use leptos::prelude::*;
use std::ops::Deref;
use std::rc::Rc;

/// The page's state. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// The experiment as it is edited.
    pub(crate) experiment: RwSignal<Experiment, LocalStorage>,
    /// The preset it came from, until it is edited.
    pub(crate) preset: RwSignal<Option<&'static str>>,
    /// The run that is shown; it changes with `version`.
    picture: StoredValue<Option<Picture>, LocalStorage>,
    /// Counts the changes of the picture.
    version: RwSignal<usize>,
    /// The figures of all lanes at the playhead.
    pub(crate) stats: Memo<Vec<Stats>>,
    /// Where the playhead is.
    pub(crate) playback: RwSignal<Playback>,
    /// The selected request: lane and item.
    pub(crate) selected: RwSignal<(usize, usize)>,
    /// The chosen spell of the simulated server: the place of its rule.
    pub(crate) spell: RwSignal<Option<usize>>,
    /// How the run is looked at.
    pub(crate) lens: RwSignal<Lens>,
    /// What a lesson asks of the page.
    pub(crate) guide: Guide,
    /// Whether the critical path is lit.
    pub(crate) path_lit: RwSignal<bool>,
    /// Where real requests go, and with which key.
    pub(crate) connection: RwSignal<Option<Rc<Connection>>, LocalStorage>,
    /// What a real run is doing, while there is one.
    pub(crate) live: RwSignal<Option<Phase>>,
    /// Whether a real run is held back.
    pub(crate) paused: RwSignal<bool>,
    /// Whether a real run is running out.
    pub(crate) draining: RwSignal<bool>,
    live_run: StoredValue<Option<(Rc<LiveRun>, Task)>, LocalStorage>,
    simulating: StoredValue<Option<SimulatedRun>, LocalStorage>,
    /// The run of a script, whose code may have to be fetched.
    scripting: StoredValue<Option<Task>, LocalStorage>,
    frames: StoredValue<Option<FrameLoop>, LocalStorage>,
    /// The run whose failed items were run again, while that is what is shown.
    before: StoredValue<Option<Picture>, LocalStorage>,
    /// Whether there is one.
    pub(crate) has_before: RwSignal<bool>,
    /// Whether the next run is one of failed items.
    reruns: StoredValue<bool>,
    /// The reading of a link, while it lasts: what is entered meanwhile would be lost.
    pub(crate) opening: RwSignal<Option<Task>, LocalStorage>,
    /// Something to tell the user that belongs to nothing else.
    pub(crate) notice: RwSignal<Option<String>>,
    /// Which dialog is open.
    pub(crate) dialog: RwSignal<Option<Dialog>>,
}

/// The dialogs of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    Connect,
    Share,
    Assign,
    Preflight,
    Course,
}

later! { link:
    /// The experiment that a link holds, or why it holds none.
    fn experiment_of(value: String) -> Result<Experiment, String> {
        share::decode(&value).map_err(|error| format!("{}.", capital(&error.to_string())))
    }
}

impl State {
    pub(crate) fn new() -> Self {
        let picture = StoredValue::new_local(None::<Picture>);
        let version = RwSignal::new(0_usize);
        let playback = RwSignal::new(Playback::finished(Instant::ZERO));
        let stats = Memo::new(move |_| {
            version.track();
            let now = playback.read().at;
            picture.with_value(|picture| picture.as_ref().map(|picture| picture.stats(now))).unwrap_or_default()
        });
        Self {
            experiment: RwSignal::new_local(preset::race()),
            preset: RwSignal::new(Some(preset::PRESETS[0].id)),
            picture,
            version,
            stats,
            playback,
            selected: RwSignal::new((1, 6)),
            spell: RwSignal::new(None),
            lens: RwSignal::new(Lens::default()),
            guide: Guide::new(),
            path_lit: RwSignal::new(false),
            connection: RwSignal::new_local(None),
            live: RwSignal::new(None),
            paused: RwSignal::new(false),
            draining: RwSignal::new(false),
            live_run: StoredValue::new_local(None),
            simulating: StoredValue::new_local(None),
            scripting: StoredValue::new_local(None),
            frames: StoredValue::new_local(None),
            before: StoredValue::new_local(None),
            has_before: RwSignal::new(false),
            reruns: StoredValue::new(false),
            opening: RwSignal::new_local(None),
            notice: RwSignal::new(None),
            dialog: RwSignal::new(None),
        }
    }

    /// Opens what the address holds, or the default, and runs it if it is simulated.
    pub(crate) fn open_address(self) {
        if self.live.read_untracked().is_some() {
            self.notice.set(Some("A real run is under way. Stop it before you open a link.".into()));
            return;
        }
        self.end_assignment();
        let fragment = page::fragment();
        if let Some(given) = fragment.strip_prefix("t=") {
            return self.open_assignment(given.to_owned());
        }
        if let Some(lesson) = fragment.strip_prefix("lesson=") {
            return self.open_lesson(lesson.to_owned());
        }
        let Some(value) = fragment.strip_prefix("x=") else { return self.run_if_simulated() };
        let value = value.to_owned();
        self.opening.set(Some(spawn(async move {
            match experiment_of(value).await.unwrap_or_else(|problem| Err(problem.into())) {
                Ok(experiment) => self.take(experiment, None),
                Err(problem) => {
                    let default = &preset::PRESETS[0];
                    self.take(default.experiment(), Some(default.id));
                    self.notice.set(Some(format!("{problem} This is the default experiment instead.")));
                }
            }
            self.run_if_simulated();
            self.opening.set(None);
        })));
    }

    /// Takes another experiment, with the selection inside it.
    fn take(self, experiment: Experiment, preset: Option<&'static str>) {
        let (lanes, items) = (experiment.lanes.len(), experiment.workload.len() as usize);
        self.end_lesson();
        self.scripting.set_value(None);
        self.reruns.set_value(false);
        self.preset.set(preset);
        self.spell.set(None);
        self.experiment.set(experiment);
        self.select_within(lanes, items);
    }

    fn select_within(self, lanes: usize, items: usize) {
        self.selected.update(|(lane, item)| {
            *lane = (*lane).min(lanes.saturating_sub(1));
            *item = (*item).min(items.saturating_sub(1));
        });
    }

    /// Reads the picture, and again when it changes.
    pub(crate) fn with_picture<T>(self, read: impl FnOnce(&Picture) -> T) -> Option<T> {
        self.shown().as_ref().map(read)
    }

    /// Reads the picture: the part of it that is the same for all readers.
    fn shown(self) -> impl Deref<Target = Option<Picture>> {
        self.version.track();
        self.picture.read_value()
    }

    /// Which run is shown, in the order of coming; none where it came before what a teacher's link gave.
    pub(crate) fn own_run(self) -> Option<usize> {
        Some(self.version.get()).filter(|&run| run > self.guide.run_before())
    }

    /// Where the playhead is.
    pub(crate) fn now(self) -> Instant {
        self.playback.read().at
    }

    /// Whether requests go to a real server.
    pub(crate) fn is_connected(self) -> bool {
        self.experiment.read().server == Server::Gemini
    }

    /// Whether the run that is shown is a script's.
    pub(crate) fn is_script(self) -> bool {
        self.with_picture(Picture::is_script) == Some(true)
    }

    fn show(self, picture: Picture) {
        let (lanes, items) = (picture.len(), picture.items());
        let shown = self.picture.try_update_value(|shown| shown.replace(picture)).flatten();
        let reruns = self.reruns.try_update_value(std::mem::take) == Some(true);
        self.before.set_value(shown.filter(|_| reruns));
        self.has_before.set(reruns);
        self.lens.update(Lens::forget_moments);
        self.version.update(|version| *version += 1);
        self.select_within(lanes, items);
    }

    fn end(self) -> Instant {
        self.picture.with_value(|picture| picture.as_ref().map(Picture::end)).unwrap_or_default()
    }

    /// Moves the playhead.
    pub(crate) fn command(self, command: Command) {
        if self.guide.is_held.get_untracked() {
            return;
        }
        self.playback.update(|playback| *playback = playback.after(command));
        self.keep_frames();
    }

    /// Moves the playhead to the next event, or the one before.
    pub(crate) fn step(self, forward: bool) {
        let at = self.playback.read_untracked().at;
        let moments = self.picture.with_value(|picture| picture.as_ref().map(Picture::moments)).unwrap_or_default();
        let to = if forward { next_event(&moments, at) } else { previous_event(&moments, at) };
        if let Some(to) = to {
            self.command(Command::Seek(to));
        }
    }

    /// Lights the critical path, or puts it out.
    pub(crate) fn light_path(self) {
        self.path_lit.update(|lit| *lit = !*lit && !self.is_script());
    }

    /// Selects the request so many rows further down.
    pub(crate) fn select_by(self, rows: isize) {
        let lens = self.lens.get_untracked();
        let (lane, item) = self.selected.get_untracked();
        let to = self.with_picture(|picture| {
            let lines: Vec<_> = (0..picture.len()).filter_map(|lane| picture.lines_of_requests(lane, &lens)).collect();
            let before: usize = lines.iter().take(lane).map(|lines| lines.rows()).sum();
            let all: usize = lines.iter().map(|lines| lines.rows()).sum();
            let own = lines.get(lane)?.place_of(item)?;
            let mut place = (before + own).saturating_add_signed(rows).min(all.saturating_sub(1));
            lines.iter().enumerate().find_map(|(lane, lines)| {
                let found = (place < lines.rows()).then(|| (lane, lines.row_at(place)));
                place = place.saturating_sub(lines.rows());
                found
            })
        });
        if let Some(to) = to.flatten() {
            self.selected.set(to);
        }
    }
}
