//! An experiment against a real server, as it happens.
//!
//! Lanes run one after the other, the most concurrent first, because they share one key and one
//! quota; before the next one the run waits until 60 s, and one more, have passed since the last call
//! went out, so that it meets a window as empty as the first did. Each lane is recorded from its own zero.

use crate::browser::clock::{BrowserClock, now_millis, wall_millis};
use crate::browser::page;
use crate::browser::transport::FetchTransport;
use crate::engine::{self, Controls, Place, World};
use crate::experiment::{Experiment, ExperimentError, Plan};
use crate::gemini::{Client, Connection};
use crate::id::Tag;
use crate::port::Clock;
use crate::time::{Instant, from_secs};
use crate::trace::{Kind, Recorder, StopReason, Trace};
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// How long after the last call of a lane the next lane begins: the 60 s that a quota counts in, and one more,
/// for a call counts when it arrives, and the first calls of a lane, which open the connection, arrive later
/// after they were sent than those that follow.
pub const PAUSE: Duration = Duration::from_secs(61);

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// This lane runs.
    Running(usize),
    /// It waits before this lane, until this moment of the page's clock, in milliseconds.
    Waiting {
        /// The lane that is next.
        next: usize,
        /// When it begins.
        until_millis: f64,
    },
    /// All is over.
    Over,
}

/// Why an experiment can't be run against a real server.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LiveError {
    /// It is not sound.
    #[error(transparent)]
    Unsound(#[from] ExperimentError),
    /// It is a script.
    #[error("a script has no requests to send; it runs in virtual time only")]
    Script,
}

/// A run against a real server.
#[derive(Debug)]
pub struct LiveRun {
    experiment: Experiment,
    plans: Vec<Plan>,
    client: Client<FetchTransport>,
    recorders: Vec<Rc<Recorder>>,
    phase: Cell<Phase>,
    clock: RefCell<BrowserClock>,
    skips_wait: Cell<bool>,
    controls: Controls,
}

impl LiveRun {
    /// `experiment` over `connection`, not yet begun.
    ///
    /// # Errors
    /// [`LiveError`] when the experiment is not sound, or a script.
    pub fn new(experiment: Experiment, connection: Rc<Connection>) -> Result<Self, LiveError> {
        let plans = experiment.plans()?;
        if experiment.workload.script().is_some() {
            return Err(LiveError::Script);
        }
        let first = order(&plans).first().copied().unwrap_or(0);
        Ok(Self {
            recorders: plans.iter().map(|_| Rc::new(Recorder::default())).collect(),
            phase: Cell::new(Phase::Running(first)),
            client: Client::new(FetchTransport, connection),
            clock: RefCell::default(),
            skips_wait: Cell::new(false),
            controls: Controls::default(),
            experiment,
            plans,
        })
    }

    /// Runs all lanes.
    ///
    /// # Cancel safety
    /// Dropping the future aborts every call under way; [`LiveRun::stop`] then ends the lane's
    /// record. Aborted calls may still be billed.
    pub fn run(&self) -> LocalBoxFuture<'_, ()> {
        // Boxed, so that the page and the script interface share one copy of the engine's code.
        Box::pin(self.run_lanes())
    }

    async fn run_lanes(&self) {
        let mut last_call_millis = None;
        for lane in order(&self.plans) {
            if let Some(last) = last_call_millis {
                self.wait_for_an_empty_window(lane, last).await;
            }
            if self.controls.is_draining() {
                break;
            }
            self.phase.set(Phase::Running(lane));
            let began = now_millis();
            self.run_lane(lane).await;
            last_call_millis = self.last_call(lane).map(|after| began + after).or(last_call_millis);
            if self.is_hopeless(lane) {
                break;
            }
        }
        self.phase.set(Phase::Over);
    }

    async fn run_lane(&self, lane: usize) {
        let (recorder, plan) = (&self.recorders[lane], &self.plans[lane]);
        recorder.began(wall_millis());
        let clock = BrowserClock::default();
        self.clock.replace(clock.clone());
        if page::is_hidden() {
            self.tab(true);
        }
        let world = World { clock: clock.clone(), service: self.client.clone(), controls: Some(self.controls.clone()) };
        let place = Place { seed: self.experiment.seed, lane: u8::try_from(lane).unwrap_or(u8::MAX) };
        clock.keeping_time(engine::run(&self.experiment.workload, plan, place, &world, recorder)).await;
    }

    async fn wait_for_an_empty_window(&self, next: usize, last_call_millis: f64) {
        let until_millis = last_call_millis + PAUSE.as_secs_f64() * 1_000.0;
        self.phase.set(Phase::Waiting { next, until_millis });
        self.skips_wait.set(false);
        let clock = BrowserClock::default();
        let wait = async {
            // In short steps, so that the user can skip the rest at any time.
            while now_millis() < until_millis && !self.skips_wait.get() && !self.controls.is_draining() {
                let left = from_secs((until_millis - now_millis()) / 1_000.0);
                clock.sleep_until(clock.now() + left.min(Duration::from_millis(200))).await;
            }
        };
        clock.keeping_time(wait).await;
    }

    /// When the lane's last call went out, in milliseconds from its zero.
    fn last_call(&self, lane: usize) -> Option<f64> {
        let log = self.recorders[lane].read();
        log.events.iter().rev().find(|event| event.kind == Kind::Sent).map(|event| event.at.as_secs() * 1_000.0)
    }

    /// Whether a failure stopped the lane that would stop the next one too.
    fn is_hopeless(&self, lane: usize) -> bool {
        matches!(self.recorders[lane].read().stopped(), Some(StopReason::Failure { .. }))
    }

    /// What it is doing.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// How far the running lane's clock is; nothing while none runs.
    pub fn running_for(&self) -> Option<(usize, Instant)> {
        match self.phase.get() {
            Phase::Running(lane) => Some((lane, self.clock.borrow().read())),
            _ => None,
        }
    }

    /// Starts the next lane without waiting for an empty window.
    pub fn skip_wait(&self) {
        self.skips_wait.set(true);
    }

    /// Holds back what was not sent yet, or lets it go.
    pub fn pause(&self, pauses: bool) {
        if pauses == self.controls.is_paused() {
            return;
        }
        if pauses {
            self.controls.pause();
        } else {
            self.controls.resume();
        }
        self.note(if pauses { Kind::Paused } else { Kind::Resumed });
    }

    /// Lets what has begun end, and begins nothing more, in this lane or a later one.
    pub fn drain(&self) {
        self.pause(false);
        self.controls.drain();
    }

    /// Gives up one item of the running lane.
    pub fn cancel(&self, lane: usize, item: u32) {
        if self.phase.get() == Phase::Running(lane) {
            self.controls.cancel(u8::try_from(lane).unwrap_or(u8::MAX), item);
        }
    }

    /// Ends the record of a run that was dropped.
    pub fn stop(&self) {
        if let Phase::Running(lane) = self.phase.get() {
            let number = u8::try_from(lane).unwrap_or(u8::MAX);
            self.recorders[lane].stop(self.clock.borrow().read(), number, StopReason::Aborted);
        }
        self.phase.set(Phase::Over);
    }

    /// Notes that the page was hidden, or shown again: timers come late while it is.
    pub fn tab(&self, hidden: bool) {
        self.note(if hidden { Kind::TabHidden } else { Kind::TabShown });
    }

    /// Writes down something that happened to the running lane as a whole.
    fn note(&self, kind: Kind) {
        if let Phase::Running(lane) = self.phase.get() {
            let tag = Tag::of_item(u8::try_from(lane).unwrap_or(u8::MAX), 0);
            self.recorders[lane].record(self.clock.borrow().read(), tag, kind);
        }
    }

    /// What is recorded of each lane.
    pub fn recorders(&self) -> &[Rc<Recorder>] {
        &self.recorders
    }

    /// What was recorded, as it is now.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let lanes = self.recorders.iter().map(|recorder| recorder.read().clone()).collect();
        Trace { lanes, ..Trace::new(self.experiment.clone()) }
    }
}

/// The lanes in the order of running: the most concurrent first.
fn order(plans: &[Plan]) -> Vec<usize> {
    let mut lanes: Vec<usize> = (0..plans.len()).collect();
    lanes.sort_by_key(|&lane| std::cmp::Reverse(plans[lane].limit()));
    lanes
}
