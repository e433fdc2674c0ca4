//! The page's state: the experiment as it is edited, the run that is shown, the playhead, the
//! selection and the connection. All else is derived.

mod edit;
mod guide;
mod lens;
mod replay;
mod run;
mod runs;
mod spells;

use crate::browser::clock::now_millis;
use crate::browser::frame::FrameLoop;
use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::{Task, spawn};
use crate::experiment::recorded::{Recorded, Take};
use crate::experiment::{Experiment, Server, preset, share};
use crate::gemini::Connection;
use crate::lab::SimulatedRun;
use crate::lab::live::{LiveRun, Phase};
use crate::scene::lens::Lens;
use crate::scene::playback::{Command, Playback};
use crate::scene::seldom::Seldom;
use crate::scene::shelf::Shelf;
use crate::time::Instant;
use crate::trace::stats::Stats;
use crate::view::lens::Hands;
use crate::view::picture::Picture;
use crate::view::words::units::capital;
pub(crate) use guide::{Guide, Stop};
use leptos::prelude::*;
pub(crate) use runs::{Kept, Versus};
use runs::{Shown, Then};
use std::ops::Deref;
use std::rc::Rc;

/// The page's state. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// The experiment as it is edited.
    pub(crate) experiment: RwSignal<Experiment, LocalStorage>,
    /// The preset it came from, until it is edited.
    pub(crate) preset: RwSignal<Option<&'static str>>,
    /// What is shown: a run, or a lane of each of two; it changes with `version`.
    picture: StoredValue<Option<Rc<Picture>>, LocalStorage>,
    /// Counts the changes of the picture.
    version: RwSignal<usize>,
    /// The runs of this visit; they change with `listed`.
    runs: StoredValue<Shelf<Kept>, LocalStorage>,
    /// Which of them is shown, and beside which; it changes with `listed`.
    shown: StoredValue<Shown>,
    /// Counts the changes of the list, and of what is shown of it.
    listed: RwSignal<usize>,
    /// What is to be done with the next run.
    then: StoredValue<Then>,
    comparing: StoredValue<Option<Task>, LocalStorage>,
    /// The moment for figures of all rows: the playhead, or, while very many rows play, where it was lately.
    pub(crate) looked: Memo<Seldom>,
    /// The figures of all lanes at that moment.
    pub(crate) stats: Memo<Vec<Stats>>,
    /// Where the playhead is.
    pub(crate) playback: RwSignal<Playback>,
    /// The selected request: lane and item.
    pub(crate) selected: RwSignal<(usize, usize)>,
    /// The chosen spell of the simulated server: the place of its rule.
    pub(crate) spell: RwSignal<Option<usize>>,
    /// How the run is looked at.
    pub(crate) lens: RwSignal<Lens>,
    /// The pointers on the timeline.
    pub(crate) hands: Hands,
    /// What is searched for; nothing while the search is closed.
    pub(crate) query: RwSignal<Option<String>>,
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
    /// The recorded server that a real run was tried on, until another experiment is taken.
    foretold: StoredValue<Option<Recorded>, LocalStorage>,
    /// The attempts of the run that is replayed, while it is answered by what was fitted to them.
    takes: StoredValue<Rc<Vec<Take>>, LocalStorage>,
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
    Palette,
    Keys,
}

later! { link:
    /// The experiment that a link holds, or why it holds none.
    fn experiment_of(value: String) -> Result<Experiment, String> {
        share::decode(&value).map_err(|error| format!("{}.", capital(&error.to_string())))
    }
}

impl State {
    pub(crate) fn new() -> Self {
        let picture = StoredValue::new_local(None::<Rc<Picture>>);
        let version = RwSignal::new(0_usize);
        let playback = RwSignal::new(Playback::finished(Instant::ZERO));
        let looked = Memo::new(move |last: Option<&Seldom>| {
            let rows = picture.with_value(|picture| picture.as_ref().map_or(0, |shown| shown.items() * shown.len()));
            Seldom::after(last.copied(), playback.get(), version.get(), rows, now_millis())
        });
        let stats = Memo::new(move |_| {
            let now = looked.get().at;
            picture.with_value(|picture| picture.as_ref().map(|picture| picture.stats(now))).unwrap_or_default()
        });
        Self {
            experiment: RwSignal::new_local(preset::race()),
            preset: RwSignal::new(Some(preset::PRESETS[0].id)),
            picture,
            version,
            runs: StoredValue::new_local(Shelf::default()),
            shown: StoredValue::new(Shown::default()),
            listed: RwSignal::new(0),
            then: StoredValue::new(Then::default()),
            comparing: StoredValue::new_local(None),
            looked,
            stats,
            playback,
            selected: RwSignal::new((1, 6)),
            spell: RwSignal::new(None),
            lens: RwSignal::new(Lens::default()),
            hands: Hands::new(),
            query: RwSignal::new(None),
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
            foretold: StoredValue::new_local(None),
            takes: StoredValue::new_local(Rc::default()),
            opening: RwSignal::new_local(None),
            notice: RwSignal::new(None),
            dialog: RwSignal::new(None),
        }
    }

    /// Opens what the address holds, or the default, and runs it if it is simulated.
    pub(crate) fn open_address(self) {
        if self.is_busy("open a link") {
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
        self.then.set_value(Then::Play);
        self.foretold.set_value(None);
        self.takes.set_value(Rc::default());
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
        self.drawn().as_ref().map(|picture| read(picture))
    }

    /// Reads the picture: the part of it that is the same for all readers.
    fn drawn(self) -> impl Deref<Target = Option<Rc<Picture>>> {
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

    /// Draws another picture, with the selection inside it.
    fn draw(self, picture: Rc<Picture>) {
        let (lanes, items) = (picture.len(), picture.items());
        self.picture.set_value(Some(picture));
        self.lens.update(Lens::forget_moments);
        self.version.update(|version| *version += 1);
        self.select_within(lanes, items);
    }

    fn end(self) -> Instant {
        self.picture.with_value(|picture| picture.as_ref().map(|picture| picture.end())).unwrap_or_default()
    }

    /// Moves the playhead.
    pub(crate) fn command(self, command: Command) {
        if self.guide.is_held.get_untracked() {
            return;
        }
        self.turn_playback(command);
        self.keep_frames();
    }

    /// Moves the playhead of whatever plays it.
    fn turn_playback(self, command: Command) {
        let range = self.lens.read_untracked().range;
        self.playback.update(|playback| *playback = playback.after(command, range));
    }

    /// Moves the playhead to the next event, or the one before.
    pub(crate) fn step(self, forward: bool) {
        let at = self.playback.read_untracked().at;
        let to = self.picture.with_value(|picture| picture.as_ref().and_then(|picture| picture.step(at, forward)));
        if let Some(to) = to {
            self.command(Command::Seek(to));
            self.reveal(to);
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
