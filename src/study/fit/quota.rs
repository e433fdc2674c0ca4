//! Which quotas a run met.
//!
//! What a refusal names counts. Where none names a limit, refusals are counted: with a limit on requests in any 60 s,
//! none was let through past it and none refused below it. Refusals that no such limit explains came by chance.
//!
//! Each model has quotas of its own, a simulated server has one of each kind: those of the model that was asked most,
//! for most requests meet them. What another model named would hold back all. Only a model that lets nothing through
//! is told apart: a rule cuts the quota to 0 for it.

use super::attempts::{Attempt, How};
use crate::gemini::forensics::{Verdict, forensics};
use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::Trace;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ptr;
use std::rc::Rc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// The status of a refusal whose failure keeps none.
const TOO_MANY: u16 = 429;
/// Calls arrive a little apart from when they were sent: a limit may be missed by one in so many.
const SLACK: u32 = 20;

/// The quotas that were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Quotas {
    pub(super) requests_per_minute: Option<u32>,
    pub(super) tokens_per_minute: Option<u32>,
    pub(super) requests_per_day: Option<u32>,
    /// Models that let nothing through, where others were asked as well.
    pub(super) barred: BTreeSet<Rc<str>>,
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
    let asked = asked(attempts);
    let usual = asked.iter().max_by_key(|(_, of_model)| of_model.attempts).map(|(model, _)| *model);
    for attempt in attempts {
        let How::Failed(place) = attempt.how else { continue };
        let failure = trace.lanes.get(attempt.lane).and_then(|lane| lane.failures.get(place));
        let Some(failure) = failure.filter(|failure| is_quota(failure.kind)) else { continue };
        let said = forensics(failure.status.unwrap_or(TOO_MANY), &failure.message, &failure.body);
        let limit = said.limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX).min(1_000_000));
        let own = limit.filter(|_| usual == Some(&*attempt.model));
        let lowest = |known: Option<u32>| known.into_iter().chain(own).min();
        match (said.verdict, limit) {
            (Verdict::Tokens, Some(_)) => quotas.tokens_per_minute = lowest(quotas.tokens_per_minute),
            (Verdict::PerDay, Some(_)) => quotas.requests_per_day = lowest(quotas.requests_per_day),
            // A model that has answered is not one that never does, whatever it says.
            (Verdict::LimitZero, _) if asked.get(&*attempt.model).is_some_and(|of_model| of_model.answered) => {}
            (Verdict::LimitZero, _) if asked.len() > 1 => {
                quotas.barred.insert(attempt.model.clone());
            }
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

/// How often a model was asked, and whether it ever answered.
#[derive(Default)]
struct Asked {
    attempts: u32,
    answered: bool,
}

fn asked(attempts: &[Attempt]) -> BTreeMap<&str, Asked> {
    let mut asked: BTreeMap<&str, Asked> = BTreeMap::new();
    for attempt in attempts {
        let of_model = asked.entry(&attempt.model).or_default();
        of_model.attempts += 1;
        of_model.answered |= attempt.first_byte.is_some();
    }
    asked
}

/// The limit on requests in any 60 s that explains who of the attempts was refused, if one does. The refused are some
/// of the attempts, in their order.
fn counted(attempts: &[Attempt], refused: &[&Attempt]) -> Option<u32> {
    let (mut most_through, mut least_refused) = (0, u32::MAX);
    let mut refused = refused.iter().peekable();
    for lane in attempts.chunk_by(|one, next| one.lane == next.lane) {
        let mut through: VecDeque<Instant> = VecDeque::new();
        for attempt in lane {
            while through.front().is_some_and(|&sent| sent + MINUTE <= attempt.sent) {
                through.pop_front();
            }
            if refused.next_if(|one| ptr::eq(**one, attempt)).is_some() {
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

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::id::Tag;
    use crate::port::Failure;

    /// What comes of a request: whose it is, and the limit that its refusal names, or none of an answer.
    fn met(requests: &[(&str, Option<u32>)]) -> Quotas {
        let mut trace = Trace::new(preset::race());
        let mut attempts = Vec::new();
        for (item, &(model, limit)) in (0..).zip(requests) {
            let how = if let Some(limit) = limit {
                trace.lanes[0].failures.push(refusal(model, limit));
                How::Failed(trace.lanes[0].failures.len() - 1)
            } else {
                How::Left
            };
            let at = Instant::from_millis(f64::from(item));
            attempts.push(Attempt {
                lane: 0,
                tag: Tag::of_item(0, item),
                model: model.into(),
                sent: at,
                in_flight: 1,
                opens: false,
                first_byte: limit.is_none().then_some(at),
                text: None,
                bytes: 0,
                end: at,
                how,
            });
        }
        quotas(&trace, &attempts)
    }

    fn refusal(model: &str, limit: u32) -> Failure {
        let kind = if limit == 0 { FailureKind::QuotaNone } else { FailureKind::RateLimit };
        let body = format!(
            r#"{{"error":{{"code":429,"message":"quota, limit: {limit}, model: {model}","status":"RESOURCE_EXHAUSTED",
            "details":[{{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{{
            "quotaMetric":"generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"{limit}"}}]}}]}}}}"#
        );
        Failure { status: Some(429), body: body.into(), ..Failure::new(kind, "") }
    }

    #[test]
    fn a_model_that_lets_nothing_through_bars_no_other() {
        let seen = met(&[("one", None), ("two", Some(0)), ("one", None)]);
        assert_eq!((seen.requests_per_minute, seen.named), (None, 1));
        assert_eq!(seen.barred, BTreeSet::from(["two".into()]));
        let alone = met(&[("two", Some(0))]);
        assert_eq!((alone.requests_per_minute, alone.barred.len()), (Some(0), 0));
        let odd = met(&[("two", None), ("two", Some(0))]);
        assert_eq!((odd.requests_per_minute, odd.barred.len()), (None, 0), "it did let one through");
    }

    #[test]
    fn the_limit_is_that_of_the_model_that_was_asked_most() {
        let seen = met(&[("one", None), ("one", Some(15)), ("one", Some(20)), ("two", Some(5))]);
        assert_eq!((seen.requests_per_minute, seen.named), (Some(15), 3));
    }
}
