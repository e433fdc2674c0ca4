//! The gates of rate as the programs name them.

use super::facts::Holes;
use crate::experiment::plan::Rates;
use crate::figure::plain;
use crate::policy::adaptive::Rule;
use crate::policy::token_bucket;

/// A gate of rate but the breaker: the holes of a line that is there once for each.
fn gate(name: &str, class: &str, figures: &[(&'static str, String)]) -> Holes {
    let mut holes = Holes::default();
    holes.put("gate", name);
    holes.put("constant", name.to_ascii_uppercase());
    holes.put("class", class);
    holes.put("figures", listed(figures));
    holes.put("named", named(figures));
    holes
}

/// Figures as most languages have them.
fn listed(figures: &[(&str, String)]) -> String {
    figures.iter().map(|(_, figure)| figure.as_str()).collect::<Vec<_>>().join(", ")
}

/// Figures as Python has them.
fn named(figures: &[(&str, String)]) -> String {
    figures.iter().map(|(name, figure)| format!("{name}={figure}")).collect::<Vec<_>>().join(", ")
}

/// The gates that an attempt passes at one moment.
pub(super) fn gates(rates: Rates, decimal: impl Fn(f64) -> String) -> Vec<Holes> {
    let Rates { requests, tokens, window, pace, breaker: _ } = rates;
    let bucket = |bucket: token_bucket::Params, cost: Option<u32>| {
        let mut figures =
            vec![("capacity", decimal(bucket.capacity().into())), ("per_second", decimal(bucket.per_second()))];
        figures.push(("cost", decimal(cost.unwrap_or(1).into())));
        figures
    };
    let gates = [
        requests.map(|requests| gate("requests", "TokenBucket", &bucket(requests, None))),
        tokens.map(|(tokens, estimate)| gate("tokens", "TokenBucket", &bucket(tokens, Some(estimate)))),
        window.map(|window| {
            let secs = decimal(window.window().as_secs_f64());
            gate("window", "SlidingWindow", &[("limit", window.limit().to_string()), ("seconds", secs)])
        }),
        pace.map(|pace| {
            let [start, floor, ceiling] = pace.bounds().map(&decimal);
            gate("pace", "AdaptiveRate", &[("start", start), ("floor", floor), ("ceiling", ceiling)])
        }),
    ];
    gates.into_iter().flatten().collect()
}

/// What an adaptive rate learns: whether by a factor, and how it moves after an answer, a refusal, another failure.
pub(super) fn learned(rule: Rule) -> (bool, [String; 3]) {
    match rule {
        Rule::Multiplicative { up, refused, failed } => (true, [up, refused, failed].map(plain)),
        Rule::Additive { step, refused } => (false, [step, refused, 1.0].map(plain)),
    }
}
