//! The runs of this visit: kept as they are over, shown again, and laid beside each other.

use super::State;
use crate::browser::clock::wall_millis;
use crate::browser::later::later;
use crate::browser::spawn::spawn;
use crate::experiment::Experiment;
use crate::experiment::preset::PRESETS;
use crate::experiment::recorded::Take;
use crate::scene::playback::Playback;
use crate::scene::shelf::{Entry, RunId, Shelf, kind_of};
use crate::view::picture::Picture;
use crate::view::words::runs::{lane_of_run, named};
use leptos::prelude::*;
use std::rc::Rc;

/// What is to be done with a run once it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    /// It is shown, and no more.
    #[default]
    Play,
    /// It is of the items that failed in this run, and a way back to it is offered; none where it is not kept.
    OfferTheWhole(Option<RunId>),
    /// It is laid beside this one.
    Compare(RunId),
}

/// A run of the list.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) picture: Rc<Picture>,
    /// The attempts of the run that it replays, while it was answered by what was fitted to them.
    takes: Rc<Vec<Take>>,
}

/// Two lanes that are compared, each by its run and its place there. The controls are those of the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Versus {
    pub(crate) a: (RunId, usize),
    pub(crate) b: (RunId, usize),
}

/// Which runs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The run that the controls made; none while it is under way.
    run: Option<RunId>,
    /// What is drawn in its place.
    versus: Option<Versus>,
    /// The whole run, where this one is of its failed items.
    whole: Option<RunId>,
}

later! { runs:
    /// Nothing, if something else is shown by the time the code is there.
    fn compare_later(state: State, a: RunId, b: RunId) -> Result<(), String> {
        if state.shown_run() == Some(b) { state.compare(a, b) } else { Ok(()) }
    }
}

impl State {
    /// Shows a run that begins, or that came out of nowhere.
    pub(super) fn show(self, picture: Picture) {
        let whole = if let Then::OfferTheWhole(whole) = self.then.get_value() { whole } else { None };
        self.shown.set_value(Shown { whole, ..Shown::default() });
        self.note_listed();
        self.draw(Rc::new(picture));
    }

    /// Keeps the run that is shown, now that it is over. One that was `opened` has the name of its file.
    pub(super) fn keep_run(self, opened: Option<String>) {
        let Some(picture) = self.picture.get_value() else { return };
        let entry = Entry {
            is_opened: opened.is_some(),
            name: opened.unwrap_or_else(|| self.name_of_run(&picture.experiment)),
            at_millis: picture.log(0).and_then(|log| log.began_millis).unwrap_or_else(wall_millis),
            kind: kind_of(&picture.experiment),
            events: picture.events(),
            run: Kept { picture, takes: self.takes.get_value() },
        };
        let is_same = |one: &Kept, other: &Kept| one.picture.experiment == other.picture.experiment;
        let Some(id) = self.runs.try_update_value(|runs| runs.keep(entry, is_same)) else { return };
        self.shown.update_value(|shown| shown.run = Some(id));
        self.note_listed();
        if let Some(Then::Compare(with)) = self.then.try_update_value(std::mem::take) {
            self.comparing.set_value(Some(spawn(async move {
                let compared = compare_later(self, with, id).await;
                if let Err(problem) = compared.unwrap_or_else(|problem| Err(problem.into())) {
                    self.notice.set(Some(problem));
                }
            })));
        }
    }

    fn name_of_run(self, experiment: &Experiment) -> String {
        let preset = self.preset.get_untracked();
        let lesson = self.guide.lesson.get_untracked().map(|lesson| lesson.title);
        let chosen = lesson.or_else(|| PRESETS.iter().find(|of| preset == Some(of.id)).map(|of| of.label));
        chosen.map_or_else(|| named(experiment), ToOwned::to_owned)
    }

    fn note_listed(self) {
        self.listed.update(|listed| *listed += 1);
    }

    /// Reads the list of runs, and again when it changes.
    pub(crate) fn with_runs<T>(self, read: impl FnOnce(&Shelf<Kept>) -> T) -> T {
        self.listed.track();
        self.runs.with_value(read)
    }

    /// Which run of the list the controls belong to.
    pub(crate) fn shown_run(self) -> Option<RunId> {
        self.listed.track();
        self.shown.get_value().run
    }

    /// Which run of the list a lane that is drawn is of.
    pub(super) fn run_drawn(self, lane: usize) -> Option<RunId> {
        let shown = self.shown.get_value();
        match shown.versus {
            Some(Versus { a, .. }) if lane == 0 => Some(a.0),
            _ => shown.run,
        }
    }

    /// What is compared, while that is what is shown.
    pub(crate) fn versus(self) -> Option<Versus> {
        self.listed.track();
        self.shown.get_value().versus
    }

    /// The lane of the experiment that the controls are about: the selected one, or the second of two that are
    /// compared.
    pub(crate) fn own_lane(self) -> usize {
        self.versus().map_or_else(|| self.selected.get().0, |versus| versus.b.1)
    }

    /// Selects a lane of the experiment. Who compares two others then sees the run that has the controls.
    pub(crate) fn choose_lane(self, lane: usize) {
        self.end_comparison();
        self.selected.update(|selected| selected.0 = lane);
    }

    /// Whether the run that is shown is of the failed items of another.
    pub(crate) fn has_whole(self) -> bool {
        self.listed.track();
        self.shown.get_value().whole.is_some()
    }

    /// Reads the run that the controls belong to, which is not what is drawn while two are compared.
    pub(crate) fn with_run<T>(self, read: impl FnOnce(&Picture) -> T) -> Option<T> {
        match self.versus() {
            Some(Versus { b: (id, _), .. }) => self.run_of(id).map(|run| read(&run)),
            None => self.with_picture(read),
        }
    }

    fn kept(self, id: RunId) -> Option<Kept> {
        self.runs.with_value(|runs| runs.get(id).map(|entry| entry.run.clone()))
    }

    fn run_of(self, id: RunId) -> Option<Rc<Picture>> {
        self.kept(id).map(|kept| kept.picture)
    }

    /// Whether a run can be picked from the list, and compared: not while the page asks for a certain one.
    pub(crate) fn has_free_choice(self) -> bool {
        self.guide.lesson.read().is_none() && self.guide.assignment.read().is_none()
    }

    /// Shows the whole run again after its failed items were run by themselves.
    pub(crate) fn go_back(self) {
        let Some(whole) = self.shown.get_value().whole else { return };
        self.stop();
        self.show_run(whole);
    }

    /// Shows a run of the list, and takes its experiment.
    pub(crate) fn show_run(self, id: RunId) {
        if self.is_busy("show another") {
            return;
        }
        let Some(Kept { picture, takes }) = self.kept(id) else {
            return self.notice.set(Some("That run is no longer kept.".into()));
        };
        self.simulating.set_value(None);
        self.take((*picture.experiment).clone(), None);
        self.takes.set_value(takes);
        self.shown.set_value(Shown { run: Some(id), ..Shown::default() });
        self.note_listed();
        self.draw(picture);
        self.playback.set(Playback::finished(self.end()));
    }

    /// Takes a run off the list. What is drawn stays.
    pub(crate) fn remove_run(self, id: RunId) {
        if self.versus().is_some_and(|of| of.a.0 == id || of.b.0 == id) {
            self.end_comparison();
        }
        self.runs.update_value(|runs| runs.remove(id));
        self.shown.update_value(|shown| shown.run = shown.run.filter(|&run| run != id));
        self.note_listed();
    }

    /// Gives a run of the list another name.
    pub(crate) fn rename_run(self, id: RunId, name: &str) {
        self.runs.update_value(|runs| runs.rename(id, name));
        self.note_listed();
    }

    /// Runs the experiment as it is now, and lays the run beside the one that is shown.
    pub(crate) fn run_and_compare(self) {
        let lane = untrack(|| self.own_lane());
        self.selected.update(|selected| selected.0 = lane);
        self.run_then(self.shown_run().map_or(Then::Play, Then::Compare));
    }

    /// Lays a lane of one run beside the same lane of another, which gets the controls: the lane that is selected,
    /// where that run is shown.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub(crate) fn compare(self, a: RunId, b: RunId) -> Result<(), String> {
        let lane = match self.versus() {
            Some(Versus { b: (run, lane), .. }) if run == b => lane,
            _ => self.selected.get_untracked().0,
        };
        let of = |id| (id, lane.min(self.run_of(id).map_or(0, |run| run.len().saturating_sub(1))));
        self.compare_lanes(Versus { a: of(a), b: of(b) })
    }

    /// Lays two lanes beside each other.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub(crate) fn compare_lanes(self, versus: Versus) -> Result<(), String> {
        let Versus { a, b } = versus;
        if self.live.read_untracked().is_some() {
            return Err("A real run is under way. Stop it before you compare.".into());
        }
        let (Some(first), Some(second)) = (self.run_of(a.0), self.run_of(b.0)) else {
            return Err("One of the runs is no longer kept.".into());
        };
        let name = |run: &Picture, (id, lane): (RunId, usize)| {
            lane_of_run(run.experiment.lanes.get(lane).map_or("", |lane| &lane.name), id)
        };
        let names = [name(&first, a), name(&second, b)];
        let both = Picture::of_two([(&first, a.1), (&second, b.1)], names)
            .map_err(|why| format!("These lanes can't be compared: {why}."))?;
        if self.shown_run() != Some(b.0) {
            self.show_run(b.0);
        }
        self.shown.update_value(|shown| shown.versus = Some(versus));
        self.note_listed();
        self.draw(Rc::new(both));
        self.selected.update(|selected| selected.0 = 1);
        self.playback.set(Playback::finished(self.end()));
        Ok(())
    }

    /// Shows the second of the two runs alone again.
    pub(crate) fn end_comparison(self) {
        let Some(Versus { b: (id, lane), .. }) = self.versus() else { return };
        self.shown.update_value(|shown| shown.versus = None);
        self.note_listed();
        if let Some(run) = self.run_of(id) {
            self.draw(run);
            self.selected.update(|selected| selected.0 = lane);
            self.playback.set(Playback::finished(self.end()));
        }
    }
}
