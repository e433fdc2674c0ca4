//! What runs: a simulation in slices, a real run, and the frames that move the playhead.

use super::runs::Then;
use super::{Dialog, State};
use crate::browser::clock::now_millis;
use crate::browser::frame::FrameLoop;
use crate::browser::later::later;
use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::experiment::recorded::{of_items, of_lane};
use crate::experiment::{Experiment, Plan};
use crate::lab::live::{LiveRun, Phase};
use crate::lab::{SimulatedRun, run_script};
use crate::scene::playback::{Command, Playback};
use crate::time::Instant;
use crate::trace::Trace;
use crate::view::picture::Picture;
use crate::view::words::units::capital;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// How long a simulation may keep the page's thread within one frame, in milliseconds.
const SLICE_MILLIS: f64 = 8.0;
/// Polls between looks at the clock.
const POLLS: usize = 500;

later! { lessons:
    /// What a script does, or why it can't be run.
    fn script_trace(experiment: Experiment) -> Result<Trace, String> {
        run_script(&experiment).map_err(|error| error.to_string())
    }
}

impl State {
    /// What the Run button does: simulates, asks before a real run, or stops one.
    pub(crate) fn run(self) {
        self.run_then(Then::Play);
    }

    /// Runs, to do something with the run once it is over.
    pub(super) fn run_then(self, then: Then) {
        self.then.set_value(then);
        self.notice.set(None);
        if self.live.read_untracked().is_some() {
            self.stop();
        } else if !self.is_connected() || self.experiment.read_untracked().workload.script().is_some() {
            self.run_if_simulated();
            page::bring_into_view(".timeline-head");
        } else if self.connection.read_untracked().is_none() {
            self.dialog.set(Some(Dialog::Connect));
        } else {
            self.dialog.set(Some(Dialog::Preflight));
        }
    }

    /// Simulates the experiment, if its server is a simulated one or a script asks none.
    pub(crate) fn run_if_simulated(self) {
        let experiment = self.experiment.get_untracked();
        if experiment.workload.script().is_some() {
            return self.run_as_script(experiment);
        }
        if experiment.server.simulated().is_none() {
            return;
        }
        match SimulatedRun::new(&experiment) {
            Ok(run) => {
                self.scripting.set_value(None);
                self.simulating.set_value(Some(run));
                // Most runs take less than a slice: then the picture is there before the next frame.
                self.simulate_on();
                self.keep_frames();
            }
            Err(error) => self.notice.set(Some(capital(&error.to_string()))),
        }
    }

    /// Runs a script, once the code that does is there.
    fn run_as_script(self, experiment: Experiment) {
        self.simulating.set_value(None);
        self.scripting.set_value(Some(spawn(async move {
            match script_trace(experiment).await {
                Ok(Ok(trace)) => self.show_simulated(trace),
                Ok(Err(problem)) => self.notice.set(Some(capital(&problem))),
                Err(problem) => self.notice.set(Some(problem.into())),
            }
        })));
    }

    /// Starts the real run that the user has agreed to.
    pub(crate) fn run_live(self) {
        self.dialog.set(None);
        self.scripting.set_value(None);
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
            (Err(error), _) => self.notice.set(Some(capital(&error.to_string()))),
            (_, Err(error)) => self.notice.set(Some(capital(&error.to_string()))),
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
        self.keep_run(None);
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
        let whole = self.run_drawn(lane);
        let failed = self.with_picture(|picture| {
            let (rows, (experiment, lane)) = (&*picture.fold(lane)?.rows, picture.run_in(lane)?);
            let failed = (0_u32..).zip(rows).filter(|(_, row)| row.is_unanswered());
            Some(((**experiment).clone(), lane, failed.map(|(item, _)| item).collect::<Vec<u32>>()))
        });
        let Some((mut experiment, lane, failed)) = failed.flatten().filter(|(.., failed)| !failed.is_empty()) else {
            return;
        };
        let Some(workload) = experiment.workload.only(&failed) else {
            self.notice.set(Some("The failed requests are of several models. Run one model at a time.".into()));
            return;
        };
        experiment.workload = workload;
        if let Some(takes) = experiment.server.takes_mut() {
            *takes = of_items(&of_lane(takes, u8::try_from(lane).unwrap_or(u8::MAX)), &failed);
        }
        experiment.lanes = experiment.lanes.get(lane).cloned().into_iter().collect();
        self.take(experiment, None);
        self.run_then(Then::OfferTheWhole(whole));
    }

    /// Shows a run that was saved, under the name of its file. Its experiment comes with it; nothing is sent.
    pub(crate) fn open_trace(self, trace: Trace, plans: Vec<Plan>, name: String) {
        self.stop();
        self.simulating.set_value(None);
        self.end_assignment();
        self.take(trace.experiment.clone(), None);
        self.show(Picture::of_trace(trace, plans));
        self.playback.set(Playback::finished(self.end()));
        self.keep_run(Some(name));
    }

    /// Frames run only while something moves.
    pub(super) fn keep_frames(self) {
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
            let at = move || self.playback.read_untracked().at;
            let was_seen = self.sees(at());
            self.turn_playback(Command::Tick(passed));
            // Who looks elsewhere meant to.
            if was_seen {
                self.reveal(at());
            }
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
        self.show_simulated(run.into_trace());
    }

    /// Shows what was simulated, and plays it.
    fn show_simulated(self, trace: Trace) {
        let Ok(plans) = trace.experiment.plans() else { return };
        self.show(Picture::of_trace(trace, plans));
        self.playback.set(self.first_playback(self.end()));
        self.keep_frames();
        self.keep_run(None);
    }

    fn read_on(self) {
        let news = self
            .picture
            .try_update_value(|picture| picture.as_mut().and_then(Rc::get_mut).is_some_and(Picture::read_on));
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
            self.keep_run(None);
        }
    }
}
