//! Backoff: how long to wait before trying again.
//!
//! The wait before try `k + 1` is `own(k) = first x base^(k-1)`, jittered, then capped. Where the
//! server named a delay `d`, the wait is `d + own(k)`: never earlier than asked, and a crowd that
//! was told the same `d` still spreads. The cap holds for `own` only, and it comes after the jitter:
//! a cap before it lets a ±50 % draw run past the cap.
//!
//! Source of the jitter kinds: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
//! 2015 (full, equal, decorrelated); the ±50 % kind is what most hand-written clients use.

use crate::port::Delay;
use crate::rng::Stream;
use crate::time::whole_micros;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a wait is spread, so that a crowd refused together does not come back together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// Exactly the nominal wait.
    None,
    /// Half the nominal wait, and up to as much again: from `d / 2` to `d`.
    Equal,
    /// Anything from 0 to the nominal wait.
    #[default]
    Full,
    /// From the first wait to three times the wait before; the nominal wait plays no part.
    Decorrelated,
    /// Half more or half less: from `d / 2` to `3 d / 2`.
    PlusMinusHalf,
}

/// How waits grow. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    first: Duration,
    base: f64,
    cap: Duration,
    jitter: Jitter,
}

/// The figures that [`Params`] were built from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// The nominal wait after the first try.
    pub first: Duration,
    /// How much longer each wait is than the one before.
    pub base: f64,
    /// The longest wait of our own.
    pub cap: Duration,
    /// How waits are spread.
    pub jitter: Jitter,
}

/// Why some figures make no backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Waits that shrink are no backoff, and a base without bounds overflows.
    #[error("the base must lie between 1 and 10")]
    BadBase,
    /// Outside what a person would wait for.
    #[error("the first delay must lie between 0 s and 1 h")]
    BadFirst,
    /// A cap below the first delay would make it a constant unawares.
    #[error("the cap must lie between the first delay and 1 h")]
    BadCap,
}

const LONGEST: Duration = Duration::from_secs(3_600);

impl Default for Params {
    /// The field's usual figures: 1 s, doubling, capped at 60 s, full jitter.
    ///
    /// ```
    /// use lanescope::policy::backoff::{Jitter, Params};
    /// use std::time::Duration;
    /// let usual = Params::new(Duration::from_secs(1), 2.0, Duration::from_secs(60), Jitter::Full);
    /// assert_eq!(usual, Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { first: Duration::from_secs(1), base: 2.0, cap: Duration::from_secs(60), jitter: Jitter::Full }
    }
}

impl Params {
    /// Waits that start at `first`, grow by `base`, are spread by `jitter` and never pass `cap`.
    ///
    /// # Errors
    /// [`ParamsError`] when a figure lies outside its bounds.
    pub fn new(first: Duration, base: f64, cap: Duration, jitter: Jitter) -> Result<Self, ParamsError> {
        if first > LONGEST {
            return Err(ParamsError::BadFirst);
        }
        if !(1.0..=10.0).contains(&base) {
            return Err(ParamsError::BadBase);
        }
        if cap < first || cap > LONGEST {
            return Err(ParamsError::BadCap);
        }
        Ok(Self { first, base, cap, jitter })
    }

    /// The figures it was built from.
    #[must_use]
    pub fn figures(self) -> Figures {
        let Self { first, base, cap, jitter } = self;
        Figures { first, base, cap, jitter }
    }

    /// The nominal wait after try `k`, before jitter and cap, in microseconds.
    #[allow(clippy::cast_precision_loss)] // At most an hour of microseconds: exact.
    fn nominal(self, k: u8) -> f64 {
        // Multiplied out: `powf` differs between native and wasm, a product does not.
        (1..k).fold(whole_micros(self.first) as f64, |wait, _| wait * self.base)
    }
}

/// One wait, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Wait {
    /// The least that could have been drawn, in microseconds.
    pub low_micros: u64,
    /// The most that could have been drawn, in microseconds.
    pub high_micros: u64,
    /// What was drawn and then capped, in microseconds.
    pub own_micros: u64,
    /// What the server asked for, in microseconds.
    pub asked_micros: Option<u64>,
}

impl Wait {
    /// The whole wait: what the server asked for, and our own on top.
    #[must_use]
    pub fn total(self) -> Duration {
        Duration::from_micros(self.own_micros.saturating_add(self.asked_micros.unwrap_or(0)))
    }
}

/// The waits of one branch. Pure: it is given its luck and never sleeps.
#[derive(Clone, Debug)]
pub struct Backoff {
    params: Params,
    previous: f64,
}

impl Backoff {
    /// Before the first wait.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // At most an hour of microseconds: exact.
    pub fn new(params: Params) -> Self {
        Self { params, previous: whole_micros(params.first) as f64 }
    }

    /// The wait after try `k` (from 1) failed and the server asked for `asked`.
    pub fn after_try(&mut self, k: u8, asked: Delay, luck: &mut Stream) -> Wait {
        let nominal = self.params.nominal(k);
        let (low, high) = match self.params.jitter {
            Jitter::None => (nominal, nominal),
            Jitter::Equal => (nominal / 2.0, nominal),
            Jitter::Full => (0.0, nominal),
            Jitter::Decorrelated => (self.params.nominal(1), self.previous * 3.0),
            Jitter::PlusMinusHalf => (nominal / 2.0, nominal * 1.5),
        };
        let drawn = if low < high { luck.between(low, high) } else { low };
        let own = self.capped(drawn);
        self.previous = drawn.min(self.capped_f64());
        Wait {
            low_micros: self.capped(low),
            high_micros: self.capped(high),
            own_micros: own,
            asked_micros: asked.map(whole_micros),
        }
    }

    #[allow(clippy::cast_precision_loss)] // At most an hour of microseconds: exact.
    fn capped_f64(&self) -> f64 {
        whole_micros(self.params.cap) as f64
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Not negative and at most the cap.
    fn capped(&self, micros: f64) -> u64 {
        libm::round(micros.min(self.capped_f64())) as u64
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::rng::Purpose;
    use proptest::prelude::*;

    fn waits(jitter: Jitter, tries: u8, seed: u64) -> Vec<Wait> {
        let params = Params { jitter, ..Params::default() };
        let mut backoff = Backoff::new(params);
        let mut luck = Stream::new(seed, Purpose::Jitter, Tag::default());
        (1..=tries).map(|k| backoff.after_try(k, None, &mut luck)).collect()
    }

    #[test]
    fn without_jitter_waits_double_up_to_the_cap() {
        let secs: Vec<u64> = waits(Jitter::None, 8, 0).iter().map(|w| w.own_micros / 1_000_000).collect();
        assert_eq!(secs, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn each_kind_says_what_it_draws_from() {
        let third = |jitter| {
            let wait = waits(jitter, 3, 1)[2];
            (wait.low_micros / 1_000, wait.high_micros / 1_000)
        };
        assert_eq!(third(Jitter::None), (4_000, 4_000));
        assert_eq!(third(Jitter::Equal), (2_000, 4_000));
        assert_eq!(third(Jitter::Full), (0, 4_000));
        assert_eq!(third(Jitter::PlusMinusHalf), (2_000, 6_000));
        assert_eq!(third(Jitter::Decorrelated).0, 1_000);
    }

    #[test]
    fn the_servers_delay_comes_on_top_and_is_not_capped() {
        let mut backoff = Backoff::new(Params { jitter: Jitter::None, ..Params::default() });
        let mut luck = Stream::new(0, Purpose::Jitter, Tag::default());
        let wait = backoff.after_try(1, Some(Duration::from_secs(120)), &mut luck);
        assert_eq!(wait.total(), Duration::from_secs(121));
    }

    #[test]
    fn figures_outside_their_bounds_make_no_backoff() {
        let s = Duration::from_secs;
        assert_eq!(Params::new(s(1), 0.5, s(60), Jitter::None), Err(ParamsError::BadBase));
        assert_eq!(Params::new(s(1), f64::NAN, s(60), Jitter::None), Err(ParamsError::BadBase));
        assert_eq!(Params::new(s(2), 2.0, s(1), Jitter::None), Err(ParamsError::BadCap));
        assert_eq!(Params::new(s(9_000), 2.0, s(9_000), Jitter::None), Err(ParamsError::BadFirst));
    }

    proptest! {
        #[test]
        fn a_draw_lies_where_it_says_and_never_past_the_cap(seed: u64, kind in 0usize..5, tries in 1u8..20) {
            let kinds = [Jitter::None, Jitter::Equal, Jitter::Full, Jitter::Decorrelated, Jitter::PlusMinusHalf];
            for wait in waits(kinds[kind], tries, seed) {
                prop_assert!(wait.low_micros <= wait.own_micros && wait.own_micros <= wait.high_micros, "{wait:?}");
                prop_assert!(wait.own_micros <= 60_000_000);
            }
        }
    }
}
