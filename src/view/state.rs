//! The page's state: the experiment as it is edited, the run that is shown, the playhead, the
//! selection and the connection. All else is derived.

use crate::browser::clock::now_millis;
use crate::browser::frame::FrameLoop;
use crate::browser::later::later;
use crate::browser::spawn::{Task, spawn};
use crate::browser::{page, storage};
use crate::experiment::{Experiment, LaneSpec, Plan, Server, Workload, preset, share};
use crate::gemini::Connection;
use crate::lab::SimulatedRun;
use crate::lab::live::{LiveRun, Phase};
use crate::scene::playback::{Command, Playback, next_event, previous_event};
use crate::time::Instant;
use crate::trace::stats::Stats;
use crate::trace::{Outcome, Trace};
use crate::view::picture::Picture;
use crate::view::words::units::capital;
use leptos::prelude::*;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

/// How long a simulation may keep the page's thread within one frame, in milliseconds.
const SLICE_MILLIS: f64 = 8.0;
/// Polls between looks at the clock.
const POLLS: usize = 500;
/// A real run starts from this few, because a free key may have about 20 a day.
const FIRST_REAL_REQUESTS: u32 = 5;

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
    frames: StoredValue<Option<FrameLoop>, LocalStorage>,
    /// The run whose failed items were run again, while that is what is shown.
    before: StoredValue<Option<Picture>, LocalStorage>,
    /// Whether there is one.
    pub(crate) has_before: RwSignal<bool>,
    /// Whether the next run is one of failed items.
    reruns: StoredValue<bool>,
    /// The reading of a link.
    opening: StoredValue<Option<Task>, LocalStorage>,
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
    Preflight,
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
            connection: RwSignal::new_local(None),
            live: RwSignal::new(None),
            paused: RwSignal::new(false),
            draining: RwSignal::new(false),
            live_run: StoredValue::new_local(None),
            simulating: StoredValue::new_local(None),
            frames: StoredValue::new_local(None),
            before: StoredValue::new_local(None),
            has_before: RwSignal::new(false),
            reruns: StoredValue::new(false),
            opening: StoredValue::new_local(None),
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
        let fragment = page::fragment();
        let Some(value) = fragment.strip_prefix("x=") else { return self.run_if_simulated() };
        let value = value.to_owned();
        self.opening.set_value(Some(spawn(async move {
            match experiment_of(value).await.unwrap_or_else(|problem| Err(problem.into())) {
                Ok(experiment) => self.take(experiment, None),
                Err(problem) => {
                    let default = &preset::PRESETS[0];
                    self.take(default.experiment(), Some(default.id));
                    self.notice.set(Some(format!("{problem} This is the default experiment instead.")));
                }
            }
            self.run_if_simulated();
        })));
    }

    /// Takes another experiment, with the selection inside it.
    fn take(self, experiment: Experiment, preset: Option<&'static str>) {
        let (lanes, items) = (experiment.lanes.len(), experiment.workload.len() as usize);
        self.reruns.set_value(false);
        self.preset.set(preset);
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

    /// Where the playhead is.
    pub(crate) fn now(self) -> Instant {
        self.playback.read().at
    }

    /// Whether the controls differ from the run that is shown.
    pub(crate) fn is_edited(self) -> bool {
        let experiment = self.experiment.read();
        self.with_picture(|picture| picture.experiment != *experiment).unwrap_or(false)
    }

    /// Changes the experiment: it is no longer the preset.
    pub(crate) fn edit(self, change: impl FnOnce(&mut Experiment)) {
        self.edit_boxed(Box::new(change));
    }

    fn edit_boxed(self, change: Box<dyn FnOnce(&mut Experiment) + '_>) {
        self.preset.set(None);
        self.experiment.update(change);
    }

    /// Changes a lane of the experiment.
    pub(crate) fn edit_lane(self, lane: usize, change: impl FnOnce(&mut LaneSpec)) {
        self.edit(|experiment| {
            if let Some(spec) = experiment.lanes.get_mut(lane) {
                change(spec);
            }
        });
    }

    /// Adds a lane at a place, and selects it.
    pub(crate) fn add_lane(self, place: usize, lane: LaneSpec) {
        self.edit(|experiment| experiment.lanes.insert(place.min(experiment.lanes.len()), lane));
        self.selected.update(|selected| selected.0 = place);
    }

    /// Takes a lane away; the last one stays.
    pub(crate) fn remove_lane(self, lane: usize) {
        self.edit(|experiment| {
            if experiment.lanes.len() > 1 && lane < experiment.lanes.len() {
                experiment.lanes.remove(lane);
            }
        });
        self.selected.update(|selected| selected.0 = selected.0.min(self.experiment.read_untracked().lanes.len() - 1));
    }

    /// Changes a lane's place with that of the one before it; the selection goes with it.
    pub(crate) fn move_lane_up(self, lane: usize) {
        self.edit(|experiment| {
            if lane > 0 && lane < experiment.lanes.len() {
                experiment.lanes.swap(lane - 1, lane);
            }
        });
        self.selected.update(|selected| selected.0 = lane.saturating_sub(1));
    }

    /// Takes a preset's experiment; on a real server, its workload and lanes alone.
    pub(crate) fn load_preset(self, preset: &preset::Preset) {
        let mut experiment = preset.experiment();
        if self.is_connected() {
            experiment.server = Server::Gemini;
        }
        self.take(experiment, Some(preset.id));
        self.run_if_simulated();
    }

    /// Whether requests go to a real server.
    pub(crate) fn is_connected(self) -> bool {
        self.experiment.read().server == Server::Gemini
    }

    /// From now on requests go to a real server; a first run there is a small one.
    pub(crate) fn connect(self, connection: Rc<Connection>, model: &str) {
        self.connection.set(Some(connection));
        let was_simulated = !self.is_connected();
        self.edit(|experiment| {
            let Workload::Calls(calls) = &mut experiment.workload;
            if was_simulated {
                calls.requests = calls.requests.min(FIRST_REAL_REQUESTS);
            }
            calls.settings.model = model.into();
            experiment.server = Server::Gemini;
        });
    }

    /// From now on requests are simulated again; the key is forgotten.
    pub(crate) fn disconnect(self) {
        self.stop();
        self.connection.set(None);
        storage::forget(storage::Keep::Tab, super::connect::KEPT);
        self.edit(|experiment| {
            if experiment.server == Server::Gemini {
                experiment.server = preset::race().server;
            }
        });
    }

    /// What the Run button does: simulates, asks before a real run, or stops one.
    pub(crate) fn run(self) {
        self.notice.set(None);
        if self.live.read_untracked().is_some() {
            self.stop();
        } else if !self.is_connected() {
            self.run_if_simulated();
            page::bring_into_view(".timeline-head");
        } else if self.connection.read_untracked().is_none() {
            self.dialog.set(Some(Dialog::Connect));
        } else {
            self.dialog.set(Some(Dialog::Preflight));
        }
    }

    fn run_if_simulated(self) {
        let experiment = self.experiment.get_untracked();
        if !matches!(experiment.server, Server::Simulated(_)) {
            return;
        }
        match SimulatedRun::new(&experiment) {
            Ok(run) => {
                self.simulating.set_value(Some(run));
                // Most runs take less than a slice: then the picture is there before the next frame.
                self.simulate_on();
                self.keep_frames();
            }
            Err(error) => self.notice.set(Some(capital(&error.to_string()))),
        }
    }

    /// Starts the real run that the user has agreed to.
    pub(crate) fn run_live(self) {
        self.dialog.set(None);
        self.simulating.set_value(None);
        let experiment = self.experiment.get_untracked();
        let Some(connection) = self.connection.get_untracked() else { return };
        match (experiment.plans(), LiveRun::new(experiment.clone(), connection)) {
            (Ok(plans), Ok(run)) => {
                let run = Rc::new(run);
                self.show(Picture::of_live(experiment, plans, &run));
                page::bring_into_view(".timeline-head");
                let driven = run.clone();
                let task = spawn(async move { driven.run().await });
                self.live.set(Some(run.phase()));
                self.paused.set(false);
                self.draining.set(false);
                self.live_run.set_value(Some((run, task)));
                self.keep_frames();
            }
            (Err(error), _) | (_, Err(error)) => self.notice.set(Some(capital(&error.to_string()))),
        }
    }

    /// Stops a real run: calls under way are aborted.
    pub(crate) fn stop(self) {
        let Some((run, task)) = self.live_run.try_update_value(Option::take).flatten() else { return };
        drop(task);
        let said = match run.phase() {
            Phase::Running(_) => "Stopped. Calls that were under way were aborted; they may still be billed.",
            _ => "Stopped. No call was under way.",
        };
        run.stop();
        self.live.set(None);
        self.read_on();
        self.playback.set(Playback::finished(self.end()));
        self.notice.set(Some(said.into()));
    }

    /// Starts the next real lane at once.
    pub(crate) fn skip_wait(self) {
        self.with_live_run(LiveRun::skip_wait);
    }

    /// Holds a real run back, or lets it go on.
    pub(crate) fn pause(self, pauses: bool) {
        self.with_live_run(|run| run.pause(pauses));
        self.paused.set(pauses);
    }

    /// Lets a real run end what has begun, and begin nothing more.
    pub(crate) fn drain(self) {
        self.with_live_run(LiveRun::drain);
        self.paused.set(false);
        self.draining.set(true);
    }

    /// Gives up the selected request of a real run.
    pub(crate) fn cancel_selected(self) {
        let (lane, item) = self.selected.get_untracked();
        self.with_live_run(|run| run.cancel(lane, u32::try_from(item).unwrap_or(u32::MAX)));
    }

    /// Notes that the page was hidden or shown during a real run.
    pub(crate) fn tab(self, hidden: bool) {
        self.with_live_run(|run| run.tab(hidden));
    }

    fn with_live_run(self, act: impl FnOnce(&LiveRun)) {
        self.live_run.with_value(|live| {
            if let Some((run, _)) = live {
                act(run);
            }
        });
    }

    /// Takes the items of a lane that failed as a new experiment with that lane alone, and runs it.
    pub(crate) fn rerun_failed(self, lane: usize) {
        let failed = self.with_picture(|picture| {
            let rows = picture.fold(lane).map(|fold| &*fold.rows).unwrap_or_default();
            let failed = (0_u32..)
                .zip(rows)
                .filter(|(_, row)| matches!(row.outcome, Some(Outcome::Failed | Outcome::Cancelled)));
            let prompts: Vec<Rc<str>> = failed.map(|(item, _)| picture.experiment.workload.prompt(item)).collect();
            (picture.experiment.clone(), prompts)
        });
        let Some((mut experiment, prompts)) = failed.filter(|(_, prompts)| !prompts.is_empty()) else { return };
        let Workload::Calls(calls) = &mut experiment.workload;
        calls.requests = u32::try_from(prompts.len()).unwrap_or(u32::MAX);
        calls.prompts = prompts;
        experiment.lanes = experiment.lanes.get(lane).cloned().into_iter().collect();
        self.take(experiment, None);
        self.reruns.set_value(true);
        self.run();
    }

    /// Shows the whole run again after its failed items were run by themselves.
    pub(crate) fn go_back(self) {
        let Some(before) = self.before.try_update_value(Option::take).flatten() else { return };
        self.stop();
        self.take(before.experiment.clone(), None);
        self.show(before);
        self.playback.set(Playback::finished(self.end()));
    }

    /// Shows a run that was saved. Its experiment comes with it; nothing is sent.
    pub(crate) fn open_trace(self, trace: Trace, plans: Vec<Plan>) {
        self.stop();
        self.simulating.set_value(None);
        self.take(trace.experiment.clone(), None);
        self.show(Picture::of_trace(trace, plans));
        self.playback.set(Playback::finished(self.end()));
    }

    fn show(self, picture: Picture) {
        let (lanes, items) = (picture.len(), picture.items());
        let shown = self.picture.try_update_value(|shown| shown.replace(picture)).flatten();
        let reruns = self.reruns.try_update_value(std::mem::take) == Some(true);
        self.before.set_value(shown.filter(|_| reruns));
        self.has_before.set(reruns);
        self.version.update(|version| *version += 1);
        self.select_within(lanes, items);
    }

    fn end(self) -> Instant {
        self.picture.with_value(|picture| picture.as_ref().map(Picture::end)).unwrap_or_default()
    }

    /// Moves the playhead.
    pub(crate) fn command(self, command: Command) {
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

    /// Selects the request so many rows further down.
    pub(crate) fn select_by(self, rows: isize) {
        let Some((lanes, items)) = self.with_picture(|picture| (picture.len(), picture.items())) else { return };
        let (lane, item) = self.selected.get_untracked();
        let place = (lane * items + item).saturating_add_signed(rows).min((lanes * items).saturating_sub(1));
        self.selected.set((place / items.max(1), place % items.max(1)));
    }

    /// Frames run only while something moves.
    fn keep_frames(self) {
        let moves = self.playback.read_untracked().playing
            || self.live.read_untracked().is_some()
            || self.simulating.with_value(Option::is_some);
        let runs = self.frames.with_value(Option::is_some);
        if moves && !runs {
            self.frames.set_value(Some(FrameLoop::start(move |passed| self.frame(passed))));
        }
    }

    fn frame(self, passed: Duration) {
        self.simulate_on();
        self.watch_live();
        if self.playback.read_untracked().playing {
            self.playback.update(|playback| *playback = playback.after(Command::Tick(passed)));
        }
        let moves = self.playback.read_untracked().playing
            || self.live.read_untracked().is_some()
            || self.simulating.with_value(Option::is_some);
        if !moves {
            self.frames.set_value(None);
        }
    }

    /// Goes on with a simulation for a slice of a frame, and shows it once it is whole.
    fn simulate_on(self) {
        let Some(mut run) = self.simulating.try_update_value(Option::take).flatten() else { return };
        let began = now_millis();
        while !run.run_for(POLLS) {
            if now_millis() - began > SLICE_MILLIS {
                self.simulating.set_value(Some(run));
                return;
            }
        }
        let trace = run.into_trace();
        let Ok(plans) = trace.experiment.plans() else { return };
        self.show(Picture::of_trace(trace, plans));
        let end = self.end();
        let still = page::matches("(prefers-reduced-motion: reduce)");
        self.playback.set(if still { Playback::finished(end) } else { Playback::fitted(end) });
    }

    fn read_on(self) {
        let news = self.picture.try_update_value(|picture| picture.as_mut().is_some_and(Picture::read_on));
        if news == Some(true) {
            self.version.update(|version| *version += 1);
        }
    }

    /// Takes in what a real run did since the last frame. Its playhead is the present.
    fn watch_live(self) {
        let seen = self.live_run.with_value(|live| live.as_ref().map(|(run, _)| (run.phase(), run.running_for())));
        let Some((phase, running)) = seen else { return };
        self.read_on();
        let end = self.end().max(running.map_or(Instant::ZERO, |(_, at)| at));
        self.playback.set(Playback::finished(end));
        if self.live.get_untracked() != Some(phase) {
            self.live.set(Some(phase));
        }
        if phase == Phase::Over {
            self.live_run.set_value(None);
            self.live.set(None);
        }
    }
}
