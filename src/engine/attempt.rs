//! One attempt: from being sent to the last byte, a failure or the timeout.

use crate::engine::Lane;
use crate::engine::item::Question;
use crate::id::Tag;
use crate::port::{Call, Chunk, Clock, Failure, FailureKind, Service, Usage};
use crate::trace::{Answer, Kind};
use futures::Stream;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;
use std::task::Poll;

/// What an attempt brought.
pub(crate) struct Brought {
    pub(crate) usage: Usage,
    /// The answer, where a step comes after it.
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
    // Nobody reads the text of a last step but in the record.
    let is_read = tag.step + 1 < lane.workload.steps();
    let mut text = String::new();
    let mut answer = pin!(lane.service.call(&call));
    // One timer for all that may be up, set once there is something to wait for.
    let mut timer = pin!(None::<C::Sleep>);
    let mut speaks_by = lane.plan.timeout.first_byte_by(sent);
    let mut has_begun = false;
    loop {
        let next = poll_fn(|cx| {
            // An answer that has come beats the timeout that is due at the same moment.
            if let Poll::Ready(chunk) = answer.as_mut().poll_next(cx) {
                return Poll::Ready(Some(chunk));
            }
            if timer.is_none() {
                timer.set(Some(lane.clock.sleep_until(ends.min(speaks_by))));
            }
            timer.as_mut().as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(cx).map(|()| None))
        });
        let chunk = match next.await {
            Some(Some(chunk)) => chunk?,
            Some(None) => return Err(Failure::new(FailureKind::StreamCut, "The stream ended before the answer did.")),
            None if ends <= lane.clock.now() => return Err(time_is_up(ends == deadline)),
            None => return Err(silent(has_begun)),
        };
        let now = lane.clock.now();
        has_begun = true;
        let spoke_by = mem::replace(&mut speaks_by, lane.plan.timeout.next_chunk_by(now));
        if spoke_by.min(ends) != speaks_by.min(ends) {
            timer.set(None);
        }
        match chunk {
            Chunk::FirstByte => lane.record(tag, Kind::FirstByte),
            Chunk::Thought => lane.record(tag, Kind::Thought),
            Chunk::Text(piece) => {
                if is_read {
                    text.push_str(&piece);
                }
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
