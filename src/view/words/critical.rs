//! What a lane's makespan was made of, in one sentence.

use crate::trace::Gate;
use crate::trace::critical::Link;
use crate::trace::span::{Cause, Phase, Span};
use crate::view::words::units::{duration, most_first};
use std::collections::BTreeSet;
use std::time::Duration;

/// More requests than these are counted and not named.
const MOST_NAMED: usize = 8;

/// What the chain that set a lane's makespan did, longest first, and whose it was. Nothing for no chain.
#[must_use]
pub fn sentence(lane: char, links: &[Link]) -> String {
    let (Some(first), Some(last)) = (links.first(), links.last()) else { return String::new() };
    let whole = last.to.since(first.from);
    let parts: Vec<String> = parts(links)
        .into_iter()
        // A clock's last digits are no cause.
        .filter(|(_, time)| time.saturating_mul(1_000) >= whole)
        .map(|(what, time)| format!("{} {what}", duration(time)))
        .collect();
    format!("The {} of lane {lane}: {}, through {}.", duration(whole), parts.join(", "), requests(links))
}

fn parts(links: &[Link]) -> Vec<(&'static str, Duration)> {
    let mut parts: Vec<(&'static str, Duration)> = Vec::new();
    for link in links {
        let (what, time) = (doing(&link.span), link.to.since(link.from));
        match parts.iter_mut().find(|part| part.0 == what) {
            Some(part) => part.1 += time,
            None => parts.push((what, time)),
        }
    }
    most_first(parts, |&(_, time)| time)
}

fn doing(span: &Span) -> &'static str {
    match (span.phase, span.cause) {
        (Phase::FirstByte | Phase::Thinking | Phase::Streaming, _) => "with the server",
        (Phase::BackingOff, _) => "backing off",
        (Phase::Queued, Cause::Permit { gate: Gate::Turn, .. }) => "waiting for a turn",
        (Phase::Queued, Cause::Permit { gate: Gate::Thread, .. }) => "ready without the thread",
        (Phase::Queued, _) => "waiting for a slot",
        (Phase::Computing, _) => "computing",
        (Phase::Sleeping, _) => "asleep",
        (Phase::Awaiting, _) => "waiting for a task",
        (Phase::CircuitOpen, _) => "waiting for the breaker",
        (Phase::RateLimited, Cause::Held { gate, .. }) => match gate {
            Gate::RequestBucket => "held by the bucket of requests",
            Gate::TokenBucket => "held by the bucket of tokens",
            Gate::Window => "held by the window",
            Gate::Pace => "held by the adaptive rate",
            Gate::Pause => "paused",
            _ => "held by a rate",
        },
        (Phase::RateLimited, _) => "in the line for a rate",
    }
}

/// The requests of the chain, in its order.
fn requests(links: &[Link]) -> String {
    let mut met = BTreeSet::new();
    let items = links.iter().map(|link| link.item).filter(|&item| met.insert(item));
    let numbers: Vec<String> = items.map(|item| (u64::from(item) + 1).to_string()).collect();
    match numbers.as_slice() {
        [] => String::new(),
        [only] => format!("request {only}"),
        [others @ .., last] if others.len() < MOST_NAMED => format!("requests {} and {last}", others.join(", ")),
        [first, .., last] => format!("{} requests, from request {first} to request {last}", numbers.len()),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::limits::RequestBucket;
    use crate::experiment::preset::race;
    use crate::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
    use crate::experiment::workload::{Calls, Workload};
    use crate::experiment::{Experiment, LaneSpec};
    use crate::policy::backoff::Jitter;
    use crate::trace::critical::critical_path;
    use crate::trace::span::Fold;

    /// What is said of so many calls of 2 s each; the first tries of these items are refused after 0.4 s.
    fn said(requests: u32, refused: &[u32], lane: LaneSpec) -> String {
        let when = When { items: Some(refused.into()), first_attempts: Some(1), ..When::default() };
        let server = Simulated {
            first_byte_millis: Amount::Constant(1_000.0),
            answer_tokens: Amount::Constant(36.0),
            faults: vec![Rule { when, fault: Fault::Status(503) }],
            ..Simulated::default()
        };
        let experiment = Experiment {
            workload: Workload::Calls(Calls { requests, ..Calls::default() }),
            server: Server::Simulated(server),
            lanes: vec![LaneSpec { jitter: Jitter::None, ..lane }],
            ..race()
        };
        let trace = crate::lab::simulate(&experiment).expect("sound");
        sentence('B', &critical_path(&Fold::of(&trace.lanes[0].events)))
    }

    #[test]
    fn the_parts_are_told_from_the_longest_to_the_shortest() {
        assert_eq!(
            said(3, &[1], LaneSpec::sequential()),
            "The 7.4 s of lane B: 6.4 s with the server, 1.0 s backing off, through requests 1, 2 and 3."
        );
        let bucket = Some(RequestBucket { capacity: 2, per_minute: 30 });
        assert_eq!(
            said(6, &[], LaneSpec { request_bucket: bucket, ..LaneSpec::concurrent(6) }),
            "The 10.0 s of lane B: 8.0 s held by the bucket of requests, 2.0 s with the server, \
             through requests 3, 4, 5 and 6."
        );
    }

    #[test]
    fn one_request_is_named_and_many_are_counted() {
        assert_eq!(
            said(4, &[], LaneSpec::concurrent(4)),
            "The 2.0 s of lane B: 2.0 s with the server, through request 1."
        );
        assert_eq!(
            said(12, &[], LaneSpec::sequential()),
            "The 24.0 s of lane B: 24.0 s with the server, through 12 requests, from request 1 to request 12."
        );
    }

    #[test]
    fn no_chain_no_sentence() {
        assert_eq!(sentence('A', &[]), "");
    }
}
