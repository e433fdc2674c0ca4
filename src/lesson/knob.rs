//! Knobs: the few controls that a lesson leaves to play with. Each reads and sets one figure of an experiment.

use crate::experiment::limits::{Breaker, Hedge};
use crate::experiment::script::{Call, Dialect, Script, Statement};
use crate::experiment::server::{Amount, Load, Simulated};
use crate::experiment::sketch::constant;
use crate::experiment::{Experiment, FallbackRule, LaneSpec, OrderSpec, PermitScope, Workload};
use crate::figure::whole;
use crate::policy::backoff::Jitter;
use crate::policy::refusal::Rule;

/// A control to play with. Lanes count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// How many requests.
    Requests,
    /// How long each call takes, in tenths of a second.
    CallTenths,
    /// The tokens of a call, prompt and answer, in hundreds; the lane's budget of tokens expects as many.
    CallTokens(usize),
    /// How many requests the server lets through in its window.
    Quota,
    /// How many tokens each call thinks.
    Thinking,
    /// How many tokens come a second.
    Speed,
    /// By how much the server slows down under load: the exponent of the requests in flight, in hundredths.
    Load,
    /// Whether a call takes over the connection that another has left.
    Reuse,
    /// What luck grows from.
    Seed,
    /// At most so many at once.
    Limit(usize),
    /// Processes that share the items, each with a semaphore of its own.
    Processes(usize),
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
    /// How long the lane's breaker stays open, in seconds.
    CooldownSecs(usize),
    /// Whether the delay that the server names is waited out.
    Honour(usize),
    /// Whether there is a circuit breaker.
    Breaker(usize),
    /// How long a call may take, in tenths of a second.
    TimeoutTenths(usize),
    /// How the other models are asked.
    Fallback(usize),
    /// How long a call takes before a copy of it goes out, in tenths of a second.
    HedgeTenths(usize),
    /// How long after the first item is over the rest is given up, in tenths of a second.
    AfterFirstTenths(usize),
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
const FALLBACKS: [FallbackRule; 3] = [FallbackRule::InOrder, FallbackRule::FirstSuccess, FallbackRule::FirstFinished];

impl Knob {
    /// What it looks like.
    #[must_use]
    pub fn dial(self) -> Dial {
        match self {
            Self::Requests | Self::Speed => Dial::Number(1, 200),
            Self::CallTenths
            | Self::TimeoutTenths(_)
            | Self::HedgeTenths(_)
            | Self::Quota
            | Self::Takes(_)
            | Self::Window(_) => Dial::Number(1, 100),
            Self::Capacity(_) | Self::Thinking => Dial::Number(1, 500),
            Self::AfterFirstTenths(_) => Dial::Number(0, 600),
            // An answer has at most 4 096 tokens.
            Self::CallTokens(_) => Dial::Number(1, 40),
            Self::Seed => Dial::Number(1, 999),
            Self::Limit(_) | Self::Processes(_) => Dial::Number(1, 50),
            Self::Tries(_) | Self::Permits(_) => Dial::Number(1, 10),
            Self::FirstDelayTenths(_) | Self::Load => Dial::Number(0, 100),
            Self::PerMinute(_) => Dial::Number(1, 600),
            Self::CooldownSecs(_) => Dial::Number(1, 120),
            Self::Jitter(_) => Dial::Choice(5),
            Self::Dialect => Dial::Choice(4),
            Self::Permit(_) | Self::Order(_) | Self::Fallback(_) => Dial::Choice(3),
            Self::Honour(_) | Self::Breaker(_) | Self::Reuse => Dial::Switch,
        }
    }

    /// Whether it counts in tenths of a second.
    #[must_use]
    pub fn is_tenths(self) -> bool {
        matches!(
            self,
            Self::CallTenths
                | Self::FirstDelayTenths(_)
                | Self::TimeoutTenths(_)
                | Self::HedgeTenths(_)
                | Self::AfterFirstTenths(_)
                | Self::Takes(_)
        )
    }

    /// Where it stands; none where the experiment has nothing of the kind.
    #[must_use]
    pub fn get(self, experiment: &Experiment) -> Option<u32> {
        let lane = |lane: usize| experiment.lanes.get(lane);
        let place = |found: Option<usize>| found.and_then(|place| u32::try_from(place).ok());
        match self {
            Self::Requests => experiment.workload.calls().map(|calls| calls.requests),
            Self::CallTenths => call_tenths(simulated(experiment)?),
            Self::CallTokens(n) => lane(n)?.token_budget.map(|budget| budget.estimate / 100),
            Self::Quota => simulated(experiment)?.requests_per_minute,
            Self::Thinking => tokens(&simulated(experiment)?.thinking_tokens),
            Self::Speed => Some(simulated(experiment)?.tokens_per_second),
            Self::Load => Some(match simulated(experiment)?.load {
                Load::None => 0,
                Load::Power { exponent } => whole(exponent * 100.0),
            }),
            Self::Reuse => Some(u32::from(simulated(experiment)?.reuses_connections)),
            Self::Seed => u32::try_from(experiment.seed).ok(),
            Self::Limit(n) => lane(n)?.limit,
            Self::Processes(n) => Some(lane(n)?.processes),
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
            Self::CooldownSecs(n) => lane(n)?.breaker.map(|breaker| breaker.cooldown_millis / 1_000),
            Self::Honour(n) => Some(u32::from(lane(n)?.refusals == Rule::Honour)),
            Self::Breaker(n) => Some(u32::from(lane(n)?.breaker.is_some())),
            Self::TimeoutTenths(n) => Some(lane(n)?.attempt_timeout_millis / 100),
            Self::Fallback(n) => {
                let rule = lane(n)?.fallback.as_ref()?.rule;
                place(FALLBACKS.iter().position(|is| *is == rule))
            }
            Self::HedgeTenths(n) => match lane(n)?.hedge? {
                Hedge::AfterMillis(millis) => Some(millis / 100),
                Hedge::Percentile(_) => None,
            },
            Self::AfterFirstTenths(n) => Some(lane(n)?.after_first_millis? / 100),
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
            Self::CallTenths => with_server(experiment, |server| {
                let of = constant(f64::from(value) / 10.0);
                server.first_byte_millis = of.first_byte_millis;
                server.answer_tokens = of.answer_tokens;
                server.tokens_per_second = of.tokens_per_second;
            }),
            Self::Quota => with_server(experiment, |server| server.requests_per_minute = Some(value)),
            Self::Thinking => {
                with_server(experiment, |server| server.thinking_tokens = Amount::Constant(f64::from(value)));
            }
            Self::CallTokens(n) => {
                with(experiment, n, |lane| {
                    if let Some(budget) = &mut lane.token_budget {
                        budget.estimate = value * 100;
                    }
                });
                with_server(experiment, |server| {
                    server.answer_tokens = Amount::Constant(f64::from(value) * 100.0 - PROMPT_TOKENS);
                });
            }
            Self::Speed => with_server(experiment, |server| server.tokens_per_second = value),
            Self::Load => with_server(experiment, |server| {
                let exponent = f64::from(value) / 100.0;
                server.load = if value == 0 { Load::None } else { Load::Power { exponent } };
            }),
            Self::Reuse => with_server(experiment, |server| server.reuses_connections = value > 0),
            Self::Seed => experiment.seed = u64::from(value),
            Self::Limit(n) => with(experiment, n, |lane| lane.limit = Some(value)),
            Self::Processes(n) => with(experiment, n, |lane| lane.processes = value),
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
            Self::CooldownSecs(n) => with(experiment, n, |lane| {
                if let Some(breaker) = &mut lane.breaker {
                    breaker.cooldown_millis = value * 1_000;
                }
            }),
            Self::Honour(n) => {
                with(experiment, n, |lane| lane.refusals = if value == 0 { Rule::Ignore } else { Rule::Honour });
            }
            Self::Breaker(n) => with(experiment, n, |lane| lane.breaker = (value > 0).then(Breaker::default)),
            Self::TimeoutTenths(n) => with(experiment, n, |lane| lane.attempt_timeout_millis = value * 100),
            Self::Fallback(n) => with(experiment, n, |lane| {
                if let Some(fallback) = &mut lane.fallback {
                    choose(&mut fallback.rule, &FALLBACKS, value);
                }
            }),
            Self::HedgeTenths(n) => with(experiment, n, |lane| lane.hedge = Some(Hedge::AfterMillis(value * 100))),
            Self::AfterFirstTenths(n) => with(experiment, n, |lane| lane.after_first_millis = Some(value * 100)),
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

/// What the usual prompt takes of the tokens of a call.
const PROMPT_TOKENS: f64 = 7.0;

fn simulated(experiment: &Experiment) -> Option<&Simulated> {
    experiment.server.simulated()
}

/// How long a call of a server takes whose figures do not vary, in tenths of a second.
fn call_tenths(server: &Simulated) -> Option<u32> {
    let (Amount::Constant(first_byte), Amount::Constant(tokens)) = (&server.first_byte_millis, &server.answer_tokens)
    else {
        return None;
    };
    let millis = first_byte + tokens * 1_000.0 / f64::from(server.tokens_per_second.max(1));
    Some(whole(millis / 100.0))
}

/// Tokens of which each call has as many.
fn tokens(amount: &Amount) -> Option<u32> {
    if let Amount::Constant(tokens) = amount { Some(whole(*tokens)) } else { None }
}

fn with_server(experiment: &mut Experiment, change: impl FnOnce(&mut Simulated)) {
    if let Some(server) = experiment.server.simulated_mut() {
        change(server);
    }
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
