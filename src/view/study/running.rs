//! A study under way: shared out to workers, or done in slices on the page's own thread where there are none.

use crate::browser::clock::{now_millis, pause};
use crate::browser::spawn::{self, spawn};
use crate::browser::worker::{Worker, threads};
use crate::study::work::{Order, Report};
use crate::study::{Ledger, Task, Trial};
use crate::view::dom::{El, el};
use crate::view::words::study::progress;
use futures::StreamExt;
use futures::channel::mpsc;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;

/// The most workers: more would take a machine away from whatever else it does.
const MOST_WORKERS: usize = 4;
/// How long the page's thread may be kept where there are no workers, in milliseconds.
const SLICE_MILLIS: f64 = 8.0;
/// Polls between looks at the clock.
const POLLS: usize = 500;
/// How often what is known so far is shown, in milliseconds.
const SHOWN_EVERY: f64 = 250.0;

/// A study and what is known of it. A handle: copies share it.
#[derive(Clone, Copy)]
pub(super) struct Running {
    task: RwSignal<Option<Rc<Task>>, LocalStorage>,
    ledger: StoredValue<Ledger, LocalStorage>,
    /// Counts what was shown.
    version: RwSignal<usize>,
    goes_on: RwSignal<bool>,
    job: StoredValue<Option<spawn::Task>, LocalStorage>,
    shown_at: StoredValue<f64>,
}

impl Running {
    pub(super) fn new() -> Self {
        Self {
            task: RwSignal::new_local(None),
            ledger: StoredValue::new_local(Ledger::default()),
            version: RwSignal::new(0),
            goes_on: RwSignal::new(false),
            job: StoredValue::new_local(None),
            shown_at: StoredValue::new(0.0),
        }
    }

    /// Starts a study that is sound, in place of any other.
    pub(super) fn start(self, task: Task) {
        let task = Rc::new(task);
        self.ledger.set_value(Ledger::new(task.runs()));
        self.task.set(Some(task.clone()));
        self.goes_on.set(true);
        self.show();
        self.job.set_value(Some(spawn(async move {
            if !self.by_workers(&task).await {
                self.by_itself(&task).await;
            }
            self.goes_on.set(false);
            self.show();
        })));
    }

    /// Stops it; what is known stays.
    pub(super) fn stop(self) {
        self.job.set_value(None);
        self.goes_on.set(false);
        self.show();
    }

    pub(super) fn is_running(self) -> bool {
        self.goes_on.get()
    }

    /// What is studied.
    pub(super) fn task(self) -> Option<Rc<Task>> {
        self.task.get()
    }

    /// Reads what is known, and again when more is.
    pub(super) fn read<T>(self, read: impl FnOnce(&Task, &Ledger) -> T) -> Option<T> {
        self.version.track();
        let task = self.task.get()?;
        Some(self.ledger.with_value(|ledger| read(&task, ledger)))
    }

    fn show(self) {
        self.shown_at.set_value(now_millis());
        self.version.update(|version| *version += 1);
    }

    fn show_now_and_then(self) {
        if now_millis() - self.shown_at.get_value() > SHOWN_EVERY {
            self.show();
        }
    }

    /// Has workers do it. Says whether they did.
    async fn by_workers(self, task: &Task) -> bool {
        let portion = task.portion();
        let count = threads().min(MOST_WORKERS).min(task.runs().div_ceil(portion) as usize);
        let Ok(order) = serde_json::to_string(&Order::Task(Box::new(task.clone()))) else { return false };
        let (said, mut inbox) = mpsc::unbounded();
        let start = |number: usize| {
            let said = said.clone();
            Worker::start(move |message: Option<String>| {
                let _ = said.unbounded_send((number, message));
            })
        };
        let Ok(workers) = (0..count).map(start).collect::<Result<Vec<_>, _>>() else { return false };
        let give = |worker: &Worker| {
            let runs = self.ledger.try_update_value(|ledger| ledger.give(portion)).flatten();
            let order = runs.map(|runs| Order::Runs { from: runs.start, to: runs.end });
            if let Some(order) = order.and_then(|order| serde_json::to_string(&order).ok()) {
                worker.tell(&order);
            }
        };
        while let Some((number, message)) = inbox.next().await {
            let (Some(message), Some(worker)) = (message, workers.get(number)) else { return false };
            if message.is_empty() {
                worker.tell(&order);
                // One to do while the next is on its way.
                give(worker);
            } else {
                let report = serde_json::from_str(&message).ok();
                let Some(Report { from, outcomes }) = report.filter(|report: &Report| !report.outcomes.is_empty())
                else {
                    return false;
                };
                self.ledger.update_value(|ledger| ledger.note(from, outcomes));
            }
            give(worker);
            if self.ledger.with_value(Ledger::is_whole) {
                return true;
            }
            self.show_now_and_then();
        }
        false
    }

    /// Does what is left in slices.
    async fn by_itself(self, task: &Task) {
        let (mut from, mut began) = (0, now_millis());
        while let Some(run) = self.ledger.with_value(|ledger| ledger.first_missing(from)) {
            let Some(mut trial) = Trial::new(task, run) else { return };
            let outcome = loop {
                if let Some(outcome) = trial.run_for(POLLS) {
                    break outcome;
                }
                began = self.rest(began).await;
            };
            self.ledger.update_value(|ledger| ledger.note(run, [outcome]));
            began = self.rest(began).await;
            from = run + 1;
        }
    }

    /// Gives the page its thread back once the slice is over.
    async fn rest(self, began: f64) -> f64 {
        if now_millis() - began < SLICE_MILLIS {
            return began;
        }
        self.show_now_and_then();
        pause(Duration::ZERO).await;
        now_millis()
    }

    /// The button that starts or stops it, and how far it is.
    pub(super) fn controls(self, start: impl Fn() + 'static) -> El {
        let part = move |of: fn(&Ledger) -> u32| self.read(|_, ledger| of(ledger)).unwrap_or_default();
        let run = el("button")
            .class("primary")
            .on("click", move |_| if self.goes_on.get_untracked() { self.stop() } else { start() })
            .text_by(move || if self.is_running() { "Stop the runs" } else { "Start the runs" }.to_owned());
        let bar = move || {
            el("progress")
                .attr("aria-label", "Runs")
                .attr_by("max", move || part(Ledger::runs).max(1).to_string())
                .attr_by("value", move || part(Ledger::noted).to_string())
        };
        let words = move || progress(part(Ledger::noted), part(Ledger::runs));
        let any = move || self.read(|_, _| ()).is_some();
        el("div")
            .class("study-run")
            .child(run)
            .when(move || self.is_running(), bar)
            .when(any, move || el("span").class("fine").text_by(words))
    }
}
