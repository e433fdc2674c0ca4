//! A lane under two settings at once: a map of cells, each run under the same seeds.
//!
//! Seed by seed: every cell has been run once before any is run twice, so that the whole map is there soon and
//! grows surer. All cells meet the same luck.

use crate::experiment::sketch::{THIRD_OF_25_S, chains, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec, PermitScope};
use crate::study::task::{Setup, StudyError, alone, calls, check_size};
use crate::study::{Axis, Setting};
use serde::{Deserialize, Serialize};

/// A lane under two settings at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// What is tried.
    pub experiment: Experiment,
    /// Which of its lanes.
    pub lane: usize,
    /// The setting that changes from column to column.
    pub x: Axis,
    /// The setting that changes from row to row.
    pub y: Axis,
    /// How many seeds each cell is run with, 1 to 100.
    pub seeds: u32,
}

impl Sweep {
    /// The most seeds of a cell.
    pub const MOST_SEEDS: u32 = 100;

    /// The field's own table: 10, 25, 50 and 100 chains of 25 s, at 1, 5, 10 and 25 at a time.
    #[must_use]
    pub fn of_the_field() -> Self {
        let lane = LaneSpec { permit: PermitScope::Item, ..LaneSpec::concurrent(5) };
        Self {
            experiment: experiment(chains(25), constant(THIRD_OF_25_S), [named("Chains", lane)]),
            lane: 0,
            x: Axis { setting: Setting::InFlight, values: vec![1.0, 5.0, 10.0, 25.0] },
            y: Axis { setting: Setting::Requests, values: vec![10.0, 25.0, 50.0, 100.0] },
            seeds: 1,
        }
    }

    /// # Errors
    /// The first thing that is not sound, in any cell.
    pub fn validate(&self) -> Result<(), StudyError> {
        self.x.validate()?;
        self.y.validate()?;
        if self.x.setting == self.y.setting {
            return Err(StudyError::SameSetting);
        }
        if !(1..=Self::MOST_SEEDS).contains(&self.seeds) {
            return Err(StudyError::BadSeeds { most: Self::MOST_SEEDS });
        }
        if self.lane >= self.experiment.lanes.len() {
            return Err(StudyError::NoLane);
        }
        check_size(&self.experiment, self.calls())?;
        (0..self.cells()).try_for_each(|cell| Ok(self.experiment_of(cell).plans().map(|_| ())?))
    }

    /// How many cells the map has.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.x.values.len() * self.y.values.len()
    }

    /// The values of a cell's settings; cells are counted row by row.
    #[must_use]
    pub fn values(&self, cell: usize) -> (f64, f64) {
        let columns = self.x.values.len().max(1);
        let at = |axis: &Axis, place: usize| axis.values.get(place).copied().unwrap_or_default();
        (at(&self.x, cell % columns), at(&self.y, cell / columns))
    }

    /// The whole experiment as a cell has it.
    #[must_use]
    pub fn experiment_of(&self, cell: usize) -> Experiment {
        let mut experiment = self.experiment.clone();
        self.set(&mut experiment, self.lane, cell);
        experiment
    }

    pub(super) fn runs(&self) -> u32 {
        u32::try_from(self.cells()).unwrap_or(u32::MAX).saturating_mul(self.seeds)
    }

    pub(super) fn setup(&self, run: u32) -> Option<Setup> {
        let cells = u32::try_from(self.cells()).ok().filter(|&cells| cells > 0)?;
        let mut setup = alone(&self.experiment, self.lane, run / cells)?;
        self.set(&mut setup, 0, (run % cells) as usize);
        Some(setup)
    }

    /// Requests of all runs.
    pub(super) fn calls(&self) -> u64 {
        let one = |cell: usize| {
            let mut experiment = self.experiment.clone();
            self.set(&mut experiment, self.lane, cell);
            calls(&experiment)
        };
        (0..self.cells()).map(one).sum::<u64>() * u64::from(self.seeds)
    }

    fn set(&self, experiment: &mut Experiment, lane: usize, cell: usize) {
        let (x, y) = self.values(cell);
        let mut both = [(self.x.setting, x), (self.y.setting, y)];
        // The burst before the rate: a bucket that is off has none.
        if both[1].0 == Setting::Burst {
            both.reverse();
        }
        for (setting, value) in both {
            setting.set(experiment, lane, value);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(super) mod tests {
    use super::*;
    use crate::experiment::{Server, preset};
    use crate::study::{Ledger, Map, Task, Trial};

    pub(in crate::study) fn race(x: (Setting, &str), y: (Setting, &str), seeds: u32) -> Sweep {
        let axis = |(setting, text)| Axis::read(setting, text).expect("values");
        Sweep { experiment: preset::race(), lane: 1, x: axis(x), y: axis(y), seeds }
    }

    pub(in crate::study) fn map(sweep: &Sweep) -> Map {
        let task = Task::Sweep(sweep.clone());
        assert_eq!(task.validate(), Ok(()));
        let mut ledger = Ledger::new(task.runs());
        for run in 0..task.runs() {
            ledger.note(run, [Trial::new(&task, run).expect("sound").run()]);
        }
        Map::of(sweep, &ledger)
    }

    #[test]
    fn the_fields_table_is_25_s_times_the_chains_over_the_limit_rounded_up() {
        let map = map(&Sweep::of_the_field());
        let secs: Vec<u64> =
            map.cells.iter().map(|cell| (cell.expect("run").makespan_micros + 500_000) / 1_000_000).collect();
        let table = [[250, 50, 25, 25], [625, 125, 75, 25], [1_250, 250, 125, 50], [2_500, 500, 250, 100]];
        assert_eq!(secs, table.concat());
        assert!(map.cells.iter().flatten().all(|cell| cell.success >= 1.0 && cell.refused <= 0.0));
    }

    #[test]
    fn the_first_seed_is_the_experiments_own_and_every_cell_comes_once_before_any_comes_twice() {
        let sweep = race((Setting::InFlight, "1, 2, 3"), (Setting::Tries, "1, 2"), 2);
        let setups: Vec<_> = (0..sweep.runs()).map(|run| sweep.setup(run).expect("a run")).collect();
        assert_eq!(setups.len(), 12);
        let of = |setup: &Setup| (setup.seed, setup.lanes[0].limit, setup.lanes[0].tries);
        let own = sweep.experiment.seed;
        assert_eq!(of(&setups[0]), (own, Some(1), 1));
        assert_eq!(of(&setups[4]), (own, Some(2), 2));
        assert_eq!(of(&setups[6]), (own + 1, Some(1), 1));
        assert!(setups.iter().all(|setup| setup.lanes.len() == 1));
    }

    #[test]
    fn which_side_a_setting_is_on_changes_no_cell() {
        let one = race((Setting::Burst, "1, 5"), (Setting::Rate, "60, none"), 1);
        let other = race((Setting::Rate, "60, none"), (Setting::Burst, "1, 5"), 1);
        for (cell, turned) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
            assert_eq!(one.experiment_of(cell), other.experiment_of(turned));
        }
        assert_eq!(one.experiment_of(3).lanes[1].request_bucket, None);
    }

    #[test]
    fn what_is_too_much_or_makes_no_map_is_refused() {
        let sweep = || race((Setting::InFlight, "1 to 20"), (Setting::Requests, "10, 100"), 30);
        assert_eq!(sweep().validate(), Ok(()));
        assert_eq!(Sweep { seeds: 0, ..sweep() }.validate(), Err(StudyError::BadSeeds { most: 100 }));
        assert_eq!(Sweep { lane: 2, ..sweep() }.validate(), Err(StudyError::NoLane));
        assert_eq!(Sweep { y: sweep().x, ..sweep() }.validate(), Err(StudyError::SameSetting));
        let large = race((Setting::InFlight, "1 to 20"), (Setting::Requests, "1000 to 10000"), 30);
        assert!(matches!(large.validate(), Err(StudyError::TooMuch { calls: 66_000_000, .. })), "{large:?}");
        let mut real = sweep();
        real.experiment.server = Server::Gemini;
        assert_eq!(real.validate(), Err(StudyError::NotSimulated));
        let mut processes = sweep();
        processes.experiment.lanes[1].processes = 100;
        assert!(matches!(processes.validate(), Err(StudyError::Unsound(_))), "20 in each of 100 is above 1000");
    }
}
