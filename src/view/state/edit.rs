//! The experiment as it is edited, and where it is to run.

use super::State;
use crate::browser::storage;
use crate::experiment::recorded::{Moved, follow};
use crate::experiment::{Experiment, LaneSpec, Server, preset};
use crate::gemini::Connection;
use crate::view::picture::Picture;
use leptos::prelude::*;
use std::rc::Rc;

/// A real run starts from this few, because a free key may have about 20 a day.
const FIRST_REAL_REQUESTS: u32 = 5;

impl State {
    /// Whether the controls differ from the run that is shown.
    pub(crate) fn is_edited(self) -> bool {
        let experiment = self.experiment.read();
        // Of two that are compared, the controls are those of the last.
        let is_other = |picture: &Picture| {
            let last = picture.run_in(picture.len().saturating_sub(1));
            last.is_some_and(|(of, _)| **of != *experiment)
        };
        self.with_picture(is_other).unwrap_or(false)
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

    /// What was recorded of the lanes goes with them, in use or not.
    fn takes_follow(self, experiment: &mut Experiment, moved: Moved) {
        if let Some(takes) = experiment.server.takes_mut() {
            follow(takes, moved);
        }
        self.takes.update_value(|takes| follow(Rc::make_mut(takes), moved));
    }

    /// Adds a lane at a place, and selects it.
    pub(crate) fn add_lane(self, place: usize, lane: LaneSpec) {
        self.edit(|experiment| {
            let place = place.min(experiment.lanes.len());
            experiment.lanes.insert(place, lane);
            self.takes_follow(experiment, Moved::Added(place));
        });
        self.choose_lane(place);
    }

    /// Takes a lane away; the last one stays.
    pub(crate) fn remove_lane(self, lane: usize) {
        self.edit(|experiment| {
            if experiment.lanes.len() > 1 && lane < experiment.lanes.len() {
                experiment.lanes.remove(lane);
                self.takes_follow(experiment, Moved::Removed(lane));
            }
        });
        self.choose_lane(lane.min(self.experiment.read_untracked().lanes.len() - 1));
    }

    /// Changes a lane's place with that of the one before it; the selection goes with it.
    pub(crate) fn move_lane_up(self, lane: usize) {
        self.edit(|experiment| {
            if lane > 0 && lane < experiment.lanes.len() {
                experiment.lanes.swap(lane - 1, lane);
                self.takes_follow(experiment, Moved::Up(lane));
            }
        });
        self.choose_lane(lane.saturating_sub(1));
    }

    /// Whether a real run is under way, which must not be lost; then the page says so.
    pub(crate) fn is_busy(self, before: &str) -> bool {
        let is_busy = self.live.read_untracked().is_some();
        if is_busy {
            self.notice.set(Some(format!("A real run is under way. Stop it before you {before}.")));
        }
        is_busy
    }

    /// Takes a preset's experiment; on a real server, its workload and lanes alone.
    pub(crate) fn load_preset(self, preset: &preset::Preset) {
        if self.is_busy("choose another experiment") {
            return;
        }
        self.end_assignment();
        let mut experiment = preset.experiment();
        if self.is_connected() {
            experiment.server = Server::Gemini;
        }
        self.take(experiment, Some(preset.id));
        self.run_if_simulated();
    }

    /// Takes an experiment that was made for the user, with a lane of it selected, and runs it.
    pub(crate) fn try_out(self, experiment: Experiment, lane: usize) {
        if self.is_busy("try something else") {
            return;
        }
        self.end_assignment();
        self.take(experiment, None);
        self.selected.set((lane, 0));
        self.run();
    }

    /// Sets up the search for the server's limit: one lane, which goes on until it is refused or has asked so often.
    pub(crate) fn seek_limit(self, most: u32, lane: LaneSpec) {
        if self.is_busy("look for a limit") {
            return;
        }
        self.edit(|experiment| {
            if let Some(calls) = experiment.workload.calls_mut() {
                calls.requests = most;
            }
            experiment.lanes = vec![lane];
        });
        self.selected.set((0, 0));
        self.run();
    }

    /// From now on requests go to a real server; a first run there is a small one.
    pub(crate) fn connect(self, connection: Rc<Connection>, model: &str) {
        self.connection.set(Some(connection));
        // What was tried on a real run's replay is what is to be sent; it is no first run.
        let was_simulated = matches!(self.experiment.read_untracked().server, Server::Simulated(_));
        if !self.is_connected() {
            self.foretell();
        }
        let before = self.experiment.read_untracked().workload.len();
        if was_simulated && before > FIRST_REAL_REQUESTS {
            self.notice.set(Some(format!(
                "A first real run is a small one: {FIRST_REAL_REQUESTS} requests in place of {before}."
            )));
        }
        self.edit(|experiment| {
            if let Some(calls) = experiment.workload.calls_mut() {
                if was_simulated {
                    calls.requests = calls.requests.min(FIRST_REAL_REQUESTS);
                }
                calls.settings.model = model.into();
            }
            experiment.server = Server::Gemini;
        });
    }

    /// From now on requests are simulated again; the key is forgotten.
    pub(crate) fn disconnect(self) {
        self.stop();
        self.connection.set(None);
        storage::forget(storage::Keep::Tab, crate::view::connect::KEPT);
        self.edit(|experiment| {
            if experiment.server == Server::Gemini {
                experiment.server = self.foretold().map_or_else(|| preset::race().server, Server::Recorded);
            }
        });
    }
}
