//! What a lesson, or a talk, asks of the page around it: to hold the run until something is predicted, to stop at
//! certain moments, and to draw over it.

use super::State;
use crate::browser::page;
use crate::browser::spawn::spawn;
use crate::experiment::preset;
use crate::lesson::Lesson;
use crate::lesson::assignment::{Assignment, What};
use crate::lesson::knob::Knob;
use crate::lesson::lock::Lock;
use crate::lesson::prediction::Prediction;
use crate::scene::mark::Marks;
use crate::scene::playback::{Command, Playback};
use crate::time::Instant;
use crate::view::lesson::{begin_given, lesson_of};
use leptos::prelude::*;
use std::rc::Rc;

/// The timeline's words are 11.5 px high; an audience needs 20.
const PRESENTED: f64 = 1.75;

/// A moment to stop at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    pub(crate) at: Instant,
    /// Lane and item of each request that is spoken of there.
    pub(crate) lit: Vec<(usize, usize)>,
    /// What is said there.
    pub(crate) says: String,
}

/// What a lesson asks of the page. A handle: copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Guide {
    /// The lesson that is open.
    pub(crate) lesson: RwSignal<Option<&'static Lesson>>,
    /// What a teacher's link gave.
    pub(crate) assignment: RwSignal<Option<Rc<Assignment>>, LocalStorage>,
    /// The run that was shown when it was given: none of the class's own.
    run_before: StoredValue<usize>,
    /// Whether the run waits at its start for a prediction.
    pub(crate) is_held: RwSignal<bool>,
    /// Whether something was entered as a prediction: what stands in a form at first is nobody's answer.
    pub(crate) is_said: RwSignal<bool>,
    /// What is drawn over the run.
    pub(crate) marks: RwSignal<Marks>,
    /// Where to stop, in the order of telling.
    pub(crate) stops: RwSignal<Vec<Stop>>,
    /// The stop that the playhead was last sent to.
    pub(crate) stop: RwSignal<Option<usize>>,
    /// Whether the page is shown to an audience.
    pub(crate) is_presenting: RwSignal<bool>,
}

impl Guide {
    pub(crate) fn new() -> Self {
        Self {
            lesson: RwSignal::new(None),
            assignment: RwSignal::new_local(None),
            run_before: StoredValue::new(0),
            is_held: RwSignal::new(false),
            is_said: RwSignal::new(false),
            marks: RwSignal::default(),
            stops: RwSignal::default(),
            stop: RwSignal::new(None),
            is_presenting: RwSignal::new(false),
        }
    }

    /// How many times as large the timeline is drawn: its smallest words must be read from the last row.
    pub(crate) fn zoom(self) -> f64 {
        if self.is_presenting.get() { PRESENTED } else { 1.0 }
    }

    /// Whether a finish line can be dragged.
    pub(crate) fn asks_for_finish(self) -> bool {
        self.is_held.get() && self.marks.read().finish.is_some()
    }

    /// Puts the finish line elsewhere.
    pub(crate) fn put_finish(self, to: Instant) {
        self.is_said.set(true);
        self.marks.update(|marks| {
            if let Some((_, at)) = &mut marks.finish {
                *at = to;
            }
        });
    }

    /// Where the time axis ends for a run that ends at `end`: a prediction must have room on it, and the end must not
    /// tell the answer.
    pub(crate) fn axis(self, end: Instant) -> Instant {
        let asked = self.lesson.read().and_then(|lesson| match lesson.prediction {
            Prediction::Finish { axis_secs, .. } => Some(Instant::from_millis(f64::from(axis_secs) * 1_000.0)),
            _ => None,
        });
        match asked {
            Some(axis) if self.is_held.get() => axis,
            _ => self.marks.read().finish.map_or(end, |(_, said)| said.max(end)),
        }
    }

    /// Whether a teacher's link has locked one of these groups of controls.
    pub(crate) fn is_locked(self, locks: &[Lock]) -> bool {
        self.assignment.read().as_ref().is_some_and(|given| locks.iter().any(|lock| given.locked.contains(lock)))
    }

    /// The run that was shown when a teacher's link was opened.
    pub(super) fn run_before(self) -> usize {
        self.run_before.get_value()
    }

    /// Forgets all that a lesson asked for.
    fn clear(self) {
        self.lesson.set(None);
        self.is_held.set(false);
        self.let_go();
    }

    /// Draws nothing over the run, and has nowhere to stop.
    pub(crate) fn let_go(self) {
        self.marks.set(Marks::default());
        self.stops.set(Vec::new());
        self.stop.set(None);
    }
}

impl State {
    /// Opens the lesson of that name, or says that there is none.
    pub(super) fn open_lesson(self, id: String) {
        self.opening.set(Some(spawn(async move {
            match lesson_of(id).await {
                Ok(Some(lesson)) => self.begin_lesson(lesson),
                Ok(None) => self.open_default("There is no lesson of that name."),
                Err(problem) => self.open_default(&problem.to_string()),
            }
            self.opening.set(None);
        })));
    }

    /// Opens what a teacher's link gives, or says why it can't.
    pub(super) fn open_assignment(self, value: String) {
        self.opening.set(Some(spawn(async move {
            if let Err(problem) = begin_given(self, value).await.unwrap_or_else(|problem| Err(problem.into())) {
                self.open_default(&problem);
            }
            self.opening.set(None);
        })));
    }

    /// Begins what a teacher's link gives.
    pub(crate) fn begin_assignment(self, given: &Rc<Assignment>) {
        self.guide.is_presenting.set(given.presents);
        self.guide.run_before.set_value(self.version.get_untracked());
        self.guide.assignment.set(Some(given.clone()));
        match (&given.what, given.lesson()) {
            (What::Experiment(experiment), _) => {
                self.stop();
                self.notice.set(None);
                self.take((**experiment).clone(), None);
                self.run_if_simulated();
            }
            (What::Lesson(_), Some(lesson)) => self.begin_lesson(lesson),
            (What::Lesson(_), None) => {}
        }
    }

    /// Leaves what a teacher's link gave: nothing is locked any more, and the experiment stays.
    pub(crate) fn leave_assignment(self) {
        self.end_assignment();
        page::set_fragment("");
    }

    /// What takes the place of a teacher's link takes its locks and its goal with it.
    pub(super) fn end_assignment(self) {
        if self.guide.assignment.read_untracked().is_some() {
            self.guide.assignment.set(None);
        }
    }

    fn open_default(self, problem: &str) {
        let default = &preset::PRESETS[0];
        self.take(default.experiment(), Some(default.id));
        self.run_if_simulated();
        self.notice.set(Some(format!("{problem} This is the default experiment instead.")));
    }

    /// Begins a lesson from its start: its run is ready, and held until something is predicted.
    pub(crate) fn begin_lesson(self, lesson: &'static Lesson) {
        self.stop();
        self.notice.set(None);
        self.take((lesson.experiment)(), Some(lesson.id));
        self.guide.lesson.set(Some(lesson));
        self.guide.is_held.set(true);
        self.guide.is_said.set(false);
        self.run_if_simulated();
    }

    /// Leaves the lesson; its experiment stays, to be changed at will.
    pub(crate) fn leave_lesson(self) {
        let was_held = self.guide.is_held.get_untracked();
        self.guide.clear();
        self.leave_assignment();
        if was_held {
            self.play_again();
        }
    }

    /// What takes the place of a lesson takes all that it asked for with it.
    pub(super) fn end_lesson(self) {
        if self.guide.lesson.read_untracked().is_some() {
            self.guide.clear();
        }
        self.guide.let_go();
    }

    /// Lets a held run go.
    pub(crate) fn release(self) {
        self.guide.is_held.set(false);
        self.play_again();
    }

    /// Sends the playhead to the next stop, or the one before.
    pub(crate) fn walk(self, forward: bool) {
        if self.guide.is_held.get_untracked() {
            return self.notice.set(Some("Answer first, or run the lesson without an answer.".into()));
        }
        let to = match (self.guide.stop.get_untracked(), forward) {
            (None, true) => 0,
            (Some(now), true) => now + 1,
            (None | Some(0), false) => return,
            (Some(now), false) => now - 1,
        };
        let Some(Stop { at, lit, .. }) = self.guide.stops.read_untracked().get(to).cloned() else { return };
        self.guide.stop.set(Some(to));
        self.command(Command::Seek(at));
        if let Some(&first) = lit.first() {
            self.selected.set(first);
        }
        self.guide.marks.update(|marks| marks.lit = lit);
    }

    /// Plays from where the playhead is, with nothing in the shade.
    pub(crate) fn play(self) {
        self.guide.stop.set(None);
        self.guide.marks.update(|marks| marks.lit.clear());
        if page::matches("(prefers-reduced-motion: reduce)") {
            self.command(Command::ToEnd);
        } else if !self.playback.read_untracked().playing {
            self.command(Command::PlayOrPause);
        }
    }

    /// Shows the page to an audience, or ends that.
    pub(crate) fn present(self, is_talk: bool) {
        self.guide.is_presenting.set(is_talk);
        if self.guide.lesson.read_untracked().is_none() {
            self.guide.let_go();
        }
        if is_talk {
            // The space bar plays from there; on the button it would end the talk.
            page::focus(".timeline");
        }
    }

    /// Plays the run from its start.
    pub(crate) fn play_again(self) {
        self.command(Command::ToStart);
        self.play();
    }

    /// Turns a knob of the lesson, and runs what it gives.
    pub(crate) fn turn(self, knob: Knob, value: u32) {
        self.edit(|experiment| knob.set(experiment, value));
        // What was said of another run would not be true of this one.
        if !self.guide.is_held.get_untracked() {
            self.guide.let_go();
        }
        self.run_if_simulated();
    }

    /// Where the playhead of a run begins that has come to be shown.
    pub(super) fn first_playback(self, end: Instant) -> Playback {
        if self.guide.is_held.get_untracked() {
            return Playback { playing: false, ..Playback::fitted(end) };
        }
        if page::matches("(prefers-reduced-motion: reduce)") { Playback::finished(end) } else { Playback::fitted(end) }
    }
}
