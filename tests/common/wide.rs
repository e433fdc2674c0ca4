//! Random experiments over every field that a lane and a workload have. All of them are sound.

use lanescope::experiment::limits::{
    Adaptive, AdaptiveLimit, AdaptiveRule, Breaker, Hedge, RequestBucket, RetryBudget, TokenBudget, Window,
};
use lanescope::experiment::server::{Amount, Fault, Load, Rule, Server, Simulated, When};
use lanescope::experiment::workload::{Arrivals, Calls, Workload};
use lanescope::experiment::{
    Experiment, Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec,
};
use lanescope::policy::backoff::Jitter;
use lanescope::policy::priority::Class;
use lanescope::policy::refusal;
use lanescope::port::Settings;
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use std::rc::Rc;

pub(crate) fn experiments() -> impl Strategy<Value = Experiment> {
    (any::<u64>(), workloads(), servers(), lanes()).prop_map(|(seed, calls, server, lane)| Experiment {
        version: Experiment::VERSION,
        seed,
        workload: Workload::Calls(calls),
        server: Server::Simulated(server),
        lanes: vec![lane],
    })
}

fn text(texts: &'static [&'static str]) -> impl Strategy<Value = Rc<str>> {
    select::<&str>(texts).prop_map(Rc::<str>::from)
}

fn workloads() -> impl Strategy<Value = Calls> {
    let settings =
        (text(&["one", "three"]), of(text(&["Be brief."])), 0.0..2.0, prop_oneof![Just(2_048_u32), 1_u32..40])
            .prop_map(|(model, system, temperature, max_output_tokens)| Settings {
                model,
                system,
                temperature,
                max_output_tokens,
            });
    let prompts = vec(text(&["Why do birds migrate?", "How?", "What is a lane?"]), 1..=3);
    let steps = vec(text(&["", "Research.", "Write it down."]), 0..=3);
    let models = vec(text(&["one", "two"]), 0..=2);
    let classes = vec(select(vec![Class::High, Class::Normal, Class::Low]), 0..=4);
    let tenants = vec(0_u32..6, 0..=3);
    let every_millis = prop_oneof![Just(0_u32), 1_u32..1_500];
    let asked = (every_millis, select(vec![Arrivals::Even, Arrivals::Poisson]));
    (1_u32..=12, prompts, settings, steps, models, classes, tenants, asked).prop_map(
        |(requests, prompts, settings, steps, models, classes, tenants, (every_millis, arrivals))| Calls {
            prompts,
            requests,
            settings,
            steps,
            models,
            classes,
            tenants,
            every_millis,
            arrivals,
        },
    )
}

fn faults() -> impl Strategy<Value = Vec<Rule>> {
    let fault = select(vec![
        Fault::Status(503),
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(400),
        Fault::Status(404),
        Fault::Stall,
        Fault::Cut,
        Fault::ErrorInStream(503),
        Fault::Network,
        Fault::Slow(3.0),
    ]);
    let when = (of(vec(0_u32..12, 1..4)), of(1_u8..3), of(1_u32..5), 0.0..0.6).prop_map(
        |(items, first_attempts, in_flight_at_least, probability)| When {
            items,
            first_attempts,
            in_flight_at_least,
            probability,
            ..When::default()
        },
    );
    vec((when, fault).prop_map(|(when, fault)| Rule { when, fault }), 0..3)
}

fn servers() -> impl Strategy<Value = Simulated> {
    let first_byte = prop_oneof![
        Just(Amount::LogNormal { median: 800.0, p95: 4_000.0 }),
        Just(Amount::Uniform { low: 10.0, high: 5_000.0 }),
        vec(1_u32..4_000, 1..12).prop_map(|millis| Amount::Listed(millis.into_iter().map(f64::from).collect())),
        (1_u32..3_000).prop_map(|millis| Amount::Constant(f64::from(millis))),
    ];
    let spare = of((1_u32..3_000).prop_map(|millis| ("spare-0".to_owned(), Amount::Constant(f64::from(millis)))));
    let thinking = prop_oneof![Just(Amount::Constant(0.0)), Just(Amount::Uniform { low: 0.0, high: 60.0 })];
    let load = prop_oneof![Just(Load::None), Just(Load::Power { exponent: 0.5 })];
    let quotas = (weighted(0.3, 0_u32..20), weighted(0.2, 50_u32..2_000), weighted(0.1, 1_u32..20));
    (first_byte, spare, thinking, 1_u32..60, 0_u32..200, load, 1_u32..800, quotas, faults()).prop_map(
        |(first_byte_millis, spare, thinking_tokens, tokens, connect_millis, load, refusal_millis, quotas, faults)| {
            let (requests_per_minute, tokens_per_minute, requests_per_day) = quotas;
            Simulated {
                first_byte_millis,
                first_byte_by_model: spare.into_iter().collect(),
                thinking_tokens,
                answer_tokens: Amount::Constant(f64::from(tokens)),
                connect_millis,
                load,
                refusal_millis,
                requests_per_minute,
                tokens_per_minute,
                requests_per_day,
                faults,
                ..Simulated::default()
            }
        },
    )
}

fn lanes() -> impl Strategy<Value = LaneSpec> {
    (starts(), patience(), stand_ins(), rates()).prop_map(|(starts, patience, (hedge, fallback), rates)| LaneSpec {
        tries: patience.tries,
        first_delay_millis: patience.first_delay_millis,
        delay_base: patience.delay_base,
        delay_cap_millis: patience.delay_cap_millis,
        jitter: patience.jitter,
        attempt_timeout_millis: patience.attempt_timeout_millis,
        deadline_millis: patience.deadline_millis,
        first_byte_timeout_millis: patience.first_byte_timeout_millis,
        stall_timeout_millis: patience.stall_timeout_millis,
        refusals: patience.refusals,
        hedge,
        fallback,
        request_bucket: rates.request_bucket,
        token_budget: rates.token_budget,
        window: rates.window,
        adaptive: rates.adaptive,
        breaker: rates.breaker,
        retry_budget: rates.retry_budget,
        ..starts
    })
}

/// When an item may start, and what stops the lane.
fn starts() -> impl Strategy<Value = LaneSpec> {
    let strategy = select(vec![
        StrategySpec::Sequential,
        StrategySpec::Gather,
        StrategySpec::AsCompleted,
        StrategySpec::WorkerPool,
    ]);
    let permit = select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item]);
    let order = prop_oneof![
        Just(OrderSpec::Fifo),
        of(1_u32..5_000).prop_map(|ageing_millis| OrderSpec::Priority { ageing_millis }),
        Just(OrderSpec::Fair),
    ];
    let adaptive_limit = (1_u32..4, 0_u32..4, 0_u32..6).prop_map(|(floor, above, room)| AdaptiveLimit {
        floor,
        start: floor + above,
        ceiling: floor + above + room,
    });
    let on_failure = prop_oneof![
        4 => Just(OnFailure::Isolate),
        1 => Just(OnFailure::Raise),
        1 => Just(OnFailure::CancelOthers),
    ];
    let after_first = weighted(0.1, 0_u32..8_000);
    let line = (strategy, of(1_u32..8), permit, 1_u32..6, order);
    (line, 1_u32..=3, weighted(0.3, adaptive_limit), any::<bool>(), on_failure, after_first).prop_map(
        |(line, processes, adaptive_limit, rates_first, on_failure, after_first_millis)| {
            let (strategy, limit, permit, queue, order) = line;
            // As many processes as the largest limit has room for.
            let has_room = limit.is_some() || adaptive_limit.is_some();
            LaneSpec {
                strategy,
                limit,
                permit,
                queue,
                order,
                processes: if has_room { processes } else { 1 },
                adaptive_limit,
                rates_first,
                on_failure,
                after_first_millis,
                ..LaneSpec::default()
            }
        },
    )
}

/// Tries, waits and timeouts.
fn patience() -> impl Strategy<Value = LaneSpec> {
    let jitter = select(vec![Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::PlusMinusHalf]);
    let refusals =
        select(vec![refusal::Rule::Honour, refusal::Rule::Ignore, refusal::Rule::Strict, refusal::Rule::CutOff]);
    let waits = (1_u32..5, 0_u32..1_500, 1.0..3.0, 0_u32..5_000, jitter);
    let timeouts = (300_u32..9_000, of(500_u32..20_000), weighted(0.3, 100_u32..4_000), weighted(0.3, 50_u32..2_000));
    (waits, timeouts, refusals).prop_map(|(waits, timeouts, refusals)| {
        let (tries, first_delay_millis, delay_base, more, jitter) = waits;
        let (attempt_timeout_millis, deadline_millis, first_byte_timeout_millis, stall_timeout_millis) = timeouts;
        LaneSpec {
            tries,
            first_delay_millis,
            delay_base,
            delay_cap_millis: first_delay_millis + more,
            jitter,
            attempt_timeout_millis,
            deadline_millis,
            first_byte_timeout_millis,
            stall_timeout_millis,
            refusals,
            ..LaneSpec::default()
        }
    })
}

/// Copies and other models.
fn stand_ins() -> impl Strategy<Value = (Option<Hedge>, Option<Fallback>)> {
    let hedge = prop_oneof![(1_u32..4_000).prop_map(Hedge::AfterMillis), (50_u8..=99).prop_map(Hedge::Percentile)];
    let rule = select(vec![FallbackRule::InOrder, FallbackRule::FirstSuccess, FallbackRule::FirstFinished]);
    let fallback =
        (0_usize..=2, rule, any::<bool>(), any::<bool>()).prop_map(|(models, rule, at_once, has_text)| Fallback {
            models: (0..models).map(|model| format!("spare-{model}").into()).collect(),
            rule,
            at_once,
            text: (has_text || models == 0).then(|| "No answer.".into()),
        });
    (of(hedge), of(fallback))
}

/// The gates of rate, each of them now and then.
fn rates() -> impl Strategy<Value = LaneSpec> {
    const NOW_AND_THEN: f64 = 0.25;
    let bucket = (1_u32..8, 5_u32..400).prop_map(|(capacity, per_minute)| RequestBucket { capacity, per_minute });
    let tokens = (80_u32..400, 500_u32..20_000, 0_u32..80).prop_map(|(capacity, per_minute, estimate)| TokenBudget {
        capacity,
        per_minute,
        estimate,
    });
    let window = (1_u32..10, 500_u32..30_000).prop_map(|(requests, window_millis)| Window { requests, window_millis });
    let rule = select(vec![AdaptiveRule::MULTIPLICATIVE, AdaptiveRule::ADDITIVE]);
    let adaptive = (0.3..5.0, rule).prop_map(|(start, rule)| Adaptive { start, rule, ..Adaptive::default() });
    let breaker = (1_u32..5, of(0.1..1.0), 1_u32..8, 100_u32..20_000, 0_u32..3).prop_map(
        |(failures, share, window, cooldown_millis, ramp)| Breaker { failures, share, window, cooldown_millis, ramp },
    );
    let budget = (1_u32..10, 1_u32..=1_000)
        .prop_map(|(most, thousandths)| RetryBudget { most, ratio: f64::from(thousandths) / 1_000.0 });
    (
        weighted(NOW_AND_THEN, bucket),
        weighted(NOW_AND_THEN, tokens),
        weighted(NOW_AND_THEN, window),
        weighted(NOW_AND_THEN, adaptive),
        weighted(NOW_AND_THEN, breaker),
        weighted(NOW_AND_THEN, budget),
    )
        .prop_map(|(request_bucket, token_budget, window, adaptive, breaker, retry_budget)| LaneSpec {
            request_bucket,
            token_budget,
            window,
            adaptive,
            breaker,
            retry_budget,
            ..LaneSpec::default()
        })
}
