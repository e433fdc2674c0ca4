//! What a learner predicts before a run, and how far off it was.
//!
//! Every prediction is a moment on the timeline in the end: a miss is a stretch of a lane, from where it was said to
//! where it was.

use crate::lesson::ran::Ran;
use crate::time::Instant;
use crate::trace::Kind;

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// When a lane is over. The axis to say it on is so many seconds long.
    Finish {
        /// The lane, from 0.
        lane: usize,
        /// The length of the axis in seconds: it must not tell the answer.
        axis_secs: u32,
    },
    /// In what order these items of a lane are over.
    Order {
        /// The lane, from 0.
        lane: usize,
        /// The items, from 0.
        items: &'static [u32],
    },
    /// How many calls of a lane are refused.
    Refused {
        /// The lane, from 0.
        lane: usize,
        /// The most that can be said.
        most: u32,
    },
    /// Which lane does best.
    Wins(Best),
    /// Which limit to choose: that of the lane that is over first, of those without a refusal.
    Limit,
    /// Whether a sentence is true. None of those that are asked about is; the lane shows it.
    Truth {
        /// The lane, from 0.
        lane: usize,
    },
}

/// What it is to do best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// To be over first.
    Soonest,
    /// To send the fewest calls.
    FewestCalls,
    /// To be refused the fewest times.
    FewestRefused,
    /// To answer the most.
    MostAnswered,
    /// To have the first item over soonest.
    FirstSoonest,
    /// To have the items over soonest on the average.
    MeanSoonest,
}

/// What was said, or what is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// A moment.
    At(Instant),
    /// Items in order, from 0.
    Order(Vec<u32>),
    /// So many.
    Count(u32),
    /// A lane, from 0.
    Lane(usize),
    /// True or false.
    Truth(bool),
}

/// A stretch by which a prediction was off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The lane, from 0.
    pub lane: usize,
    /// The item, from 0; none for the lane as a whole.
    pub item: Option<u32>,
    /// What was said.
    pub said: Instant,
    /// What was so.
    pub was: Instant,
}

/// A moment is right if it is off by no more than this share of what is so.
const NEAR: u64 = 10;

impl Prediction {
    /// What is right, of a run.
    #[must_use]
    pub fn answer(self, ran: &Ran) -> Guess {
        match self {
            Self::Finish { lane, .. } => Guess::At(end_of(ran, lane)),
            Self::Order { lane, items } => {
                Guess::Order(ran.order(lane).into_iter().filter(|item| items.contains(item)).collect())
            }
            Self::Refused { lane, .. } => Guess::Count(u32::try_from(ran.refused(lane)).unwrap_or(u32::MAX)),
            Self::Wins(best) => Guess::Lane(least(ran, |lane| best.of(ran, lane))),
            Self::Limit => {
                let of = |lane| if ran.refused(lane) == 0 { end_of(ran, lane).0 } else { u64::MAX };
                Guess::Lane(least(ran, of))
            }
            Self::Truth { .. } => Guess::Truth(false),
        }
    }

    /// Whether `guess` is right, of a run.
    #[must_use]
    pub fn is_right(self, guess: &Guess, ran: &Ran) -> bool {
        match (guess, self.answer(ran)) {
            (Guess::At(said), Guess::At(was)) => said.0.abs_diff(was.0) * NEAR <= was.0,
            (Guess::Lane(said), Guess::Lane(_)) if *said >= ran.lanes.len() => false,
            // Lanes that do as well as the best are right too.
            (Guess::Lane(said), Guess::Lane(was)) => match self {
                Self::Wins(best) => best.of(ran, *said) == best.of(ran, was),
                _ => *said == was,
            },
            (said, was) => *said == was,
        }
    }

    /// Where `guess` was off, to be drawn.
    #[must_use]
    pub fn misses(self, guess: &Guess, ran: &Ran) -> Vec<Miss> {
        if self.is_right(guess, ran) {
            return Vec::new();
        }
        match (self, guess, self.answer(ran)) {
            (Self::Finish { lane, .. }, Guess::At(said), Guess::At(was)) => {
                vec![Miss { lane, item: None, said: *said, was }]
            }
            (Self::Order { lane, .. }, Guess::Order(said), Guess::Order(was)) => {
                let end = |item: u32| ran.rows(lane).get(item as usize).and_then(|row| row.ended).unwrap_or_default();
                let pairs = said.iter().zip(&was).filter(|(said, was)| said != was);
                // The item that was said to come at this place, and when something came there.
                pairs.map(|(&item, &there)| Miss { lane, item: Some(item), said: end(there), was: end(item) }).collect()
            }
            (Self::Refused { lane, .. }, Guess::Count(said), Guess::Count(was)) => {
                let refusals: Vec<Instant> = ran
                    .events(lane)
                    .filter(|(.., kind)| matches!(kind, Kind::Failed { .. }))
                    .map(|(at, ..)| at)
                    .collect();
                let at = |count: u32| count.checked_sub(1).and_then(|n| refusals.get(n as usize)).copied();
                let said = at(*said).unwrap_or(if *said > was { end_of(ran, lane) } else { Instant::ZERO });
                vec![Miss { lane, item: None, said, was: at(was).unwrap_or_default() }]
            }
            (_, Guess::Lane(said), Guess::Lane(was)) => {
                vec![Miss { lane: *said, item: None, said: end_of(ran, was), was: end_of(ran, *said) }]
            }
            (Self::Truth { lane }, ..) => {
                vec![Miss { lane, item: None, said: Instant::ZERO, was: end_of(ran, lane) }]
            }
            _ => Vec::new(),
        }
    }
}

impl Best {
    /// How a lane does: the less the better.
    pub(super) fn of(self, ran: &Ran, lane: usize) -> u64 {
        let ends = || ran.rows(lane).iter().filter_map(|row| row.ended);
        match self {
            Self::Soonest => end_of(ran, lane).0,
            Self::FewestCalls => u64::from(ran.calls(lane)),
            Self::FewestRefused => ran.refused(lane) as u64,
            Self::MostAnswered => u64::MAX - ran.answered(lane) as u64,
            Self::FirstSoonest => ends().min().unwrap_or(Instant::NEVER).0,
            Self::MeanSoonest => {
                ends().map(|at| at.0).sum::<u64>().checked_div(ends().count() as u64).unwrap_or(u64::MAX)
            }
        }
    }
}

/// The lane of which `of` is least; the first of several.
fn least(ran: &Ran, of: impl Fn(usize) -> u64) -> usize {
    (0..ran.lanes.len()).min_by_key(|&lane| of(lane)).unwrap_or(0)
}

fn end_of(ran: &Ran, lane: usize) -> Instant {
    ran.lanes.get(lane).map_or(Instant::ZERO, |lane| Instant(lane.stats.makespan_micros))
}
