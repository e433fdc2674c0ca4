//! The lessons of the course, and what their lanes did.

use lanescope::experiment::server::{Server, Simulated};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{Experiment, LaneSpec};
use lanescope::lab::simulate;
use lanescope::lesson;
use lanescope::port::FailureKind;
use lanescope::time::{Instant, micros_as_secs};
use lanescope::trace::span::{Fold, Row};
use lanescope::trace::stats::{Stats, Terms};
use lanescope::trace::{Kind, LaneTrace};

/// The experiment of a lesson.
pub(crate) fn row(id: &str) -> Experiment {
    let lesson = lesson::find(id).unwrap_or_else(|| panic!("there is no lesson {id}"));
    (lesson.experiment)()
}

/// What it asks.
pub(crate) fn calls(experiment: &mut Experiment) -> &mut Calls {
    experiment.workload.calls_mut().expect("a lesson about calls")
}

/// The server that it asks.
pub(crate) fn server(experiment: &mut Experiment) -> &mut Simulated {
    match &mut experiment.server {
        Server::Simulated(figures) => figures,
        Server::Recorded(_) | Server::Gemini => panic!("a lesson asks a simulated server"),
    }
}

/// The experiment with each lane changed.
pub(crate) fn with_lanes(mut experiment: Experiment, change: impl Fn(&mut LaneSpec)) -> Experiment {
    experiment.lanes.iter_mut().for_each(change);
    experiment
}

/// A lane that is over.
pub(crate) struct Ran {
    pub(crate) lane: LaneTrace,
    pub(crate) fold: Fold,
    pub(crate) stats: Stats,
}

/// All lanes of `experiment`.
pub(crate) fn ran<const LANES: usize>(experiment: &Experiment) -> [Ran; LANES] {
    let items = experiment.workload.len() as usize;
    let lanes = simulate(experiment).expect("sound").lanes;
    let all: Vec<Ran> = lanes.into_iter().map(|lane| Ran::new(lane, items)).collect();
    all.try_into().unwrap_or_else(|all: Vec<Ran>| panic!("there are {} lanes", all.len()))
}

impl Ran {
    pub(crate) fn new(lane: LaneTrace, items: usize) -> Self {
        let fold = Fold::of(&lane.events);
        let stats = Stats::at(Instant::NEVER, &fold, &lane, Terms { items, ..Terms::default() });
        Self { lane, fold, stats }
    }

    /// The items in the order in which their attempts went out.
    pub(crate) fn order(&self) -> Vec<u32> {
        self.lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.tag.item).collect()
    }

    /// When attempts went out, in seconds.
    pub(crate) fn starts(&self) -> Vec<f64> {
        self.lane.events.iter().filter(|event| event.kind == Kind::Sent).map(|event| event.at.as_secs()).collect()
    }

    /// How many went out before that second.
    pub(crate) fn starts_before(&self, secs: f64) -> usize {
        self.starts().into_iter().filter(|&at| at < secs).count()
    }

    pub(crate) fn last_start(&self) -> f64 {
        self.starts().last().copied().expect("something was sent")
    }

    /// When each item ended, in seconds, by its number.
    pub(crate) fn ends(&self) -> Vec<f64> {
        self.fold.rows.iter().map(end).collect()
    }

    pub(crate) fn makespan(&self) -> f64 {
        assert!(self.stats.finished, "every item ends");
        micros_as_secs(self.stats.makespan_micros)
    }

    /// Attempts that were refused for the quota of a minute.
    pub(crate) fn refused(&self) -> usize {
        self.lane.failures.iter().filter(|failure| failure.kind == FailureKind::RateLimit).count()
    }

    /// Items answered, and calls sent.
    pub(crate) fn answered_in(&self) -> (usize, u32) {
        (self.stats.succeeded, self.stats.attempts)
    }

    /// The most that are so far counted up and not yet down.
    pub(crate) fn peak(&self, up: fn(Kind) -> bool, down: fn(Kind) -> bool) -> usize {
        let (mut now, mut most) = (0_usize, 0);
        for event in &self.lane.events {
            now = now + usize::from(up(event.kind)) - usize::from(down(event.kind));
            most = most.max(now);
        }
        most
    }
}

/// When an item ended, in seconds.
pub(crate) fn end(row: &Row) -> f64 {
    row.ended.expect("every item ends").as_secs()
}

/// The middle one, or the higher of the two.
pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

pub(crate) fn mean(all: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few")]
    let count = all.len() as f64;
    all.iter().sum::<f64>() / count
}

/// A third of 25 s is no whole number of microseconds: a hundred chains may be a millisecond short.
#[track_caller]
pub(crate) fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.002), "{found:?} is not {expected:?}");
}
