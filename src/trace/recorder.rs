//! Writes a lane's trace while it runs.
//!
//! It knows which items are under way, so that a lane that is stopped in the middle still ends the
//! life of every one of them.

use crate::id::Tag;
use crate::policy::backoff::Wait;
use crate::port::Failure;
use crate::time::Instant;
use crate::trace::event::{Event, Kind, Outcome, StopReason};
use crate::trace::log::{Answer, LaneTrace};
use std::cell::{Ref, RefCell};

/// Writes a lane's trace while it runs.
#[derive(Debug, Default)]
pub struct Recorder {
    lane: RefCell<LaneTrace>,
    /// The latest tag of each item, until its life is over.
    alive: RefCell<Vec<Option<Tag>>>,
}

impl Recorder {
    /// Notes when a real run began, in milliseconds since 1970.
    pub fn began(&self, millis: f64) {
        self.lane.borrow_mut().began_millis = Some(millis);
    }

    /// A lane that is over, to be read like one that runs.
    #[must_use]
    pub fn sealed(lane: LaneTrace) -> Self {
        Self { lane: RefCell::new(lane), alive: RefCell::default() }
    }

    /// What was written so far.
    pub fn read(&self) -> Ref<'_, LaneTrace> {
        self.lane.borrow()
    }

    /// The trace, leaving nothing behind.
    #[must_use]
    pub fn take(&self) -> LaneTrace {
        self.lane.take()
    }

    /// Writes one event. A lane that is over takes no more: what is dropped after it was stopped is
    /// no longer part of it.
    pub fn record(&self, at: Instant, tag: Tag, kind: Kind) {
        if self.lane.borrow().is_sealed() {
            return;
        }
        self.keep_alive(tag, kind);
        self.lane.borrow_mut().events.push(Event { at, tag, kind });
    }

    /// Writes a piece of text.
    pub fn text(&self, at: Instant, tag: Tag, piece: &str) {
        let (from, to) = self.keep(piece);
        self.record(at, tag, Kind::Text { from, to });
    }

    /// Writes a line that a script printed.
    pub fn said(&self, at: Instant, tag: Tag, line: &str) {
        let (from, _) = self.keep(line);
        let (_, to) = self.keep("\n");
        self.record(at, tag, Kind::Said { from, to });
    }

    /// Puts a piece behind all other text, and gives its bytes.
    fn keep(&self, piece: &str) -> (u32, u32) {
        let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let text = &mut self.lane.borrow_mut().text;
        let from = place(text.len());
        text.push_str(piece);
        (from, place(text.len()))
    }

    /// Writes that an answer is whole.
    pub fn answered(&self, at: Instant, tag: Tag, answer: Answer) {
        let answer = push(&mut self.lane.borrow_mut().answers, answer);
        self.record(at, tag, Kind::Answered { answer });
    }

    /// Writes that an attempt failed, and gives the failure's place.
    pub fn failed(&self, at: Instant, tag: Tag, failure: Failure) -> u32 {
        let failure = push(&mut self.lane.borrow_mut().failures, failure);
        self.record(at, tag, Kind::Failed { failure });
        failure
    }

    /// Writes that a wait began.
    pub fn backing_off(&self, at: Instant, tag: Tag, wait: Wait) {
        let until = at + wait.total();
        let wait = push(&mut self.lane.borrow_mut().waits, wait);
        self.record(at, tag, Kind::BackingOff { until, wait });
    }

    /// Ends the life of every item that is still under way, and the lane.
    pub fn stop(&self, at: Instant, lane: u8, why: StopReason) {
        let unfinished: Vec<Tag> = self.alive.borrow().iter().flatten().copied().collect();
        for tag in unfinished {
            self.record(at, tag, Kind::Cancelled);
            self.record(at, tag, Kind::Ended { outcome: Outcome::Cancelled });
        }
        self.record(at, Tag::of_item(lane, 0), Kind::Stopped { why });
    }

    fn keep_alive(&self, tag: Tag, kind: Kind) {
        let mut alive = self.alive.borrow_mut();
        let item = tag.item as usize;
        match kind {
            Kind::Asked => {
                if alive.len() <= item {
                    alive.resize(item + 1, None);
                }
                alive[item] = Some(tag);
            }
            Kind::Ended { .. } => {
                if let Some(slot) = alive.get_mut(item) {
                    *slot = None;
                }
            }
            Kind::Sent => {
                if let Some(slot) = alive.get_mut(item) {
                    *slot = Some(tag);
                }
            }
            _ => {}
        }
    }
}

fn push<T>(table: &mut Vec<T>, entry: T) -> u32 {
    table.push(entry);
    u32::try_from(table.len() - 1).unwrap_or(u32::MAX)
}
