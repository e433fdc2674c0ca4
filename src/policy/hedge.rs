//! Hedged requests: a second copy of a call that takes unusually long; the first answer counts.
//!
//! Few of many calls are slow by their nature; most of the slowest had bad luck, which a second copy seldom
//! meets again. Sent once a call has taken longer than 95 of 100 do, copies shorten the tail and are only
//! about 5 % more calls. When everything slows down at once they are more: after a fixed delay for as long
//! as that lasts, after a percentile until the answers that it is of are as slow. Both copies may be billed,
//! and only what may be done twice may be hedged.
//!
//! An answer's duration is counted from its first copy, whichever copy gave it. Then as many lie above the
//! percentile as without any copies; from the copy that won they would be shorter, and the percentile would
//! drift down with every success.
//!
//! Source: J. Dean and L. A. Barroso, "The Tail at Scale", Communications of the ACM 56(2), 2013; a fixed
//! delay is `hedgingDelay` in proposal A6 of `gRPC`, 2017.

use crate::time::whole_micros;
use std::collections::VecDeque;
use std::time::Duration;

/// How many of the latest answers a percentile is of.
const KEPT: u16 = 200;
/// A shorter delay sends everything twice.
const SHORTEST: Duration = Duration::from_millis(1);
/// A longer delay is longer than any call.
const LONGEST: Duration = Duration::from_secs(600);

/// When the second copy of a call goes out, from when the first did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// This long after it: 1 ms to 10 min.
    Delay(Duration),
    /// As long after it as so many of 100 of the latest 200 answers took at most, by nearest rank.
    Percentile {
        /// How many of 100: 50 to 99. Default 95.
        percent: u8,
        /// Answers that must have been seen before it is used: 1 to 200. Default 20, the fewest of which the
        /// 95th percentile is not simply the longest.
        at_least: u16,
    },
}

/// When a second copy goes out. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    after: After,
}

/// Why some figures make no hedge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// No delay sends everything twice, and past 10 min nothing is still under way.
    #[error("the delay before a second copy must lie between 1 ms and 10 min")]
    BadDelay,
    /// Below half most calls are sent twice, and no answer lies above the 100th.
    #[error("the percentile must lie between 50 and 99")]
    BadPercent,
    /// Of no answers there is no percentile, and no more than 200 are kept.
    #[error("the answers seen before a percentile is used must lie between 1 and 200")]
    BadAtLeast,
}

impl Default for Params {
    /// After the 95th percentile, once 20 answers have been seen.
    ///
    /// ```
    /// use lanescope::policy::hedge::{After, Params};
    /// assert_eq!(Params::new(After::Percentile { percent: 95, at_least: 20 }), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { after: After::Percentile { percent: 95, at_least: 20 } }
    }
}

impl Params {
    /// A second copy goes out `after` the first.
    ///
    /// # Errors
    /// [`ParamsError`] unless a delay lies between 1 ms and 10 min, a percentile between 50 and 99, and the
    /// answers that it needs between 1 and 200.
    pub fn new(after: After) -> Result<Self, ParamsError> {
        match after {
            After::Delay(delay) if !(SHORTEST..=LONGEST).contains(&delay) => Err(ParamsError::BadDelay),
            After::Percentile { percent, .. } if !(50..=99).contains(&percent) => Err(ParamsError::BadPercent),
            After::Percentile { at_least, .. } if !(1..=KEPT).contains(&at_least) => Err(ParamsError::BadAtLeast),
            _ => Ok(Self { after }),
        }
    }

    /// When the second copy of a call goes out.
    #[must_use]
    pub fn after(self) -> After {
        self.after
    }
}

/// A hedge in use. Pure: it learns durations and never sleeps.
#[derive(Clone, Debug)]
pub struct Hedge {
    params: Params,
    latest: Latest,
}

impl Hedge {
    /// Nothing has been answered yet.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, latest: Latest::default() }
    }

    /// A call was answered, `took` after its first copy was sent. One that failed teaches nothing.
    pub fn learn(&mut self, took: Duration) {
        self.latest.push(took);
    }

    /// When a second copy goes out, from when the first was sent; none while too few answers are known.
    #[must_use]
    pub fn after(&self) -> Option<Duration> {
        match self.params.after {
            After::Delay(delay) => Some(delay),
            After::Percentile { percent, at_least } => {
                self.latest.percentile(percent).filter(|_| self.latest.len() >= usize::from(at_least))
            }
        }
    }
}

/// What the latest answers took, the oldest first: never more than are kept.
#[derive(Clone, Debug, Default)]
struct Latest(VecDeque<Duration>);

impl Latest {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn push(&mut self, took: Duration) {
        if self.len() == usize::from(KEPT) {
            self.0.pop_front();
        }
        self.0.push_back(took);
    }

    /// By nearest rank: a time that some answer really took.
    fn percentile(&self, percent: u8) -> Option<Duration> {
        let mut sorted: Vec<u64> = self.0.iter().map(|&took| whole_micros(took)).collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::from(percent)).div_ceil(100);
        sorted.get(rank.checked_sub(1)?).copied().map(Duration::from_micros)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn percentile(percent: u8, at_least: u16) -> After {
        After::Percentile { percent, at_least }
    }

    fn hedge(after: After) -> Hedge {
        Hedge::new(Params::new(after).expect("valid"))
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_fixed_delay_learns_nothing() {
        let mut h = hedge(After::Delay(millis(700)));
        assert_eq!(h.after(), Some(millis(700)));
        h.learn(millis(5));
        assert_eq!(h.after(), Some(millis(700)));
    }

    #[test]
    fn a_percentile_waits_for_enough_answers() {
        let mut h = hedge(percentile(95, 20));
        let after: Vec<_> = (1..=21)
            .map(|n| {
                h.learn(millis(n));
                h.after()
            })
            .collect();
        assert!(after[..19].iter().all(Option::is_none));
        // The 19th of 20, and of 21 the 20th.
        assert_eq!(after[19..], [Some(millis(19)), Some(millis(20))]);
    }

    #[test]
    fn the_201st_answer_takes_the_place_of_the_first() {
        let mut h = hedge(percentile(50, 1));
        let mut learn = |times: u32, took: u64| {
            for _ in 0..times {
                h.learn(millis(took));
            }
            h.after()
        };
        assert_eq!(learn(100, 9), Some(millis(9)));
        assert_eq!(learn(100, 1), Some(millis(1)), "half took no longer than 1 ms");
        assert_eq!(learn(99, 9), Some(millis(1)), "99 of the first hundred have left, 99 new ones came");
        assert_eq!(learn(2, 9), Some(millis(9)), "101 of 200");
    }

    /// Each call takes 1 to 100 ms, every figure equally often; a second copy is answered in 1 ms.
    #[test]
    fn copies_after_the_95th_percentile_are_5_of_100_calls_and_what_they_teach_does_not_move_it() {
        let mut h = hedge(percentile(95, 20));
        let mut copies = 0;
        for call in 0..10_000_u64 {
            let alone = millis(call * 37 % 100 + 1);
            let copied = h.after().filter(|&after| alone > after);
            copies += u32::from(copied.is_some() && call >= 9_000);
            h.learn(copied.map_or(alone, |after| after + millis(1)));
        }
        assert_eq!((copies, h.after()), (50, Some(millis(95))));
    }

    #[test]
    fn figures_outside_their_bounds_make_no_hedge() {
        let error = |after| Params::new(after).err();
        assert_eq!(error(After::Delay(Duration::from_micros(999))), Some(ParamsError::BadDelay));
        assert_eq!(error(After::Delay(millis(600_001))), Some(ParamsError::BadDelay));
        assert_eq!((error(After::Delay(millis(1))), error(After::Delay(millis(600_000)))), (None, None));
        assert_eq!(error(percentile(49, 20)), Some(ParamsError::BadPercent));
        assert_eq!(error(percentile(100, 20)), Some(ParamsError::BadPercent));
        assert_eq!(error(percentile(95, 0)), Some(ParamsError::BadAtLeast));
        assert_eq!(error(percentile(95, 201)), Some(ParamsError::BadAtLeast));
        assert_eq!((error(percentile(50, 1)), error(percentile(99, 200))), (None, None));
    }

    /// By the definition: the shortest time that so many of the last 200 did not exceed.
    fn model(all: &[Duration], percent: u8, at_least: u16) -> Option<Duration> {
        let mut last = all[all.len().saturating_sub(200)..].to_vec();
        last.sort_unstable();
        let within = |most: Duration| last.iter().filter(|&&took| took <= most).count();
        let enough = |most: Duration| within(most) * 100 >= last.len() * usize::from(percent);
        let known = last.len() >= usize::from(at_least);
        last.iter().copied().find(|&most| enough(most)).filter(|_| known)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn it_is_the_percentile_of_the_last_200(
            percent in 50u8..100, at_least in 1u16..201, took in prop::collection::vec(0u64..500, 0..450),
        ) {
            let took: Vec<Duration> = took.into_iter().map(millis).collect();
            let mut h = hedge(percentile(percent, at_least));
            for &took in &took {
                h.learn(took);
            }
            prop_assert_eq!(h.after(), model(&took, percent, at_least));
        }
    }
}
