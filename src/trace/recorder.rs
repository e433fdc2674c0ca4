//! Writes a lane's trace while it runs.
//!
//! It knows which items are under way, so that a lane that is stopped in the middle still ends the
//! life of every one of them. A record that is over keeps no room for more: 32 bytes an event, and its tables.

use crate::id::Tag;
use crate::policy::backoff::Wait;
use crate::port::Failure;
use crate::time::Instant;
use crate::trace::event::{Event, Kind, Outcome, StopReason};
use crate::trace::log::{Answer, LaneTrace};
use std::cell::{Ref, RefCell};

/// What an item writes that is answered in one piece at its first attempt.
const EVENTS_AN_ITEM: usize = 9;

/// Writes a lane's trace while it runs.
#[derive(Debug, Default)]
pub struct Recorder(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    lane: LaneTrace,
    /// Whether the lane is over.
    sealed: bool,
    /// The latest tag of each item, until its life is over.
    alive: Vec<Option<Tag>>,
}

impl Recorder {
    /// Makes room for the record of so many items, so that it need not move while they run.
    pub fn expect(&self, items: u32) {
        let state = &mut *self.0.borrow_mut();
        let items = items as usize;
        state.lane.events.reserve_exact(items.saturating_mul(EVENTS_AN_ITEM));
        state.lane.answers.reserve_exact(items);
        state.alive.reserve_exact(items);
    }

    /// Notes when a real run began, in milliseconds since 1970.
    pub fn began(&self, millis: f64) {
        self.0.borrow_mut().lane.began_millis = Some(millis);
    }

    /// A lane that is over, to be read like one that runs.
    #[must_use]
    pub fn sealed(lane: LaneTrace) -> Self {
        Self(RefCell::new(State { sealed: lane.is_sealed(), lane, alive: Vec::new() }))
    }

    /// What was written so far.
    pub fn read(&self) -> Ref<'_, LaneTrace> {
        Ref::map(self.0.borrow(), |state| &state.lane)
    }

    /// The trace, leaving nothing behind.
    #[must_use]
    pub fn take(&self) -> LaneTrace {
        self.0.take().lane
    }

    /// Writes one event. A lane that is over takes no more: what is dropped after it was stopped is
    /// no longer part of it.
    #[inline]
    pub fn record(&self, at: Instant, tag: Tag, kind: Kind) {
        self.0.borrow_mut().record(at, tag, kind);
    }

    /// Writes a piece of text.
    pub fn text(&self, at: Instant, tag: Tag, piece: &str) {
        let state = &mut *self.0.borrow_mut();
        let (from, to) = keep(&mut state.lane.text, piece);
        state.record(at, tag, Kind::Text { from, to });
    }

    /// Writes a line that a script printed.
    pub fn said(&self, at: Instant, tag: Tag, line: &str) {
        let state = &mut *self.0.borrow_mut();
        let (from, _) = keep(&mut state.lane.text, line);
        let (_, to) = keep(&mut state.lane.text, "\n");
        state.record(at, tag, Kind::Said { from, to });
    }

    /// Writes that an answer is whole.
    pub fn answered(&self, at: Instant, tag: Tag, answer: Answer) {
        let state = &mut *self.0.borrow_mut();
        let answer = push(&mut state.lane.answers, answer);
        state.record(at, tag, Kind::Answered { answer });
    }

    /// Writes that an attempt failed, and gives the failure's place.
    pub fn failed(&self, at: Instant, tag: Tag, failure: Failure) -> u32 {
        let state = &mut *self.0.borrow_mut();
        let failure = push(&mut state.lane.failures, failure);
        state.record(at, tag, Kind::Failed { failure });
        failure
    }

    /// Writes that a wait began.
    pub fn backing_off(&self, at: Instant, tag: Tag, wait: Wait) {
        let until = at + wait.total();
        let state = &mut *self.0.borrow_mut();
        let wait = push(&mut state.lane.waits, wait);
        state.record(at, tag, Kind::BackingOff { until, wait });
    }

    /// Ends the life of every item that is still under way, and the lane.
    pub fn stop(&self, at: Instant, lane: u8, why: StopReason) {
        let state = &mut *self.0.borrow_mut();
        for tag in std::mem::take(&mut state.alive).into_iter().flatten() {
            state.record(at, tag, Kind::Cancelled);
            state.record(at, tag, Kind::Ended { outcome: Outcome::Cancelled });
        }
        state.record(at, Tag::of_item(lane, 0), Kind::Stopped { why });
        state.lane.shrink();
    }
}

impl State {
    #[inline]
    fn record(&mut self, at: Instant, tag: Tag, kind: Kind) {
        if self.sealed {
            return;
        }
        match kind {
            Kind::Asked => {
                let item = tag.item as usize;
                if self.alive.len() <= item {
                    self.alive.resize(item + 1, None);
                }
                self.alive[item] = Some(tag);
            }
            Kind::Ended { .. } => self.note(tag, None),
            Kind::Sent => self.note(tag, Some(tag)),
            Kind::Stopped { .. } => self.sealed = true,
            _ => {}
        }
        make_room(&mut self.lane.events);
        self.lane.events.push(Event { at, tag, kind });
    }

    fn note(&mut self, of: Tag, latest: Option<Tag>) {
        if let Some(slot) = self.alive.get_mut(of.item as usize) {
            *slot = latest;
        }
    }
}

/// Puts a piece behind all other text, and gives its bytes.
fn keep(text: &mut String, piece: &str) -> (u32, u32) {
    let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let from = place(text.len());
    text.push_str(piece);
    (from, place(text.len()))
}

/// Room for one more: half as much again where there is none, so that a third of it at most is not used.
fn make_room<T>(table: &mut Vec<T>) {
    if table.len() == table.capacity() {
        table.reserve_exact((table.len() / 2).max(16));
    }
}

fn push<T>(table: &mut Vec<T>, entry: T) -> u32 {
    make_room(table);
    table.push(entry);
    u32::try_from(table.len() - 1).unwrap_or(u32::MAX)
}
