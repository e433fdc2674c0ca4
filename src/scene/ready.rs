//! What a lane's picture is drawn from, made ready once and kept while nothing new is recorded: no frame goes through
//! the record, or sorts anything.

use crate::experiment::Plan;
use crate::scene::index::Index;
use crate::scene::lens::{Lens, Rows, Sort};
use crate::scene::lines::Lines;
use crate::scene::order::{Known, ordered};
use crate::scene::slots::Slots;
use crate::scene::track::{Track, tracks};
use crate::time::Instant;
use crate::trace::LaneTrace;
use crate::trace::span::Fold;
use crate::trace::stats::in_flight;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// What a lane's picture is drawn from.
#[derive(Debug, Default)]
pub struct Ready {
    index: Index,
    rest: Rest,
}

/// What is found when it is first asked for.
#[derive(Debug, Default)]
struct Rest {
    slots: OnceCell<Rc<Slots>>,
    flight: OnceCell<Vec<(Instant, u32)>>,
    tracks: OnceCell<Vec<Track>>,
    /// The lines that were last asked for, and how.
    lines: RefCell<Option<(Arranged, Rc<Lines>)>>,
}

/// How lines are arranged, and how many rows there are.
type Arranged = (Rows, Sort, bool, usize);

impl Ready {
    /// Takes in what was recorded since the last time; `fold` has read it.
    pub fn read_on(&mut self, fold: &Fold, log: &LaneTrace) {
        self.index.read_on(fold, &log.events);
        self.rest = Rest::default();
    }

    /// The spans of the rows as a lens has them: the permits', where there are any, or the requests'.
    #[must_use]
    pub fn index(&self, rows: Rows, log: &LaneTrace) -> &Index {
        let slots = || &self.slots(log).index;
        Some(rows)
            .filter(|&rows| rows == Rows::Slots)
            .map(|_| slots())
            .filter(|slots| !slots.is_empty())
            .unwrap_or(&self.index)
    }

    /// Which row stands on which line.
    #[must_use]
    pub fn lines(&self, lens: &Lens, known: Known<'_>, log: &LaneTrace) -> Rc<Lines> {
        let arranged = (lens.rows, lens.sort, lens.is_grouped, known.items);
        let mut kept = self.rest.lines.borrow_mut();
        if let Some((_, lines)) = kept.as_ref().filter(|(before, _)| *before == arranged) {
            return lines.clone();
        }
        let shown = self.index(lens.rows, log);
        let lines = if shown.is_shared() {
            Lines::shared(shown.len(), self.slots(log).first.clone())
        } else {
            ordered(known, lens.sort, lens.is_grouped, || self.slots(log).clone())
        };
        kept.insert((arranged, Rc::new(lines))).1.clone()
    }

    /// The spans of its requests.
    #[must_use]
    pub fn requests(&self) -> &Index {
        &self.index
    }

    /// Who held which permit.
    #[must_use]
    pub fn slots(&self, log: &LaneTrace) -> &Rc<Slots> {
        self.rest.slots.get_or_init(|| Rc::new(Slots::of(&log.events, &self.index)))
    }

    /// How many attempts are under way, from each moment on.
    #[must_use]
    pub fn flight(&self, fold: &Fold) -> &[(Instant, u32)] {
        self.rest.flight.get_or_init(|| in_flight(fold, Instant::NEVER))
    }

    /// The tracks of all of the run.
    #[must_use]
    pub fn tracks(&self, fold: &Fold, log: &LaneTrace, plan: &Plan, quota: Option<(u32, Duration)>) -> &[Track] {
        self.rest.tracks.get_or_init(|| tracks(fold, log, plan, quota, Instant::NEVER))
    }
}
