//! What is tried: a seed, a workload, a server, and how each lane goes about it.
//!
//! An [`Experiment`] is plain data that may be invalid while somebody edits it; only a [`Plan`] is
//! known to be sound, and the engine accepts nothing else. An experiment never holds a key or a
//! host, so it can be put in a link or a file.

pub mod lane;
pub mod lane_preset;
pub mod limits;
pub mod pack;
pub mod plan;
pub mod preset;
pub mod price;
pub mod recorded;
pub mod script;
pub mod server;
pub mod share;
pub mod sketch;
pub mod workload;

pub use lane::{Fallback, FallbackRule, LaneSpec, OnFailure, OrderSpec, PermitScope, StrategySpec};
pub use plan::{Plan, PlanError};
pub use server::Server;
pub use workload::Workload;

use serde::{Deserialize, Serialize};

/// What is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The version of this format. A newer one than [`Experiment::VERSION`] is not opened.
    pub version: u32,
    /// What the luck of the run grows from. Default 1.
    #[serde(default = "one")]
    pub seed: u64,
    /// What is asked.
    pub workload: Workload,
    /// Who answers.
    pub server: Server,
    /// The lanes, from A; 1 to 8 of them.
    pub lanes: Vec<LaneSpec>,
}

fn one() -> u64 {
    1
}

impl Experiment {
    /// The version of the format that this program writes.
    pub const VERSION: u32 = 1;
    /// The most lanes there can be.
    pub const MOST_LANES: usize = 8;

    /// The plans of all lanes.
    ///
    /// # Errors
    /// The first thing that is not sound, by lane.
    pub fn plans(&self) -> Result<Vec<Plan>, ExperimentError> {
        if self.version > Self::VERSION {
            return Err(ExperimentError::Newer { version: self.version });
        }
        if !(1..=Self::MOST_LANES).contains(&self.lanes.len()) {
            return Err(ExperimentError::Lanes { count: self.lanes.len() });
        }
        self.workload.validate()?;
        if self.workload.script().is_some_and(|script| script.programs.len() != self.lanes.len()) {
            return Err(workload::WorkloadError::from(script::ScriptError::BadCount).into());
        }
        self.server.validate()?;
        let plan = |(lane, spec): (usize, &LaneSpec)| {
            let lane = u8::try_from(lane).unwrap_or(u8::MAX);
            spec.validate().map_err(|error| ExperimentError::Lane { letter: crate::id::lane_letter(lane), error })
        };
        self.lanes.iter().enumerate().map(plan).collect()
    }
}

/// Why an experiment can't be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExperimentError {
    /// It comes from a later version of Lanescope.
    #[error("this was made by a newer version (format {version})")]
    Newer {
        /// The version it names.
        version: u32,
    },
    /// Not between 1 and 8 lanes.
    #[error("an experiment has 1 to 8 lanes, not {count}")]
    Lanes {
        /// How many it has.
        count: usize,
    },
    /// The workload is not sound.
    #[error("workload: {0}")]
    Workload(#[from] workload::WorkloadError),
    /// The server is not sound.
    #[error("server: {0}")]
    Server(#[from] server::ServerError),
    /// A lane is not sound.
    #[error("lane {letter}: {error}")]
    Lane {
        /// Which lane.
        letter: char,
        /// What is wrong with it.
        error: PlanError,
    },
}
