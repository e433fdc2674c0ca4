//! A run that is over, as claims and predictions ask of it.

use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::span::{Fold, Row};
use crate::trace::stats::{Stats, Terms};
use crate::trace::{Kind, LaneTrace, Trace};

/// A run that is over.
#[derive(Debug)]
pub struct Ran {
    /// What happened.
    pub trace: Trace,
    /// Its lanes, from A.
    pub lanes: Vec<Lane>,
}

/// What became of a lane.
#[derive(Debug)]
pub struct Lane {
    /// Its spans.
    pub fold: Fold,
    /// Its figures, at its end.
    pub stats: Stats,
}

impl Ran {
    /// A run.
    #[must_use]
    pub fn new(trace: Trace) -> Self {
        let lane = |(place, lane): (usize, &LaneTrace)| {
            let items = trace.experiment.workload.rows_of(place) as usize;
            let fold = Fold::of(&lane.events);
            let stats = Stats::at(Instant::NEVER, &fold, lane, Terms { items, ..Terms::default() });
            Lane { fold, stats }
        };
        let lanes = trace.lanes.iter().enumerate().map(lane).collect();
        Self { trace, lanes }
    }

    /// When each lane was over, in seconds.
    #[must_use]
    pub fn ends(&self) -> Vec<f64> {
        (0..self.lanes.len()).map(|lane| self.end(lane)).collect()
    }

    /// When a lane was over, in seconds; 0 for none.
    #[must_use]
    pub fn end(&self, lane: usize) -> f64 {
        self.lanes.get(lane).map_or(0.0, |lane| Instant(lane.stats.makespan_micros).as_secs())
    }

    /// Calls of a lane that were refused for a quota of requests or tokens.
    #[must_use]
    pub fn refused(&self, lane: usize) -> usize {
        let is_quota = |kind| matches!(kind, FailureKind::RateLimit | FailureKind::QuotaDay | FailureKind::QuotaNone);
        let failures = self.trace.lanes.get(lane).map(|lane| &*lane.failures).unwrap_or_default();
        failures.iter().filter(|failure| is_quota(failure.kind)).count()
    }

    /// Items of a lane that were answered.
    #[must_use]
    pub fn answered(&self, lane: usize) -> usize {
        self.lanes.get(lane).map_or(0, |lane| lane.stats.succeeded)
    }

    /// Calls that a lane sent.
    #[must_use]
    pub fn calls(&self, lane: usize) -> u32 {
        self.lanes.get(lane).map_or(0, |lane| lane.stats.attempts)
    }

    /// The most calls that a lane had in flight at once.
    #[must_use]
    pub fn peak(&self, lane: usize) -> u32 {
        self.lanes.get(lane).map_or(0, |lane| lane.stats.peak_in_flight)
    }

    /// When the calls of a lane went out, in seconds, in order.
    #[must_use]
    pub fn starts(&self, lane: usize) -> Vec<f64> {
        let sent = self.events(lane).filter(|(_, _, kind)| *kind == Kind::Sent);
        sent.map(|(at, ..)| at.as_secs()).collect()
    }

    /// The items of a lane in the order of their ends, from 0; of a script its rows, main being 0.
    #[must_use]
    pub fn order(&self, lane: usize) -> Vec<u32> {
        self.lanes.get(lane).map(|lane| lane.fold.ends.clone()).unwrap_or_default()
    }

    /// The rows of a lane.
    #[must_use]
    pub fn rows(&self, lane: usize) -> &[Row] {
        self.lanes.get(lane).map(|lane| &*lane.fold.rows).unwrap_or_default()
    }

    /// When an item of a lane was over, in seconds; 0 for none.
    #[must_use]
    pub fn item_end(&self, lane: usize, item: usize) -> f64 {
        self.rows(lane).get(item).and_then(|row| row.ended).map_or(0.0, Instant::as_secs)
    }

    /// The lines that a lane's program printed, each with its second.
    #[must_use]
    pub fn said(&self, lane: usize) -> Vec<(f64, &str)> {
        let lane = self.trace.lanes.get(lane);
        lane.into_iter().flat_map(LaneTrace::said).map(|(at, _, line)| (at.as_secs(), line)).collect()
    }

    /// The events of a lane: when, to which item, and what.
    pub fn events(&self, lane: usize) -> impl Iterator<Item = (Instant, u32, Kind)> {
        let events = self.trace.lanes.get(lane).map(|lane| &*lane.events).unwrap_or_default();
        events.iter().map(|event| (event.at, event.tag.item, event.kind))
    }
}

/// Whether two figures are the same, but for what rounding to whole microseconds leaves.
#[must_use]
pub fn is_near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 0.002
}

/// Whether all are.
#[must_use]
pub fn are_near(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(&a, &b)| is_near(a, b))
}
