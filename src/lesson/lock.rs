//! Locks: the groups of controls that a teacher's link can take out of play. A lock knows which part of an experiment
//! its controls change, so that a run can be told from one whose locked part is another.

use super::knob::Knob;
use crate::experiment::{Experiment, LaneSpec};
use serde::{Deserialize, Serialize};

/// A group of controls. Every figure of an experiment is in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// What is asked: the workload.
    Requests,
    /// The lanes: how many, of what kind, and how many calls they have in flight.
    Lanes,
    /// What follows a refusal, a failure or a slow call.
    Retries,
    /// How fast calls go out.
    Rates,
    /// Who answers, and what goes wrong there.
    Server,
    /// What luck grows from.
    Seed,
}

impl Lock {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] = [Self::Requests, Self::Lanes, Self::Retries, Self::Rates, Self::Server, Self::Seed];

    /// The groups to which lanes belong: while one of them is locked, lanes neither come nor go.
    pub const OF_LANES: [Self; 3] = [Self::Lanes, Self::Retries, Self::Rates];

    /// The groups of what a knob changes.
    #[must_use]
    pub fn of(knob: Knob) -> &'static [Self] {
        match knob {
            // What a script's calls take and what permits it has are steps of its programs.
            Knob::Requests | Knob::Dialect | Knob::Takes(_) | Knob::Permits(_) => &[Self::Requests],
            Knob::CallTokens(_) => &[Self::Server, Self::Rates],
            Knob::CallTenths | Knob::Quota | Knob::Thinking | Knob::Speed | Knob::Load | Knob::Reuse => &[Self::Server],
            Knob::Seed => &[Self::Seed],
            Knob::Limit(_) | Knob::Processes(_) | Knob::Order(_) => &[Self::Lanes],
            Knob::Tries(_)
            | Knob::FirstDelayTenths(_)
            | Knob::Jitter(_)
            | Knob::Permit(_)
            | Knob::Honour(_)
            | Knob::TimeoutTenths(_)
            | Knob::Fallback(_)
            | Knob::HedgeTenths(_)
            | Knob::AfterFirstTenths(_) => &[Self::Retries],
            Knob::Capacity(_) | Knob::PerMinute(_) | Knob::Window(_) | Knob::CooldownSecs(_) | Knob::Breaker(_) => {
                &[Self::Rates]
            }
        }
    }

    /// Whether `ran` has in this group what `given` has.
    #[must_use]
    pub fn is_kept(self, given: &Experiment, ran: &Experiment) -> bool {
        match self {
            Self::Requests => given.workload == ran.workload,
            Self::Server => given.server == ran.server,
            Self::Seed => given.seed == ran.seed,
            Self::Lanes | Self::Retries | Self::Rates => {
                let pairs = || given.lanes.iter().zip(&ran.lanes);
                given.lanes.len() == ran.lanes.len() && pairs().all(|(given, ran)| self.mixed(given, ran) == *given)
            }
        }
    }

    /// A lane with the fields of this group from `ran`, and all others from `given`.
    fn mixed(self, given: &LaneSpec, ran: &LaneSpec) -> LaneSpec {
        let of = |group| if self == group { ran.clone() } else { given.clone() };
        let (lanes, retries, rates) = (of(Self::Lanes), of(Self::Retries), of(Self::Rates));
        // A field by its name each: a new one must be put into a group before this compiles.
        LaneSpec {
            name: lanes.name,
            strategy: lanes.strategy,
            limit: lanes.limit,
            queue: lanes.queue,
            order: lanes.order,
            processes: lanes.processes,
            adaptive_limit: lanes.adaptive_limit,
            tries: retries.tries,
            first_delay_millis: retries.first_delay_millis,
            delay_base: retries.delay_base,
            delay_cap_millis: retries.delay_cap_millis,
            jitter: retries.jitter,
            permit: retries.permit,
            hedge: retries.hedge,
            fallback: retries.fallback,
            attempt_timeout_millis: retries.attempt_timeout_millis,
            deadline_millis: retries.deadline_millis,
            first_byte_timeout_millis: retries.first_byte_timeout_millis,
            stall_timeout_millis: retries.stall_timeout_millis,
            refusals: retries.refusals,
            on_failure: retries.on_failure,
            after_first_millis: retries.after_first_millis,
            rates_first: rates.rates_first,
            request_bucket: rates.request_bucket,
            token_budget: rates.token_budget,
            window: rates.window,
            adaptive: rates.adaptive,
            breaker: rates.breaker,
            retry_budget: rates.retry_budget,
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::lesson::knob::Dial;
    use crate::lesson::{CARDS, all};

    /// The groups in which two experiments differ.
    fn broken(given: &Experiment, ran: &Experiment) -> Vec<Lock> {
        Lock::ALL.into_iter().filter(|lock| !lock.is_kept(given, ran)).collect()
    }

    #[test]
    fn a_change_breaks_the_lock_of_its_group_and_no_other() {
        let given = race();
        assert_eq!(broken(&given, &given), []);
        let after = |change: fn(&mut Experiment)| {
            let mut ran = race();
            change(&mut ran);
            broken(&given, &ran)
        };
        assert_eq!(after(|ran| ran.seed += 1), [Lock::Seed]);
        assert_eq!(after(|ran| ran.lanes[1].limit = Some(5)), [Lock::Lanes]);
        assert_eq!(after(|ran| ran.lanes[1].tries = 2), [Lock::Retries]);
        assert_eq!(after(|ran| ran.lanes[0].rates_first = true), [Lock::Rates]);
        assert_eq!(after(|ran| ran.server = crate::experiment::Server::Gemini), [Lock::Server]);
        assert_eq!(after(|ran| Knob::Requests.set(ran, 13)), [Lock::Requests]);
        assert_eq!(after(|ran| ran.lanes.truncate(1)), Lock::OF_LANES);
    }

    #[test]
    fn a_knob_is_in_the_groups_that_it_changes() {
        let mut seen = 0;
        for lesson in all().chain(CARDS) {
            for &knob in lesson.knobs {
                let given = (lesson.experiment)();
                let values = match knob.dial() {
                    Dial::Number(least, most) => vec![least, most],
                    Dial::Choice(count) => (0..count).collect(),
                    Dial::Switch => vec![0, 1],
                };
                let mut groups: Vec<Lock> = Vec::new();
                for value in values {
                    let mut ran = given.clone();
                    knob.set(&mut ran, value);
                    groups.extend(broken(&given, &ran));
                }
                let named = Lock::of(knob);
                assert!(named.iter().all(|lock| groups.contains(lock)), "{}: {knob:?} changes {groups:?}", lesson.id);
                assert!(groups.iter().all(|lock| named.contains(lock)), "{}: {knob:?} changes {groups:?}", lesson.id);
                seen += 1;
            }
        }
        assert!(seen > 40, "{seen} knobs");
    }
}
