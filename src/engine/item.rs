//! The life of an item: the steps of its chain, each of which asks about the answer before it.

use crate::engine::Lane;
use crate::engine::gates::{Held, door};
use crate::engine::race::{First, race};
use crate::experiment::{OnFailure, PermitScope};
use crate::id::Tag;
use crate::policy::semaphore::Permit;
use crate::port::{Clock, Service, Settings};
use crate::trace::{Gate, Kind, Outcome, StopReason};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

/// What a branch asks, and of which model.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The branch before its first attempt.
    pub(crate) tag: Tag,
    pub(crate) prompt: Rc<str>,
    pub(crate) settings: Rc<Settings>,
    /// Whether a further model may answer in its place, so that a model without quota does not stop the lane.
    pub(crate) has_stand_in: bool,
}

/// How a step came out.
pub(super) enum Came {
    /// With this answer.
    Answer(String),
    /// With the fixed text.
    Substitute,
    /// With a failure: this place of the lane's failures.
    Failure(u32),
}

/// What an item holds and has begun.
pub(super) struct Life<'a, C: Clock, S: Service> {
    pub(super) lane: &'a Lane<'a, C, S>,
    /// The permit it was started with, until it is used.
    pub(super) permit: Cell<Option<Permit<'a>>>,
    /// The first place in the line before the rates, if it was started with that.
    pub(super) first_in_line: Cell<Option<Permit<'a>>>,
    /// The permit, where it is held for longer than an attempt.
    pub(super) held: RefCell<Option<Held<'a, C, S>>>,
    /// Branches of the step that were opened beside the first.
    pub(super) opened: Cell<u8>,
}

/// Runs one item from its first permit to its end.
pub(crate) async fn run<'a, C: Clock, S: Service>(lane: &'a Lane<'a, C, S>, permit: Permit<'a>) {
    let item = permit.holder();
    let is_line = door(lane) == Gate::Rate;
    let (permit, first_in_line) = if is_line { (None, Some(permit)) } else { (Some(permit), None) };
    let outcome = {
        let life = Life {
            lane,
            permit: Cell::new(permit),
            first_in_line: Cell::new(first_in_line),
            held: RefCell::new(None),
            opened: Cell::new(0),
        };
        match lane.controls {
            None => life.steps(item).await,
            Some(controls) => {
                // Cancelled first: one that was given up while it stood in line is not sent.
                match race(pin!(controls.cancelled(item)), pin!(life.steps(item))).await {
                    First::Right(outcome) => outcome,
                    First::Left(()) => {
                        lane.record(item, Kind::Cancelled);
                        Outcome::Cancelled
                    }
                }
            }
        }
    };
    lane.record(item, Kind::Ended { outcome });
}

impl<C: Clock, S: Service> Life<'_, C, S> {
    async fn steps(&self, item: Tag) -> Outcome {
        let mut answer = String::new();
        for step in 0..self.lane.workload.steps() {
            self.opened.set(0);
            match self.step(Tag { step, ..item }, &answer).await {
                Came::Answer(text) => answer = text,
                Came::Substitute => return Outcome::Substituted,
                Came::Failure(failure) => {
                    if self.lane.plan.on_failure == OnFailure::CancelOthers && self.lane.stop.get().is_none() {
                        self.lane.stop.set(Some(StopReason::OneFailed { failure }));
                    }
                    return Outcome::Failed;
                }
            }
            if self.lane.plan.permit == PermitScope::Step {
                drop(self.held.take());
            }
        }
        Outcome::Answered
    }
}
