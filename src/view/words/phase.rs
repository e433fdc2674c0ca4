//! What the stretches of a request's life are called.

use crate::trace::Gate;
use crate::trace::span::{Cause, Phase, Span};

/// The name of a span, as a heading: what was waited for.
#[must_use]
pub fn name(span: &Span) -> &'static str {
    match (span.phase, span.cause) {
        (Phase::Queued, Cause::Permit { gate: Gate::Turn, .. }) => "Waited for its turn",
        (Phase::Queued, Cause::Permit { gate: Gate::Thread, .. }) => "Ready, not running",
        (Phase::Queued, _) => "Waited for a slot",
        (Phase::RateLimited, Cause::Line { .. }) => "In line for a rate",
        (Phase::RateLimited, Cause::Held { gate, .. }) => match gate {
            Gate::RequestBucket => "Bucket was empty",
            Gate::TokenBucket => "Too few tokens",
            Gate::Window => "Window was full",
            Gate::Pace => "Paced",
            Gate::Pause => "Paused",
            _ => "Held by a rate",
        },
        (Phase::RateLimited, _) => "Held by a rate",
        (Phase::CircuitOpen, _) => "Breaker open",
        (Phase::FirstByte, _) => "First byte",
        (Phase::Thinking, _) => "Thinking",
        (Phase::Streaming, _) => "Streaming",
        (Phase::BackingOff, _) => "Backed off",
        (Phase::Computing, _) => "Computed",
        (Phase::Sleeping, _) => "Slept",
        (Phase::Awaiting, _) => "Waited for a task",
    }
}

/// The name of a phase within a sentence: what it was doing.
#[must_use]
pub fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "waiting for a slot",
        Phase::RateLimited => "held by a rate",
        Phase::CircuitOpen => "waiting for the breaker",
        Phase::FirstByte => "waiting for the first byte",
        Phase::Thinking => "waiting while the model thought",
        Phase::Streaming => "streaming",
        Phase::BackingOff => "backing off",
        Phase::Computing => "computing",
        Phase::Sleeping => "asleep",
        Phase::Awaiting => "waiting for a task",
    }
}

/// The names of the legend, in its order.
pub const LEGEND: &[(Phase, &str)] = &[
    (Phase::Queued, "waiting for a slot"),
    (Phase::RateLimited, "held by a rate"),
    (Phase::CircuitOpen, "breaker open"),
    (Phase::FirstByte, "first byte"),
    (Phase::Thinking, "thinking"),
    (Phase::Streaming, "streaming"),
    (Phase::BackingOff, "backing off"),
    (Phase::Computing, "computing"),
    (Phase::Sleeping, "asleep"),
    (Phase::Awaiting, "waiting for a task"),
];
