//! All lanes under many seeds: what of a result is the plan, and what was luck.
//!
//! Percentiles are by nearest rank, so each is a figure that some seed came to. Two lanes are compared seed by
//! seed, under the same luck, and only where both answered the very same requests: the shorter makespan wins, equal
//! ones are a tie, and a seed in which one answered others, or neither any, is counted apart.

use crate::experiment::Experiment;
use crate::study::task::{Setup, StudyError, alone, calls, check_size};
use crate::study::{Ledger, Outcome};
use crate::time::micros_as_secs;
use serde::{Deserialize, Serialize};

/// All lanes under many seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// What is tried.
    pub experiment: Experiment,
    /// How many seeds, 1 to 1 000.
    pub seeds: u32,
}

/// The middle of a set of figures, and where all but one in twenty lie on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band {
    /// 5 of 100 are no greater.
    pub p5: f64,
    /// Half are no greater.
    pub p50: f64,
    /// 95 of 100 are no greater.
    pub p95: f64,
}

/// What a lane comes to under many seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LaneBands {
    /// Runs so far.
    pub runs: usize,
    /// Seconds until the last request ended.
    pub makespan: Band,
    /// Seconds that lost attempts were with the server, of all together.
    pub waste: Band,
    /// Attempts refused with a 429.
    pub refused: Band,
    /// The share of requests that were answered, of all seeds together.
    pub success: f64,
}

/// How often each of two lanes was faster, the first being lane A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duel {
    /// Seeds in which lane A was.
    pub first: u32,
    /// Seeds in which the other was.
    pub other: u32,
    /// Seeds in which both took the same time.
    pub ties: u32,
    /// Seeds in which they did not answer the same requests, or neither answered any.
    pub unlike: u32,
}

impl Bands {
    /// The most seeds.
    pub const MOST_SEEDS: u32 = 1_000;
    /// So many are enough to see one in twenty at either end.
    pub const USUAL_SEEDS: u32 = 500;

    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), StudyError> {
        if !(1..=Self::MOST_SEEDS).contains(&self.seeds) {
            return Err(StudyError::BadSeeds { most: Self::MOST_SEEDS });
        }
        self.experiment.plans()?;
        check_size(&self.experiment, u64::from(self.runs()) * calls(&self.experiment))
    }

    pub(super) fn runs(&self) -> u32 {
        self.lanes().saturating_mul(self.seeds)
    }

    pub(super) fn setup(&self, run: u32) -> Option<Setup> {
        let lanes = self.lanes().max(1);
        alone(&self.experiment, (run % lanes) as usize, run / lanes)
    }

    fn lanes(&self) -> u32 {
        u32::try_from(self.experiment.lanes.len()).unwrap_or(u32::MAX)
    }

    /// A lane's outcome under each seed, as far as it is known.
    fn outcomes<'l>(&self, ledger: &'l Ledger, lane: u32) -> impl Iterator<Item = Option<&'l Outcome>> {
        let lanes = self.lanes();
        (0..self.seeds).map(move |seed| ledger.get(seed * lanes + lane))
    }

    /// What each lane comes to, as far as it was run.
    #[must_use]
    pub fn of_lanes(&self, ledger: &Ledger) -> Vec<LaneBands> {
        let of = |lane| LaneBands::of(&self.outcomes(ledger, lane).flatten().collect::<Vec<_>>());
        (0..self.lanes()).map(of).collect()
    }

    /// How another lane does against lane A, of the seeds under which both were run.
    #[must_use]
    pub fn duel(&self, ledger: &Ledger, other: u32) -> Duel {
        let mut duel = Duel::default();
        for (first, other) in self.outcomes(ledger, 0).zip(self.outcomes(ledger, other)) {
            let (Some(first), Some(other)) = (first, other) else { continue };
            let same = first.answered == other.answered && first.succeeded == other.succeeded && first.succeeded > 0;
            *match first.makespan_micros.cmp(&other.makespan_micros) {
                _ if !same => &mut duel.unlike,
                std::cmp::Ordering::Less => &mut duel.first,
                std::cmp::Ordering::Equal => &mut duel.ties,
                std::cmp::Ordering::Greater => &mut duel.other,
            } += 1;
        }
        duel
    }
}

impl LaneBands {
    fn of(outcomes: &[&Outcome]) -> Self {
        let band = |of: fn(&Outcome) -> f64| Band::of(outcomes.iter().map(|&outcome| of(outcome)).collect());
        let (answered, items) = outcomes.iter().fold((0, 0), |(answered, items), outcome| {
            (answered + u64::from(outcome.succeeded), items + u64::from(outcome.items))
        });
        Self {
            runs: outcomes.len(),
            makespan: band(|outcome| micros_as_secs(outcome.makespan_micros)),
            waste: band(|outcome| micros_as_secs(outcome.lost_micros)),
            refused: band(|outcome| f64::from(outcome.refused)),
            success: super::map::share(answered, items),
        }
    }
}

impl Band {
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (figures.len() * percent).div_ceil(100);
            rank.checked_sub(1).and_then(|place| figures.get(place)).copied().unwrap_or_default()
        };
        Self { p5: at(5), p50: at(50), p95: at(95) }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::recorded::{Recorded, Take};
    use crate::experiment::server::Fault;
    use crate::experiment::{Server, preset};
    use crate::lab::simulate;
    use crate::study::{Task, Trial};

    fn studied(experiment: Experiment, seeds: u32) -> (Bands, Ledger) {
        let bands = Bands { experiment, seeds };
        let task = Task::Bands(bands.clone());
        assert_eq!(task.validate(), Ok(()));
        let mut ledger = Ledger::new(task.runs());
        for run in 0..task.runs() {
            ledger.note(run, [Trial::new(&task, run).expect("sound").run()]);
        }
        (bands, ledger)
    }

    #[test]
    fn a_percentile_is_a_figure_that_some_seed_came_to() {
        let band = Band::of((1..=100).rev().map(f64::from).collect());
        assert_eq!((band.p5, band.p50, band.p95), (5.0, 50.0, 95.0));
        assert_eq!(Band::of(vec![]), Band::default());
    }

    #[test]
    fn each_run_is_that_of_its_own_seed_and_lane() {
        let (bands, ledger) = studied(preset::race(), 3);
        for seed in 0..3 {
            let experiment = Experiment { seed: bands.experiment.seed + u64::from(seed), ..preset::race() };
            let trace = simulate(&experiment).expect("sound");
            for (lane, log) in (0..).zip(&trace.lanes) {
                assert_eq!(ledger.get(seed * 2 + lane), Some(&Outcome::of(log, &experiment.workload)));
            }
        }
    }

    #[test]
    fn a_recorded_lane_is_answered_with_its_own_durations() {
        let take = |lane: u8, item: u32| Take {
            lane,
            item,
            attempt: 1,
            in_flight: 1,
            end_micros: 1_000_000 * (5 - 2 * u64::from(lane)),
            answer: 8,
            ..Take::default()
        };
        let takes = [0, 1].iter().flat_map(|&lane| (0..12).map(move |item| take(lane, item))).collect();
        let recorded = Recorded { takes, ..Recorded::default() };
        let experiment = Experiment { server: Server::Recorded(recorded), ..preset::race() };
        let (bands, ledger) = studied(experiment.clone(), 1);
        let trace = simulate(&experiment).expect("sound");
        for (lane, log) in (0..).zip(&trace.lanes) {
            assert_eq!(ledger.get(lane), Some(&Outcome::of(log, &experiment.workload)));
        }
        // Twelve of 5 s one by one, and of 3 s four at a time.
        assert_eq!(
            bands.of_lanes(&ledger).iter().map(|lane| lane.makespan.p50).sum::<f64>().to_bits(),
            69_f64.to_bits()
        );
    }

    #[test]
    fn four_at_once_win_the_race_under_every_seed() {
        let (bands, ledger) = studied(preset::race(), 40);
        assert_eq!(bands.duel(&ledger, 1), Duel { other: 40, ..Duel::default() });
        let lanes = bands.of_lanes(&ledger);
        assert!(lanes.iter().all(|lane| lane.makespan.p5 < lane.makespan.p50 && lane.makespan.p50 < lane.makespan.p95));
        assert!(lanes[1].makespan.p95 < lanes[0].makespan.p5 && lanes[0].success >= 1.0);
        assert!(lanes[0].waste.p95 <= 0.0 && lanes[1].waste.p50 > 0.0, "the 503 strikes where others are in flight");
    }

    #[test]
    fn a_seed_in_which_one_answered_less_is_won_by_nobody() {
        let wall = preset::PRESETS.iter().find(|preset| preset.id == "wall").expect("the wall").experiment();
        let mut silent = preset::race();
        silent.server.simulated_mut().expect("simulated").strike_any(Some(Fault::Status(400)), 1.0);
        let (bands, ledger) = studied(silent, 3);
        assert_eq!(bands.duel(&ledger, 1), Duel { unlike: 3, ..Duel::default() }, "neither answers any");
        let (bands, ledger) = studied(wall, 10);
        assert_eq!(bands.duel(&ledger, 1), Duel { unlike: 10, ..Duel::default() });
        assert!((bands.of_lanes(&ledger)[1].refused.p50 - 5.0).abs() < 1e-9);
        let mut same = preset::race();
        same.lanes[0] = same.lanes[1].clone();
        let (bands, ledger) = studied(same, 5);
        assert_eq!(bands.duel(&ledger, 1), Duel { ties: 5, ..Duel::default() });
    }
}
