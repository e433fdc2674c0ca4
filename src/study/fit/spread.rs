//! How what was measured is spread, as figures at even shares.
//!
//! Times of attempts that were given up are not known, but they are known to be longer than the wait was. Each hands
//! its weight on to those that took longer, which gives the estimate of Kaplan and Meier; what is left beyond the
//! longest of all falls off as steeply as the longer half of what was seen.
//!
//! Sources: E. L. Kaplan, P. Meier, "Nonparametric Estimation from Incomplete Observations", 1958; B. Efron, "The
//! two sample problem with censored data", 1967 (handing the weight on).

use crate::experiment::server::{Amount, at_share};

/// The most figures of an amount: a link holds several.
const FIGURES: usize = 41;
/// The pieces that what is longer than anything seen is taken in.
const BEYOND: usize = 8;

/// A figure, and how much it weighs among all.
type Weighed = (f64, f64);

/// How `seen` figures are spread, where of others it is known only that they are larger than `more_than`; none where
/// nothing was seen. No draw is beyond `most`.
#[allow(clippy::cast_precision_loss)] // Numbers of observations.
pub(super) fn amount(seen: &[f64], more_than: &[f64], most: f64) -> Option<Amount> {
    let weighed = weigh(seen, more_than)?;
    let (least, largest) = (weighed.first()?.0, weighed.last()?.0);
    if largest - least <= 1e-9 * largest {
        return Some(Amount::Constant(short(largest.min(most))));
    }
    let count = weighed.len().clamp(2, FIGURES);
    let mut figures: Vec<f64> =
        (0..count).map(|place| figure_at(&weighed, place as f64 / (count - 1) as f64)).collect();
    // Lines between few figures lie a little beside the mean, and a sum of draws is what a run takes.
    let mean: f64 = weighed.iter().map(|(figure, weight)| figure * weight).sum();
    let pieces = (count - 1) as f64;
    let drawn: f64 = figures.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]) / pieces).sum();
    for figure in &mut figures {
        *figure = short((*figure * mean / drawn).min(most));
    }
    Some(Amount::Quantiles(figures))
}

/// The middle one; 0 of none.
pub(super) fn median(seen: &[f64]) -> f64 {
    let mut sorted = seen.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    at_share(&sorted, 0.5)
}

/// Each figure with its share of all, in order.
#[allow(clippy::cast_precision_loss)] // Numbers of observations.
fn weigh(seen: &[f64], more_than: &[f64]) -> Option<Vec<Weighed>> {
    if seen.is_empty() {
        return None;
    }
    // Of two that are equal, the one that is known comes first.
    let known = seen.iter().map(|&figure| (figure, true));
    let mut all: Vec<(f64, bool)> = known.chain(more_than.iter().map(|&figure| (figure, false))).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut weight = 1.0 / all.len() as f64;
    let mut weighed = Vec::with_capacity(seen.len() + BEYOND);
    for (place, &(figure, is_known)) in all.iter().enumerate() {
        let after = all.len() - place - 1;
        if is_known {
            weighed.push((figure, weight));
        } else if after > 0 {
            weight += weight / after as f64;
        }
    }
    let left = 1.0 - weighed.iter().map(|&(_, weight)| weight).sum::<f64>();
    if left > 1e-9 {
        let from = all.last().map_or(0.0, |&(figure, _)| figure);
        weighed.extend(beyond(seen, more_than, from, left));
    }
    Some(weighed)
}

/// What is longer than `from`, for a share of `left` of all: without an end, and thinning out as fast as the longer half
/// of what was seen does. Of that it is reckoned as a rate: so many ends in all the time that was waited.
#[allow(clippy::cast_precision_loss)] // A few pieces.
fn beyond(seen: &[f64], more_than: &[f64], from: f64, left: f64) -> impl Iterator<Item = Weighed> + use<> {
    let middle = median(seen);
    let ends = seen.iter().filter(|&&figure| figure > middle).count();
    let waited: f64 = seen.iter().chain(more_than).map(|figure| (figure - middle).max(0.0)).sum();
    let excess = if ends == 0 { from / 2.0 } else { waited / ends as f64 };
    (0..BEYOND).map(move |piece| {
        let share = (piece as f64 + 0.5) / BEYOND as f64;
        (from - excess * libm::log(1.0 - share), left / BEYOND as f64)
    })
}

/// The figure below which this share of the weight lies; each stands in the middle of its own.
fn figure_at(weighed: &[Weighed], share: f64) -> f64 {
    let mut below = 0.0;
    let mut last: Option<(f64, f64)> = None;
    for &(figure, weight) in weighed {
        let place = below + weight / 2.0;
        below += weight;
        if place >= share {
            return last.map_or(figure, |(before, from)| before + (figure - before) * (share - from) / (place - from));
        }
        last = Some((figure, place));
    }
    last.map_or(0.0, |(figure, _)| figure)
}

/// Four figures are more than was measured, and they keep links short.
fn short(figure: f64) -> f64 {
    if figure <= 0.0 {
        return 0.0;
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(figure)) - 3.0);
    if unit < 1.0 { libm::round(figure / unit) / libm::round(1.0 / unit) } else { libm::round(figure / unit) * unit }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::server::Amount;
    use crate::id::Tag;
    use crate::rng::{Purpose, Stream};

    fn mean_of(amount: &Amount) -> f64 {
        match amount {
            Amount::Constant(figure) => *figure,
            Amount::Quantiles(figures) => {
                (0..1_000).map(|n| at_share(figures, (f64::from(n) + 0.5) / 1e3)).sum::<f64>() / 1e3
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_seen_is_nothing_and_one_figure_is_that_figure() {
        assert_eq!(amount(&[], &[5.0], 1e9), None);
        assert_eq!(amount(&[7.0], &[], 1e9), Some(Amount::Constant(7.0)));
        assert_eq!(amount(&[7.0, 7.0, 7.0], &[], 1e9), Some(Amount::Constant(7.0)));
        assert_eq!(amount(&[0.0], &[], 1e9), Some(Amount::Constant(0.0)));
    }

    #[test]
    fn two_heaps_far_apart_keep_their_mean() {
        let seen: Vec<f64> = (0..200).map(|n| if n % 5 == 0 { 9_000.0 } else { 1_000.0 + f64::from(n) }).collect();
        let mean = seen.iter().sum::<f64>() / 200.0;
        let fitted = mean_of(&amount(&seen, &[], 1e9).expect("seen"));
        assert!((fitted / mean - 1.0).abs() < 0.005, "{fitted} for {mean}");
    }

    /// 400 draws of an exponential time with mean 1 000, of which the wait ends after 1 500: without what is known of
    /// those that were given up, the mean would be below 600.
    #[test]
    fn what_was_given_up_counts_as_longer_than_the_wait() {
        let draws = (0..400)
            .map(|item| -1_000.0 * libm::log(1.0 - Stream::new(4, Purpose::Jitter, Tag::of_item(0, item)).unit()));
        let (seen, cut): (Vec<f64>, Vec<f64>) = draws.partition(|&drawn| drawn < 1_500.0);
        let cut = vec![1_500.0; cut.len()];
        let fitted = mean_of(&amount(&seen, &cut, 1e9).expect("seen"));
        assert!((850.0..1_150.0).contains(&fitted), "{fitted}");
        assert!(mean_of(&amount(&seen, &[], 1e9).expect("seen")) < 600.0);
    }

    #[test]
    fn figures_are_short_and_in_order() {
        assert_eq!(
            [0.012_345, 1.234_56, 123_456.7].map(|f| short(f).to_bits()),
            [0.012_35, 1.235, 123_500.0].map(f64::to_bits)
        );
        let seen: Vec<f64> = (0..500).map(|n| 3.0 + libm::sqrt(f64::from(n))).collect();
        let Some(Amount::Quantiles(figures)) = amount(&seen, &[], 20.0) else { panic!("spread") };
        assert!(figures.is_sorted() && figures.len() == FIGURES && figures.iter().all(|&figure| figure <= 20.0));
    }
}
