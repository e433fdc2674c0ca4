//! Knobs: the few controls that a lesson leaves to play with. Each reads and sets one figure of an experiment.

use crate::experiment::limits::Breaker;
use crate::experiment::script::{Call, Dialect, Script, Statement};
use crate::experiment::server::{Amount, Server, Simulated};
use crate::experiment::sketch::constant;
use crate::experiment::{Experiment, LaneSpec, OrderSpec, PermitScope, Workload};
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule;

/// A control to play with. Lanes count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// How many requests.
    Requests,
    /// How long each call takes, in tenths of a second.
    CallTenths,
    /// How many requests the server lets through in its window.
    Quota,
    /// What luck grows from.
    Seed,
    /// At most so many at once.
    Limit(usize),
    /// Tries in all.
    Tries(usize),
    /// The nominal wait after the first try, in tenths of a second.
    FirstDelayTenths(usize),
    /// How waits are spread.
    Jitter(usize),
    /// What a permit is held for.
    Permit(usize),
    /// Who goes first.
    Order(usize),
    /// The requests that the lane's bucket holds.
    Capacity(usize),
    /// The requests a minute that refill the lane's bucket.
    PerMinute(usize),
    /// The requests in the lane's window.
    Window(usize),
    /// Whether the delay that the server names is waited out.
    Honour(usize),
    /// Whether there is a circuit breaker.
    Breaker(usize),
    /// Whose rules a script runs by.
    Dialect,
    /// How long a call of a script takes, in tenths of a second: that of this row, and those of its name elsewhere.
    Takes(usize),
    /// The permits that a lane's program has.
    Permits(usize),
}

/// What a knob looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dial {
    /// A number from one to another.
    Number(u32, u32),
    /// One of so many, from 0.
    Choice(u32),
    /// 0 is off, 1 is on.
    Switch,
}

const JITTERS: [Jitter; 5] = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::PlusMinusHalf, Jitter::Decorrelated];
const SCOPES: [PermitScope; 3] = [PermitScope::Attempt, PermitScope::Step, PermitScope::Item];
const ORDERS: [OrderSpec; 3] = [OrderSpec::Fifo, OrderSpec::Priority { ageing_millis: None }, OrderSpec::Fair];

impl Knob {
    /// What it looks like.
    #[must_use]
    pub fn dial(self) -> Dial {
        match self {
            Self::Requests => Dial::Number(1, 200),
            Self::CallTenths | Self::Quota | Self::Window(_) | Self::Takes(_) => Dial::Number(1, 100),
            Self::Capacity(_) => Dial::Number(1, 500),
            Self::Seed => Dial::Number(1, 999),
            Self::Limit(_) => Dial::Number(1, 50),
            Self::Tries(_) | Self::Permits(_) => Dial::Number(1, 10),
            Self::FirstDelayTenths(_) => Dial::Number(0, 100),
            Self::PerMinute(_) => Dial::Number(1, 600),
            Self::Jitter(_) => Dial::Choice(5),
            Self::Dialect => Dial::Choice(4),
            Self::Permit(_) | Self::Order(_) => Dial::Choice(3),
            Self::Honour(_) | Self::Breaker(_) => Dial::Switch,
        }
    }

    /// Where it stands; none where the experiment has nothing of the kind.
    #[must_use]
    pub fn get(self, experiment: &Experiment) -> Option<u32> {
        let lane = |lane: usize| experiment.lanes.get(lane);
        let place = |found: Option<usize>| found.and_then(|place| u32::try_from(place).ok());
        match self {
            Self::Requests => experiment.workload.calls().map(|calls| calls.requests),
            Self::CallTenths => call_tenths(simulated(experiment)?),
            Self::Quota => simulated(experiment)?.requests_per_minute,
            Self::Seed => u32::try_from(experiment.seed).ok(),
            Self::Limit(n) => lane(n)?.limit,
            Self::Tries(n) => Some(lane(n)?.tries),
            Self::FirstDelayTenths(n) => Some(lane(n)?.first_delay_millis / 100),
            Self::Jitter(n) => place(
                JITTERS
                    .iter()
                    .position(|jitter| *jitter == experiment.lanes.get(n).map_or(Jitter::Full, |lane| lane.jitter)),
            ),
            Self::Permit(n) => place(SCOPES.iter().position(|scope| Some(*scope) == lane(n).map(|lane| lane.permit))),
            Self::Order(n) => place(ORDERS.iter().position(|order| Some(*order) == lane(n).map(|lane| lane.order))),
            Self::Capacity(n) => lane(n)?.request_bucket.map(|bucket| bucket.capacity),
            Self::PerMinute(n) => lane(n)?.request_bucket.map(|bucket| bucket.per_minute),
            Self::Window(n) => lane(n)?.window.map(|window| window.requests),
            Self::Honour(n) => Some(u32::from(lane(n)?.refusals == Rule::Honour)),
            Self::Breaker(n) => Some(u32::from(lane(n)?.breaker.is_some())),
            Self::Dialect => {
                let dialect = experiment.workload.script()?.dialect;
                place(Dialect::ALL.iter().position(|one| *one == dialect))
            }
            Self::Takes(row) => Some(call(experiment, row)?.millis / 100),
            Self::Permits(n) => experiment.workload.script()?.programs.get(n)?.permits.map(u32::from),
        }
    }

    /// Sets it.
    pub fn set(self, experiment: &mut Experiment, value: u32) {
        match self {
            Self::Requests => {
                if let Workload::Calls(calls) = &mut experiment.workload {
                    calls.requests = value;
                }
            }
            Self::CallTenths => {
                if let Server::Simulated(server) = &mut experiment.server {
                    let of = constant(f64::from(value) / 10.0);
                    server.first_byte_millis = of.first_byte_millis;
                    server.answer_tokens = of.answer_tokens;
                    server.tokens_per_second = of.tokens_per_second;
                }
            }
            Self::Quota => {
                if let Server::Simulated(server) = &mut experiment.server {
                    server.requests_per_minute = Some(value);
                }
            }
            Self::Seed => experiment.seed = u64::from(value),
            Self::Limit(n) => with(experiment, n, |lane| lane.limit = Some(value)),
            Self::Tries(n) => with(experiment, n, |lane| lane.tries = value),
            Self::FirstDelayTenths(n) => with(experiment, n, |lane| lane.first_delay_millis = value * 100),
            Self::Jitter(n) => with(experiment, n, |lane| choose(&mut lane.jitter, &JITTERS, value)),
            Self::Permit(n) => with(experiment, n, |lane| choose(&mut lane.permit, &SCOPES, value)),
            Self::Order(n) => with(experiment, n, |lane| choose(&mut lane.order, &ORDERS, value)),
            Self::Capacity(n) => with(experiment, n, |lane| {
                if let Some(bucket) = &mut lane.request_bucket {
                    bucket.capacity = value;
                }
            }),
            Self::PerMinute(n) => with(experiment, n, |lane| {
                if let Some(bucket) = &mut lane.request_bucket {
                    bucket.per_minute = value;
                }
            }),
            Self::Window(n) => with(experiment, n, |lane| {
                if let Some(window) = &mut lane.window {
                    window.requests = value;
                }
            }),
            Self::Honour(n) => {
                with(experiment, n, |lane| lane.refusals = if value == 0 { Rule::Ignore } else { Rule::Honour });
            }
            Self::Breaker(n) => with(experiment, n, |lane| lane.breaker = (value > 0).then(Breaker::default)),
            Self::Dialect => with_script(experiment, |script| choose(&mut script.dialect, &Dialect::ALL, value)),
            Self::Takes(row) => {
                if let Some(name) = call(experiment, row).map(|call| call.name.clone()) {
                    with_script(experiment, |script| take(script, &name, value * 100));
                }
            }
            Self::Permits(n) => with_script(experiment, |script| {
                if let Some(program) = script.programs.get_mut(n) {
                    program.permits = u16::try_from(value).ok();
                }
            }),
        }
    }
}

fn simulated(experiment: &Experiment) -> Option<&Simulated> {
    match &experiment.server {
        Server::Simulated(figures) => Some(figures),
        Server::Gemini => None,
    }
}

/// How long a call of a server takes whose figures do not vary, in tenths of a second.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Some tenths of a second.
fn call_tenths(server: &Simulated) -> Option<u32> {
    let (Amount::Constant(first_byte), Amount::Constant(tokens)) = (&server.first_byte_millis, &server.answer_tokens)
    else {
        return None;
    };
    let millis = first_byte + tokens * 1_000.0 / f64::from(server.tokens_per_second.max(1));
    Some(libm::round(millis / 100.0) as u32)
}

fn with(experiment: &mut Experiment, lane: usize, change: impl FnOnce(&mut LaneSpec)) {
    if let Some(lane) = experiment.lanes.get_mut(lane) {
        change(lane);
    }
}

fn with_script(experiment: &mut Experiment, change: impl FnOnce(&mut Script)) {
    if let Workload::Script(script) = &mut experiment.workload {
        change(script);
    }
}

/// The call that has this row in the first lane.
fn call(experiment: &Experiment, row: usize) -> Option<&Call> {
    let main = &experiment.workload.script()?.programs.first()?.main;
    main.iter().flat_map(Statement::calls).nth(row.checked_sub(1)?)
}

/// Gives all calls of that name so long.
fn take(script: &mut Script, name: &str, millis: u32) {
    let statements = script.programs.iter_mut().flat_map(|program| &mut program.main);
    for call in statements.flat_map(Statement::calls_mut).filter(|call| &*call.name == name) {
        call.millis = millis;
    }
}

fn choose<T: Copy>(place: &mut T, all: &[T], value: u32) {
    if let Some(chosen) = all.get(value as usize) {
        *place = *chosen;
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::lesson;

    #[test]
    fn what_a_knob_of_a_lesson_is_set_to_it_shows_and_the_experiment_stays_sound() {
        for lesson in lesson::all().chain(lesson::CARDS) {
            for knob in lesson.knobs {
                let mut experiment = (lesson.experiment)();
                let stands = knob.get(&experiment);
                assert!(stands.is_some(), "{}: {knob:?} has nothing to turn", lesson.id);
                let values = match knob.dial() {
                    Dial::Number(least, most) => vec![least, most],
                    Dial::Choice(count) => (0..count).collect(),
                    Dial::Switch => vec![0, 1],
                };
                for value in values {
                    knob.set(&mut experiment, value);
                    assert_eq!(knob.get(&experiment), Some(value), "{}: {knob:?}", lesson.id);
                    assert!(experiment.plans().is_ok(), "{}: {knob:?} at {value}", lesson.id);
                }
            }
        }
    }
}
