//! What is asked: so many requests, their prompts taken in turn.

use crate::port::Settings;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Requests to a language model.
    Calls(Calls),
}

/// Requests to a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// The prompts. A single one is asked as often as there are requests; of several, each request
    /// takes the next, starting over when they run out.
    pub prompts: Vec<Rc<str>>,
    /// How many requests. Default 12.
    pub requests: u32,
    /// What goes with every request.
    pub settings: Settings,
}

impl Default for Calls {
    fn default() -> Self {
        Self { prompts: vec!["Why do some birds migrate?".into()], requests: 12, settings: Settings::default() }
    }
}

/// Why a workload can't be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// There is nothing to ask.
    #[error("write at least one prompt")]
    NoPrompt,
    /// Fewer than one or more than the page can draw.
    #[error("requests must lie between 1 and {}", Workload::MOST_REQUESTS)]
    BadCount,
    /// Outside what the models take.
    #[error("temperature must lie between 0 and 2")]
    BadTemperature,
    /// An answer of no tokens is none, and no model writes more.
    #[error("output tokens must lie between 1 and 65536")]
    BadTokens,
    /// No model is named.
    #[error("name a model")]
    NoModel,
}

impl Workload {
    /// The most requests of one run.
    pub const MOST_REQUESTS: u32 = 100_000;

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        let Self::Calls(calls) = self;
        calls.requests
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The prompt of item `item`.
    #[must_use]
    pub fn prompt(&self, item: u32) -> Rc<str> {
        let Self::Calls(Calls { prompts, .. }) = self;
        match prompts.len() {
            0 => "".into(),
            n => prompts[item as usize % n].clone(),
        }
    }

    /// What goes with every request.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        let Self::Calls(calls) = self;
        &calls.settings
    }

    /// # Errors
    /// The first thing that is not sound.
    pub fn validate(&self) -> Result<(), WorkloadError> {
        let Self::Calls(Calls { prompts, requests, settings }) = self;
        if prompts.iter().all(|prompt| prompt.trim().is_empty()) {
            return Err(WorkloadError::NoPrompt);
        }
        if !(1..=Self::MOST_REQUESTS).contains(requests) {
            return Err(WorkloadError::BadCount);
        }
        if settings.model.trim().is_empty() {
            return Err(WorkloadError::NoModel);
        }
        if !(0.0..=2.0).contains(&settings.temperature) {
            return Err(WorkloadError::BadTemperature);
        }
        if !(1..=65_536).contains(&settings.max_output_tokens) {
            return Err(WorkloadError::BadTokens);
        }
        Ok(())
    }
}
