//! The gates of rate as the programs name them.

use crate::experiment::plan::Rates;
use crate::figure::plain;
use crate::policy::token_bucket;

/// A gate of rate: a variable, what makes it, and its figures.
pub(super) struct Gate {
    name: &'static str,
    class: &'static str,
    figures: String,
    /// The same with their names.
    named: String,
}

impl Gate {
    fn new(name: &'static str, class: &'static str, figures: &[(&str, String)]) -> Self {
        Self { name, class, figures: listed(figures), named: named(figures) }
    }

    /// What stands in a template's hole of that name.
    pub(super) fn hole(&self, name: &str) -> Option<&str> {
        match name {
            "gate" => Some(self.name),
            "class" => Some(self.class),
            "figures" => Some(&self.figures),
            "named" => Some(&self.named),
            _ => None,
        }
    }
}

/// Figures as most languages have them.
pub(super) fn listed(figures: &[(&str, String)]) -> String {
    figures.iter().map(|(_, figure)| figure.as_str()).collect::<Vec<_>>().join(", ")
}

/// Figures as Python has them.
pub(super) fn named(figures: &[(&str, String)]) -> String {
    let named = |(name, figure): &(&str, String)| {
        if name.is_empty() { figure.clone() } else { format!("{name}={figure}") }
    };
    figures.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// The gates that an attempt passes, in order; the breaker is the last.
pub(super) fn gates(rates: Rates) -> Vec<Gate> {
    let Rates { requests, tokens, window, pace, breaker } = rates;
    let bucket = |bucket: token_bucket::Params| {
        [("capacity", bucket.capacity().to_string()), ("per_second", plain(bucket.per_second()))]
    };
    let gates = [
        requests.map(|requests| Gate::new("requests", "TokenBucket", &bucket(requests))),
        tokens.map(|(tokens, estimate)| {
            let [capacity, per_second] = bucket(tokens);
            Gate::new("tokens", "TokenBucket", &[capacity, per_second, ("cost", estimate.to_string())])
        }),
        window.map(|window| {
            let secs = plain(window.window().as_secs_f64());
            Gate::new("window", "SlidingWindow", &[("limit", window.limit().to_string()), ("seconds", secs)])
        }),
        pace.map(|_| Gate::new("pace", "AdaptiveRate", &[])),
        breaker.map(|_| Gate::new("breaker", "CircuitBreaker", &[])),
    ];
    gates.into_iter().flatten().collect()
}
