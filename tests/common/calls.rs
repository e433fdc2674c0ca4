//! Calls that take exactly as long as they are told, and what a lane makes of them.

use lanescope::experiment::server::{Amount, Server, Simulated};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::trace::LaneTrace;
use lanescope::trace::span::Fold;

/// What the only token of an answer takes, in microseconds.
pub(crate) const ONE_TOKEN: u64 = 10;

/// A server whose calls take so many milliseconds to the first byte, and then one token.
pub(crate) fn taking(first_byte_millis: Amount) -> Simulated {
    Simulated {
        first_byte_millis,
        answer_tokens: Amount::Constant(1.0),
        tokens_per_second: 100_000,
        ..Simulated::default()
    }
}

/// So many milliseconds for each item.
pub(crate) fn listed(millis: &[u32]) -> Amount {
    Amount::Listed(millis.iter().map(|&millis| f64::from(millis)).collect())
}

/// What a call of so many milliseconds takes from being sent to its last byte, in microseconds.
pub(crate) fn micros(millis: u32) -> u64 {
    u64::from(millis) * 1_000 + ONE_TOKEN
}

pub(crate) fn so_many(requests: usize) -> Calls {
    Calls { requests: u32::try_from(requests).expect("few"), ..Calls::default() }
}

/// A lane that no attempt takes too long for.
pub(crate) fn patient(limit: Option<u32>) -> LaneSpec {
    LaneSpec { limit, attempt_timeout_millis: 86_400_000, ..LaneSpec::default() }
}

pub(crate) fn run(seed: u64, calls: Calls, server: Simulated, lane: LaneSpec) -> (LaneTrace, Fold) {
    let experiment = Experiment {
        version: Experiment::VERSION,
        seed,
        workload: Workload::Calls(calls),
        server: Server::Simulated(server),
        lanes: vec![lane],
    };
    let lane = simulate(&experiment).expect("sound").lanes.remove(0);
    let fold = Fold::of(&lane.events);
    (lane, fold)
}

/// When the first attempt of each item went out, in microseconds.
pub(crate) fn starts(fold: &Fold) -> Vec<u64> {
    fold.rows.iter().map(|row| row.sent.expect("it went out").0).collect()
}
