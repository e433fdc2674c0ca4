//! The server of a real run, as far as the run shows it: record once, simulate for ever.
//!
//! A figure is fitted from what was seen of it and nothing else; one of which nothing was seen stays as it is by
//! default, and [`Seen`] says so. What only the run itself could show (a quota that it never met, more in flight than
//! there ever was) is not known here either.

mod attempts;
mod faults;
mod gap;
mod load;
mod quota;
mod spread;
mod takes;

pub use gap::{Gap, gaps, predict};
pub use takes::takes;

use crate::experiment::recorded::{Recorded, Seen};
use crate::experiment::server::{Amount, Fault, Load, OfModel, Rule, Simulated, When};
use crate::figure::whole;
use crate::trace::Trace;
use attempts::{Attempt, attempts};
use faults::{Faults, is_given_up, is_stall};
use spread::{amount, median};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Why a run shows nothing of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// It is a script's.
    #[error("a script asks no server")]
    Script,
    /// No request went out.
    #[error("no request was sent in this run")]
    NothingSent,
}

/// An hour, in milliseconds.
const LONGEST_MILLIS: f64 = 3_600_000.0;
/// More tokens than any model writes.
const MOST_TOKENS: f64 = 65_536.0;
/// Bounds of a pace.
const PACES: (f64, f64) = (0.01, 100_000.0);
/// Times that opening a connection must be longer than chance makes it.
const SURE: f64 = 3.0;
/// A connection that opens sooner can't be told from one that is there.
const LEAST_CONNECT_SECS: f64 = 0.005;
/// The standard error of a median, in standard errors of the mean; and a deviation, in middle deviations.
const OF_MEDIAN: f64 = 1.253_3 * 1.482_6;

/// The server that a run shows.
///
/// # Errors
/// [`FitError`] when it shows none.
pub fn fit(trace: &Trace) -> Result<Recorded, FitError> {
    let attempts = attempts(sendable(trace)?);
    if attempts.is_empty() {
        return Err(FitError::NothingSent);
    }
    let longest_secs = longest_secs(&attempts);
    let slope = load::exponent(&attempts);
    let exponent = slope.map_or(0.0, |slope| slope.exponent);
    let connection = connection(&attempts, exponent);
    let quotas = quota::quotas(trace, &attempts);
    let mut faults = Faults::of(trace, &attempts, longest_secs);
    faults.add(Fault::Status(429), quotas.by_chance);

    let is_cut = |attempt: &&Attempt| attempt.first_byte.is_none() && is_given_up(trace, attempt);
    let cut: Vec<&Attempt> =
        attempts.iter().filter(is_cut).filter(|attempt| !is_stall(attempt, longest_secs)).collect();
    let lens = Lens { exponent, connect_secs: connection.map_or(0.0, |(secs, _)| secs) };
    let of_all = lens.figures(&attempts.iter().collect::<Vec<_>>(), &cut);
    let refusals = refusal_secs(trace, &attempts);
    let refused = quotas.named + quotas.counted;
    let only = |model: &Rc<str>| When { model: Some(model.to_string()), ..When::default() };
    let barred = quotas.barred.iter().map(|model| Rule { when: only(model), fault: Fault::QuotaCut(0) });
    let default = Simulated::default();
    let mut figures = Simulated {
        tokens_per_second: of_all
            .pace
            .as_ref()
            .map_or(default.tokens_per_second, |(pace, _)| whole(middle(pace)).max(1)),
        connect_millis: whole(lens.connect_secs * 1_000.0).min(60_000),
        load: if exponent > 0.0 { Load::Power { exponent: libm::round(exponent * 1e3) / 1e3 } } else { Load::None },
        refusal_millis: refusals.map_or(default.refusal_millis, |(secs, _)| whole(secs * 1_000.0).min(60_000)),
        requests_per_minute: quotas.requests_per_minute,
        tokens_per_minute: quotas.tokens_per_minute,
        requests_per_day: quotas.requests_per_day,
        faults: faults.rules(count(attempts.len() - cut.len()), refused).into_iter().chain(barred).collect(),
        ..default
    };
    let seen = Seen {
        attempts: count(attempts.len()),
        first_bytes: of_all.first_byte.as_ref().map_or(0, |(_, count)| *count),
        given_up: count(cut.len()),
        answers: of_all.answer.as_ref().map_or(0, |(_, count)| *count),
        paces: of_all.pace.as_ref().map_or(0, |(_, count)| *count),
        load: slope.map_or(0, |slope| count(slope.count)),
        most_in_flight: attempts.iter().map(|attempt| attempt.in_flight).max().unwrap_or(0),
        connections: connection.map_or(0, |(_, count)| count),
        refusals: refusals.map_or(0, |(_, count)| count),
        faults: faults.count(),
        quotas_named: quotas.named,
        quotas_counted: quotas.counted,
        left_out: faults.left_out,
    };
    lens.by_model(&attempts, &cut, &mut figures);
    of_all.put(&mut figures);
    Ok(Recorded { figures, seen, takes: Vec::new() })
}

/// The trace, if it can have sent anything.
fn sendable(trace: &Trace) -> Result<&Trace, FitError> {
    if trace.experiment.workload.script().is_some() { Err(FitError::Script) } else { Ok(trace) }
}

/// The longest wait for a first byte that came, in seconds.
fn longest_secs(attempts: &[Attempt]) -> f64 {
    attempts.iter().filter_map(Attempt::first_byte_secs).fold(0.0, f64::max)
}

/// How much longer the first byte of those took that opened a connection, in seconds, and how many did; none where
/// that can't be told from chance.
#[allow(clippy::cast_precision_loss)] // Numbers of observations.
fn connection(attempts: &[Attempt], exponent: f64) -> Option<(f64, u32)> {
    let at_rest = |attempt: &Attempt| Some(attempt.first_byte_secs()? / slower(attempt, exponent));
    let usual: Vec<f64> = attempts.iter().filter(|attempt| !attempt.opens).filter_map(at_rest).collect();
    let middle = median(&usual);
    let longer = |attempt: &Attempt| Some(attempt.first_byte_secs()? - middle * slower(attempt, exponent));
    let longer: Vec<f64> = attempts.iter().filter(|attempt| attempt.opens).filter_map(longer).collect();
    if usual.len() < 3 || longer.len() < 3 {
        return None;
    }
    let secs = median(&longer);
    let off = median(&usual.iter().map(|secs| (secs - middle).abs()).collect::<Vec<_>>());
    let error = OF_MEDIAN * off * libm::sqrt(1.0 / usual.len() as f64 + 1.0 / longer.len() as f64);
    (secs > LEAST_CONNECT_SECS && secs > SURE * error).then(|| (secs, count(longer.len())))
}

/// How many times as long an attempt took for the load it met.
fn slower(attempt: &Attempt, exponent: f64) -> f64 {
    libm::pow(f64::from(attempt.in_flight), exponent)
}

/// How long a refusal took, in seconds, and how many there were.
fn refusal_secs(trace: &Trace, attempts: &[Attempt]) -> Option<(f64, u32)> {
    let is_refusal = |attempt: &&Attempt| {
        let status = faults::failure_of(trace, attempt).and_then(|failure| failure.status);
        attempt.first_byte.is_none() && status.is_some_and(|status| status >= 400)
    };
    let secs: Vec<f64> = attempts.iter().filter(is_refusal).map(Attempt::secs).collect();
    (!secs.is_empty()).then(|| (median(&secs), count(secs.len())))
}

/// What is taken away from what was measured, so that the server at rest is left.
#[derive(Clone, Copy, Debug)]
struct Lens {
    exponent: f64,
    connect_secs: f64,
}

/// Figures, and from how many attempts each is.
struct Figures {
    first_byte: Option<(Amount, u32)>,
    thinking: Option<(Amount, u32)>,
    answer: Option<(Amount, u32)>,
    pace: Option<(Amount, u32)>,
}

impl Lens {
    /// The first byte of an attempt at rest, in milliseconds.
    fn first_byte(self, attempt: &Attempt) -> Option<f64> {
        let connect = if attempt.opens { self.connect_secs } else { 0.0 };
        Some((attempt.first_byte_secs()? - connect).max(0.0) / slower(attempt, self.exponent) * 1_000.0)
    }

    /// The figures of these attempts; `cut` were given up before their first byte.
    fn figures(self, attempts: &[&Attempt], cut: &[&Attempt]) -> Figures {
        let fitted =
            |seen: Vec<f64>, more_than: &[f64], most| Some((amount(&seen, more_than, most)?, count(seen.len())));
        let first_bytes = attempts.iter().filter_map(|attempt| self.first_byte(attempt)).collect();
        let waits = cut.iter().map(|attempt| attempt.secs() / slower(attempt, self.exponent) * 1_000.0);
        let usages = || attempts.iter().filter_map(|attempt| attempt.usage());
        let paces = attempts
            .iter()
            .filter_map(|attempt| Some((attempt.pace()? * slower(attempt, self.exponent)).max(PACES.0).min(PACES.1)));
        Figures {
            first_byte: fitted(first_bytes, &waits.collect::<Vec<_>>(), LONGEST_MILLIS),
            thinking: fitted(usages().map(|usage| f64::from(usage.thinking)).collect(), &[], MOST_TOKENS),
            answer: fitted(usages().map(|usage| f64::from(usage.answer)).collect(), &[], MOST_TOKENS),
            pace: fitted(paces.collect(), &[], PACES.1),
        }
    }

    /// The figures of each model, where several were asked.
    fn by_model(self, attempts: &[Attempt], cut: &[&Attempt], figures: &mut Simulated) {
        let mut models: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in attempts {
            models.entry(&attempt.model).or_default().push(attempt);
        }
        if models.len() < 2 {
            return;
        }
        for (model, attempts) in models {
            let cut: Vec<&Attempt> = cut.iter().copied().filter(|attempt| *attempt.model == *model).collect();
            let own = self.figures(&attempts, &cut);
            let amount = |figure: Option<(Amount, u32)>| figure.map(|(amount, _)| amount);
            if let Some(first_byte) = amount(own.first_byte) {
                figures.first_byte_by_model.insert(model.to_owned(), first_byte);
            }
            let of_model = OfModel {
                thinking_tokens: amount(own.thinking),
                answer_tokens: amount(own.answer),
                pace: amount(own.pace),
            };
            figures.by_model.insert(model.to_owned(), of_model);
        }
    }
}

impl Figures {
    /// Puts what was seen in the place of what is usual.
    fn put(self, figures: &mut Simulated) {
        let put = |place: &mut Amount, figure: Option<(Amount, u32)>| {
            if let Some((amount, _)) = figure {
                *place = amount;
            }
        };
        put(&mut figures.first_byte_millis, self.first_byte);
        put(&mut figures.thinking_tokens, self.thinking);
        put(&mut figures.answer_tokens, self.answer);
        figures.pace = self.pace.map(|(pace, _)| pace);
    }
}

/// The middle of what was fitted.
fn middle(amount: &Amount) -> f64 {
    match amount {
        Amount::Constant(figure) => *figure,
        Amount::Quantiles(figures) | Amount::Listed(figures) => median(figures),
        Amount::Uniform { low, high } => f64::midpoint(*low, *high),
        Amount::LogNormal { median, .. } => *median,
        Amount::Exponential { mean } => mean * std::f64::consts::LN_2,
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
