//! The outcomes of a study as they come, and which runs nobody has been given yet.
//!
//! Outcomes may come in any order and from anybody: what is made of them is the same.

use crate::study::Outcome;
use std::ops::Range;

/// The outcomes of a study as they come.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    outcomes: Vec<Option<Outcome>>,
    given: u32,
    noted: u32,
}

impl Ledger {
    /// Nothing of so many runs.
    #[must_use]
    pub fn new(runs: u32) -> Self {
        Self { outcomes: vec![None; runs as usize], given: 0, noted: 0 }
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> u32 {
        u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX)
    }

    /// How many are over.
    #[must_use]
    pub fn noted(&self) -> u32 {
        self.noted
    }

    /// Whether all are.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.noted == self.runs()
    }

    /// The next runs for somebody, at most `portion`; none if all were given out.
    pub fn give(&mut self, portion: u32) -> Option<Range<u32>> {
        let (from, to) = (self.given, self.given.saturating_add(portion).min(self.runs()));
        self.given = to;
        (from < to).then_some(from..to)
    }

    /// Notes the outcomes of runs from `from` on. One that is known already is not counted again.
    pub fn note(&mut self, from: u32, outcomes: impl IntoIterator<Item = Outcome>) {
        let places = self.outcomes.get_mut(from as usize..).unwrap_or_default();
        for (place, outcome) in places.iter_mut().zip(outcomes) {
            self.noted += u32::from(place.replace(outcome).is_none());
        }
    }

    /// The outcome of a run, if it is known.
    #[must_use]
    pub fn get(&self, run: u32) -> Option<&Outcome> {
        self.outcomes.get(run as usize)?.as_ref()
    }

    /// The first run from `from` on whose outcome is not known.
    #[must_use]
    pub fn first_missing(&self, from: u32) -> Option<u32> {
        (from..self.runs()).find(|&run| self.get(run).is_none())
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn outcome(attempts: u32) -> Outcome {
        Outcome { attempts, ..Outcome::default() }
    }

    #[test]
    fn every_run_is_given_out_once() {
        let mut ledger = Ledger::new(7);
        let given: Vec<_> = std::iter::from_fn(|| ledger.give(3)).collect();
        assert_eq!(given, [0..3, 3..6, 6..7]);
    }

    #[test]
    fn outcomes_come_in_any_order_and_count_once() {
        let mut ledger = Ledger::new(4);
        ledger.note(2, [outcome(2), outcome(3), outcome(99)]);
        assert_eq!((ledger.noted(), ledger.first_missing(0), ledger.first_missing(2)), (2, Some(0), None));
        ledger.note(1, [outcome(1), outcome(2)]);
        assert_eq!((ledger.noted(), ledger.is_whole()), (3, false));
        ledger.note(0, [outcome(0)]);
        ledger.note(9, [outcome(9)]);
        assert!(ledger.is_whole());
        assert_eq!(
            (0..4).map(|run| ledger.get(run).map(|own| own.attempts)).collect::<Vec<_>>(),
            [0, 1, 2, 3].map(Some)
        );
    }
}
