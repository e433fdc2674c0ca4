//! An experiment for each seed, all of them different: what determinism is tried on.

use lanescope::experiment::limits::{Adaptive, Breaker, RequestBucket, RetryBudget, TokenBudget, Window};
use lanescope::experiment::server::{Amount, Fault, Load, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec, PermitScope};
use lanescope::lab::simulate;
use lanescope::policy::backoff::Jitter;

/// How many seeds are tried.
pub(crate) const SEEDS: u64 = 200;

/// The experiment of a seed.
pub(crate) fn experiment(seed: u64) -> Experiment {
    let pick = |of: u64| usize::try_from(seed % of).unwrap_or(0);
    let jitter = [Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::PlusMinusHalf, Jitter::None][pick(5)];
    let faults = [
        Fault::Status(503),
        Fault::Status(429),
        Fault::Cut,
        Fault::ErrorInStream(503),
        Fault::Stall,
        Fault::Network,
        Fault::Slow(3.3),
    ];
    let rule = Rule { when: When { probability: 0.3, ..When::default() }, fault: faults[pick(7)] };
    let figures = Simulated {
        first_byte_millis: Amount::LogNormal { median: 900.0, p95: 4_000.0 },
        thinking_tokens: [Amount::Constant(0.0), Amount::Uniform { low: 0.0, high: 90.0 }][pick(2)].clone(),
        answer_tokens: Amount::LogNormal { median: 9.0, p95: 20.0 },
        connect_millis: [0, 150][pick(2)],
        load: [Load::None, Load::Power { exponent: 0.37 }, Load::None][pick(3)],
        requests_per_minute: [None, Some(4), None, None][pick(4)],
        faults: vec![rule],
        ..Simulated::default()
    };
    let gates = [
        LaneSpec::default(),
        LaneSpec { request_bucket: Some(RequestBucket { capacity: 2, per_minute: 40 }), ..LaneSpec::default() },
        LaneSpec { window: Some(Window { requests: 3, window_millis: 2_500 }), ..LaneSpec::default() },
        LaneSpec { adaptive: Some(Adaptive { start: 1.7, ..Adaptive::default() }), ..LaneSpec::default() },
        LaneSpec {
            breaker: Some(Breaker { failures: 2, cooldown_millis: 3_000, ..Breaker::default() }),
            ..LaneSpec::default()
        },
        LaneSpec {
            token_budget: Some(TokenBudget { capacity: 60, per_minute: 900, estimate: 20 }),
            retry_budget: Some(RetryBudget::default()),
            ..LaneSpec::default()
        },
    ][pick(6)]
    .clone();
    let lane = LaneSpec {
        jitter,
        tries: 4,
        permit: if seed % 3 == 1 { PermitScope::Attempt } else { PermitScope::Step },
        attempt_timeout_millis: 9_000,
        deadline_millis: [None, None, Some(20_000)][pick(3)],
        limit: Some(1 + u32::try_from(seed % 4).unwrap_or(0)),
        ..gates
    };
    Experiment {
        version: Experiment::VERSION,
        seed,
        workload: Workload::Calls(Calls { requests: 6, ..Calls::default() }),
        server: Server::Simulated(figures),
        lanes: vec![LaneSpec { tries: 2, ..LaneSpec::sequential() }, lane],
    }
}

/// The events of a seed's experiment, as text.
pub(crate) fn events(seed: u64) -> String {
    let trace = simulate(&experiment(seed)).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    trace.lanes.iter().map(lanescope::trace::LaneTrace::to_text).collect()
}

/// The events of all seeds, each under its number.
pub(crate) fn all_events() -> String {
    (0..SEEDS).flat_map(|seed| [format!("seed {seed}\n"), events(seed)]).collect()
}

/// The golden events, unpacked.
pub(crate) fn golden() -> String {
    let packed = include_bytes!("../golden/events.txt.deflate");
    let bytes = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(bytes).unwrap_or_else(|error| panic!("{error}"))
}
