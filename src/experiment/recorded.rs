//! A server as a real run showed it: figures that were fitted, how much they rest on, and, for as long as they are
//! wanted, the very durations that were measured.
//!
//! It is data only: `study/fit` makes it of a trace, and `sim` acts on it.

use crate::experiment::server::{Fault, ServerError, Simulated};
use serde::{Deserialize, Serialize};

/// A server fitted to a real run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Recorded {
    /// What was fitted. A figure that the run showed nothing of is that of a simulated server by default.
    pub figures: Simulated,
    /// How much was seen.
    pub seen: Seen,
    /// What became of each attempt, to be given back as it was; an attempt that is none of them is answered by the
    /// figures. Default none, so that all are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<Take>,
}

/// From how many attempts a server was fitted; 0 for a figure that stayed as it is by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Seen {
    /// Attempts that were sent.
    pub attempts: u32,
    /// Those whose first byte came.
    pub first_bytes: u32,
    /// Those given up before their first byte, which tell that it takes longer than that.
    pub given_up: u32,
    /// Answers, each with its tokens.
    pub answers: u32,
    /// Answers that came over some time, and so have a pace.
    pub paces: u32,
    /// Attempts that the exponent of load was found from; 0 where none was.
    pub load: u32,
    /// The most attempts in flight when one was sent: beyond them load is a guess.
    pub most_in_flight: u32,
    /// Attempts that opened a connection, where those took longer.
    pub connections: u32,
    /// Refusals, which the time of one is taken from.
    pub refusals: u32,
    /// Attempts that failed by themselves: the likelihoods of faults.
    pub faults: u32,
    /// Refusals that named a quota.
    pub quotas_named: u32,
    /// Refusals that named none and came as those of a quota do.
    pub quotas_counted: u32,
    /// Failures of a kind that no simulated server has.
    pub left_out: u32,
}

/// What became of an attempt of a real run. Times are in microseconds since it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// The lane.
    #[serde(default, skip_serializing_if = "is_first")]
    pub lane: u8,
    /// The item.
    pub item: u32,
    /// The step of its chain.
    #[serde(default, skip_serializing_if = "is_first")]
    pub step: u8,
    /// The branch.
    #[serde(default, skip_serializing_if = "is_first")]
    pub branch: u8,
    /// The attempt, from 1.
    pub attempt: u8,
    /// How many attempts were in flight, itself included: under another load it takes another time.
    pub in_flight: u32,
    /// When the first byte came; when it ended, if none did.
    pub first_byte_micros: u64,
    /// When the answer's text began.
    pub text_micros: u64,
    /// When it ended.
    pub end_micros: u64,
    /// Tokens thought.
    #[serde(default)]
    pub thinking: u32,
    /// Tokens answered.
    #[serde(default)]
    pub answer: u32,
    /// What went wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde hands over references.
fn is_first(place: &u8) -> bool {
    *place == 0
}

/// An hour: no attempt takes longer.
const LONGEST_MICROS: u64 = 3_600_000_000;
/// More than a run of the most requests sends.
const MOST_TAKES: usize = 1_000_000;

impl Recorded {
    /// # Errors
    /// The first figure that is out of bounds.
    pub fn validate(&self) -> Result<(), ServerError> {
        self.figures.validate()?;
        if self.takes.len() > MOST_TAKES || !self.takes.iter().all(Take::is_sound) {
            return Err(ServerError::OutOfBounds { what: "a recorded duration" });
        }
        Ok(())
    }
}

impl Take {
    fn is_sound(&self) -> bool {
        let times = [self.first_byte_micros, self.text_micros, self.end_micros];
        times.is_sorted() && self.end_micros <= LONGEST_MICROS && self.answer.max(self.thinking) <= 65_536
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn take(first_byte_micros: u64, text_micros: u64, end_micros: u64) -> Take {
        Take {
            lane: 0,
            item: 3,
            step: 0,
            branch: 0,
            attempt: 1,
            in_flight: 2,
            first_byte_micros,
            text_micros,
            end_micros,
            thinking: 0,
            answer: 8,
            fault: None,
        }
    }

    #[test]
    fn the_times_of_an_attempt_are_in_order_and_within_an_hour() {
        let of = |take| Recorded { takes: vec![take], ..Recorded::default() }.validate();
        let wrong = Err(ServerError::OutOfBounds { what: "a recorded duration" });
        assert_eq!(of(take(1, 2, 3)), Ok(()));
        assert_eq!(of(take(2, 1, 3)), wrong);
        assert_eq!(of(take(1, 2, LONGEST_MICROS + 1)), wrong);
    }

    #[test]
    fn what_is_usual_is_not_written() {
        let written = serde_json::to_string(&take(1, 2, 3)).expect("json");
        assert!(!written.contains("lane") && !written.contains("step") && !written.contains("fault"), "{written}");
        assert_eq!(serde_json::from_str::<Take>(&written).expect("a take"), take(1, 2, 3));
    }
}
