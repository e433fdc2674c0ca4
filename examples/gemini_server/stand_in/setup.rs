//! What a round begins with, and how a reset changes it.

use lanescope::experiment::server::{ServerError, Simulated};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a round begins with. It has no `Debug`, since it may hold a key.
#[derive(Clone)]
pub(crate) struct Setup {
    /// How the server behaves.
    pub(crate) figures: Simulated,
    /// What luck grows from.
    pub(crate) seed: u64,
    /// The only key that is accepted; none for any, or for no key at all.
    pub(crate) key: Option<String>,
    /// Whether pages of other origins may read answers.
    pub(crate) cors: bool,
    /// The prompts of the items, if calls are to be told apart by them: the place of a call's prompt among them then
    /// keys its luck, as in a simulation, and the log says it. Else the order of arrival does.
    pub(crate) prompts: Vec<String>,
}

/// Why a reset was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupError {
    /// It can't be read.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The figures make no server.
    #[error(transparent)]
    Figures(#[from] ServerError),
}

impl Default for Setup {
    fn default() -> Self {
        Self { figures: Simulated::default(), seed: 1, key: None, cors: true, prompts: Vec::new() }
    }
}

impl Setup {
    /// This setup with what `body` says, which may be empty. With any figure given, those left out
    /// are the defaults: a case of a test then says all that it depends on.
    pub(super) fn changed(mut self, body: &str) -> Result<Self, SetupError> {
        if body.trim().is_empty() {
            return Ok(self);
        }
        let mut given: Map<String, Value> = serde_json::from_str(body)?;
        take(&mut given, "key", &mut self.key)?;
        take(&mut given, "seed", &mut self.seed)?;
        take(&mut given, "cors", &mut self.cors)?;
        if !given.is_empty() {
            self.figures = serde_json::from_value(Value::Object(given))?;
        }
        self.figures.validate()?;
        Ok(self)
    }
}

/// Moves the entry `name` to its place, if there is one.
fn take<T: DeserializeOwned>(given: &mut Map<String, Value>, name: &str, place: &mut T) -> serde_json::Result<()> {
    if let Some(value) = given.remove(name) {
        *place = serde_json::from_value(value)?;
    }
    Ok(())
}
