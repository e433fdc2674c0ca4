//! Record once, simulate for ever: what is fitted to a run foretells another one.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small figures"
)]

use lanescope::experiment::recorded::Recorded;
use lanescope::experiment::server::{Amount, Fault, Load, OfModel, Rule, Server, Simulated, When, at_share};
use lanescope::experiment::share::{ShareError, decode, encode};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::port::FailureKind;
use lanescope::rng::{Purpose, Stream};
use lanescope::study::fit::{FitError, fit, gaps, predict, takes};
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

/// A first run of 200 requests is recorded; the second has twice as many in flight and other luck, and so has what is
/// foretold. Each is run once. That alone puts one in twenty of these servers more than a tenth apart from itself.
#[test]
fn the_makespan_at_twice_the_concurrency_is_within_a_tenth_for_nine_in_ten() {
    let gap = |number: u64| {
        let Unknown { figures, limit } = unknown(number);
        let first = run(&figures, number, limit);
        let second = run(&figures, number + 1_000, limit * 2);
        let asked = Experiment { seed: number + 2_000, ..second.experiment.clone() };
        let foretold = predict(&fit(&first).expect("a run"), &asked).expect("sound");
        (number, limit, gaps(&foretold, &second)[0].share())
    };
    let all: Vec<_> = (1..=SERVERS).map(gap).collect();
    let met = all.iter().filter(|(_, _, gap)| gap.abs() <= 0.1).count();
    assert!(met >= 18, "{met} of {SERVERS} (number, in flight, gap): {all:?}");
}

#[test]
fn a_run_replayed_under_its_own_plan_takes_as_long_as_it_took() {
    for number in 1..=SERVERS {
        let Unknown { figures, limit } = unknown(number);
        let first = run(&figures, number, limit);
        let recorded = Recorded { takes: takes(&first).expect("a run"), ..fit(&first).expect("a run") };
        let gap = gaps(&predict(&recorded, &first.experiment).expect("sound"), &first)[0].share();
        assert!(gap.abs() < 0.01, "server {number}: {gap}");
    }
}

#[test]
fn each_lane_gets_its_own_durations_back_to_the_microsecond() {
    let figures = Simulated { load: Load::Power { exponent: 0.3 }, ..Simulated::default() };
    let mut both = experiment(Server::Simulated(figures), 3, 6);
    both.lanes.insert(0, LaneSpec { limit: Some(2), ..LaneSpec::default() });
    let mut first = simulate(&both).expect("sound");
    first.experiment.server = Server::Gemini;
    let recorded = Recorded { takes: takes(&first).expect("a run"), ..fit(&first).expect("a run") };
    for luck in [3, 4] {
        let again = predict(&recorded, &Experiment { seed: luck, ..both.clone() }).expect("sound");
        let micros: Vec<_> =
            gaps(&again, &first).iter().map(|gap| gap.took_micros.abs_diff(gap.predicted_micros)).collect();
        assert_eq!(micros, [0, 0]);
    }
}

/// A run of one lane with `requests` against these figures.
fn small(figures: Simulated, requests: u32, lane: LaneSpec) -> Trace {
    let workload = Workload::Calls(Calls { requests, ..Calls::default() });
    let server = Server::Simulated(figures);
    let asked = Experiment { version: Experiment::VERSION, seed: 5, workload, server, lanes: vec![lane] };
    let mut trace = simulate(&asked).expect("sound");
    trace.experiment.server = Server::Gemini;
    trace
}

fn constant(figure: f64) -> Amount {
    Amount::Constant(figure)
}

/// Calls of 1 s to the first byte and 1 s of 36 tokens.
fn even() -> Simulated {
    Simulated { first_byte_millis: constant(1_000.0), answer_tokens: constant(36.0), ..Simulated::default() }
}

#[test]
fn what_does_not_vary_is_found_as_it_is() {
    let figures = Simulated { thinking_tokens: constant(18.0), connect_millis: 300, ..even() };
    let fitted = fit(&small(figures, 40, LaneSpec::default())).expect("a run");
    let found = &fitted.figures;
    assert_eq!(found.first_byte_millis, constant(1_000.0));
    assert_eq!((&found.thinking_tokens, &found.answer_tokens), (&constant(18.0), &constant(36.0)));
    assert_eq!((&found.pace, found.tokens_per_second), (&Some(constant(36.0)), 36));
    assert_eq!((found.connect_millis, fitted.seen.connections), (300, 4));
    assert_eq!((found.load, found.requests_per_minute, &found.faults), (Load::None, None, &Vec::new()));
    assert_eq!((fitted.seen.attempts, fitted.seen.first_bytes, fitted.seen.answers), (40, 40, 40));
}

#[test]
fn a_run_of_one_request_or_of_none_that_was_answered_is_no_trouble() {
    let one = fit(&small(even(), 1, LaneSpec::default())).expect("a run");
    assert_eq!((one.figures.first_byte_millis, one.seen.answers), (constant(1_000.0), 1));
    let never = Simulated { faults: vec![Rule { when: When::default(), fault: Fault::Status(503) }], ..even() };
    let none = fit(&small(never, 3, LaneSpec { tries: 2, ..LaneSpec::default() })).expect("a run");
    assert_eq!((none.seen.first_bytes, none.seen.answers, none.seen.faults), (0, 0, 6));
    assert_eq!(none.figures.first_byte_millis, Simulated::default().first_byte_millis, "nothing is known of it");
    assert_eq!(none.figures.faults, [Rule { when: When::default(), fault: Fault::Status(503) }]);
    let nothing = Trace::new(small(even(), 1, LaneSpec::default()).experiment);
    assert_eq!(fit(&nothing), Err(FitError::NothingSent));
}

#[test]
fn a_quota_that_is_not_named_is_counted_and_refusals_by_chance_are_none() {
    let lane = LaneSpec { limit: Some(10), ..LaneSpec::default() };
    let mute = |mut trace: Trace| {
        for failure in &mut trace.lanes[0].failures {
            (failure.message, failure.body) = ("Too many.".into(), "".into());
        }
        fit(&trace).expect("a run")
    };
    let counted = mute(small(Simulated { requests_per_minute: Some(25), ..even() }, 60, lane.clone()));
    assert_eq!((counted.figures.requests_per_minute, counted.seen.quotas_named), (Some(25), 0));
    assert!(counted.seen.quotas_counted > 0 && counted.figures.faults.is_empty());
    let when = When { probability: 0.2, ..When::default() };
    let by_chance =
        mute(small(Simulated { faults: vec![Rule { when, fault: Fault::Status(429) }], ..even() }, 60, lane));
    assert_eq!(by_chance.figures.requests_per_minute, None);
    let [Rule { when, fault: Fault::Status(429) }] = &by_chance.figures.faults[..] else { panic!("{by_chance:?}") };
    assert!((0.1..0.3).contains(&when.probability), "{when:?}");
}

#[test]
fn what_never_answers_is_told_from_what_is_cut_short() {
    let when = When { probability: 0.1, ..When::default() };
    let stalls = Simulated { faults: vec![Rule { when, fault: Fault::Stall }], ..even() };
    let stalled = small(stalls, 100, LaneSpec::default());
    let patient = fit(&stalled).expect("a run");
    let waits = stalled.lanes[0].failures.iter().filter(|failure| failure.kind == FailureKind::AttemptTimeout).count();
    let [Rule { when, fault: Fault::Stall }] = &patient.figures.faults[..] else { panic!("{patient:?}") };
    assert_eq!((patient.seen.faults as usize, patient.seen.given_up), (waits, 0));
    assert!((when.probability * f64::from(patient.seen.attempts) - waits as f64).abs() < 0.1, "{patient:?}");

    // What fails late has answered, if not with an answer.
    let late = Rule { when: when.clone(), fault: Fault::Status(503) };
    let fails = small(Simulated { faults: vec![late], refusal_millis: 20_000, ..even() }, 100, LaneSpec::default());
    let faults: Vec<_> = takes(&fails).expect("a run").iter().filter_map(|take| take.fault).collect();
    assert_eq!(faults, vec![Fault::Status(503); fails.lanes[0].failures.len()]);
    assert!(faults.len() > 5);

    // Every fifth takes longer than the lane waits.
    let slow = Simulated { first_byte_millis: Amount::LogNormal { median: 1_000.0, p95: 3_000.0 }, ..even() };
    let hasty = LaneSpec { first_byte_timeout_millis: Some(1_750), ..LaneSpec::default() };
    let fitted = fit(&small(slow, 200, hasty)).expect("a run");
    assert!(fitted.seen.given_up > 20 && fitted.figures.faults.is_empty(), "{fitted:?}");
    let Amount::Quantiles(figures) = &fitted.figures.first_byte_millis else { panic!("{fitted:?}") };
    assert!((850.0..1_150.0).contains(&at_share(figures, 0.5)), "{figures:?}");
    assert!((2_000.0..4_500.0).contains(&at_share(figures, 0.95)), "{figures:?}");
}

#[test]
fn each_model_has_figures_of_its_own() {
    let mut figures = even();
    figures.first_byte_by_model.insert("slow".into(), constant(5_000.0));
    figures.by_model.insert("slow".into(), OfModel { pace: Some(constant(9.0)), ..OfModel::default() });
    let calls = Calls { requests: 20, models: vec!["fast".into(), "slow".into()], ..Calls::default() };
    let mut asked = experiment(Server::Simulated(figures), 1, 4);
    asked.workload = Workload::Calls(calls);
    let mut trace = simulate(&asked).expect("sound");
    trace.experiment.server = Server::Gemini;
    let found = fit(&trace).expect("a run").figures;
    let of = |model| {
        (found.first_byte_by_model.get(model).cloned(), found.by_model.get(model).and_then(|of| of.pace.clone()))
    };
    assert_eq!(of("fast"), (Some(constant(1_000.0)), Some(constant(36.0))));
    assert_eq!(of("slow"), (Some(constant(5_000.0)), Some(constant(9.0))));
}

#[test]
fn what_was_fitted_goes_into_a_link_and_the_durations_of_a_long_run_into_a_file() {
    let Unknown { figures, limit } = unknown(11);
    let first = run(&figures, 11, limit);
    let fitted = fit(&first).expect("a run");
    let asked =
        |recorded: &Recorded| Experiment { server: Server::Recorded(recorded.clone()), ..first.experiment.clone() };
    let link = encode(&asked(&fitted)).expect("it is short");
    assert!(link.len() < 2_500, "{}", link.len());
    assert_eq!(decode(&link), Ok(asked(&fitted)));
    let long = small(figures, 2_000, LaneSpec::default());
    let long = Recorded { takes: takes(&long).expect("a run"), ..fitted };
    assert_eq!(asked(&long).plans().map(|plans| plans.len()), Ok(1));
    assert_eq!(encode(&asked(&long)), Err(ShareError::TooLarge));
}
