//! How long a simulated server takes: amounts drawn from named streams, and what load adds.

use crate::experiment::server::{Amount, Load, at_share};
use crate::id::Tag;
use crate::rng::{Purpose, Stream};

/// The standard score below which 95 of 100 normal draws lie.
const SCORE_OF_P95: f64 = 1.644_853_626_951_472_2;

/// The figure of `amount` for one attempt.
#[must_use]
pub fn draw(amount: &Amount, seed: u64, purpose: Purpose, tag: Tag) -> f64 {
    match amount {
        Amount::Constant(figure) => *figure,
        Amount::Listed(figures) => figures.get(tag.item as usize % figures.len().max(1)).copied().unwrap_or(0.0),
        Amount::Uniform { low, high } => Stream::new(seed, purpose, tag).between(*low, *high),
        Amount::Exponential { mean } => mean * Stream::new(seed, purpose, tag).exponential(),
        Amount::LogNormal { median, p95 } => {
            let deviation = libm::log(p95 / median) / SCORE_OF_P95;
            median * libm::exp(deviation * Stream::new(seed, purpose, tag).normal())
        }
        Amount::Quantiles(figures) => at_share(figures, Stream::new(seed, purpose, tag).unit()),
    }
}

/// How many times as long everything takes with `in_flight` requests under way.
#[must_use]
pub fn load_factor(load: Load, in_flight: u32) -> f64 {
    match load {
        Load::None => 1.0,
        Load::Power { exponent } => libm::pow(f64::from(in_flight.max(1)), exponent),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_log_normal_has_the_median_and_the_p95_it_was_given() {
        let amount = Amount::LogNormal { median: 1_000.0, p95: 3_000.0 };
        let mut draws: Vec<f64> =
            (0..10_000).map(|item| draw(&amount, 9, Purpose::FirstByte, Tag::of_item(0, item))).collect();
        draws.sort_by(f64::total_cmp);
        assert!((draws[5_000] - 1_000.0).abs() < 40.0, "median {}", draws[5_000]);
        assert!((draws[9_500] - 3_000.0).abs() < 200.0, "p95 {}", draws[9_500]);
    }

    #[test]
    fn exponential_draws_have_the_mean_they_were_given() {
        let amount = Amount::Exponential { mean: 100.0 };
        let draws = (0..20_000).map(|item| draw(&amount, 9, Purpose::FirstByte, Tag::of_item(0, item)));
        let mean = draws.sum::<f64>() / 20_000.0;
        assert!((mean - 100.0).abs() < 2.0, "mean {mean}");
    }

    #[test]
    fn a_list_starts_over_when_it_runs_out() {
        let amount = Amount::Listed(vec![1.0, 2.0]);
        let of = |item| draw(&amount, 0, Purpose::FirstByte, Tag::of_item(0, item));
        assert_eq!([of(0), of(1), of(2)].map(f64::to_bits), [1.0, 2.0, 1.0].map(f64::to_bits));
    }

    #[test]
    fn measured_figures_part_the_draws_into_even_shares() {
        let figures = [1.0, 2.0, 10.0];
        let at = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| at_share(&figures, share).to_bits());
        assert_eq!(at, [1.0, 1.5, 2.0, 6.0, 10.0].map(f64::to_bits));
        let amount = Amount::Quantiles(figures.to_vec());
        let draws = (0..10_000).map(|item| draw(&amount, 9, Purpose::Pace, Tag::of_item(0, item)));
        let low = draws.filter(|&drawn| drawn < 2.0).count();
        assert!((4_850..5_150).contains(&low), "{low}");
    }

    #[test]
    fn load_makes_it_slower_by_a_power_of_the_requests_in_flight() {
        assert!((load_factor(Load::Power { exponent: 0.5 }, 4) - 2.0).abs() < 1e-12);
        assert!((load_factor(Load::None, 4) - 1.0).abs() < 1e-12);
    }
}
