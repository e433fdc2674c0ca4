//! The gates of rate of the lane that the selection is in: each a tick, and its figures once it is ticked.

use super::field::{Number, choice_field, tick_field, whole};
use super::lane::{edit, millis, number, of, secs};
use super::lock::locked_fields;
use crate::experiment::LaneSpec;
use crate::experiment::limits::{Adaptive, AdaptiveRule, Breaker, RequestBucket, RetryBudget, TokenBudget, Window};
use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::state::State;

/// More than any quota of a minute.
const MOST: f64 = 100_000_000.0;

pub(super) fn rate_fields(state: State) -> El {
    let gates = [
        gate(state, "Bucket of requests", is_bucket, |spec, on| spec.request_bucket = on.then_some(BUCKET), bucket),
        gate(state, "Bucket of tokens", is_tokens, |spec, on| spec.token_budget = on.then_some(TOKENS), tokens),
        gate(state, "Sliding window", is_window, |spec, on| spec.window = on.then_some(WINDOW), window),
        gate(
            state,
            "Adaptive rate",
            |spec| spec.adaptive.is_some(),
            |spec, on| spec.adaptive = on.then(Adaptive::default),
            adaptive,
        ),
        gate(
            state,
            "Circuit breaker",
            |spec| spec.breaker.is_some(),
            |spec, on| spec.breaker = on.then(Breaker::default),
            breaker,
        ),
        gate(
            state,
            "Retry budget",
            |spec| spec.retry_budget.is_some(),
            |spec, on| spec.retry_budget = on.then(RetryBudget::default),
            budget,
        ),
    ];
    let rates_first = move || {
        tick_field(
            "Rates before the slot",
            move || of(state, |spec| spec.rates_first),
            move |on| edit(state, &|spec| spec.rates_first = on),
        )
    };
    locked_fields(state, "How fast", &[Lock::Rates]).children(gates).when(move || of(state, has_rates), rates_first)
}

/// Whether the lane has gates of rate, which can stand before the slot or behind it.
fn has_rates(spec: &LaneSpec) -> bool {
    is_bucket(spec) || is_tokens(spec) || is_window(spec) || spec.adaptive.is_some() || spec.breaker.is_some()
}

const BUCKET: RequestBucket = RequestBucket { capacity: 5, per_minute: 60 };
const TOKENS: TokenBudget = TokenBudget { capacity: 1_000, per_minute: 10_000, estimate: 100 };
const WINDOW: Window = Window { requests: 15, window_millis: 60_000 };

fn is_bucket(spec: &LaneSpec) -> bool {
    spec.request_bucket.is_some()
}

fn is_tokens(spec: &LaneSpec) -> bool {
    spec.token_budget.is_some()
}

fn is_window(spec: &LaneSpec) -> bool {
    spec.window.is_some()
}

/// A tick, and what there is to enter once it is ticked.
pub(super) fn gate(
    state: State,
    label: &str,
    is: fn(&LaneSpec) -> bool,
    put: fn(&mut LaneSpec, bool),
    fields: fn(State) -> Vec<El>,
) -> El {
    let tick = tick_field(label, move || of(state, is), move |on| edit(state, &|spec| put(spec, on)));
    el("div").child(tick).when(move || of(state, is), move || el("div").class("within").children(fields(state)))
}

/// A field of a gate that is there.
macro_rules! of_gate {
    ($state:expr, $number:expr, $gate:ident, |$read:ident| $get:expr, |$write:ident, $n:ident| $set:expr) => {
        number(
            $state,
            $number,
            |spec| spec.$gate.map(|$read| $get),
            |spec, entered| {
                if let (Some($write), Some($n)) = (&mut spec.$gate, entered) {
                    $set;
                }
            },
        )
    };
}
pub(super) use of_gate;

fn bucket(state: State) -> Vec<El> {
    vec![
        of_gate!(
            state,
            Number::new("Capacity, requests", 1.0, MOST),
            request_bucket,
            |b| f64::from(b.capacity),
            |b, n| b.capacity = whole(n)
        ),
        of_gate!(
            state,
            Number::new("Refill, requests a minute", 1.0, MOST),
            request_bucket,
            |b| f64::from(b.per_minute),
            |b, n| b.per_minute = whole(n)
        ),
    ]
}

fn tokens(state: State) -> Vec<El> {
    vec![
        of_gate!(state, Number::new("Capacity, tokens", 1.0, MOST), token_budget, |b| f64::from(b.capacity), |b, n| {
            b.capacity = whole(n);
        }),
        of_gate!(
            state,
            Number::new("Refill, tokens a minute", 1.0, MOST),
            token_budget,
            |b| f64::from(b.per_minute),
            |b, n| b.per_minute = whole(n)
        ),
        of_gate!(
            state,
            Number::new("Estimate of a call, tokens", 0.0, MOST),
            token_budget,
            |b| f64::from(b.estimate),
            |b, n| b.estimate = whole(n)
        ),
    ]
}

fn window(state: State) -> Vec<El> {
    vec![
        of_gate!(state, Number::new("Requests in it", 1.0, 100_000.0), window, |w| f64::from(w.requests), |w, n| w
            .requests =
            whole(n)),
        of_gate!(
            state,
            Number::new("How long it is, s", 0.001, 90_000.0).by(0.001),
            window,
            |w| secs(w.window_millis),
            |w, n| w.window_millis = millis(Some(n))
        ),
    ]
}

fn adaptive(state: State) -> Vec<El> {
    let rules = [AdaptiveRule::MULTIPLICATIVE, AdaptiveRule::ADDITIVE];
    let is_additive = |spec: &LaneSpec| spec.adaptive.is_some_and(|a| matches!(a.rule, AdaptiveRule::Additive { .. }));
    vec![
        of_gate!(
            state,
            Number::new("First rate, a second", 0.001, 1_000.0).by(0.001),
            adaptive,
            |a| a.start,
            |a, n| a.start = n
        ),
        of_gate!(state, Number::new("Slowest, a second", 0.001, 1_000.0).by(0.001), adaptive, |a| a.floor, |a, n| a
            .floor =
            n),
        of_gate!(state, Number::new("Fastest, a second", 0.001, 1_000.0).by(0.001), adaptive, |a| a.ceiling, |a, n| {
            a.ceiling = n;
        }),
        choice_field(
            "It grows by",
            &["a factor", "a step (AIMD)"],
            move || usize::from(of(state, is_additive)),
            move |place| {
                edit(state, &|spec| {
                    if let Some(adaptive) = &mut spec.adaptive {
                        adaptive.rule = rules[place];
                    }
                });
            },
        ),
        of_gate!(
            state,
            Number::new("Growth with an answer", 0.001, 100.0).by(0.001),
            adaptive,
            |a| growth(a.rule),
            |a, n| a.rule = grown(a.rule, n)
        ),
        of_gate!(
            state,
            Number::new("Factor with a 429", 0.001, 0.999).by(0.001),
            adaptive,
            |a| refused(a.rule),
            |a, n| a.rule = refusing(a.rule, n)
        ),
        el("div").when(
            move || !of(state, is_additive),
            move || {
                of_gate!(
                    state,
                    Number::new("Factor with another failure", 0.001, 0.999).by(0.001),
                    adaptive,
                    |a| failed(a.rule),
                    |a, n| a.rule = failing(a.rule, n)
                )
            },
        ),
    ]
}

fn growth(rule: AdaptiveRule) -> f64 {
    match rule {
        AdaptiveRule::Multiplicative { up, .. } => up,
        AdaptiveRule::Additive { step, .. } => step,
    }
}

fn grown(rule: AdaptiveRule, by: f64) -> AdaptiveRule {
    match rule {
        AdaptiveRule::Multiplicative { refused, failed, .. } => {
            AdaptiveRule::Multiplicative { up: by, refused, failed }
        }
        AdaptiveRule::Additive { refused, .. } => AdaptiveRule::Additive { step: by, refused },
    }
}

fn refused(rule: AdaptiveRule) -> f64 {
    match rule {
        AdaptiveRule::Multiplicative { refused, .. } | AdaptiveRule::Additive { refused, .. } => refused,
    }
}

fn refusing(rule: AdaptiveRule, refused: f64) -> AdaptiveRule {
    match rule {
        AdaptiveRule::Multiplicative { up, failed, .. } => AdaptiveRule::Multiplicative { up, refused, failed },
        AdaptiveRule::Additive { step, .. } => AdaptiveRule::Additive { step, refused },
    }
}

fn failed(rule: AdaptiveRule) -> f64 {
    match rule {
        AdaptiveRule::Multiplicative { failed, .. } => failed,
        AdaptiveRule::Additive { .. } => 1.0,
    }
}

fn failing(rule: AdaptiveRule, failed: f64) -> AdaptiveRule {
    match rule {
        AdaptiveRule::Multiplicative { up, refused, .. } => AdaptiveRule::Multiplicative { up, refused, failed },
        additive @ AdaptiveRule::Additive { .. } => additive,
    }
}

fn breaker(state: State) -> Vec<El> {
    vec![
        of_gate!(
            state,
            Number::new("Opens after failures in a row", 1.0, 1_000.0),
            breaker,
            |b| f64::from(b.failures),
            |b, n| b.failures = whole(n)
        ),
        number(
            state,
            Number::new("Or this share of the last calls, % (empty: no)", 1.0, 100.0),
            |spec| spec.breaker.and_then(|breaker| breaker.share).map(|share| share * 100.0),
            |spec, percent| {
                if let Some(breaker) = &mut spec.breaker {
                    breaker.share = percent.map(|percent| percent / 100.0);
                }
            },
        ),
        of_gate!(
            state,
            Number::new("Last calls that the share is of", 1.0, 1_000.0),
            breaker,
            |b| f64::from(b.window),
            |b, n| b.window = whole(n)
        ),
        of_gate!(
            state,
            Number::new("Stays open, s", 0.001, 86_400.0).by(0.1),
            breaker,
            |b| secs(b.cooldown_millis),
            |b, n| b.cooldown_millis = millis(Some(n))
        ),
        of_gate!(
            state,
            Number::new("Answers before it is closed again", 0.0, 20.0),
            breaker,
            |b| f64::from(b.ramp),
            |b, n| b.ramp = whole(n)
        ),
    ]
}

fn budget(state: State) -> Vec<El> {
    vec![
        of_gate!(state, Number::new("Retries it holds", 1.0, 1_000.0), retry_budget, |b| f64::from(b.most), |b, n| b
            .most =
            whole(n)),
        of_gate!(state, Number::new("An answer earns", 0.001, 1.0).by(0.001), retry_budget, |b| b.ratio, |b, n| b
            .ratio =
            n),
    ]
}
