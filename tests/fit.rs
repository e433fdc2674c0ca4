//! Record once, simulate for ever: what is fitted to a run foretells another one.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::server::{Amount, Fault, Load, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::rng::{Purpose, Stream};
use lanescope::study::fit::{fit, gaps, predict, takes};
use lanescope::trace::Trace;

const REQUESTS: u32 = 200;
const SERVERS: u64 = 20;

/// A server that nobody has seen, and a first number in flight.
struct Unknown {
    figures: Simulated,
    limit: u32,
}

/// One of a family: the first byte in one of three forms, thinking or none, a pace that is the same for all or not,
/// three loads, up to 10 % of faults, and a quota for some.
fn unknown(number: u64) -> Unknown {
    let mut luck = Stream::new(number, Purpose::Jitter, lanescope::id::Tag::default());
    let median = luck.between(400.0, 4_000.0);
    let mut faults = Vec::new();
    let first_byte_millis = match luck.whole_between(0, 2) {
        0 => Amount::LogNormal { median, p95: median * luck.between(1.3, 2.2) },
        1 => Amount::Uniform { low: median * 0.5, high: median * 1.5 },
        _ => Amount::LogNormal { median, p95: median * 1.2 },
    };
    // Two heaps: some take several times as long, all of it.
    if luck.unit() < 0.3 {
        let when = When { probability: luck.between(0.05, 0.3), ..When::default() };
        faults.push(Rule { when, fault: Fault::Slow(luck.between(2.0, 3.0)) });
    }
    let thinking = luck.between(20.0, 200.0);
    let thinks = luck.unit() < 0.5;
    let pace = luck.between(30.0, 150.0);
    let varies = luck.unit() < 0.5;
    let exponent = [0.0, 0.3, 0.6][usize::try_from(luck.whole_between(0, 2)).expect("small")];
    let answer = luck.between(20.0, 150.0);
    let kinds = [Fault::Status(503), Fault::Status(500), Fault::Cut, Fault::Network, Fault::ErrorInStream(503)];
    for _ in 0..luck.whole_between(0, 2) {
        let fault = kinds[usize::try_from(luck.whole_between(0, 4)).expect("small")];
        faults.insert(0, Rule { when: When { probability: luck.between(0.0, 0.05), ..When::default() }, fault });
    }
    let limit = [4, 6, 8, 12, 16][usize::try_from(luck.whole_between(0, 4)).expect("small")];
    let has_quota = luck.unit() < 0.25;
    let share = luck.between(0.3, 0.8);
    let mut figures = Simulated {
        first_byte_millis,
        thinking_tokens: if thinks {
            Amount::LogNormal { median: thinking, p95: thinking * 1.8 }
        } else {
            Amount::Constant(0.0)
        },
        answer_tokens: Amount::LogNormal { median: answer, p95: answer * luck.between(1.2, 2.0) },
        tokens_per_second: 50,
        pace: varies.then_some(Amount::LogNormal { median: pace, p95: pace * 1.4 }).or(Some(Amount::Constant(pace))),
        load: if exponent > 0.0 { Load::Power { exponent } } else { Load::None },
        faults,
        ..Simulated::default()
    };
    if has_quota {
        // So low that the first run meets it: nobody can know of one that it did not.
        let free = makespan(&run(&figures, 1, limit));
        figures.requests_per_minute = Some(((f64::from(REQUESTS) / free * 60.0 * share) as u32).clamp(5, 150));
    }
    Unknown { figures, limit }
}

fn experiment(server: Server, seed: u64, limit: u32) -> Experiment {
    let lane = LaneSpec { limit: Some(limit), attempt_timeout_millis: 120_000, ..LaneSpec::default() };
    let workload = Workload::Calls(Calls { requests: REQUESTS, ..Calls::default() });
    Experiment { version: Experiment::VERSION, seed, workload, server, lanes: vec![lane] }
}

/// A run against a server, as its record would stand if the server had been a real one.
fn run(figures: &Simulated, seed: u64, limit: u32) -> Trace {
    let mut trace = simulate(&experiment(Server::Simulated(figures.clone()), seed, limit)).expect("sound");
    trace.experiment.server = Server::Gemini;
    trace
}

fn makespan(trace: &Trace) -> f64 {
    gaps(trace, trace)[0].took_micros as f64 / 1e6
}

/// A first run of 200 requests is recorded; the second has twice as many in flight, other luck, and is run once.
#[test]
fn the_makespan_at_twice_the_concurrency_is_within_a_tenth_for_nine_in_ten() {
    let (mut met, mut oracle) = (0, 0);
    for number in 1..=SERVERS {
        let Unknown { figures, limit } = unknown(number);
        let first = run(&figures, number, limit);
        let second = run(&figures, number + 1_000, limit * 2);
        let fitted = fit(&first).expect("a run");
        let predicted =
            predict(&fitted, &Experiment { seed: number + 2_000, ..second.experiment.clone() }).expect("sound");
        let gap = gaps(&predicted, &second)[0].share();
        let truth = gaps(&run(&figures, number + 2_000, limit * 2), &second)[0].share();
        met += u32::from(gap.abs() <= 0.1);
        oracle += u32::from(truth.abs() <= 0.1);
        println!(
            "{number:2} c={limit:2} gap {:6.1} %, by chance {:6.1} %  first {:.1} s, second {:.1} s load {:?} -> {:?} quota {:?} -> {:?} faults {:?} -> {:?} seen {:?}",
            gap * 100.0,
            truth * 100.0,
            makespan(&first),
            makespan(&second),
            figures.load,
            fitted.figures.load,
            figures.requests_per_minute,
            fitted.figures.requests_per_minute,
            figures.faults.iter().map(|rule| (rule.fault, rule.when.probability)).collect::<Vec<_>>(),
            fitted.figures.faults.iter().map(|rule| (rule.fault, rule.when.probability)).collect::<Vec<_>>(),
            fitted.seen
        );
    }
    println!("met {met}, oracle {oracle}");
    assert!(met >= 18, "{met} of {SERVERS}; the servers themselves, run once more: {oracle}");
}

#[test]
fn a_run_replayed_under_its_own_plan_takes_as_long_as_it_took() {
    for number in 1..=SERVERS {
        let Unknown { figures, limit } = unknown(number);
        let first = run(&figures, number, limit);
        let mut recorded = fit(&first).expect("a run");
        recorded.takes = takes(&first).expect("a run");
        let again = predict(&recorded, &first.experiment).expect("sound");
        let gap = gaps(&again, &first)[0].share();
        println!("{number}: {:.2} %", gap * 100.0);
        assert!(gap.abs() < 0.01, "server {number}: {gap}");
    }
}
