//! Seeded luck in named streams.
//!
//! Each draw has a name of its own (`latency/item 7/step 0/attempt 2`), so that adding a request
//! changes no other request's luck and two lanes of one seed meet the same server. A stream's seed
//! is the run's seed mixed with its name by `SplitMix64`'s finalizer; the stream itself is PCG32,
//! whose output is promised not to change. Whatever bends a draw uses `libm`: the standard
//! library's `ln` and `exp` differ in the last bit between native and wasm.
//!
//! Sources: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
//! for Random Number Generation", 2014; G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom
//! Number Generators", OOPSLA 2014.

use crate::id::Tag;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// What a stream of draws is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The server's first-byte time.
    FirstByte,
    /// How long the server's answer is.
    AnswerLength,
    /// How much the server thinks.
    Thinking,
    /// How fast the tokens of an answer come.
    Pace,
    /// Whether a fault strikes, by the rule's place in the list.
    Fault(u16),
    /// The jitter of a wait.
    Jitter,
    /// When an item is asked.
    Arrival,
}

impl Purpose {
    fn number(self) -> u64 {
        match self {
            Self::FirstByte => 1,
            Self::AnswerLength => 2,
            Self::Thinking => 3,
            Self::Jitter => 4,
            Self::Arrival => 5,
            Self::Pace => 6,
            Self::Fault(rule) => 0x1_0000 + u64::from(rule),
        }
    }
}

/// One stream of draws.
#[derive(Clone, Debug)]
pub struct Stream(Pcg32);

impl Stream {
    /// The stream of one attempt for one purpose. The lane is left out on purpose: every lane of a
    /// seed draws the same luck.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, tag: Tag) -> Self {
        let place =
            u64::from(tag.item) << 24 | u64::from(tag.step) << 16 | u64::from(tag.branch) << 8 | u64::from(tag.attempt);
        let named = mix(mix(mix(seed) ^ purpose.number()) ^ place);
        Self(Pcg32::seed_from_u64(named))
    }

    /// A number from 0 up to, but never, 1; all 53 bits of it drawn.
    #[allow(clippy::cast_precision_loss)] // 53 bits are what an f64 holds exactly.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number drawn evenly from `low` to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number drawn evenly from `low` to `high`, both included.
    pub fn whole_between(&mut self, low: u64, high: u64) -> u64 {
        let Some(width) = high.checked_sub(low) else { return low };
        let wide = u128::from(self.0.next_u64()) * (u128::from(width) + 1);
        low + u64::try_from(wide >> 64).unwrap_or(width)
    }

    /// A draw from the exponential distribution of mean 1, by its inverse.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// A draw from the normal distribution of mean 0 and deviation 1 (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }
}

/// `SplitMix64`'s finalizer: every bit of the input sways every bit of the output.
#[must_use]
pub fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first(seed: u64, purpose: Purpose, tag: Tag) -> u64 {
        Stream::new(seed, purpose, tag).whole_between(0, u64::MAX)
    }

    #[test]
    fn a_stream_is_known_by_its_name_and_not_by_its_lane() {
        let tag = Tag { item: 7, attempt: 2, ..Tag::default() };
        let draw = first(1, Purpose::FirstByte, tag);
        assert_eq!(draw, first(1, Purpose::FirstByte, Tag { lane: 5, ..tag }));
        for other in [
            first(2, Purpose::FirstByte, tag),
            first(1, Purpose::Jitter, tag),
            first(1, Purpose::FirstByte, Tag { item: 8, ..tag }),
            first(1, Purpose::FirstByte, Tag { attempt: 3, ..tag }),
            first(1, Purpose::FirstByte, Tag { step: 1, ..tag }),
        ] {
            assert_ne!(draw, other);
        }
    }

    #[test]
    fn the_first_draws_of_a_seed_never_change() {
        let mut stream = Stream::new(42, Purpose::Jitter, Tag::default());
        let draws: Vec<u64> = (0..3).map(|_| stream.whole_between(0, 999_999)).collect();
        assert_eq!(draws, GOLDEN_DRAWS);
    }
    const GOLDEN_DRAWS: [u64; 3] = [735_167, 36_523, 394_600];

    #[test]
    fn normal_draws_have_mean_0_and_deviation_1() {
        let mut stream = Stream::new(3, Purpose::FirstByte, Tag::default());
        let n = 20_000;
        let draws: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.03, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
    }

    #[test]
    fn exponential_draws_have_mean_1_and_one_in_e_lies_above_it() {
        let mut stream = Stream::new(3, Purpose::Arrival, Tag::default());
        let n = 20_000;
        let draws: Vec<f64> = (0..n).map(|_| stream.exponential()).collect();
        let (mean, above) = (draws.iter().sum::<f64>() / f64::from(n), draws.iter().filter(|&&x| x > 1.0).count());
        assert!((mean - 1.0).abs() < 0.02, "mean {mean}");
        assert!((7_150..7_570).contains(&above), "{above} above the mean");
    }

    proptest! {
        #[test]
        fn draws_stay_inside_their_bounds(seed: u64, low in 0u64..1_000, width in 0u64..1_000_000) {
            let mut stream = Stream::new(seed, Purpose::Jitter, Tag::default());
            for _ in 0..50 {
                prop_assert!((low..=low + width).contains(&stream.whole_between(low, low + width)));
                prop_assert!((0.0..1.0).contains(&stream.unit()));
            }
        }
    }
}
