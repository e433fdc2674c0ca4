//! What is studied: which runs there are, each a lane of an experiment with a seed.

use crate::experiment::recorded::{Recorded, of_lane};
use crate::experiment::{Experiment, ExperimentError, Server, Workload};
use crate::study::{Bands, Sweep};
use serde::{Deserialize, Serialize};

/// What is studied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A lane under many settings.
    Sweep(Sweep),
    /// All lanes under many seeds.
    Bands(Bands),
}

/// One run: an experiment whose only lane is the one to run, and the seed that it has.
pub type Setup = Experiment;

/// Why something can't be studied.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StudyError {
    /// The experiment, as some setting has it, is not sound.
    #[error(transparent)]
    Unsound(#[from] ExperimentError),
    /// There is no server to simulate, or nothing is asked of it.
    #[error("only requests to a simulated server can be tried many times")]
    NotSimulated,
    /// No such lane.
    #[error("there is no such lane")]
    NoLane,
    /// Both sides of a map set the same.
    #[error("choose two different settings")]
    SameSetting,
    /// A word that is no value of a setting.
    #[error("“{said}” is no value of this setting")]
    NoValue {
        /// The word.
        said: String,
    },
    /// No values, or too many.
    #[error("give a setting 1 to {} values", crate::study::Axis::MOST)]
    BadCount,
    /// No seeds, or too many.
    #[error("the runs of each must lie between 1 and {most}")]
    BadSeeds {
        /// How many there can be.
        most: u32,
    },
    /// It would take too long.
    #[error("these are {calls} requests in all; at most {most} are run. Take fewer values, runs or requests")]
    TooMuch {
        /// Requests of all runs.
        calls: u64,
        /// The most there can be.
        most: u64,
    },
}

/// The most requests of all runs together, each step of a chain being one: some minutes of reckoning.
pub const MOST_CALLS: u64 = 20_000_000;

impl Task {
    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), StudyError> {
        match self {
            Self::Sweep(sweep) => sweep.validate(),
            Self::Bands(bands) => bands.validate(),
        }
    }

    /// How many runs it has.
    #[must_use]
    pub fn runs(&self) -> u32 {
        match self {
            Self::Sweep(sweep) => sweep.runs(),
            Self::Bands(bands) => bands.runs(),
        }
    }

    /// The experiment of a run, whose only lane is the one to run; none if there is no such run.
    #[must_use]
    pub fn setup(&self, run: u32) -> Option<Setup> {
        match self {
            _ if run >= self.runs() => None,
            Self::Sweep(sweep) => sweep.setup(run),
            Self::Bands(bands) => bands.setup(run),
        }
    }

    /// About how many runs make a good portion for a worker: few enough that news comes often.
    #[must_use]
    pub fn portion(&self) -> u32 {
        const CALLS: u64 = 4_000;
        let each = match self {
            Self::Sweep(sweep) => sweep.calls() / u64::from(sweep.runs().max(1)),
            Self::Bands(bands) => calls(&bands.experiment),
        };
        u32::try_from(CALLS / each.max(1)).unwrap_or(u32::MAX).max(1)
    }
}

/// Requests of one run of a lane, each step of a chain being one.
pub(super) fn calls(experiment: &Experiment) -> u64 {
    u64::from(experiment.workload.len()) * u64::from(experiment.workload.steps())
}

/// # Errors
/// A server that can't be simulated, a script, or more requests than are run.
pub(super) fn check_size(experiment: &Experiment, calls: u64) -> Result<(), StudyError> {
    let is_simulated = !matches!(experiment.server, Server::Gemini);
    if !is_simulated || !matches!(experiment.workload, Workload::Calls(_)) {
        return Err(StudyError::NotSimulated);
    }
    if calls > MOST_CALLS {
        return Err(StudyError::TooMuch { calls, most: MOST_CALLS });
    }
    Ok(())
}

/// `experiment` with one of its lanes alone, and the luck of the `nth` seed from its own on. What was recorded of that
/// lane is now of the first.
pub(super) fn alone(experiment: &Experiment, lane: usize, nth: u32) -> Option<Setup> {
    let Experiment { version, seed, workload, server, lanes } = experiment;
    let server = match server {
        Server::Recorded(Recorded { figures, seen, takes }) => {
            let takes = of_lane(takes, u8::try_from(lane).unwrap_or(u8::MAX));
            Server::Recorded(Recorded { figures: figures.clone(), seen: *seen, takes })
        }
        other => other.clone(),
    };
    let lane = lanes.get(lane)?.clone();
    Some(Experiment {
        version: *version,
        seed: seed.wrapping_add(u64::from(nth)),
        workload: workload.clone(),
        server,
        lanes: vec![lane],
    })
}
