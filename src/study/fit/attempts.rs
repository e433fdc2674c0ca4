//! The attempts of a run, each with what it met and what became of it.
//!
//! What is in flight is counted as a server counts it: from being sent to the end, or to being given up.

use crate::experiment::{Experiment, LaneSpec};
use crate::id::Tag;
use crate::port::Usage;
use crate::time::Instant;
use crate::trace::{Kind, LaneTrace, Opened, Trace};
use std::collections::BTreeMap;
use std::rc::Rc;

/// An attempt.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) lane: usize,
    pub(super) tag: Tag,
    /// The model that was asked.
    pub(super) model: Rc<str>,
    pub(super) sent: Instant,
    /// How many were in flight when it was sent, itself included.
    pub(super) in_flight: u32,
    /// Whether more were in flight than ever before in its lane: then no connection was idle.
    pub(super) opens: bool,
    pub(super) first_byte: Option<Instant>,
    /// When its text began.
    pub(super) text: Option<Instant>,
    pub(super) bytes: u32,
    pub(super) end: Instant,
    pub(super) how: How,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum How {
    Answered(Usage),
    /// This place of its lane's failures.
    Failed(usize),
    /// It was given up, or the record ends before it.
    Left,
}

impl Attempt {
    /// Seconds from being sent to the first byte.
    pub(super) fn first_byte_secs(&self) -> Option<f64> {
        self.first_byte.map(|at| at.since(self.sent).as_secs_f64())
    }

    /// Seconds from being sent to its end.
    pub(super) fn secs(&self) -> f64 {
        self.end.since(self.sent).as_secs_f64()
    }

    /// Its tokens, if it was answered. A server that counts none is taken to have one for each four bytes.
    pub(super) fn usage(&self) -> Option<Usage> {
        let How::Answered(usage) = self.how else { return None };
        let answer = if usage.answer == 0 { self.bytes.div_ceil(4) } else { usage.answer };
        Some(Usage { answer, ..usage })
    }

    /// How many tokens came a second, thinking and answer alike. None of an answer that came at once.
    pub(super) fn pace(&self) -> Option<f64> {
        let secs = self.end.since(self.first_byte?).as_secs_f64();
        let tokens = self.usage()?.output();
        (secs > AT_ONCE_SECS && tokens > 0).then(|| f64::from(tokens) / secs)
    }
}

/// What comes within this time came in one piece, and tells of no pace.
const AT_ONCE_SECS: f64 = 0.001;

/// All attempts of a run that were sent, lane by lane in their order.
pub(super) fn attempts(trace: &Trace) -> Vec<Attempt> {
    let lanes = trace.lanes.iter().enumerate();
    lanes.flat_map(|(lane, log)| of_lane(&trace.experiment, lane, log)).collect()
}

fn of_lane(experiment: &Experiment, lane: usize, log: &LaneTrace) -> Vec<Attempt> {
    let mut all: Vec<Attempt> = Vec::new();
    let mut open: BTreeMap<Tag, usize> = BTreeMap::new();
    let mut models = Models::new(experiment, lane);
    let (mut most, mut latest) = (0, Instant::ZERO);
    for event in &log.events {
        let (at, tag) = (event.at, event.tag);
        latest = latest.max(at);
        match event.kind {
            Kind::BranchOpened { why } => models.opened(tag, why),
            Kind::Sent => {
                open.insert(tag, all.len());
                let in_flight = u32::try_from(open.len()).unwrap_or(u32::MAX);
                let model = models.of(tag);
                let opens = in_flight > most;
                most = most.max(in_flight);
                let (first_byte, text, how) = (None, None, How::Left);
                let new =
                    Attempt { lane, tag, model, sent: at, in_flight, opens, first_byte, text, bytes: 0, end: at, how };
                all.push(new);
            }
            Kind::FirstByte => change(&mut all, &open, tag, |attempt| attempt.first_byte = Some(at)),
            Kind::Text { from, to } => change(&mut all, &open, tag, |attempt| {
                attempt.text.get_or_insert(at);
                attempt.bytes = attempt.bytes.saturating_add(to.saturating_sub(from));
            }),
            Kind::Answered { answer } => {
                let usage = log.answers.get(answer as usize).map(|answer| answer.usage).unwrap_or_default();
                change(&mut all, &open, tag, |attempt| (attempt.end, attempt.how) = (at, How::Answered(usage)));
                open.remove(&tag);
            }
            Kind::Failed { failure } => {
                change(&mut all, &open, tag, |attempt| {
                    (attempt.end, attempt.how) = (at, How::Failed(failure as usize));
                });
                open.remove(&tag);
            }
            Kind::Cancelled => {
                give_up(&mut all, &mut open, at, |other| {
                    (other.item, other.step, other.branch) == (tag.item, tag.step, tag.branch)
                });
            }
            Kind::Ended { .. } => give_up(&mut all, &mut open, at, |other| other.item == tag.item),
            _ => {}
        }
    }
    give_up(&mut all, &mut open, latest, |_| true);
    all
}

fn change(all: &mut [Attempt], open: &BTreeMap<Tag, usize>, tag: Tag, change: impl FnOnce(&mut Attempt)) {
    if let Some(attempt) = open.get(&tag).and_then(|&place| all.get_mut(place)) {
        change(attempt);
    }
}

/// Ends what is still open of those that `are` given up.
fn give_up(all: &mut [Attempt], open: &mut BTreeMap<Tag, usize>, at: Instant, are: impl Fn(Tag) -> bool) {
    open.retain(|&tag, &mut place| {
        if are(tag)
            && let Some(attempt) = all.get_mut(place)
        {
            attempt.end = at;
        }
        !are(tag)
    });
}

/// Which model each branch asks.
struct Models<'a> {
    experiment: &'a Experiment,
    others: &'a [Rc<str>],
    /// Branches that ask another model than the first.
    opened: BTreeMap<(u32, u8, u8), Rc<str>>,
}

impl<'a> Models<'a> {
    fn new(experiment: &'a Experiment, lane: usize) -> Self {
        let fallback = experiment.lanes.get(lane).and_then(|lane: &LaneSpec| lane.fallback.as_ref());
        let others = fallback.map(|fallback| &*fallback.models).unwrap_or_default();
        Self { experiment, others, opened: BTreeMap::new() }
    }

    /// Other models are asked in their order, and each by a branch of its own.
    fn opened(&mut self, tag: Tag, why: Opened) {
        if why == Opened::Hedge {
            return;
        }
        let before = self.opened.keys().filter(|&&(item, step, _)| (item, step) == (tag.item, tag.step)).count();
        if let Some(model) = self.others.get(before) {
            self.opened.insert((tag.item, tag.step, tag.branch), model.clone());
        }
    }

    fn of(&self, tag: Tag) -> Rc<str> {
        let other = self.opened.get(&(tag.item, tag.step, tag.branch));
        other.cloned().unwrap_or_else(|| self.experiment.workload.model(tag.item))
    }
}
