//! The simulated server has two doors in process, and they give the same events: without a wire, and
//! as HTTP bytes through the shipped client.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::engine::{self, Place, World};
use lanescope::experiment::server::{Amount, Fault, Load, Rule, Simulated, When};
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{LaneSpec, PermitScope, Plan};
use lanescope::gemini::{ApiKey, Client, Connection, DEFAULT_BASE_URL, DEFAULT_VERSION};
use lanescope::policy::backoff::Jitter;
use lanescope::port::{Clock as _, Service, Settings};
use lanescope::sim::clock::SimClock;
use lanescope::sim::executor::Simulation;
use lanescope::sim::server::SimServer;
use lanescope::sim::service::SimService;
use lanescope::sim::transport::SimTransport;
use lanescope::trace::log::first_difference;
use lanescope::trace::{Recorder, StopReason};
use std::rc::Rc;

const REQUESTS: u32 = 16;
const SEEDS: u64 = 4;

/// A server with a character, and what it is asked.
struct Case {
    name: String,
    figures: Simulated,
    settings: Settings,
}

impl Case {
    fn new(name: &str, figures: Simulated) -> Self {
        Self { name: name.into(), figures, settings: Settings::default() }
    }

    /// A server on which `fault` strikes now and then.
    fn faulty(fault: Fault) -> Self {
        let when = When { probability: 0.4, ..When::default() };
        Self::new(&format!("{fault:?}"), Simulated { faults: vec![Rule { when, fault }], ..Simulated::default() })
    }
}

fn cases() -> Vec<Case> {
    let thoughtful = || Simulated {
        thinking_tokens: Amount::Uniform { low: 0.0, high: 60.0 },
        connect_millis: 150,
        ..Simulated::default()
    };
    // Everything takes equally long, so many timers are due at one instant.
    let even = Simulated {
        first_byte_millis: Amount::Constant(1_000.0),
        answer_tokens: Amount::Constant(72.0),
        load: Load::Power { exponent: 0.5 },
        ..Simulated::default()
    };
    let rule = |when, fault| Rule { when, fault };
    let now_and_then = |fault| rule(When { probability: 0.1, ..When::default() }, fault);
    let some = |fault| {
        let when = When { items: Some(vec![0, 3, 5]), first_attempts: Some(2), ..When::default() };
        rule(When { in_flight_at_least: Some(2), ..when }, fault)
    };
    let chaos = [
        some(Fault::Stall),
        now_and_then(Fault::Status(503)),
        now_and_then(Fault::Status(429)),
        now_and_then(Fault::Cut),
        now_and_then(Fault::ErrorInStream(500)),
        now_and_then(Fault::Slow(3.0)),
        now_and_then(Fault::Network),
    ];
    let spell = |from_millis, to_millis, fault| {
        rule(When { from_millis: Some(from_millis), to_millis: Some(to_millis), ..When::default() }, fault)
    };
    let by_hand = [
        spell(5_000, 10_000, Fault::Status(503)),
        spell(10_000, 20_000, Fault::Slow(4.0)),
        spell(15_000, 40_000, Fault::QuotaCut(2)),
    ];
    let quota = |n| Simulated { requests_per_minute: Some(n), ..Simulated::default() };

    let mut cases = vec![
        Case::new("plain", Simulated::default()),
        Case::new("thinking", thoughtful()),
        Case::new("even", even.clone()),
        Case::new("quota of 5", quota(5)),
        Case::new("quota of 0", quota(0)),
        Case {
            settings: Settings { max_output_tokens: 40, ..Settings::default() },
            ..Case::new("few tokens", thoughtful())
        },
        Case::new("some", Simulated { faults: vec![some(Fault::Status(500))], ..even }),
        Case::new("broken by hand", Simulated { faults: by_hand.into(), ..thoughtful() }),
        Case::new("chaos", Simulated { faults: chaos.into(), requests_per_minute: Some(40), ..thoughtful() }),
    ];
    cases.extend([Fault::Stall, Fault::Cut, Fault::Slow(3.0), Fault::Network].map(Case::faulty));
    for status in [400, 404, 429, 500, 502, 503, 504] {
        cases.extend([Fault::Status(status), Fault::ErrorInStream(status)].map(Case::faulty));
    }
    cases
}

fn lanes() -> [LaneSpec; 5] {
    let impatient = LaneSpec { tries: 1, deadline_millis: Some(20_000), ..LaneSpec::concurrent(3) };
    [
        LaneSpec::sequential(),
        LaneSpec::concurrent(4),
        LaneSpec { limit: None, ..LaneSpec::default() },
        LaneSpec {
            permit: PermitScope::Attempt,
            jitter: Jitter::None,
            attempt_timeout_millis: 6_000,
            ..LaneSpec::concurrent(5)
        },
        impatient,
    ]
}

/// The events of one lane in a world of its own, which `open` gives a way to its server.
fn events<S: Service>(case: &Case, plan: &Plan, seed: u64, open: impl FnOnce(SimServer, SimClock) -> S) -> String {
    let calls = Calls { requests: REQUESTS, settings: case.settings.clone(), ..Calls::default() };
    let workload = Workload::Calls(calls);
    let clock = SimClock::default();
    let server = SimServer::new(case.figures.clone(), seed);
    let world = World { clock: clock.clone(), service: open(server, clock.clone()), controls: None };
    let recorder = Recorder::default();
    let place = Place { seed, lane: 1 };
    let run = engine::run(&workload, plan, place, &world, &recorder);
    if Simulation::new(clock.clone(), run).run().is_none() {
        recorder.stop(clock.now(), place.lane, StopReason::Stalled);
    }
    recorder.take().to_text()
}

/// The shipped client over the second door.
fn client(server: SimServer, clock: SimClock, connection: &Rc<Connection>) -> Client<SimTransport> {
    Client::new(SimTransport::new(server, clock), connection.clone())
}

#[test]
fn both_doors_give_the_same_events() {
    let key = ApiKey::new("AQ.none").expect("a key");
    let connection = Rc::new(Connection::new(DEFAULT_BASE_URL, DEFAULT_VERSION, key).expect("valid"));
    let mut seen = String::new();
    for case in cases() {
        for (number, lane) in lanes().iter().enumerate() {
            let plan = lane.validate().expect("a sound lane");
            for seed in 0..SEEDS {
                let direct = events(&case, &plan, seed, SimService::new);
                let wired = events(&case, &plan, seed, |server, clock| client(server, clock, &connection));
                if let Some(difference) = first_difference(&direct, &wired) {
                    panic!("{}, lane {number}, seed {seed}: {difference}", case.name);
                }
                seen.push_str(&direct);
            }
        }
    }
    // The doors were held to all that can come of a call, not only to what goes well.
    for name in [
        "rate-limit",
        "quota-none",
        "bad-request",
        "not-found",
        "server",
        "gateway",
        "overloaded",
        "server-timeout",
        "stream-cut",
        "truncated",
        "network",
        "attempt-timeout",
        "deadline",
    ] {
        assert!(seen.contains(&format!("Failed {name} ")), "no {name}");
    }
    for event in ["Thought", "finish: Truncated", "finish: Stop", "Cancelled"] {
        assert!(seen.contains(event), "no {event}");
    }
}
