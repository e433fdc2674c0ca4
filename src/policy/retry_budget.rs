//! Retry budget: what all retries of a lane may cost together.
//!
//! When everything fails, a retry of each makes the load several times what it was, just when the
//! server can bear it least. Tries per attempt do not help: a thousand attempts with five tries are
//! five thousand calls. So answers earn what retries spend: each answer earns `ratio` tokens, a retry
//! costs one, and there are never more than `most`. Over any time the retries are at most
//! `start + ratio x answers`, and after an outage began at most `most`.
//!
//! Tokens are counted in thousandths, as `gRPC` does, so that ten tenths make one.
//!
//! Source: proposal A6 of `gRPC`, on retries, 2017 (there every failure spends, retried or not);
//! K. Oliver, "Retry Budgets", Finagle blog, 2016.

/// What an answer earns and how much can be held. Valid once built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    most: u32,
    start: u32,
    ratio_thousandths: u32,
}

/// Why some figures make no retry budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// None allows no retry at all, for which one try in all is the plainer word.
    #[error("the most tokens held must lie between 1 and 1000")]
    BadMost,
    /// It holds no more than the most.
    #[error("the tokens at the start must not exceed the most held")]
    BadStart,
    /// Below a thousandth nothing is earned; above 1 it is no budget.
    #[error("what an answer earns must lie between 0.001 and 1")]
    BadRatio,
}

/// One token, in thousandths.
const TOKEN: u32 = 1_000;

impl Default for Params {
    /// Holds at most 10 retries, begins with all of them, and ten answers earn one more.
    ///
    /// ```
    /// use lanescope::policy::retry_budget::Params;
    /// assert_eq!(Params::new(10, 10, 0.1), Ok(Params::default()));
    /// ```
    fn default() -> Self {
        Self { most: 10, start: 10, ratio_thousandths: 100 }
    }
}

impl Params {
    /// At most `most` tokens, `start` of them at the start, and `ratio` of one earned by each answer,
    /// rounded to the nearest thousandth.
    ///
    /// # Errors
    /// [`ParamsError`] unless `most` lies between 1 and 1 000, `start` is not above it, and `ratio` lies
    /// between 0.001 and 1.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 0.001 and 1: checked before.
    pub fn new(most: u32, start: u32, ratio: f64) -> Result<Self, ParamsError> {
        if !(1..=1_000).contains(&most) {
            return Err(ParamsError::BadMost);
        }
        if start > most {
            return Err(ParamsError::BadStart);
        }
        if !(0.001..=1.0).contains(&ratio) {
            return Err(ParamsError::BadRatio);
        }
        Ok(Self { most, start, ratio_thousandths: libm::round(ratio * f64::from(TOKEN)) as u32 })
    }

    /// The most retries it can hold, and what an answer earns.
    #[must_use]
    pub fn figures(self) -> (u32, f64) {
        (self.most, f64::from(self.ratio_thousandths) / f64::from(TOKEN))
    }
}

/// A budget in use. No time plays a part in it.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    params: Params,
    thousandths: u32,
}

impl RetryBudget {
    /// With what it holds at the start.
    #[must_use]
    pub fn new(params: Params) -> Self {
        Self { params, thousandths: params.start * TOKEN }
    }

    /// An attempt was answered.
    pub fn earn(&mut self) {
        self.thousandths = (self.thousandths + self.params.ratio_thousandths).min(self.params.most * TOKEN);
    }

    /// Pays for one retry, if it can; says whether it could.
    #[must_use = "a retry that was not paid for must not be made"]
    pub fn spend(&mut self) -> bool {
        let left = self.thousandths.checked_sub(TOKEN);
        self.thousandths = left.unwrap_or(self.thousandths);
        left.is_some()
    }

    /// How many retries it could pay for now.
    #[must_use]
    pub fn level(&self) -> u32 {
        self.thousandths / TOKEN
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn budget(most: u32, start: u32, ratio: f64) -> RetryBudget {
        RetryBudget::new(Params::new(most, start, ratio).expect("valid"))
    }

    #[test]
    fn in_an_outage_a_hundred_attempts_of_five_tries_make_ten_retries() {
        let mut b = budget(10, 10, 0.1);
        let retries = (0..100 * 4).filter(|_| b.spend()).count();
        assert_eq!((retries, b.level()), (10, 0));
    }

    #[test]
    fn ten_answers_earn_one_retry_exactly() {
        let mut b = budget(10, 0, 0.1);
        for answers in 1..=30 {
            b.earn();
            assert_eq!(b.level(), answers / 10);
        }
        assert_eq!([b.spend(), b.spend(), b.spend(), b.spend()], [true, true, true, false]);
    }

    #[test]
    fn figures_outside_their_bounds_make_no_budget() {
        assert_eq!(Params::new(0, 0, 0.1), Err(ParamsError::BadMost));
        assert_eq!(Params::new(10, 11, 0.1), Err(ParamsError::BadStart));
        assert_eq!(Params::new(10, 10, 0.0), Err(ParamsError::BadRatio));
        assert_eq!(Params::new(10, 10, f64::NAN), Err(ParamsError::BadRatio));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// By counting: a retry is refused only if all that was ever earned is spent or was let go by
        /// a full budget, and none is allowed that was not earned.
        #[test]
        fn retries_never_exceed_what_answers_earned(
            most in 1u32..12, start in 0u32..12, thousandths in 1u32..1_001,
            moves in prop::collection::vec(any::<bool>(), 1..300),
        ) {
            let start = start.min(most);
            let mut b = budget(most, start, f64::from(thousandths) / 1_000.0);
            let (mut answers, mut retries, mut let_go) = (0_u32, 0_u32, 0_u32);
            for answered in moves {
                let held = start * 1_000 + answers * thousandths - retries * 1_000 - let_go;
                prop_assert_eq!(b.level(), held / 1_000);
                prop_assert!(held <= most * 1_000);
                if answered {
                    b.earn();
                    answers += 1;
                    let_go += (held + thousandths).saturating_sub(most * 1_000);
                } else if b.spend() {
                    retries += 1;
                    prop_assert!(retries * 1_000 <= start * 1_000 + answers * thousandths);
                } else {
                    prop_assert!(held < 1_000);
                }
            }
        }
    }
}
