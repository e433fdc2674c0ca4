//! The runs of a visit, the newest first: which of them are kept, and which are let go when there are too many.
//!
//! A simulated run can be made again from its experiment, a real one can't: so the oldest simulated ones go first.

use crate::experiment::{Experiment, Server};

/// At most so many runs are kept.
pub const MOST_RUNS: usize = 50;

/// At most so many events are kept of all runs together, unless one run alone has more: with what is made of them
/// they take about 200 MB.
pub const MOST_EVENTS: usize = 2_000_000;

/// Which run of a visit it is, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId(pub u32);

/// Where what happened in a run came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A simulated server, or no server at all.
    Simulated,
    /// A server fitted to a real run.
    Replayed,
    /// A real server.
    Real,
}

/// What kind of run an experiment makes.
#[must_use]
pub fn kind_of(experiment: &Experiment) -> Kind {
    match experiment.server {
        Server::Gemini if experiment.workload.script().is_none() => Kind::Real,
        Server::Recorded(_) => Kind::Replayed,
        _ => Kind::Simulated,
    }
}

/// A run to keep.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// What it is called.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub at_millis: f64,
    /// What kind it is.
    pub kind: Kind,
    /// Whether it came out of a file: it can't be made again.
    pub is_opened: bool,
    /// How many events it has.
    pub events: usize,
    /// The run.
    pub run: T,
}

/// The runs of a visit.
#[derive(Debug)]
pub struct Shelf<T> {
    kept: Vec<(RunId, Entry<T>)>,
    latest: RunId,
    gone: usize,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), latest: RunId(0), gone: 0 }
    }
}

impl<T> Entry<T> {
    /// Whether its experiment would give it again.
    fn can_be_made_again(&self) -> bool {
        self.kind != Kind::Real && !self.is_opened
    }
}

impl<T> Shelf<T> {
    /// Keeps a run, and lets others go where there are too many. One that was made again by the same experiment takes
    /// the place of the one before, its number and its name with it.
    pub fn keep(&mut self, mut entry: Entry<T>, is_same: impl Fn(&T, &T) -> bool) -> RunId {
        let again = |(_, other): &(RunId, Entry<T>)| {
            entry.can_be_made_again() && other.can_be_made_again() && is_same(&entry.run, &other.run)
        };
        let id = if let Some(place) = self.kept.iter().position(again) {
            let (id, before) = self.kept.remove(place);
            entry.name = before.name;
            id
        } else {
            self.latest.0 += 1;
            self.latest
        };
        self.kept.insert(0, (id, entry));
        while self.is_too_full() {
            self.let_one_go();
        }
        id
    }

    fn is_too_full(&self) -> bool {
        let events: usize = self.kept.iter().map(|(_, entry)| entry.events).sum();
        self.kept.len() > 1 && (self.kept.len() > MOST_RUNS || events > MOST_EVENTS)
    }

    /// Lets the oldest go that can be made again, or else the oldest; never the newest.
    fn let_one_go(&mut self) {
        let again = self.kept.iter().skip(1).rposition(|(_, entry)| entry.can_be_made_again());
        self.kept.remove(again.map_or(self.kept.len() - 1, |place| place + 1));
        self.gone += 1;
    }

    /// The runs with their numbers, the newest first.
    pub fn runs(&self) -> impl Iterator<Item = (RunId, &Entry<T>)> {
        self.kept.iter().map(|(id, entry)| (*id, entry))
    }

    /// A run.
    #[must_use]
    pub fn get(&self, id: RunId) -> Option<&Entry<T>> {
        self.runs().find(|(other, _)| *other == id).map(|(_, entry)| entry)
    }

    /// Takes a run away.
    pub fn remove(&mut self, id: RunId) {
        self.kept.retain(|(other, _)| *other != id);
    }

    /// Gives a run another name.
    pub fn rename(&mut self, id: RunId, name: &str) {
        if let Some((_, entry)) = self.kept.iter_mut().find(|(other, _)| *other == id) {
            name.clone_into(&mut entry.name);
        }
    }

    /// How many were let go because there were too many.
    #[must_use]
    pub fn gone(&self) -> usize {
        self.gone
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use proptest::prelude::*;

    fn entry(run: u32, kind: Kind, events: usize) -> Entry<u32> {
        Entry { name: format!("run of {run}"), at_millis: 0.0, kind, is_opened: false, events, run }
    }

    fn keep(shelf: &mut Shelf<u32>, entry: Entry<u32>) -> RunId {
        shelf.keep(entry, |one, other| one == other)
    }

    fn runs(shelf: &Shelf<u32>) -> Vec<u32> {
        shelf.runs().map(|(_, entry)| entry.run).collect()
    }

    #[test]
    fn the_newest_stands_first_and_numbers_are_never_given_twice() {
        let mut shelf = Shelf::default();
        let ids = [7, 8, 9].map(|run| keep(&mut shelf, entry(run, Kind::Simulated, 1)));
        assert_eq!(ids, [1, 2, 3].map(RunId));
        shelf.remove(RunId(3));
        assert_eq!(keep(&mut shelf, entry(5, Kind::Simulated, 1)), RunId(4));
        assert_eq!(runs(&shelf), [5, 8, 7]);
        assert_eq!(shelf.gone(), 0, "what is taken away by hand is not told");
    }

    #[test]
    fn what_is_simulated_again_takes_the_place_of_what_was_and_what_is_real_does_not() {
        let mut shelf = Shelf::default();
        let first = keep(&mut shelf, entry(7, Kind::Simulated, 1));
        keep(&mut shelf, entry(8, Kind::Simulated, 1));
        shelf.rename(first, "mine");
        assert_eq!(keep(&mut shelf, entry(7, Kind::Simulated, 1)), first);
        assert_eq!((runs(&shelf), &*shelf.get(first).expect("kept").name), (vec![7, 8], "mine"));
        for _ in 0..2 {
            keep(&mut shelf, entry(9, Kind::Real, 1));
            keep(&mut shelf, Entry { is_opened: true, ..entry(8, Kind::Simulated, 1) });
        }
        assert_eq!(runs(&shelf), [8, 9, 8, 9, 7, 8]);
    }

    #[test]
    fn the_oldest_simulated_go_first_and_real_ones_last() {
        let mut shelf = Shelf::default();
        let third = MOST_EVENTS / 3;
        keep(&mut shelf, entry(1, Kind::Real, third));
        keep(&mut shelf, entry(2, Kind::Simulated, third));
        keep(&mut shelf, entry(3, Kind::Simulated, third));
        keep(&mut shelf, entry(4, Kind::Real, third));
        assert_eq!((runs(&shelf), shelf.gone()), (vec![4, 3, 1], 1));
        keep(&mut shelf, entry(5, Kind::Real, 2 * third));
        assert_eq!((runs(&shelf), shelf.gone()), (vec![5, 4], 3), "no simulated one was left");
        keep(&mut shelf, entry(6, Kind::Simulated, 2 * MOST_EVENTS));
        assert_eq!(runs(&shelf), [6], "the newest is kept, however large");
    }

    #[test]
    fn a_script_asks_no_real_server() {
        let real = Experiment { server: Server::Gemini, ..race() };
        let script = (crate::lesson::find("breakfast").expect("a lesson").experiment)();
        let script = Experiment { server: Server::Gemini, ..script };
        assert_eq!([race(), real, script].map(|of| kind_of(&of)), [Kind::Simulated, Kind::Real, Kind::Simulated]);
    }

    proptest! {
        #[test]
        fn it_is_never_too_full_and_the_newest_is_there(
            made in prop::collection::vec((0_u32..40, any::<bool>(), 0_usize..MOST_EVENTS), 1..200),
        ) {
            let mut shelf = Shelf::default();
            for (run, is_real, events) in made {
                let id = keep(&mut shelf, entry(run, if is_real { Kind::Real } else { Kind::Simulated }, events));
                prop_assert_eq!(shelf.runs().next().map(|(newest, _)| newest), Some(id));
                let kept: usize = shelf.runs().map(|(_, entry)| entry.events).sum();
                prop_assert!(shelf.runs().count() <= MOST_RUNS && kept <= MOST_EVENTS);
            }
        }
    }
}
