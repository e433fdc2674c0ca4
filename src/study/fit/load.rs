//! How much longer everything takes with more in flight: the slope of a line through logarithms, by least squares.
//!
//! Two things show it, the first byte and the pace of what follows. Where they agree they are taken together, each
//! as sure as it is; where they do not, each counts as much as the time it stands for.

use super::attempts::Attempt;
use std::collections::BTreeMap;

/// A slope and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slope {
    pub(super) exponent: f64,
    error: f64,
    pub(super) count: usize,
}

/// Less than this spread of the logarithms of what was in flight shows nothing.
const LEAST_SPREAD: f64 = 1.0;
/// Errors that a slope must be away from 0, or from another.
const SURE: f64 = 2.0;
/// No slope is surer than that.
const LEAST_ERROR: f64 = 0.002;
/// A smaller exponent changes nothing that can be seen.
const LEAST_EXPONENT: f64 = 0.02;
/// A pace this sure needs no first bytes of attempts that may have opened a connection.
const SURE_PACE: f64 = 0.05;

/// The exponent by which load makes these attempts longer, and from how many it is known; none where there is none
/// to be seen.
pub(super) fn exponent(attempts: &[Attempt]) -> Option<Slope> {
    let pace = slope(attempts, |attempt| attempt.pace().map(|pace| 1.0 / pace));
    // One that may have opened a connection took longer for that.
    let first_byte = slope(attempts, |attempt| attempt.first_byte_secs().filter(|_| !attempt.opens));
    let is_sure = pace.is_some_and(|pace| pace.error < SURE_PACE);
    let first_byte = match first_byte {
        None if !is_sure => slope(attempts, Attempt::first_byte_secs),
        known => known,
    };
    let found = match (first_byte, pace) {
        (Some(first), Some(second)) => together(first, second, shares(attempts)),
        (one, other) => one.or(other)?,
    };
    let is_seen = found.exponent > LEAST_EXPONENT && found.exponent > SURE * found.error;
    is_seen.then(|| Slope { exponent: found.exponent.min(2.0), ..found })
}

/// The time of first bytes and of what follows, in seconds.
fn shares(attempts: &[Attempt]) -> (f64, f64) {
    attempts.iter().filter(|attempt| attempt.usage().is_some()).fold((0.0, 0.0), |(first, rest), attempt| {
        let own = attempt.first_byte_secs().unwrap_or_default();
        (first + own, rest + attempt.secs() - own)
    })
}

fn together(first: Slope, second: Slope, (first_secs, second_secs): (f64, f64)) -> Slope {
    let apart = (first.exponent - second.exponent).abs();
    let agree = apart <= SURE * libm::sqrt(first.error * first.error + second.error * second.error);
    let weight = |slope: Slope| 1.0 / (slope.error * slope.error);
    let (one, other) = if agree { (weight(first), weight(second)) } else { (first_secs, second_secs) };
    let share = one / (one + other);
    let mean = |a: f64, b: f64| a * share + b * (1.0 - share);
    Slope {
        exponent: mean(first.exponent, second.exponent),
        error: libm::hypot(first.error * share, second.error * (1.0 - share)),
        count: first.count.max(second.count),
    }
}

/// The slope of `of` over what was in flight, each model taken from its own mean.
#[allow(clippy::cast_precision_loss)] // Numbers of observations.
fn slope(attempts: &[Attempt], of: impl Fn(&Attempt) -> Option<f64>) -> Option<Slope> {
    let mut models: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for attempt in attempts {
        if let Some(figure) = of(attempt).filter(|&figure| figure > 0.0) {
            let point = (libm::log(f64::from(attempt.in_flight)), libm::log(figure));
            models.entry(&attempt.model).or_default().push(point);
        }
    }
    let (mut xx, mut xy, mut yy, mut count) = (0.0, 0.0, 0.0, 0);
    for points in models.values() {
        let n = points.len() as f64;
        let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
        for point in points {
            let (dx, dy) = (point.0 - x, point.1 - y);
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
        count += points.len();
    }
    let free = count.checked_sub(models.len() + 1).filter(|&free| free > 0)? as f64;
    if xx < LEAST_SPREAD {
        return None;
    }
    let exponent = xy / xx;
    let left = (yy - exponent * xy).max(0.0);
    Some(Slope { exponent, error: libm::sqrt(left / free / xx).max(LEAST_ERROR), count })
}
