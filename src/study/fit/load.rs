//! How much longer everything takes with more in flight: the slope of a line through logarithms, by least squares.
//!
//! Two things show it, the first byte and the pace of what follows. Where they agree they are taken together, each
//! as sure as it is; where they do not, each counts as much as the time it stands for.

use super::attempts::Attempt;
use super::spread::median;
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

/// The logarithms of what was in flight and of a figure, and how much they count.
#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    y: f64,
    weight: f64,
}

/// A line for each model, all with one slope.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    slope: f64,
    xx: f64,
}

/// Rounds of weighing: each goes about half of the way that is left.
const ROUNDS: usize = 30;
/// Nearer to the line than this, a point is on it.
const ON_THE_LINE: f64 = 1e-4;
/// A deviation of normal draws, in middle deviations.
const OF_MIDDLE: f64 = 1.482_6;
/// Deviations beyond which a point does not count: with normal draws, 5 of 100 of what was seen is given away.
const TOO_FAR: f64 = 4.685;

/// The slope of `of` over what was in flight, each model taken from its own mean. Some attempts take much longer than
/// all others: so it is first the line from which all together are least away, and then that of least squares among
/// those that are near it.
///
/// Sources: P. J. Huber, "Robust Estimation of a Location Parameter", 1964; the weights are J. W. Tukey's biweight:
/// F. Mosteller and J. W. Tukey, "Data Analysis and Regression", 1977.
fn slope(attempts: &[Attempt], of: impl Fn(&Attempt) -> Option<f64>) -> Option<Slope> {
    let mut models: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for attempt in attempts {
        if let Some(figure) = of(attempt).filter(|&figure| figure > 0.0) {
            let point = Point { x: libm::log(f64::from(attempt.in_flight)), y: libm::log(figure), weight: 1.0 };
            models.entry(&attempt.model).or_default().push(point);
        }
    }
    let mut models: Vec<Vec<Point>> = models.into_values().collect();
    if line(&mut models, |_| 1.0).xx < LEAST_SPREAD {
        return None;
    }
    for _ in 0..ROUNDS {
        line(&mut models, |off| 1.0 / off.max(ON_THE_LINE));
    }
    let mut offs = Vec::new();
    line(&mut models, |off| {
        offs.push(off);
        1.0 / off.max(ON_THE_LINE)
    });
    let reach = TOO_FAR * (OF_MIDDLE * median(&offs)).max(ON_THE_LINE);
    let tukey = |off: f64| {
        let near = 1.0 - (off / reach) * (off / reach);
        if near > 0.0 { near * near } else { 0.0 }
    };
    let mut found = Line::default();
    for _ in 0..ROUNDS {
        found = line(&mut models, tukey);
    }
    let (mut left, mut weight) = (0.0, 0.0);
    line(&mut models, |off| {
        let counts = tukey(off);
        (left, weight) = (left + counts * off * off, weight + counts);
        counts
    });
    let count = models.iter().map(Vec::len).sum::<usize>();
    let lines = models.iter().fold(1.0, |lines, _| lines + 1.0);
    let is_known = weight > lines && found.xx > 0.0;
    let error = libm::sqrt(left / (weight - lines) / found.xx);
    is_known.then(|| Slope { exponent: found.slope, error: error.max(LEAST_ERROR), count })
}

/// The line of least squares by the weights of the points, which are then weighed anew by how far they are from it.
fn line(models: &mut [Vec<Point>], mut weigh: impl FnMut(f64) -> f64) -> Line {
    let mean = |points: &[Point]| {
        let (all, x, y) = points.iter().fold((0.0, 0.0, 0.0), |(all, x, y), point| {
            (all + point.weight, x + point.weight * point.x, y + point.weight * point.y)
        });
        if all > 0.0 { (x / all, y / all) } else { (0.0, 0.0) }
    };
    let (mut xx, mut xy) = (0.0, 0.0);
    for points in models.iter() {
        let (x, y) = mean(points);
        for point in points {
            let dx = point.x - x;
            (xx, xy) = (xx + point.weight * dx * dx, xy + point.weight * dx * (point.y - y));
        }
    }
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    for points in models.iter_mut() {
        let (x, y) = mean(points);
        for point in points {
            point.weight = weigh((point.y - y - slope * (point.x - x)).abs());
        }
    }
    Line { slope, xx }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::study::fit::attempts::How;
    use crate::time::Instant;

    /// Attempts whose first byte takes so many milliseconds with so many in flight.
    fn attempts(of: impl Fn(u32) -> (u32, f64)) -> Vec<Attempt> {
        let attempt = |item| {
            let (in_flight, millis) = of(item);
            let at = Instant::from_millis(millis);
            Attempt {
                lane: 0,
                tag: Tag::of_item(0, item),
                model: "m".into(),
                sent: Instant::ZERO,
                in_flight,
                opens: false,
                first_byte: Some(at),
                text: None,
                bytes: 0,
                end: at,
                how: How::Left,
            }
        };
        (0..120).map(attempt).collect()
    }

    #[test]
    fn a_slope_is_found_though_every_fifth_takes_three_times_as_long() {
        let found = exponent(&attempts(|item| {
            let in_flight = 1 + item % 8;
            let odd = f64::from(item * 7 % 11) / 100.0;
            let heap = if item % 5 == 0 { 3.0 } else { 1.0 };
            (in_flight, 1_000.0 * heap * (1.0 + odd) * libm::pow(f64::from(in_flight), 0.4))
        }));
        let found = found.expect("it is there").exponent;
        assert!((found - 0.4).abs() < 0.02, "{found}");
    }

    #[test]
    fn no_slope_is_seen_where_there_is_none_or_nothing_to_see_it_by() {
        let odd = |item: u32| 1_000.0 + f64::from(item * 37 % 101);
        assert_eq!(exponent(&attempts(|item| (1 + item % 8, odd(item)))), None);
        assert_eq!(exponent(&attempts(|item| (4, odd(item)))), None);
        assert_eq!(exponent(&attempts(|item| (1 + item % 8, 10_000.0 / f64::from(1 + item % 8)))), None, "it falls");
        assert_eq!(exponent(&[]), None);
    }
}
