//! A goal that a run meets or misses: what a teacher's link asks for, and the page can check.

use super::ran::Ran;
use crate::trace::{LaneTrace, StopReason};
use serde::{Deserialize, Serialize};

/// What a lane must reach. A term that is empty asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goal {
    /// The lane, from 0; none for the best of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<u8>,
    /// In less time than this, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under_millis: Option<u32>,
    /// At most so many calls refused for a quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_refusals: Option<u32>,
    /// At most so many calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_calls: Option<u32>,
    /// Every request answered. Default no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_answered: bool,
}

/// A term of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// In less time than this, in milliseconds.
    Under(u32),
    /// At most so many refusals.
    Refusals(u32),
    /// At most so many calls.
    Calls(u32),
    /// Every request answered.
    AllAnswered,
}

/// A term, and what a lane has reached of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The term.
    pub term: Term,
    /// Microseconds, refusals, calls or answers; none where the lane never came to its end.
    pub figure: Option<u64>,
    /// Out of so many, where that is the question.
    pub of: u64,
    /// Whether that meets it.
    pub met: bool,
}

/// What became of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The lane that was looked at.
    pub lane: usize,
    /// Its terms, in the order of the goal.
    pub terms: Vec<Reached>,
}

impl Checked {
    /// Whether all terms are met.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.terms.iter().all(|reached| reached.met)
    }
}

impl Goal {
    /// The most that a term may name.
    pub const MOST: u32 = 86_400_000;

    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let terms = [
            self.under_millis.map(Term::Under),
            self.most_refusals.map(Term::Refusals),
            self.most_calls.map(Term::Calls),
            self.all_answered.then_some(Term::AllAnswered),
        ];
        terms.into_iter().flatten().collect()
    }

    /// Whether it asks for something, of a lane that there is among so many, and within bounds.
    #[must_use]
    pub fn is_sound(&self, lanes: usize) -> bool {
        let figures = [self.under_millis, self.most_refusals, self.most_calls];
        !self.terms().is_empty()
            && self.under_millis != Some(0)
            && self.lane.is_none_or(|lane| usize::from(lane) < lanes)
            && figures.into_iter().flatten().all(|figure| figure <= Self::MOST)
    }

    /// What became of it in a run that is over: in its lane, or in the one that meets the most of its terms; of
    /// several such, in the one that answered the most, and of those in the soonest. None where the run has no such
    /// lane.
    #[must_use]
    pub fn check(&self, ran: &Ran) -> Option<Checked> {
        let all = 0..ran.lanes.len();
        let lanes = self.lane.map_or(all.clone(), |lane| usize::from(lane)..usize::from(lane) + 1);
        let checked = lanes.filter(|lane| all.contains(lane)).map(|lane| self.of_lane(ran, lane));
        checked.reduce(|best, next| if standing(ran, &next) > standing(ran, &best) { next } else { best })
    }

    fn of_lane(&self, ran: &Ran, lane: usize) -> Checked {
        Checked { lane, terms: self.terms().into_iter().map(|term| reached(term, ran, lane)).collect() }
    }
}

/// How well a lane stands: terms met, answers, and how soon.
fn standing(ran: &Ran, checked: &Checked) -> (usize, usize, std::cmp::Reverse<u64>) {
    let met = checked.terms.iter().filter(|reached| reached.met).count();
    let micros = ran.lanes.get(checked.lane).map_or(u64::MAX, |lane| lane.stats.makespan_micros);
    (met, ran.answered(checked.lane), std::cmp::Reverse(micros))
}

fn reached(term: Term, ran: &Ran, lane: usize) -> Reached {
    let stats = ran.lanes.get(lane).map(|lane| &lane.stats);
    let (figure, of, met) = match term {
        Term::Under(millis) => {
            let micros = stats.filter(|_| is_done(ran, lane)).map(|stats| stats.makespan_micros);
            (micros, 0, micros.is_some_and(|micros| micros < u64::from(millis) * 1_000))
        }
        Term::Refusals(most) => at_most(ran.refused(lane) as u64, most),
        Term::Calls(most) => at_most(u64::from(ran.calls(lane)), most),
        Term::AllAnswered => {
            let (answered, items) = (ran.answered(lane) as u64, stats.map_or(0, |stats| stats.items) as u64);
            (Some(answered), items, answered >= items)
        }
    };
    Reached { term, figure, of, met }
}

/// Whether a lane came to its own end: one that stands still for ever, or that somebody stopped, is not done soon.
fn is_done(ran: &Ran, lane: usize) -> bool {
    let why = ran.trace.lanes.get(lane).and_then(LaneTrace::stopped);
    why.is_some_and(|why| !matches!(why, StopReason::Stalled | StopReason::Aborted | StopReason::Drained))
}

fn at_most(figure: u64, most: u32) -> (Option<u64>, u64, bool) {
    (Some(figure), 0, figure <= u64::from(most))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::{PRESETS, race};
    use crate::experiment::{Experiment, LaneSpec};
    use crate::lab::simulate;

    fn ran(experiment: &Experiment) -> Ran {
        Ran::new(simulate(experiment).expect("sound"))
    }

    /// Twenty requests against a quota of fifteen, that lane A gives up at.
    fn wall() -> Ran {
        ran(&PRESETS.iter().find(|preset| preset.id == "wall").expect("a preset").experiment())
    }

    #[test]
    fn the_best_lane_is_the_one_that_meets_the_most() {
        let ran = ran(&race());
        let goal = Goal { under_millis: Some(30_000), all_answered: true, ..Goal::default() };
        let checked = goal.check(&ran).expect("a lane");
        assert_eq!((checked.lane, checked.is_met()), (1, true));
        assert_eq!(checked.terms[0].figure, Some(ran.lanes[1].stats.makespan_micros));
        assert_eq!((checked.terms[1].figure, checked.terms[1].of), (Some(12), 12));
        let of_the_other = Goal { lane: Some(0), ..goal }.check(&ran).expect("a lane");
        assert_eq!(of_the_other.terms.iter().map(|term| term.met).collect::<Vec<_>>(), [false, true]);
        assert!(!of_the_other.is_met());
        assert_eq!(Goal { lane: Some(2), ..goal }.check(&ran), None);
    }

    #[test]
    fn of_two_lanes_that_both_meet_it_the_sooner_one_is_looked_at() {
        let goal = Goal { most_refusals: Some(0), ..Goal::default() };
        assert_eq!(goal.check(&ran(&race())).map(|checked| checked.lane), Some(1));
    }

    #[test]
    fn under_is_less_and_at_most_may_be_as_many() {
        let five = Experiment { lanes: vec![LaneSpec::concurrent(5)], ..PRESETS[1].experiment() };
        let ran = ran(&five);
        let micros = ran.lanes[0].stats.makespan_micros;
        let millis = u32::try_from(micros / 1_000).expect("short");
        assert_eq!(micros % 1_000, 0, "the figures are whole milliseconds");
        let met = |goal: Goal| goal.check(&ran).expect("a lane").is_met();
        assert!(!met(Goal { under_millis: Some(millis), ..Goal::default() }));
        assert!(met(Goal { under_millis: Some(millis + 1), ..Goal::default() }));
        assert!(met(Goal { most_calls: Some(5), ..Goal::default() }));
        assert!(!met(Goal { most_calls: Some(4), ..Goal::default() }));
    }

    #[test]
    fn refusals_are_counted_and_what_they_cost_is_seen() {
        let goal = Goal { lane: Some(1), most_refusals: Some(0), all_answered: true, ..Goal::default() };
        let checked = goal.check(&wall()).expect("a lane");
        assert_eq!(checked.terms[0].figure, Some(5));
        assert_eq!((checked.terms[1].figure, checked.terms[1].of), (Some(15), 20));
        assert!(checked.terms.iter().all(|term| !term.met));
        let lenient = Goal { most_refusals: Some(5), all_answered: false, ..goal };
        assert!(lenient.check(&wall()).expect("a lane").is_met());
    }

    #[test]
    fn a_lane_that_never_ends_is_under_no_time() {
        let deadlock = crate::lesson::find("deadlock").expect("a lesson");
        let goal = Goal { lane: Some(0), under_millis: Some(Goal::MOST), ..Goal::default() };
        let checked = goal.check(&ran(&(deadlock.experiment)())).expect("a lane");
        assert_eq!((checked.terms[0].figure, checked.is_met()), (None, false));
    }

    #[test]
    fn a_goal_that_asks_for_nothing_or_of_nobody_is_not_sound() {
        let goal = Goal { most_calls: Some(0), ..Goal::default() };
        assert!(goal.is_sound(1));
        assert!(!Goal::default().is_sound(1));
        assert!(!Goal { lane: Some(1), ..goal }.is_sound(1));
        assert!(!Goal { under_millis: Some(0), ..goal }.is_sound(1));
        assert!(!Goal { most_refusals: Some(u32::MAX), ..goal }.is_sound(1));
    }
}
