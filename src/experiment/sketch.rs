//! What presets are made with: servers whose calls take exactly as long as is said, and lanes with names.

use crate::experiment::server::{Amount, Fault, Rule, Server, Simulated, When};
use crate::experiment::workload::{Calls, Workload};
use crate::experiment::{Experiment, LaneSpec};

/// A token every 25 ms, so that tenths of a second have whole tokens.
const TOKENS_PER_SECOND: u32 = 40;
const MILLIS_PER_TOKEN: f64 = 25.0;

/// What each call takes in a chain of three that takes 25 s.
pub const THIRD_OF_25_S: f64 = 25.0 / 3.0;

/// `lanes` with so many calls of a server; the seed is 1.
pub fn experiment(calls: Calls, server: Simulated, lanes: impl Into<Vec<LaneSpec>>) -> Experiment {
    Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Calls(calls),
        server: Server::Simulated(server),
        lanes: lanes.into(),
    }
}

/// So many single calls.
pub fn calls(requests: u32) -> Calls {
    Calls { requests, ..Calls::default() }
}

/// So many chains of three calls.
pub fn chains(requests: u32) -> Calls {
    let steps = ["Research this. List the facts.", "Write an article from these notes.", "Edit this article."];
    Calls { steps: steps.iter().map(|&step| step.into()).collect(), ..calls(requests) }
}

/// A server whose calls take these many seconds, item by item.
pub fn listed(secs: &[f64]) -> Simulated {
    let (first_byte, tokens) = secs.iter().map(|&secs| split(secs)).unzip();
    with(Amount::Listed(first_byte), Amount::Listed(tokens))
}

/// A server whose calls take so many seconds each.
pub fn constant(secs: f64) -> Simulated {
    let (first_byte, tokens) = split(secs);
    with(Amount::Constant(first_byte), Amount::Constant(tokens))
}

fn with(first_byte_millis: Amount, answer_tokens: Amount) -> Simulated {
    Simulated { first_byte_millis, answer_tokens, tokens_per_second: TOKENS_PER_SECOND, ..Simulated::default() }
}

/// The milliseconds to the first byte, and the tokens of an answer that takes the rest of `secs`: about a quarter,
/// in whole tokens, and the first byte makes up for the rounding.
fn split(secs: f64) -> (f64, f64) {
    let millis = secs * 1_000.0;
    let tokens = libm::round(millis / 4.0 / MILLIS_PER_TOKEN).max(1.0);
    (millis - tokens * MILLIS_PER_TOKEN, tokens)
}

/// `server` with a quota of so many requests in any window of that length.
pub fn limited(server: Simulated, requests: u32, window_millis: u32) -> Simulated {
    Simulated { requests_per_minute: Some(requests), quota_window_millis: window_millis, ..server }
}

/// All that arrives in that time is refused as overload.
pub fn outage(from_millis: u32, to_millis: u32) -> Rule {
    let when = When { from_millis: Some(from_millis), to_millis: Some(to_millis), ..When::default() };
    Rule { when, fault: Fault::Status(503) }
}

/// All at once.
pub fn no_limits() -> LaneSpec {
    LaneSpec { limit: None, ..LaneSpec::default() }
}

/// `lane` under a name.
pub fn named(name: impl Into<String>, lane: LaneSpec) -> LaneSpec {
    LaneSpec { name: name.into(), ..lane }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::lab::simulate;
    use crate::trace::span::Fold;

    #[test]
    fn calls_take_exactly_as_long_as_is_said() {
        let secs = [7.1, 8.5, 0.1, 0.3, 1.0, THIRD_OF_25_S];
        let trace = simulate(&experiment(calls(6), listed(&secs), [no_limits()])).expect("sound");
        let rows = Fold::of(&trace.lanes[0].events).rows;
        let ends: Vec<u64> = rows.iter().map(|row| row.ended.expect("ended").0).collect();
        assert_eq!(ends, [7_100_000, 8_500_000, 100_000, 300_000, 1_000_000, 8_333_333]);
    }
}
