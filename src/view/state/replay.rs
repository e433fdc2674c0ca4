//! From a real run to its replay, and from a replay to a real run.

use super::State;
use crate::experiment::recorded::{Recorded, Take};
use crate::experiment::{Experiment, Server};
use leptos::prelude::*;
use std::mem;
use std::rc::Rc;

impl State {
    /// Takes the experiment that is shown with a server fitted to its run in the place of the real one, and runs it in
    /// virtual time.
    pub(crate) fn replay(self, recorded: Recorded, takes: Vec<Take>) {
        let Some(experiment) = self.with_picture(|picture| (*picture.experiment).clone()) else { return };
        self.take(Experiment { server: Server::Recorded(recorded), ..experiment }, None);
        self.takes.set_value(Rc::new(takes));
        self.notice.set(None);
        self.run_if_simulated();
    }

    /// Whether a replay can answer with the very durations that were measured.
    pub(crate) fn has_takes(self) -> bool {
        !self.experiment.read().server.takes().is_empty() || self.takes.with_value(|takes| !takes.is_empty())
    }

    /// Answers with the very durations that were measured, or with what was fitted to them.
    pub(crate) fn use_takes(self, uses: bool) {
        self.edit(|experiment| {
            let Server::Recorded(recorded) = &mut experiment.server else { return };
            if uses {
                recorded.takes.clone_from(&self.takes.get_value());
            } else {
                self.takes.set_value(Rc::new(mem::take(&mut recorded.takes)));
            }
        });
        self.run_if_simulated();
    }

    /// Asks the real server what was tried on its replay, which is what the run will be held to.
    pub(crate) fn go_real(self) {
        self.foretell();
        self.edit(|experiment| experiment.server = Server::Gemini);
        self.run();
    }

    /// Keeps the server that the experiment was tried on; none where it was not a recorded one.
    pub(super) fn foretell(self) {
        self.foretold.set_value(self.experiment.read_untracked().server.recorded().cloned());
    }

    /// What the run that is shown was tried on before, if it was.
    pub(crate) fn foretold(self) -> Option<Recorded> {
        self.foretold.get_value()
    }
}
