//! What can be swept: the settings of a lane, of the work and of the simulated server that have an order.
//!
//! A value is a number in the unit that people use (seconds, percent, a minute). 0 stands for "none" where a
//! setting can be off, and then comes last: no limit is the highest of all.

use crate::experiment::limits::{Hedge, RequestBucket};
use crate::experiment::server::{Fault, Load, Simulated};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, StrategySpec, Workload};
use crate::figure::whole;
use crate::policy::backoff::Jitter;
use serde::{Deserialize, Serialize};

/// What can be swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Requests in flight at most. A lane that goes one at a time becomes one under a limit.
    InFlight,
    /// Requests a minute out of the lane's bucket.
    Rate,
    /// Requests that the lane's bucket lets go at once.
    Burst,
    /// Tries in all.
    Tries,
    /// The first wait before another try, in seconds.
    FirstDelay,
    /// How waits are spread: a place in [`Setting::JITTERS`].
    Jitter,
    /// How long an attempt may take, in seconds.
    Timeout,
    /// Seconds until a call that takes long gets a copy.
    Hedge,
    /// Requests in all.
    Requests,
    /// Steps of each request's chain.
    Steps,
    /// Requests that the server lets through in its window.
    Quota,
    /// The share of attempts that meet a fault, in percent.
    Faults,
    /// How latency grows with the requests in flight: the exponent of their number.
    Load,
}

/// The values that a setting can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// Whether only whole numbers make sense.
    pub whole: bool,
    /// Whether 0 stands for none.
    pub can_be_off: bool,
}

/// What a lane's bucket gains a minute where nothing is said.
const USUAL_RATE: u32 = 60;

impl Setting {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 13] = [
        Self::InFlight,
        Self::Rate,
        Self::Burst,
        Self::Tries,
        Self::FirstDelay,
        Self::Jitter,
        Self::Timeout,
        Self::Hedge,
        Self::Requests,
        Self::Steps,
        Self::Quota,
        Self::Faults,
        Self::Load,
    ];

    /// The kinds of jitter, from the widest spread to none.
    pub const JITTERS: [Jitter; 5] =
        [Jitter::Full, Jitter::Decorrelated, Jitter::PlusMinusHalf, Jitter::Equal, Jitter::None];

    /// The values that it can have.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        let (least, most, whole, can_be_off) = match self {
            Self::InFlight | Self::Burst => (1.0, 1_000.0, true, false),
            Self::Rate | Self::Quota => (1.0, 1_000_000.0, true, true),
            Self::Tries => (1.0, 20.0, true, false),
            Self::FirstDelay => (0.0, 3_600.0, false, false),
            Self::Jitter => (0.0, 4.0, true, false),
            Self::Timeout => (0.1, 86_400.0, false, false),
            Self::Hedge => (0.1, 3_600.0, false, true),
            Self::Requests => (1.0, 10_000.0, true, false),
            Self::Steps => (1.0, 5.0, true, false),
            Self::Faults => (0.0, 100.0, false, false),
            Self::Load => (0.0, 2.0, false, false),
        };
        Bounds { least, most, whole, can_be_off }
    }

    /// Whether `value` is one that it can have.
    #[must_use]
    pub fn takes(self, value: f64) -> bool {
        let Bounds { least, most, whole, can_be_off } = self.bounds();
        let is_off = can_be_off && value <= 0.0 && value >= 0.0;
        is_off || (least..=most).contains(&value) && (!whole || libm::round(value).to_bits() == value.to_bits())
    }

    /// Values that show something, as they are entered.
    #[must_use]
    pub fn usual(self) -> &'static str {
        match self {
            Self::InFlight => "1 to 20",
            Self::Rate => "30, 60, 120, 300, 600, none",
            Self::Burst => "1, 2, 5, 10, 20, 50",
            Self::Tries => "1 to 8",
            Self::FirstDelay => "0.1, 0.2, 0.5, 1, 2, 5, 10, 20",
            Self::Jitter => "0 to 4",
            Self::Timeout => "5, 10, 15, 20, 30, 60",
            Self::Hedge => "2, 4, 6, 8, 10, none",
            Self::Requests => "10, 20, 50, 100, 200",
            Self::Steps => "1 to 5",
            Self::Quota => "15, 30, 60, 120, 300, none",
            Self::Faults => "0, 2, 5, 10, 20, 30, 40, 50",
            Self::Load => "0, 0.1, 0.2, 0.3, 0.5, 0.7, 1",
        }
    }

    /// Whether it is for whoever makes the plan to choose; else it is what the plan is for, or meets.
    #[must_use]
    pub fn is_of_plan(self) -> bool {
        !matches!(self, Self::Requests | Self::Steps | Self::Quota | Self::Faults | Self::Load)
    }

    /// Where `value` stands among others: none is above all.
    #[must_use]
    pub fn rank(self, value: f64) -> f64 {
        if self.bounds().can_be_off && value <= 0.0 { f64::INFINITY } else { value }
    }

    /// Gives it this value in a lane of `experiment`. What an experiment does not have stays as it is.
    pub fn set(self, experiment: &mut Experiment, lane: usize, value: f64) {
        match (self, &mut experiment.workload, experiment.server.simulated_mut()) {
            (Self::Requests | Self::Steps, Workload::Calls(calls), _) => self.set_work(calls, whole(value)),
            (Self::Quota | Self::Faults | Self::Load, _, Some(figures)) => self.set_server(figures, value),
            _ => {
                if let Some(spec) = experiment.lanes.get_mut(lane) {
                    self.set_lane(spec, value);
                }
            }
        }
    }

    fn set_work(self, calls: &mut Calls, value: u32) {
        if self == Self::Requests {
            calls.requests = value;
        } else {
            // A step without an instruction of its own asks about the answer before it.
            calls.steps.resize_with(value as usize, || "".into());
        }
    }

    fn set_server(self, figures: &mut Simulated, value: f64) {
        match self {
            Self::Quota => figures.requests_per_minute = Some(whole(value)).filter(|&quota| quota > 0),
            Self::Load => figures.load = Load::Power { exponent: value },
            _ => {
                let known = figures.faults.iter().find(|rule| rule.is_plain()).map(|rule| rule.fault);
                figures.strike_any(known.or(Some(Fault::Status(503))), value / 100.0);
            }
        }
    }

    fn set_lane(self, spec: &mut LaneSpec, value: f64) {
        let bucket = spec.request_bucket.unwrap_or(RequestBucket { capacity: 1, per_minute: USUAL_RATE });
        match self {
            Self::InFlight => {
                if spec.strategy == StrategySpec::Sequential {
                    spec.strategy = StrategySpec::Gather;
                }
                (spec.limit, spec.adaptive_limit) = (Some(whole(value)), None);
            }
            Self::Rate => {
                let per_minute = whole(value);
                spec.request_bucket = (per_minute > 0).then_some(RequestBucket { per_minute, ..bucket });
            }
            Self::Burst => spec.request_bucket = Some(RequestBucket { capacity: whole(value), ..bucket }),
            Self::Tries => spec.tries = whole(value),
            Self::FirstDelay => {
                spec.first_delay_millis = whole(value * 1_000.0);
                spec.delay_cap_millis = spec.delay_cap_millis.max(spec.first_delay_millis);
            }
            Self::Jitter => spec.jitter = Self::JITTERS[whole(value) as usize % Self::JITTERS.len()],
            Self::Timeout => spec.attempt_timeout_millis = whole(value * 1_000.0),
            Self::Hedge => spec.hedge = (value > 0.0).then(|| Hedge::AfterMillis(whole(value * 1_000.0))),
            Self::Requests | Self::Steps | Self::Quota | Self::Faults | Self::Load => {}
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::study::Axis;

    #[test]
    fn every_usual_value_makes_another_experiment_that_is_sound() {
        for setting in Setting::ALL {
            let axis = Axis::read(setting, setting.usual()).expect("usual");
            let mut made: Vec<Experiment> = Vec::new();
            for &value in &axis.values {
                let mut experiment = preset::race();
                setting.set(&mut experiment, 0, value);
                assert!(experiment.plans().is_ok(), "{setting:?} {value}: {:?}", experiment.plans());
                assert!(!made.contains(&experiment), "{setting:?}: {value} is like one before it");
                assert_eq!(experiment.lanes[1], preset::race().lanes[1], "{setting:?} changes one lane alone");
                made.push(experiment);
            }
            assert!(made.len() >= 5, "{setting:?}");
        }
    }

    #[test]
    fn a_burst_and_a_rate_are_two_sides_of_one_bucket() {
        let mut experiment = preset::race();
        Setting::Rate.set(&mut experiment, 1, 300.0);
        Setting::Burst.set(&mut experiment, 1, 5.0);
        assert_eq!(experiment.lanes[1].request_bucket, Some(RequestBucket { capacity: 5, per_minute: 300 }));
        Setting::Rate.set(&mut experiment, 1, 0.0);
        assert_eq!(experiment.lanes[1].request_bucket, None);
    }

    #[test]
    fn the_share_that_fails_is_one_of_all_attempts() {
        let struck = |percent: f64| {
            let mut experiment = preset::race();
            Setting::Requests.set(&mut experiment, 1, 200.0);
            Setting::Faults.set(&mut experiment, 1, percent);
            crate::lab::simulate(&experiment).expect("sound").lanes[1].failures.len()
        };
        // Every failure is tried again: 200 requests make about 400 attempts, and half of those fail.
        assert_eq!(struck(0.0), 0);
        assert!((150..250).contains(&struck(50.0)), "{}", struck(50.0));
    }

    #[test]
    fn a_value_outside_is_none_and_off_is_a_value_only_where_there_is_an_off() {
        assert!(Setting::Rate.takes(0.0) && Setting::Rate.takes(60.0) && !Setting::Rate.takes(0.5));
        assert!(!Setting::InFlight.takes(0.0) && !Setting::InFlight.takes(2.5) && !Setting::InFlight.takes(f64::NAN));
        assert!(Setting::Faults.takes(0.0) && Setting::Faults.takes(2.5) && !Setting::Faults.takes(101.0));
        assert!(Setting::Rate.rank(0.0) > Setting::Rate.rank(1e6) && Setting::Faults.rank(0.0) <= 0.0);
    }
}
