//! The very durations of a run: what became of each of its attempts.
//!
//! What was refused for a quota is left out, for the quota is the server's and strikes anew; so is what was given up
//! while it was still under way.

use super::attempts::{Attempt, How, attempts};
use super::faults::{failure_of, fault_of, is_given_up, is_stall};
use super::{FitError, longest_secs, sendable};
use crate::experiment::recorded::Take;
use crate::experiment::server::Fault;
use crate::port::{FailureKind, Usage};
use crate::time::{Instant, whole_micros};
use crate::trace::Trace;

/// What became of each attempt of a run.
///
/// # Errors
/// [`FitError`], as for [`super::fit`].
pub fn takes(trace: &Trace) -> Result<Vec<Take>, FitError> {
    let attempts = attempts(sendable(trace)?);
    let longest = longest_secs(&attempts);
    Ok(attempts.iter().filter_map(|attempt| take(trace, attempt, longest)).collect())
}

fn take(trace: &Trace, attempt: &Attempt, longest_secs: f64) -> Option<Take> {
    let (usage, fault) = match attempt.how {
        How::Answered(_) => (attempt.usage()?, None),
        _ if is_given_up(trace, attempt) => {
            if !is_stall(attempt, longest_secs) {
                return None;
            }
            (Usage::default(), Some(Fault::Stall))
        }
        _ => {
            let failure = failure_of(trace, attempt)?;
            let has_begun = attempt.first_byte.is_some();
            // Thinking left no room for an answer: one of no tokens.
            let is_thought_only = failure.kind == FailureKind::Truncated;
            let fault = fault_of(failure, has_begun);
            if fault.is_none() && !is_thought_only {
                return None;
            }
            let said = if is_thought_only { 0 } else { attempt.bytes.div_ceil(4) };
            (Usage { answer: said, ..Usage::default() }, fault)
        }
    };
    let after = |at: Instant| whole_micros(at.since(attempt.sent));
    let first_byte = attempt.first_byte.unwrap_or(attempt.end);
    let tag = attempt.tag;
    Some(Take {
        lane: tag.lane,
        item: tag.item,
        step: tag.step,
        branch: tag.branch,
        attempt: tag.attempt,
        in_flight: attempt.in_flight,
        first_byte_micros: after(first_byte),
        text_micros: after(attempt.text.unwrap_or(attempt.end).max(first_byte)),
        end_micros: after(attempt.end),
        thinking: usage.thinking.min(65_536),
        answer: usage.answer.min(65_536),
        fault,
    })
}
