//! What a program does, written down row by row: item 0 is main, then its calls in order.

use crate::experiment::script::Program;
use crate::id::{PermitNo, Tag};
use crate::port::{Failure, FailureKind, Finish, Usage};
use crate::time::Instant;
use crate::trace::{Answer, Gate, Kind, Outcome, Recorder, StopReason, Why};

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It gave this back.
    Returned(String),
    /// It failed with this.
    Failed(String),
    /// It was cancelled, or dropped.
    Cancelled,
}

/// Writes the rows of a lane.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    recorder: &'a Recorder,
    lane: u8,
    /// Which of them are ready and wait for the thread.
    ready: Vec<bool>,
    /// Who had the thread last.
    last: Option<u32>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(program: &Program, lane: u8, recorder: &'a Recorder) -> Self {
        Self { recorder, lane, ready: vec![false; program.names().count()], last: None }
    }

    fn write(&self, at: Instant, item: u32, kind: Kind) {
        self.recorder.record(at, Tag::of_item(self.lane, item), kind);
    }

    pub(super) fn started(&self) {
        self.write(Instant::ZERO, 0, Kind::Started);
    }

    pub(super) fn made(&self, at: Instant, item: u32) {
        self.write(at, item, Kind::Made);
    }

    pub(super) fn asked(&self, at: Instant, item: u32) {
        self.write(at, item, Kind::Asked);
    }

    /// It could go on if it had the thread.
    pub(super) fn ready(&mut self, at: Instant, item: u32) {
        let ahead = self.ready.iter().filter(|&&is_ready| is_ready).count();
        if !std::mem::replace(&mut self.ready[item as usize], true) {
            self.waiting(at, item, Gate::Thread, ahead);
        }
    }

    pub(super) fn is_ready(&self, item: u32) -> bool {
        self.ready[item as usize]
    }

    /// It has the thread.
    pub(super) fn runs(&mut self, at: Instant, item: u32) {
        let was_ready = std::mem::take(&mut self.ready[item as usize]);
        if was_ready || self.last != Some(item) {
            self.last = Some(item);
            self.granted(at, item, Gate::Thread, PermitNo(0));
        }
    }

    pub(super) fn waiting(&self, at: Instant, item: u32, gate: Gate, ahead: usize) {
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        self.write(at, item, Kind::Waiting { gate, why: Why::InLine { ahead } });
    }

    pub(super) fn granted(&self, at: Instant, item: u32, gate: Gate, permit: PermitNo) {
        self.write(at, item, Kind::Granted { gate, permit });
    }

    pub(super) fn released(&self, at: Instant, item: u32, permit: PermitNo) {
        self.write(at, item, Kind::Released { gate: Gate::Semaphore, permit });
    }

    pub(super) fn computing(&self, at: Instant, item: u32) {
        self.write(at, item, Kind::Computing);
    }

    pub(super) fn sleeping(&self, at: Instant, item: u32, until: Instant) {
        self.write(at, item, Kind::Sleeping { until });
    }

    pub(super) fn awaiting(&self, at: Instant, item: u32, other: u32) {
        self.write(at, item, Kind::Awaiting { item: other });
    }

    pub(super) fn said(&self, at: Instant, item: u32, line: &str) {
        self.recorder.said(at, Tag::of_item(self.lane, item), line);
    }

    pub(super) fn ended(&mut self, at: Instant, item: u32, end: &End) {
        self.rests(item);
        let tag = Tag::of_item(self.lane, item);
        let outcome = match end {
            End::Returned(_) => {
                let answer = Answer { finish: Finish::Stop, usage: Usage::default(), model: None };
                self.recorder.answered(at, tag, answer);
                Outcome::Answered
            }
            End::Failed(message) => {
                self.recorder.failed(at, tag, Failure::new(FailureKind::Raised, message));
                Outcome::Failed
            }
            End::Cancelled => {
                self.write(at, item, Kind::Cancelled);
                Outcome::Cancelled
            }
        };
        self.write(at, item, Kind::Ended { outcome });
    }

    /// What was made and never awaited is no more.
    pub(super) fn gone(&mut self, at: Instant, item: u32) {
        self.rests(item);
        self.write(at, item, Kind::Ended { outcome: Outcome::Cancelled });
    }

    /// One whose life is over is in nobody's way.
    fn rests(&mut self, item: u32) {
        if let Some(is_ready) = self.ready.get_mut(item as usize) {
            *is_ready = false;
        }
    }

    pub(super) fn stopped(&self, at: Instant, why: StopReason) {
        self.recorder.stop(at, self.lane, why);
    }
}
