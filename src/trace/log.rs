//! The record of a run: its experiment, and the events of each lane with their side tables.

use crate::experiment::Experiment;
use crate::policy::backoff::Wait;
use crate::port::{Failure, FailureKind, Finish, Usage};
use crate::time::Instant;
use crate::trace::event::{Event, Gate, Kind, StopReason};
use crate::trace::span::{Fate, Phase, Span};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::rc::Rc;

/// An experiment and what happened. Append-only while it runs, sealed after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Trace {
    /// The version of this format.
    pub version: u32,
    /// What was tried.
    pub experiment: Experiment,
    /// What happened in each lane. A lane that has not begun yet has no events.
    pub lanes: Vec<LaneTrace>,
}

impl Trace {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = 1;

    /// Whether its events can be those of its experiment: a lane for each, its time never going back,
    /// no item that was not asked for. One that was not can't be drawn.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let fits = |(number, lane): (usize, &LaneTrace)| {
            let items = self.experiment.workload.rows_of(number);
            let is_known = |event: &Event| {
                let other = if let Kind::Awaiting { item } = event.kind { item } else { event.tag.item };
                event.tag.item < items && other < items
            };
            lane.events.is_sorted_by_key(|event| event.at) && lane.events.iter().all(is_known)
        };
        self.lanes.len() == self.experiment.lanes.len() && self.lanes.iter().enumerate().all(fits)
    }

    /// Nothing has happened yet.
    #[must_use]
    pub fn new(experiment: Experiment) -> Self {
        let lanes = experiment.lanes.iter().map(|_| LaneTrace::default()).collect();
        Self { version: Self::VERSION, experiment, lanes }
    }
}

/// What happened in a lane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default)]
pub struct LaneTrace {
    /// When the lane began, in milliseconds since 1970, for a run against a real server.
    pub began_millis: Option<f64>,
    /// What happened, in order.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(with = "Vec<crate::trace::flat::Flat>"))]
    pub events: Vec<Event>,
    /// All text that came, one piece after the other.
    pub text: String,
    /// The answers.
    pub answers: Vec<Answer>,
    /// The failures.
    pub failures: Vec<Failure>,
    /// The waits between attempts.
    pub waits: Vec<Wait>,
}

/// What is known of an answer besides its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Answer {
    /// How it ended.
    pub finish: Finish,
    /// Its tokens.
    pub usage: Usage,
    /// The model that answered, where it said so.
    pub model: Option<Rc<str>>,
}

impl LaneTrace {
    /// Gives back the room that was kept for more.
    pub(crate) fn shrink(&mut self) {
        self.events.shrink_to_fit();
        self.text.shrink_to_fit();
        self.answers.shrink_to_fit();
        self.failures.shrink_to_fit();
        self.waits.shrink_to_fit();
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.stopped().is_some()
    }

    /// Why the lane is over, if it is.
    #[must_use]
    pub fn stopped(&self) -> Option<StopReason> {
        match self.events.last()?.kind {
            Kind::Stopped { why } => Some(why),
            _ => None,
        }
    }

    /// Whether the server said no in place of an answer, or was not reached: then nothing is billed, and no quota
    /// counts it. What breaks off an answer that has begun is no refusal.
    #[must_use]
    pub fn refused(&self, span: &Span) -> bool {
        let (Fate::Failed(place), Phase::FirstByte) = (span.fate, span.phase) else { return false };
        let is_no = |failure: &Failure| {
            failure.status.is_some_and(|status| status >= 400) || failure.kind == FailureKind::Network
        };
        self.failures.get(place as usize).is_some_and(is_no)
    }

    /// Whether it ran a program and no requests: main has had a thread.
    #[must_use]
    pub fn is_of_script(&self) -> bool {
        self.events.iter().any(|event| matches!(event.kind, Kind::Granted { gate: Gate::Thread, .. }))
    }

    /// The lines that a script printed, in order: when, which item, and what.
    pub fn said(&self) -> impl Iterator<Item = (Instant, u32, &str)> {
        self.events.iter().filter_map(|event| match event.kind {
            Kind::Said { from, to } => Some((event.at, event.tag.item, self.piece(from, to).trim_end_matches('\n'))),
            _ => None,
        })
    }

    fn piece(&self, from: u32, to: u32) -> &str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }

    /// The events as text, a line each: what two runs are compared by.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            self.write_line(&mut text, event);
            text.push('\n');
        }
        text
    }

    fn write_line(&self, out: &mut String, event: &Event) {
        let Event { at, tag, kind } = event;
        // Writing to a String can't fail.
        let _ = write!(out, "{} {tag} ", at.0);
        let _ = match *kind {
            Kind::Text { from, to } => {
                write!(out, "Text {:?}", self.piece(from, to))
            }
            Kind::Said { from, to } => write!(out, "Said {:?}", self.piece(from, to)),
            Kind::Answered { answer } => write!(out, "Answered {:?}", self.answers.get(answer as usize)),
            Kind::Failed { failure } => match self.failures.get(failure as usize) {
                // Without the message: a transport's prose is the browser's own.
                Some(f) => write!(out, "Failed {} {:?} {:?}", f.kind.name(), f.status, f.delay_micros),
                None => write!(out, "Failed"),
            },
            Kind::BackingOff { until, wait } => {
                write!(out, "BackingOff until {} {:?}", until.0, self.waits.get(wait as usize))
            }
            other => write!(out, "{other:?}"),
        };
    }
}

/// The first line in which two texts of events differ, with its time: how a run that did not repeat
/// is explained.
#[must_use]
pub fn first_difference(a: &str, b: &str) -> Option<String> {
    let (mut left, mut right) = (a.lines(), b.lines());
    for line in 1.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                let at = x.or(y).and_then(|l| l.split(' ').next()).unwrap_or("?");
                return Some(format!(
                    "event {line} at {at} us: {:?} against {:?}",
                    x.unwrap_or("nothing"),
                    y.unwrap_or("nothing")
                ));
            }
        }
    }
    None
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_with_its_time() {
        assert_eq!(first_difference("1 a\n2 b", "1 a\n2 b"), None);
        let said = first_difference("1 a\n2 b", "1 a\n2 c").expect("they differ");
        assert!(said.starts_with("event 2 at 2 us"), "{said}");
        assert!(first_difference("1 a", "1 a\n7 b").expect("one is longer").contains("at 7 us"));
    }
}
