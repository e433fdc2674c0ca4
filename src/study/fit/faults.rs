//! What went wrong by itself, and how likely it is.
//!
//! The rules of a server are tried one after the other, so the likelihood of each is that among the attempts which
//! none before it struck.

use super::attempts::{Attempt, How};
use super::quota::is_quota;
use crate::experiment::server::{Fault, Rule, When};
use crate::port::{Failure, FailureKind};
use crate::trace::Trace;

/// How many attempts each fault struck.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// In the order of their coming.
    struck: Vec<(Fault, u32)>,
    /// Failures of a kind that no simulated server has.
    pub(super) left_out: u32,
}

/// A wait this many times as long as the longest that ended in an answer is one for nothing.
const SURELY_NEVER: f64 = 2.0;

/// What became of an attempt, as a fault of the server; none of an answer, of a refusal for quota and of what was
/// given up.
pub(super) fn fault_of(failure: &Failure, has_begun: bool) -> Option<Fault> {
    let status = failure.status.filter(|status| matches!(status, 400 | 404 | 500 | 502 | 503 | 504));
    let of_kind = match failure.kind {
        FailureKind::Network => return Some(if has_begun { Fault::Cut } else { Fault::Network }),
        FailureKind::StreamCut | FailureKind::BadBody => return Some(Fault::Cut),
        FailureKind::Overloaded => 503,
        FailureKind::Server => 500,
        FailureKind::Gateway => 502,
        FailureKind::ServerTimeout => 504,
        FailureKind::BadRequest => 400,
        FailureKind::NotFound => 404,
        _ => return None,
    };
    let status = status.unwrap_or(of_kind);
    Some(if has_begun { Fault::ErrorInStream(status) } else { Fault::Status(status) })
}

/// Whether a wait for the first byte was so long that none would have come.
pub(super) fn is_stall(attempt: &Attempt, longest_secs: f64) -> bool {
    attempt.first_byte.is_none() && longest_secs > 0.0 && attempt.secs() > SURELY_NEVER * longest_secs
}

/// Whether the attempt failed because its time was up, or was given up: what would have come is not known.
pub(super) fn is_given_up(trace: &Trace, attempt: &Attempt) -> bool {
    match attempt.how {
        How::Answered(_) => false,
        How::Left => true,
        How::Failed(_) => failure_of(trace, attempt)
            .is_some_and(|failure| matches!(failure.kind, FailureKind::AttemptTimeout | FailureKind::Deadline)),
    }
}

/// The failure of an attempt.
pub(super) fn failure_of<'a>(trace: &'a Trace, attempt: &Attempt) -> Option<&'a Failure> {
    let How::Failed(place) = attempt.how else { return None };
    trace.lanes.get(attempt.lane)?.failures.get(place)
}

impl Faults {
    /// What struck the attempts of a run, the longest wait for a first byte that came being that.
    pub(super) fn of(trace: &Trace, attempts: &[Attempt], longest_secs: f64) -> Self {
        let mut faults = Self::default();
        for attempt in attempts {
            if is_given_up(trace, attempt) {
                if is_stall(attempt, longest_secs) {
                    faults.add(Fault::Stall, 1);
                }
                continue;
            }
            let Some(failure) = failure_of(trace, attempt).filter(|failure| !is_quota(failure.kind)) else { continue };
            match fault_of(failure, attempt.first_byte.is_some()) {
                Some(fault) => faults.add(fault, 1),
                None => faults.left_out += 1,
            }
        }
        faults
    }

    /// So many attempts more were struck by that.
    pub(super) fn add(&mut self, fault: Fault, count: u32) {
        if count == 0 {
            return;
        }
        match self.struck.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, struck)) => *struck += count,
            None => self.struck.push((fault, count)),
        }
    }

    /// How many attempts were struck.
    pub(super) fn count(&self) -> u32 {
        self.struck.iter().map(|(_, count)| count).sum()
    }

    /// The rules of a server that strikes so many of `attempts`; `refused` of them were refused for a quota, which
    /// comes before an answer can break off.
    pub(super) fn rules(&self, attempts: u32, refused: u32) -> Vec<Rule> {
        let (at_once, later): (Vec<_>, Vec<_>) =
            self.struck.iter().copied().partition(|&(fault, _)| !breaks_off(fault));
        let mut left = attempts;
        let mut rules = Vec::new();
        for (fault, count) in at_once {
            rules.push(rule(fault, count, left));
            left = left.saturating_sub(count);
        }
        left = left.saturating_sub(refused);
        for (fault, count) in later {
            rules.push(rule(fault, count, left));
            left = left.saturating_sub(count);
        }
        rules
    }
}

fn breaks_off(fault: Fault) -> bool {
    matches!(fault, Fault::Cut | Fault::ErrorInStream(_))
}

fn rule(fault: Fault, count: u32, of: u32) -> Rule {
    let share = f64::from(count) / f64::from(of.max(1));
    // Four places are more than was seen, and they keep links short.
    let probability = (libm::round(share * 1e4) / 1e4).clamp(0.0001, 1.0);
    Rule { when: When { probability, ..When::default() }, fault }
}
