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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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

/// How an experiment's lanes came to other places.
#[derive(Clone, Copy, Debug)]
pub enum Moved {
    /// One was put in at this place.
    Added(usize),
    /// The one at this place was taken away.
    Removed(usize),
    /// The one at this place changed with that before it.
    Up(usize),
}

/// Has takes go where their lanes went. Those of a lane that was taken away go with it, but not the last there are:
/// lanes that have none are answered with them.
pub fn follow(takes: &mut Vec<Take>, moved: Moved) {
    let is_first = takes.first().map(|take| take.lane);
    let has_others = takes.iter().any(|take| Some(take.lane) != is_first);
    takes.retain_mut(|take| {
        let lane = usize::from(take.lane);
        match moved {
            Moved::Removed(at) if lane == at => return !has_others,
            Moved::Removed(at) if lane > at => take.lane -= 1,
            Moved::Added(at) if lane >= at => take.lane = take.lane.saturating_add(1),
            Moved::Up(at) if lane == at => take.lane = take.lane.saturating_sub(1),
            Moved::Up(at) if lane + 1 == at => take.lane += 1,
            _ => {}
        }
        true
    });
}

/// What a lane is answered with, as if it were the first: its own takes; where it has none, those of the first lane
/// there is.
#[must_use]
pub fn of_lane(takes: &[Take], lane: u8) -> Vec<Take> {
    let is_known = takes.iter().any(|take| take.lane == lane);
    let of = if is_known { lane } else { takes.first().map_or(lane, |take| take.lane) };
    takes.iter().filter(|take| take.lane == of).map(|take| Take { lane: 0, ..*take }).collect()
}

/// The takes of these items, which are given in order and numbered anew.
#[must_use]
pub fn of_items(takes: &[Take], items: &[u32]) -> Vec<Take> {
    let place = |take: &Take| u32::try_from(items.binary_search(&take.item).ok()?).ok();
    takes.iter().filter_map(|take| Some(Take { item: place(take)?, ..*take })).collect()
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

    /// The lanes of takes of so many lanes, each of an item of its own, by those items.
    fn lanes(lanes: u8, moved: Moved) -> Vec<(u32, u8)> {
        let mut takes: Vec<Take> = (0..lanes).map(|lane| Take { lane, item: lane.into(), ..take(1, 2, 3) }).collect();
        follow(&mut takes, moved);
        takes.iter().map(|take| (take.item, take.lane)).collect()
    }

    #[test]
    fn takes_go_where_their_lanes_go() {
        assert_eq!(lanes(3, Moved::Removed(1)), [(0, 0), (2, 1)]);
        assert_eq!(lanes(3, Moved::Added(1)), [(0, 0), (1, 2), (2, 3)]);
        assert_eq!(lanes(3, Moved::Up(2)), [(0, 0), (1, 2), (2, 1)]);
        assert_eq!(lanes(1, Moved::Removed(0)), [(0, 0)], "the last there are answer the lanes that are left");
    }

    #[test]
    fn a_lane_alone_is_the_first_and_items_are_counted_anew() {
        let takes: Vec<Take> =
            [(0, 3), (1, 3), (1, 5), (1, 7)].map(|(lane, item)| Take { lane, item, ..take(1, 2, 3) }).into();
        let said = |takes: &[Take]| takes.iter().map(|take| (take.lane, take.item)).collect::<Vec<_>>();
        assert_eq!(said(&of_lane(&takes, 1)), [(0, 3), (0, 5), (0, 7)]);
        assert_eq!(said(&of_lane(&takes, 6)), [(0, 3)], "one that was not there has those of the first");
        assert_eq!(said(&of_items(&of_lane(&takes, 1), &[5, 6, 7])), [(0, 0), (0, 2)]);
    }

    #[test]
    fn what_is_usual_is_not_written() {
        let written = serde_json::to_string(&take(1, 2, 3)).expect("json");
        assert!(!written.contains("lane") && !written.contains("step") && !written.contains("fault"), "{written}");
        assert_eq!(serde_json::from_str::<Take>(&written).expect("a take"), take(1, 2, 3));
    }
}
