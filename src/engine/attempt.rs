//! One attempt: from being sent to the last byte, a failure or the timeout.

use crate::engine::Lane;
use crate::engine::item::Question;
use crate::engine::race::{First, race};
use crate::id::Tag;
use crate::port::{Call, Chunk, Clock, Failure, FailureKind, Service, Usage};
use crate::trace::{Answer, Kind};
use futures::StreamExt;
use std::pin::pin;

/// What an attempt brought.
pub(crate) struct Brought {
    pub(crate) usage: Usage,
    /// The answer.
    pub(crate) text: String,
}

/// Sends one call and writes down what comes back. Dropping the answer, as the timeout does, aborts
/// the call.
pub(crate) async fn run<C: Clock, S: Service>(
    lane: &Lane<'_, C, S>,
    tag: Tag,
    question: &Question,
) -> Result<Brought, Failure> {
    let sent = lane.clock.now();
    lane.record(tag, Kind::Sent);
    let deadline = lane.deadline(tag);
    let ends = lane.plan.timeout.attempt_ends(sent).min(deadline);
    let call = Call { tag, prompt: question.prompt.clone(), settings: question.settings.clone() };
    let mut text = String::new();
    let mut answer = pin!(lane.service.call(&call));
    let mut timeout = pin!(lane.clock.sleep_until(ends));
    let mut silence = pin!(lane.clock.sleep_until(lane.plan.timeout.first_byte_by(sent)));
    let mut has_begun = false;
    loop {
        let late = async {
            match race(timeout.as_mut(), silence.as_mut()).await {
                First::Left(()) => time_is_up(ends == deadline),
                First::Right(()) => silent(has_begun),
            }
        };
        let chunk = match race(pin!(answer.next()), pin!(late)).await {
            First::Left(Some(chunk)) => chunk?,
            First::Left(None) => {
                return Err(Failure::new(FailureKind::StreamCut, "The stream ended before the answer did."));
            }
            First::Right(failure) => return Err(failure),
        };
        let now = lane.clock.now();
        has_begun = true;
        silence.set(lane.clock.sleep_until(lane.plan.timeout.next_chunk_by(now)));
        match chunk {
            Chunk::FirstByte => lane.record(tag, Kind::FirstByte),
            Chunk::Thought => lane.record(tag, Kind::Thought),
            Chunk::Text(piece) => {
                text.push_str(&piece);
                lane.recorder.text(now, tag, &piece);
            }
            Chunk::End { finish, usage, model } => {
                lane.recorder.answered(now, tag, Answer { finish, usage, model });
                return Ok(Brought { usage, text });
            }
        }
    }
}

fn silent(has_begun: bool) -> Failure {
    let message = if has_begun {
        "Nothing more came for longer than the plan allows."
    } else {
        "The first byte took longer than the plan allows."
    };
    Failure::new(FailureKind::AttemptTimeout, message)
}

fn time_is_up(for_the_item: bool) -> Failure {
    if for_the_item {
        Failure::new(FailureKind::Deadline, "The item's deadline passed during the attempt.")
    } else {
        Failure::new(FailureKind::AttemptTimeout, "The attempt took longer than the plan allows.")
    }
}
