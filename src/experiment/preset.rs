//! Experiments to start from: the race that the page opens with, and the field's own exercises.

use crate::experiment::server::{Fault, Rule, Simulated, When};
use crate::experiment::sketch::{calls, experiment, listed};
use crate::experiment::{Experiment, LaneSpec};

/// An experiment with a name to choose it by.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// A short name in lower case, for tests and links within the page.
    pub id: &'static str,
    /// What its button says.
    pub label: &'static str,
    pub(super) make: fn() -> Experiment,
}

impl Preset {
    /// The experiment.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        (self.make)()
    }
}

/// All presets, in the order of the page.
pub const PRESETS: &[Preset] = &[
    Preset { id: "race", label: "A race of 12", make: race },
    Preset { id: "five", label: "Five in a loop", make: five },
    Preset { id: "ten", label: "Ten, five at once", make: ten },
    Preset { id: "wall", label: "Twenty: the wall", make: wall },
    Preset { id: "back-off", label: "Back off", make: back_off },
];

/// A seed whose luck is ordinary: about nine times real time to play, and a wait long enough to see.
const RACE_SEED: u64 = 51;

/// Twelve requests of about 6.4 s, one at a time against four; the seventh meets one 503 where others are in flight.
#[must_use]
pub fn race() -> Experiment {
    let overload = Rule {
        when: When { items: Some(vec![6]), first_attempts: Some(1), in_flight_at_least: Some(2), ..When::default() },
        fault: Fault::Status(503),
    };
    let server = Simulated { faults: vec![overload], ..Simulated::default() };
    Experiment { seed: RACE_SEED, ..experiment(calls(12), server, [LaneSpec::sequential(), LaneSpec::concurrent(4)]) }
}

/// Five requests in a loop, and the same five gathered.
pub(super) fn five() -> Experiment {
    experiment(
        calls(5),
        listed(&[7.1, 6.3, 8.5, 4.6, 5.6]),
        [LaneSpec::sequential(), LaneSpec { name: "Gathered".into(), ..LaneSpec::concurrent(5) }],
    )
}

/// Ten requests, one at a time and five at a time.
fn ten() -> Experiment {
    experiment(calls(10), Simulated::default(), [LaneSpec::sequential(), LaneSpec::concurrent(5)])
}

/// Twenty at once against a quota of 15 a minute, with no retry: the wall.
fn wall() -> Experiment {
    let once = LaneSpec { name: "All at once".into(), tries: 1, ..LaneSpec::concurrent(20) };
    experiment(calls(20), quota_15(), [LaneSpec { tries: 1, ..LaneSpec::sequential() }, once])
}

/// The same with back-off that honours the server's delay.
fn back_off() -> Experiment {
    let patient = LaneSpec { name: "All at once".into(), ..LaneSpec::concurrent(20) };
    experiment(calls(20), quota_15(), [LaneSpec::sequential(), patient])
}

fn quota_15() -> Simulated {
    Simulated { requests_per_minute: Some(15), ..Simulated::default() }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_run() {
        for preset in PRESETS {
            assert!(preset.experiment().plans().is_ok(), "{}", preset.id);
        }
    }
}
