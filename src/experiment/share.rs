//! An experiment in a link: `#x=<version><deflate, base64url>`.
//!
//! A link is at most 8 kB; a larger experiment is offered as a file instead. What is opened from a
//! link is only ever shown: nothing in it can start a real run.

use crate::experiment::pack::{PackError, pack, unpack};
use crate::experiment::{Experiment, ExperimentError};

pub use crate::experiment::pack::{LONGEST, version_of};

/// How this version's links begin.
const VERSION: char = '1';

/// Why a link was not made or not opened.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShareError {
    /// Too much for a link.
    #[error("this experiment is too large for a link; save it as a file")]
    TooLarge,
    /// Not what a link holds: cut or changed on its way.
    #[error("the link is damaged")]
    Damaged,
    /// Made by a later version of Lanescope.
    #[error("the link was made by a newer version of Lanescope")]
    Newer,
    /// It is read, but can't be run.
    #[error("the link holds an experiment that can't be run: {0}")]
    Unsound(ExperimentError),
}

impl From<PackError> for ShareError {
    fn from(error: PackError) -> Self {
        match error {
            PackError::TooLarge => Self::TooLarge,
            PackError::Damaged => Self::Damaged,
            PackError::Newer => Self::Newer,
        }
    }
}

/// `experiment` as the value of a link.
///
/// # Errors
/// [`ShareError::TooLarge`] past 8 kB.
pub fn encode(experiment: &Experiment) -> Result<String, ShareError> {
    let json = serde_json::to_string(experiment).map_err(|_| ShareError::Damaged)?;
    Ok(pack(VERSION, &json)?)
}

/// The experiment that a link's value holds. It is sound.
///
/// # Errors
/// [`ShareError`] when it is damaged, newer than this version, or can't be run.
pub fn decode(value: &str) -> Result<Experiment, ShareError> {
    let json = unpack(VERSION, value)?;
    if version_of(&json).ok_or(ShareError::Damaged)? > Experiment::VERSION {
        return Err(ShareError::Newer);
    }
    let experiment: Experiment = serde_json::from_str(&json).map_err(|_| ShareError::Damaged)?;
    experiment.plans().map_err(ShareError::Unsound)?;
    Ok(experiment)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::{PRESETS, race};
    use proptest::prelude::*;

    #[test]
    fn every_preset_comes_back_as_it_was() {
        for preset in PRESETS {
            let link = encode(&preset.experiment()).expect("small");
            assert_eq!(decode(&link), Ok(preset.experiment()), "{}", preset.id);
            assert!(link.len() < 700, "{} takes {}", preset.id, link.len());
        }
    }

    #[test]
    fn a_newer_link_says_so() {
        assert_eq!(decode("2AAAA"), Err(ShareError::Newer));
        let later = Experiment { version: 2, ..race() };
        assert_eq!(decode(&encode(&later).expect("small")), Err(ShareError::Newer));
    }

    #[test]
    fn a_cut_link_is_damaged() {
        let link = encode(&race()).expect("small");
        assert_eq!(decode(&link[..link.len() / 2]), Err(ShareError::Damaged));
        assert_eq!(decode(""), Err(ShareError::Damaged));
    }

    #[test]
    fn an_experiment_with_a_key_or_a_host_in_it_is_not_opened() {
        for extra in ["apiKey", "baseUrl", "host"] {
            let mut json = serde_json::to_value(race()).expect("json");
            json[extra] = "x".into();
            let value = pack(VERSION, &json.to_string()).expect("small");
            assert_eq!(decode(&value), Err(ShareError::Damaged));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = decode(&text);
            let _ = decode(&format!("1{text}"));
        }
    }
}
