//! Which quotas a run met.
//!
//! What a refusal names counts. Where none names a limit, refusals are counted: with a limit on requests in any 60 s,
//! none was let through past it and none refused below it. Refusals that no such limit explains came by chance.

use super::attempts::{Attempt, How};
use crate::gemini::forensics::{Verdict, forensics};
use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::Trace;
use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// The status of a refusal whose failure keeps none.
const TOO_MANY: u16 = 429;
/// Calls arrive a little apart from when they were sent: a limit may be missed by one in so many.
const SLACK: u32 = 20;

/// The quotas that were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quotas {
    pub(super) requests_per_minute: Option<u32>,
    pub(super) tokens_per_minute: Option<u32>,
    pub(super) requests_per_day: Option<u32>,
    /// Refusals that named one.
    pub(super) named: u32,
    /// Refusals that named none and came as those of a quota do.
    pub(super) counted: u32,
    /// Refusals of that status which no quota explains.
    pub(super) by_chance: u32,
}

/// Whether a failure is one of a quota, as far as its kind tells.
pub(super) fn is_quota(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay | FailureKind::QuotaNone)
}

/// The quotas that the attempts of a run met.
pub(super) fn quotas(trace: &Trace, attempts: &[Attempt]) -> Quotas {
    let mut quotas = Quotas::default();
    let mut unnamed = Vec::new();
    for attempt in attempts {
        let How::Failed(place) = attempt.how else { continue };
        let failure = trace.lanes.get(attempt.lane).and_then(|lane| lane.failures.get(place));
        let Some(failure) = failure.filter(|failure| is_quota(failure.kind)) else { continue };
        let said = forensics(failure.status.unwrap_or(TOO_MANY), &failure.message, &failure.body);
        let limit = said.limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX).min(1_000_000));
        let lowest = |known: Option<u32>| known.into_iter().chain(limit).min();
        match (said.verdict, limit) {
            (Verdict::Tokens, Some(_)) => quotas.tokens_per_minute = lowest(quotas.tokens_per_minute),
            (Verdict::PerDay, Some(_)) => quotas.requests_per_day = lowest(quotas.requests_per_day),
            (Verdict::LimitZero, _) => quotas.requests_per_minute = Some(0),
            (Verdict::PerMinute, Some(_)) => quotas.requests_per_minute = lowest(quotas.requests_per_minute),
            (Verdict::Capacity, _) => {
                quotas.by_chance += 1;
                continue;
            }
            _ => {
                unnamed.push(attempt);
                continue;
            }
        }
        quotas.named += 1;
    }
    let count = u32::try_from(unnamed.len()).unwrap_or(u32::MAX);
    match counted(attempts, &unnamed) {
        _ if unnamed.is_empty() => {}
        Some(limit) if quotas.requests_per_minute.is_none() => {
            (quotas.requests_per_minute, quotas.counted) = (Some(limit), count);
        }
        _ if quotas.named > 0 => quotas.counted = count,
        _ => quotas.by_chance += count,
    }
    quotas
}

/// The limit on requests in any 60 s that explains who of the attempts was refused, if one does.
fn counted(attempts: &[Attempt], refused: &[&Attempt]) -> Option<u32> {
    let (mut most_through, mut least_refused) = (0, u32::MAX);
    for lane in attempts.chunk_by(|one, next| one.lane == next.lane) {
        let mut through: VecDeque<Instant> = VecDeque::new();
        for attempt in lane {
            while through.front().is_some_and(|&sent| sent + MINUTE <= attempt.sent) {
                through.pop_front();
            }
            let is_refused = refused.iter().any(|one| one.lane == attempt.lane && one.tag == attempt.tag);
            if is_refused {
                least_refused = least_refused.min(u32::try_from(through.len()).unwrap_or(u32::MAX));
            } else if attempt.first_byte.is_some() {
                through.push_back(attempt.sent);
                most_through = most_through.max(u32::try_from(through.len()).unwrap_or(u32::MAX));
            }
        }
    }
    (least_refused < u32::MAX && most_through <= least_refused.saturating_add(least_refused / SLACK))
        .then_some(least_refused)
}
