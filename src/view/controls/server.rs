//! The simulated server's figures, as far as the page offers them, and the seed.

use super::faults::fault_fields;
use super::field::{Number, read_field, whole};
use super::lock::{group, signed};
use crate::experiment::server::{Amount, Load, Simulated, at_share};
use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::facts::{fact, fact_list};
use crate::view::state::State;
use crate::view::words::entered::{first_bytes, first_bytes_said};
use crate::view::words::replay::seen;
use leptos::prelude::*;

pub(super) fn server_fields(state: State) -> El {
    let seed = Number::new("Seed", 0.0, 9_007_199_254_740_991.0).field(
        move || Some(shown_seed(state.experiment.read().seed)),
        move |n| state.edit(|experiment| experiment.seed = entered_seed(n.unwrap_or(1.0))),
    );
    el("fieldset")
        .child(signed(el("legend").text("Simulated server"), state, &[Lock::Server, Lock::Seed]))
        .when(move || state.experiment.read().server.recorded().is_some(), move || seen_facts(state))
        .child(figure_fields(state))
        .child(group(state, &[Lock::Seed]).child(seed))
}

/// What the figures of a recorded server rest on.
fn seen_facts(state: State) -> El {
    let facts = move || {
        let experiment = state.experiment.read();
        let said = experiment.server.recorded().map(seen).unwrap_or_default();
        said.into_iter().map(|(name, figure)| fact(name, figure)).collect()
    };
    let words = "Fitted to your run. What is changed here holds from then on; what nothing was seen of is as usual.";
    el("div").class("seen").child(el("p").class("fine").text(words)).child(fact_list(facts).class("facts"))
}

fn figure_fields(state: State) -> El {
    group(state, &[Lock::Server])
        .child(number(
            state,
            Number::new("First byte, median, s", 0.0, 3_600.0).by(0.1),
            |figures| Some(spread(&figures.first_byte_millis).0 / 1_000.0),
            |figures, s| set_first_byte(figures, s, None),
        ))
        .child(number(
            state,
            Number::new("First byte, p95, s", 0.0, 3_600.0).by(0.1),
            |figures| Some(spread(&figures.first_byte_millis).1 / 1_000.0),
            |figures, s| set_first_byte(figures, None, s),
        ))
        .child(by_model_field(state))
        .child(number(
            state,
            Number::new("Thinking, tokens", 0.0, 65_536.0),
            |figures| Some(spread(&figures.thinking_tokens).0),
            |figures, n| {
                figures.thinking_tokens = Amount::Constant(n.unwrap_or(0.0));
                figures.by_model.values_mut().for_each(|of| of.thinking_tokens = None);
            },
        ))
        .child(number(
            state,
            Number::new("Answer, tokens", 1.0, 65_536.0),
            |figures| Some(spread(&figures.answer_tokens).0.round()),
            |figures, n| {
                let median = n.unwrap_or(60.0).max(1.0);
                figures.answer_tokens = Amount::LogNormal { median, p95: median * 1.5 };
                figures.by_model.values_mut().for_each(|of| of.answer_tokens = None);
            },
        ))
        .children(pace_fields(state))
        .with(|fields| fault_fields(fields, state))
}

/// The models whose first byte takes another time; what is not the same for all calls of one is kept as it is.
fn by_model_field(state: State) -> El {
    read_field(
        "First byte by model, s (a line each: name and seconds)",
        2,
        move || of(state, |figures| first_bytes_said(&figures.first_byte_by_model)),
        move |text| {
            let read = first_bytes(text)?;
            edit(state, &|figures| {
                figures.first_byte_by_model.retain(|_, amount| !matches!(amount, Amount::Constant(_)));
                figures.first_byte_by_model.extend(read.iter().cloned());
            });
            Ok(())
        },
    )
}

fn pace_fields(state: State) -> [El; 8] {
    [
        number(
            state,
            Number::new("Tokens a second", 1.0, 100_000.0),
            |figures| {
                Some(figures.pace.as_ref().map_or(f64::from(figures.tokens_per_second), |pace| spread(pace).0.round()))
            },
            |figures, n| {
                figures.tokens_per_second = n.map_or(36, whole);
                figures.pace = None;
                figures.by_model.values_mut().for_each(|of| of.pace = None);
            },
        ),
        number(
            state,
            Number::new("New connection, ms", 0.0, 60_000.0),
            |figures| Some(f64::from(figures.connect_millis)),
            |figures, n| figures.connect_millis = n.map_or(0, whole),
        ),
        number(
            state,
            Number::new("Slower under load, exponent", 0.0, 2.0).by(0.01),
            |figures| Some(exponent(figures.load)),
            |figures, n| {
                figures.load = match n {
                    Some(exponent) if exponent > 0.0 => Load::Power { exponent },
                    _ => Load::None,
                }
            },
        ),
        number(
            state,
            Number::new("Requests let through (empty: any)", 0.0, 1_000_000.0),
            |figures| figures.requests_per_minute.map(f64::from),
            |figures, n| figures.requests_per_minute = n.map(whole),
        ),
        number(
            state,
            Number::new("… in any, s", 0.001, 86_400.0).by(0.001),
            |figures| Some(f64::from(figures.quota_window_millis) / 1_000.0),
            |figures, s| figures.quota_window_millis = s.map_or(60_000, |s| whole(s * 1_000.0).max(1)),
        ),
        number(
            state,
            Number::new("… so many at once (empty: any)", 1.0, 1_000_000.0),
            |figures| figures.quota_burst.map(f64::from),
            |figures, n| figures.quota_burst = n.map(|n| whole(n).max(1)),
        ),
        number(
            state,
            Number::new("Tokens a minute (empty: any)", 0.0, 1_000_000_000.0),
            |figures| figures.tokens_per_minute.map(f64::from),
            |figures, n| figures.tokens_per_minute = n.map(whole),
        ),
        number(
            state,
            Number::new("Requests a day (empty: any)", 0.0, 1_000_000_000.0),
            |figures| figures.requests_per_day.map(f64::from),
            |figures, n| figures.requests_per_day = n.map(whole),
        ),
    ]
}

/// A field for a figure of the server.
fn number(
    state: State,
    number: Number,
    read: fn(&Simulated) -> Option<f64>,
    put: fn(&mut Simulated, Option<f64>),
) -> El {
    number.field(move || of(state, read), move |entered| edit(state, &|figures| put(figures, entered)))
}

/// What `read` sees in the figures.
fn of<T>(state: State, read: fn(&Simulated) -> T) -> T {
    match state.experiment.read().server.simulated() {
        Some(figures) => read(figures),
        None => read(&Simulated::default()),
    }
}

/// Changes the server, if it is a simulated one.
pub(super) fn edit(state: State, change: &dyn Fn(&mut Simulated)) {
    state.edit(|experiment| {
        if let Some(figures) = experiment.server.simulated_mut() {
            change(figures);
        }
    });
}

fn set_first_byte(figures: &mut Simulated, median_secs: Option<f64>, p95_secs: Option<f64>) {
    let (old_median, old_p95) = spread(&figures.first_byte_millis);
    // Whatever is entered, both lie within an hour and in their order.
    let median = median_secs.map_or(old_median, |s| s * 1_000.0).clamp(1.0, 3_600_000.0);
    let p95 = p95_secs.map_or(old_p95, |s| s * 1_000.0).min(3_600_000.0).max(median);
    if let (Amount::Quantiles(measured), None) = (&mut figures.first_byte_millis, p95_secs) {
        // What was measured keeps its shape.
        let longer = median / old_median.max(1.0);
        for millis in measured.iter_mut() {
            *millis = (*millis * longer).min(3_600_000.0);
        }
        return;
    }
    figures.first_byte_millis = Amount::LogNormal { median, p95 };
}

#[allow(clippy::cast_precision_loss)] // The field takes none above 2^53.
fn shown_seed(seed: u64) -> f64 {
    seed as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
fn entered_seed(seed: f64) -> u64 {
    seed as u64
}

fn exponent(load: Load) -> f64 {
    match load {
        Load::None => 0.0,
        Load::Power { exponent } => exponent,
    }
}

/// The middle and the upper end of an amount, whatever its kind.
fn spread(amount: &Amount) -> (f64, f64) {
    match amount {
        Amount::Constant(figure) => (*figure, *figure),
        Amount::Uniform { low, high } => (f64::midpoint(*low, *high), *high),
        Amount::Exponential { mean } => (mean * std::f64::consts::LN_2, mean * 3.0),
        Amount::LogNormal { median, p95 } => (*median, *p95),
        Amount::Quantiles(figures) => (at_share(figures, 0.5), at_share(figures, 0.95)),
        Amount::Listed(figures) => {
            let mut sorted = figures.clone();
            sorted.sort_by(f64::total_cmp);
            let at = |share: usize| {
                sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
            };
            (at(50), at(95))
        }
    }
}
