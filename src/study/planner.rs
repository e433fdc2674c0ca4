//! How to run a job under the limits of an account: what holds it back, how long it takes, what it costs, and the
//! lane to run it with.
//!
//! The lane never asks more than a quota allows. A bucket of capacity `b` that gains `r` a minute lets at most
//! `b + r × window` through in any window, so `b + r × window` is at most the quota; the window is taken as 61 s
//! where the server counts 60, because calls arrive a little later than they were sent, and not all by the same
//! little. How many must be in flight to keep a rate is Little's law, `L = λW` (J. D. C. Little, "A Proof for the
//! Queuing Formula L = λW", Operations Research 9, 1961); with two standard deviations of a Poisson number on top,
//! because calls are not all alike: the square-root rule of staffing (W. Whitt, "Understanding the efficiency of
//! multi-server service systems", Management Science 38, 1992).
//!
//! A quota of tokens leaves room for calls in flight too. What one costs is known when it has ended: until then the
//! bucket takes it for an average one. Those in flight when a window begins may give back what they did not use, and
//! those in flight when it ends may owe what they used beyond it; at the worst that is the longest answer for each that
//! can be in flight. So `b + r × window + in flight × longest` is within the quota, whatever the answers are; and of
//! all numbers in flight the one is taken that starts most, for few are slow and many leave little to the bucket.

use crate::experiment::limits::{RequestBucket, TokenBudget, Window};
use crate::experiment::price::Price;
use crate::experiment::server::{Amount, Server, Simulated};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, Workload};
use crate::figure::whole;
use crate::port::Settings;
use crate::time::{from_secs, whole_micros};
use std::time::Duration;

/// The window that a server counts in, and what calls may arrive late by, in seconds.
const WINDOW_SECS: u64 = 61;
const DAY: Duration = Duration::from_hours(24);
/// A bucket holds such a part of a quota: the less it holds, the more it may gain.
const BURST: u32 = 20;
/// The most in flight that a page can have.
const MOST_AT_ONCE: u32 = 1_000;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Job {
    /// How many requests.
    pub requests: u32,
    /// Tokens of a prompt.
    pub prompt_tokens: u32,
    /// Tokens of an answer on the average, thinking included.
    pub answer_tokens: u32,
    /// The most that an answer may have: its limit on output tokens.
    pub longest_answer_tokens: u32,
    /// Seconds from being sent to the last byte, on the average.
    pub seconds_a_request: f64,
    /// What a token costs, where that is known.
    pub price: Option<Price>,
}

/// What an account may do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tier {
    /// Requests in flight, 1 to 1 000.
    pub at_once: u32,
    /// Requests in any minute; none for no such limit.
    pub requests_per_minute: Option<u32>,
    /// Tokens in any minute, prompts and answers together; none for no such limit.
    pub tokens_per_minute: Option<u32>,
    /// Requests in any day; none for no such limit.
    pub requests_per_day: Option<u32>,
    /// US dollars for the whole job; none for no such limit.
    pub budget_dollars: Option<f64>,
}

/// What can hold a job back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// How many can be in flight.
    Concurrency,
    /// Requests a minute.
    Requests,
    /// Tokens a minute.
    Tokens,
    /// Requests a day.
    Day,
    /// Money.
    Spend,
}

/// What a job takes under one limit alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The limit.
    pub constraint: Constraint,
    /// The least time.
    pub least: Duration,
    /// How many in flight take that long; none where a rate does.
    pub in_flight: Option<u32>,
}

/// How to run a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// How many of the requests the budget pays for.
    pub affordable: u32,
    /// What each limit alone would take, where there is one.
    pub bounds: Vec<Bound>,
    /// What holds the job back most.
    pub binding: Constraint,
    /// Starts a second, as far as the rates and the number in flight let them go.
    pub starts_a_second: f64,
    /// How many are then in flight on the average: Little's law.
    pub mean_in_flight: f64,
    /// How long it all takes.
    pub takes: Duration,
    /// US dollars, where a price is known.
    pub costs: Option<f64>,
    /// The lane that does it.
    pub lane: LaneSpec,
}

/// Why there is no advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlannerError {
    /// A figure that no job has.
    #[error("{0} is out of bounds")]
    OutOfBounds(&'static str),
    /// An answer longer than the longest.
    #[error("the longest answer has at least as many tokens as the average one")]
    LongestIsShort,
    /// A quota under which nothing can be promised.
    #[error("the quota of {0} leaves no room for a call beside the one before it")]
    TooNarrow(&'static str),
    /// Not a single request can be paid for.
    #[error("the budget does not pay for one request")]
    TooDear,
    /// A budget, and a model whose price is not known.
    #[error("no price is known for this model, so there is no telling what a budget pays for")]
    NoPrice,
}

/// How to run `job` within `tier`.
///
/// # Errors
/// [`PlannerError`] where a figure makes no sense, or a limit lets nothing through.
pub fn advise(job: &Job, tier: &Tier) -> Result<Advice, PlannerError> {
    check(job, tier)?;
    if tier.budget_dollars.is_some() && job.price.is_none() {
        return Err(PlannerError::NoPrice);
    }
    let unit = job.price.map(|price| price.cost(job.prompt_tokens.into(), job.answer_tokens.into()));
    let affordable = affordable(job.requests, unit, tier.budget_dollars);
    if affordable == 0 {
        return Err(PlannerError::TooDear);
    }
    let paid = Job { requests: affordable, ..*job };
    // No more can be in flight than there are to send.
    let most = affordable.min(tier.requests_per_day.unwrap_or(u32::MAX));
    let tier = &Tier { at_once: tier.at_once.min(most), ..*tier };
    let gates = Gates::new(&paid, tier)?;
    let bounds = gates.bounds(&paid, tier);
    let takes = bounds.iter().map(|bound| bound.least).max().unwrap_or_default();
    let slowest = bounds.iter().find(|bound| bound.least == takes);
    let holds_back = slowest.map_or(Constraint::Concurrency, |bound| bound.constraint);
    Ok(Advice {
        affordable,
        binding: if affordable < job.requests { Constraint::Spend } else { holds_back },
        bounds,
        starts_a_second: gates.starts_a_second,
        mean_in_flight: gates.starts_a_second * job.seconds_a_request,
        takes,
        costs: unit.map(|unit| unit * f64::from(affordable)),
        lane: gates.lane(&paid),
    })
}

fn check(job: &Job, tier: &Tier) -> Result<(), PlannerError> {
    let is = |good: bool, what| if good { Ok(()) } else { Err(PlannerError::OutOfBounds(what)) };
    is((1..=Workload::MOST_REQUESTS).contains(&job.requests), "the number of requests")?;
    is(job.prompt_tokens <= 1_000_000, "tokens of a prompt")?;
    is((1..=65_536).contains(&job.longest_answer_tokens), "tokens of the longest answer")?;
    is(job.seconds_a_request > 0.0 && job.seconds_a_request <= 3_600.0, "seconds a request")?;
    is((1..=MOST_AT_ONCE).contains(&tier.at_once), "the number in flight")?;
    is(tier.requests_per_day != Some(0), "requests a day")?;
    is(tier.budget_dollars.is_none_or(|sum| sum >= 0.0), "the budget")?;
    if job.answer_tokens > job.longest_answer_tokens { Err(PlannerError::LongestIsShort) } else { Ok(()) }
}

fn affordable(requests: u32, unit: Option<f64>, budget: Option<f64>) -> u32 {
    let (Some(unit), Some(budget)) = (unit.filter(|unit| *unit > 0.0), budget) else { return requests };
    // A sum that pays for the last request exactly may come out a hair below it.
    requests.min(whole(libm::floor(budget / unit + 1e-9)))
}

/// The gates that keep a job within its limits.
struct Gates {
    limit: u32,
    starts_a_second: f64,
    requests: Option<RequestBucket>,
    tokens: Option<TokenGate>,
    day: Option<u32>,
}

impl Gates {
    fn new(job: &Job, tier: &Tier) -> Result<Self, PlannerError> {
        let requests = tier.requests_per_minute.map(request_bucket).transpose()?;
        let by_requests = requests.map_or(f64::INFINITY, |bucket| f64::from(bucket.per_minute) / 60.0);
        let by_room = f64::from(tier.at_once) / job.seconds_a_request;
        let without_tokens = by_requests.min(by_room);
        // More in flight than these keep busy would do nothing but take from the quota of tokens.
        let wanted = staffed(without_tokens * job.seconds_a_request, tier.at_once);
        let tokens = tier.tokens_per_minute.map(|quota| TokenGate::fastest(job, quota, wanted, without_tokens));
        let tokens = tokens.transpose()?;
        let starts_a_second = without_tokens.min(tokens.map_or(f64::INFINITY, |gate| gate.starts_a_second(job)));
        Ok(Self {
            limit: staffed(starts_a_second * job.seconds_a_request, tokens.map_or(tier.at_once, |gate| gate.at_once)),
            starts_a_second,
            requests,
            tokens,
            day: tier.requests_per_day.filter(|&day| day < job.requests),
        })
    }

    /// What each limit alone would take.
    fn bounds(&self, job: &Job, tier: &Tier) -> Vec<Bound> {
        let room = |n: u32| in_rounds(job, Constraint::Concurrency, n, tier.at_once);
        let requests = |n: u32| {
            let bucket = self.requests?;
            Some(at_rate(job, Constraint::Requests, f64::from(n), bucket.capacity, bucket.per_minute))
        };
        let tokens = |n: u32| Some(self.tokens?.bound(job, n));
        let alone = |n: u32| [Some(room(n)), requests(n), tokens(n)].into_iter().flatten();
        let mut bounds: Vec<Bound> = alone(job.requests).collect();
        if let Some(day) = self.day {
            let days = (job.requests - 1) / day;
            let rest = alone(job.requests - days * day).map(|bound| bound.least).max().unwrap_or_default();
            bounds.push(Bound { constraint: Constraint::Day, least: DAY * days + rest, in_flight: None });
        }
        bounds
    }

    fn lane(&self, job: &Job) -> LaneSpec {
        let day = whole_micros(DAY) / 1_000 + (WINDOW_SECS - 60) * 1_000;
        let window_millis = u32::try_from(day).unwrap_or(u32::MAX);
        // What takes several times as long as most is worth another try.
        let patience = from_secs(job.seconds_a_request * 6.0).max(Duration::from_secs(30));
        LaneSpec {
            name: "Planned".into(),
            request_bucket: self.requests,
            token_budget: self.tokens.map(|gate| gate.bucket),
            window: self.day.map(|requests| Window { requests, window_millis }),
            attempt_timeout_millis: u32::try_from(patience.as_millis()).unwrap_or(u32::MAX),
            ..LaneSpec::concurrent(self.limit)
        }
    }
}

/// The job itself: its requests, at a simulated server with the account's limits, in the lane that was advised.
#[must_use]
pub fn experiment(job: &Job, tier: &Tier, advice: Advice) -> Experiment {
    let answer_tokens = f64::from(job.answer_tokens);
    // Ten milliseconds a token, if the answer then takes no more than half of the time.
    let answer_millis = (answer_tokens * 10.0).min(job.seconds_a_request * 500.0);
    let first_byte = job.seconds_a_request * 1_000.0 - answer_millis;
    let spread =
        f64::from(job.longest_answer_tokens.saturating_sub(job.answer_tokens)).min((answer_tokens - 1.0).max(0.0));
    let server = Simulated {
        first_byte_millis: Amount::Uniform { low: first_byte * 0.7, high: first_byte * 1.3 },
        answer_tokens: Amount::Uniform { low: answer_tokens - spread, high: answer_tokens + spread },
        tokens_per_second: whole(answer_tokens * 1_000.0 / answer_millis.max(1.0)).clamp(1, 100_000),
        requests_per_minute: tier.requests_per_minute,
        tokens_per_minute: tier.tokens_per_minute,
        requests_per_day: tier.requests_per_day,
        ..Simulated::default()
    };
    // The simulated server counts a token for every four characters.
    let prompt: String = "This. ".chars().cycle().take(job.prompt_tokens as usize * 4).collect();
    let prompts = vec![if prompt.is_empty() { "Why?".into() } else { prompt.into() }];
    let settings = Settings { max_output_tokens: job.longest_answer_tokens, ..Settings::default() };
    Experiment {
        version: Experiment::VERSION,
        seed: 1,
        workload: Workload::Calls(Calls { prompts, requests: advice.affordable, settings, ..Calls::default() }),
        server: Server::Simulated(server),
        lanes: vec![advice.lane],
    }
}

/// A bucket that lets at most `quota` through in any window.
fn request_bucket(quota: u32) -> Result<RequestBucket, PlannerError> {
    let capacity = (quota / BURST).max(1);
    let per_minute = in_a_minute(quota.saturating_sub(capacity));
    if per_minute == 0 { Err(PlannerError::TooNarrow("requests")) } else { Ok(RequestBucket { capacity, per_minute }) }
}

/// A bucket of tokens, and how many calls can be in flight beside it.
#[derive(Clone, Copy)]
struct TokenGate {
    bucket: TokenBudget,
    at_once: u32,
    /// Whether more could be in flight, were it not for the quota.
    is_lowered: bool,
}

impl TokenGate {
    /// The gate that starts most, with at most `wanted` in flight. Of those that start `enough` it has most in flight,
    /// because calls are not all alike.
    fn fastest(job: &Job, quota: u32, wanted: u32, enough: f64) -> Result<Self, PlannerError> {
        let starts = |gate: &Self| gate.starts_a_second(job).min(enough);
        (1..=wanted)
            .map_while(|at_once| Self::with_room(job, quota, at_once))
            .max_by(|one, other| starts(one).total_cmp(&starts(other)))
            .map(|gate| Self { is_lowered: gate.at_once < wanted, ..gate })
            .ok_or(PlannerError::TooNarrow("tokens"))
    }

    /// A bucket beside which so many can be in flight; none where the quota leaves it nothing to gain.
    fn with_room(job: &Job, quota: u32, at_once: u32) -> Option<Self> {
        let estimate = job.prompt_tokens.saturating_add(job.answer_tokens).max(1);
        let capacity = estimate.max(quota / BURST);
        let in_doubt = at_once.saturating_mul(job.longest_answer_tokens);
        let per_minute = in_a_minute(quota.saturating_sub(capacity).saturating_sub(in_doubt));
        let bucket = TokenBudget { capacity, per_minute, estimate };
        (per_minute > 0).then_some(Self { bucket, at_once, is_lowered: false })
    }

    fn starts_a_second(&self, job: &Job) -> f64 {
        let by_rate = f64::from(self.bucket.per_minute) / 60.0 / mean_tokens(job);
        by_rate.min(f64::from(self.at_once) / job.seconds_a_request)
    }

    /// The longer of what its rate takes and what the fewer in flight do.
    fn bound(&self, job: &Job, n: u32) -> Bound {
        let TokenBudget { capacity, per_minute, .. } = self.bucket;
        let rate = at_rate(job, Constraint::Tokens, f64::from(n) * mean_tokens(job), capacity, per_minute);
        let room = in_rounds(job, Constraint::Tokens, n, self.at_once);
        if self.is_lowered && room.least > rate.least { room } else { rate }
    }
}

/// What is past a full bucket comes at its rate, and the last call takes its time.
fn at_rate(job: &Job, constraint: Constraint, amount: f64, capacity: u32, per_minute: u32) -> Bound {
    let beyond = (amount - f64::from(capacity)).max(0.0);
    let least = from_secs(beyond / f64::from(per_minute) * 60.0) + from_secs(job.seconds_a_request);
    Bound { constraint, least, in_flight: None }
}

/// So many at once, round after round.
fn in_rounds(job: &Job, constraint: Constraint, n: u32, at_once: u32) -> Bound {
    let least = from_secs(job.seconds_a_request) * n.div_ceil(at_once);
    Bound { constraint, least, in_flight: Some(at_once) }
}

/// What may be gained a minute, so that a window gains `most`.
fn in_a_minute(most: u32) -> u32 {
    u32::try_from(u64::from(most) * 60 / WINDOW_SECS).unwrap_or(u32::MAX)
}

fn mean_tokens(job: &Job) -> f64 {
    f64::from(job.prompt_tokens) + f64::from(job.answer_tokens)
}

/// Permits for a mean number in flight, with room for its spread.
fn staffed(mean: f64, most: u32) -> u32 {
    whole(libm::ceil(mean + 2.0 * libm::sqrt(mean))).max(1).min(most)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::lab::simulate;
    use crate::trace::Kind;
    use proptest::prelude::*;

    const JOB: Job = Job {
        requests: 1_000,
        prompt_tokens: 100,
        answer_tokens: 80,
        longest_answer_tokens: 120,
        seconds_a_request: 6.0,
        price: Some(Price { input: 1.0, output: 10.0 }),
    };
    const TIER: Tier = Tier {
        at_once: 100,
        requests_per_minute: None,
        tokens_per_minute: None,
        requests_per_day: None,
        budget_dollars: None,
    };

    fn binding(tier: Tier) -> (Constraint, u64) {
        let advice = advise(&JOB, &tier).expect("advice");
        (advice.binding, advice.takes.as_secs())
    }

    #[test]
    fn each_limit_binds_where_it_is_the_narrowest() {
        assert_eq!(binding(Tier { at_once: 10, ..TIER }), (Constraint::Concurrency, 600));
        // 5 at once, then 93 a minute of 100.
        assert_eq!(binding(Tier { requests_per_minute: Some(100), ..TIER }), (Constraint::Requests, 647));
        let (by_tokens, _) =
            binding(Tier { tokens_per_minute: Some(20_000), requests_per_minute: Some(1_000), ..TIER });
        assert_eq!(by_tokens, Constraint::Tokens);
        let day = Tier { requests_per_day: Some(400), requests_per_minute: Some(1_000), ..TIER };
        let (by_day, secs) = binding(day);
        assert_eq!((by_day, secs / 86_400), (Constraint::Day, 2));
    }

    #[test]
    fn a_budget_buys_as_many_as_it_pays_for() {
        // 100 tokens in and 80 out cost $0.0009.
        let advice = advise(&JOB, &Tier { budget_dollars: Some(0.45), ..TIER }).expect("advice");
        assert_eq!((advice.affordable, advice.binding), (500, Constraint::Spend));
        assert_eq!(advise(&JOB, &Tier { budget_dollars: Some(0.000_8), ..TIER }), Err(PlannerError::TooDear));
        let enough = advise(&JOB, &Tier { budget_dollars: Some(0.9), ..TIER }).expect("advice");
        assert_eq!((enough.affordable, enough.binding), (1_000, Constraint::Concurrency));
        let priceless = Job { price: None, ..JOB };
        assert_eq!(advise(&priceless, &Tier { budget_dollars: Some(0.9), ..TIER }), Err(PlannerError::NoPrice));
        assert_eq!(advise(&priceless, &TIER).expect("advice").costs, None);
    }

    #[test]
    fn the_number_in_flight_is_littles_law_and_room_for_its_spread() {
        let advice = advise(&JOB, &Tier { requests_per_minute: Some(64), ..TIER }).expect("advice");
        // 3 at once, and 60 a minute: one a second, of six seconds each.
        assert_eq!(advice.lane.request_bucket, Some(RequestBucket { capacity: 3, per_minute: 60 }));
        assert!((advice.mean_in_flight - 6.0).abs() < 1e-9);
        assert_eq!(advice.lane.limit, Some(11));
    }

    #[test]
    fn no_more_are_in_flight_than_there_are() {
        let few = advise(&Job { requests: 12, ..JOB }, &TIER).expect("advice");
        assert_eq!((few.lane.limit, few.takes.as_secs()), (Some(12), 6));
        assert!((few.mean_in_flight - 12.0).abs() < 1e-9);
        let daily = advise(&JOB, &Tier { requests_per_day: Some(8), ..TIER }).expect("advice");
        assert_eq!(daily.lane.limit, Some(8));
    }

    #[test]
    fn what_can_not_be_promised_is_not_advised() {
        let of = |tier| advise(&JOB, &tier).err();
        for quota in 1..=2 {
            let narrow = Tier { requests_per_minute: Some(quota), ..TIER };
            assert_eq!(of(narrow), Some(PlannerError::TooNarrow("requests")), "{quota}");
        }
        assert_eq!(of(Tier { tokens_per_minute: Some(220), ..TIER }), Some(PlannerError::TooNarrow("tokens")));
        assert_eq!(of(Tier { at_once: 0, ..TIER }), Some(PlannerError::OutOfBounds("the number in flight")));
        assert_eq!(advise(&Job { answer_tokens: 121, ..JOB }, &TIER), Err(PlannerError::LongestIsShort));
    }

    /// What the page simulates is as it is.
    fn even(_: &Job, _: &mut Simulated) {}

    /// The same on the average, but calls differ more, connections take their time, and answers are heaped: two in a
    /// row are as long as they may be, and all others as short as that leaves.
    fn rough(job: &Job, server: &mut Simulated) {
        let (mean, longest) = (f64::from(job.answer_tokens), f64::from(job.longest_answer_tokens));
        let others = job.longest_answer_tokens.div_ceil(job.answer_tokens.max(1)).min(400);
        let short = (mean - (longest - mean) / f64::from(others)).max(0.0);
        server.answer_tokens = Amount::Listed([vec![longest; 2], vec![short; 2 * others as usize]].concat());
        // None takes so long that it is given up.
        server.tokens_per_second = 10_000;
        let millis = job.seconds_a_request * 1_000.0;
        server.first_byte_millis = Amount::Uniform { low: millis * 0.6, high: millis * 1.4 };
        server.connect_millis = 300;
    }

    /// The job as it is simulated, at a server that was changed: how many were refused, answered, and when all was
    /// over.
    fn simulated(job: &Job, tier: &Tier, change: fn(&Job, &mut Simulated), seed: u64) -> (usize, usize, Duration) {
        let mut tried = experiment(job, tier, advise(job, tier).expect("advice"));
        tried.seed = seed;
        change(job, tried.server.simulated_mut().expect("simulated"));
        let lane = simulate(&tried).expect("sound").lanes.remove(0);
        let answered = lane.events.iter().filter(|event| matches!(event.kind, Kind::Answered { .. })).count();
        let last = lane.events.last().map_or(Duration::ZERO, |event| event.at.since(crate::time::Instant::ZERO));
        (lane.failures.len(), answered, last)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_advised_meets_no_refusal(
            requests in 1u32..400,
            (prompt_tokens, answer_tokens) in (1u32..200, 5u32..100),
            beyond in prop_oneof![3 => 0u32..60, 1 => Just(2_048), 1 => Just(8_192)],
            seconds in 2.0f64..12.0,
            at_once in 1u32..200,
            per_minute in prop::option::of(3u32..600),
            tokens in prop::option::of(2_000u32..200_000),
            per_day in prop::option::of(20u32..500),
            seed in 0u64..1_000,
        ) {
            let job = Job {
                requests, prompt_tokens, answer_tokens, longest_answer_tokens: answer_tokens + beyond,
                seconds_a_request: seconds, price: None,
            };
            let tokens_per_minute = tokens.map(|quota| quota + 2 * beyond);
            let tier = Tier { at_once, requests_per_minute: per_minute, tokens_per_minute, requests_per_day: per_day, ..TIER };
            for change in [even, rough] {
                let (failed, answered, _) = simulated(&job, &tier, change, seed);
                prop_assert_eq!((failed, answered), (0, requests as usize), "{:?} {:?}", job, tier);
            }
        }
    }

    #[test]
    fn the_time_that_is_named_is_the_time_that_it_takes() {
        let wide = Tier { requests_per_minute: Some(120), ..TIER };
        let of_tokens = |quota| Tier { tokens_per_minute: Some(quota), ..TIER };
        let long = |longest_answer_tokens| Job { longest_answer_tokens, ..JOB };
        for (what, job, tier) in [
            ("concurrency", JOB, Tier { at_once: 10, ..TIER }),
            ("requests", JOB, wide),
            ("tokens", JOB, of_tokens(30_000)),
            ("a day", JOB, Tier { requests_per_day: Some(300), ..wide }),
            ("long answers", long(2_048), of_tokens(30_000)),
            ("longer answers", long(8_192), of_tokens(100_000)),
            ("room for one", long(8_192), of_tokens(20_000)),
            ("room for all", long(2_048), Tier { at_once: 20, ..of_tokens(1_000_000) }),
            ("few requests", long(8_192), Tier { requests_per_minute: Some(60), ..of_tokens(100_000) }),
            ("few in flight", long(8_192), Tier { at_once: 4, ..of_tokens(100_000) }),
        ] {
            let advice = advise(&job, &tier).expect("advice");
            let (failed, _, took) = simulated(&job, &tier, even, 1);
            let ratio = took.as_secs_f64() / advice.takes.as_secs_f64();
            assert!((0.93..1.07).contains(&ratio), "{what}: {took:?} where {:?} was named", advice.takes);
            assert_eq!(failed, 0, "{what}");
        }
    }

    #[test]
    fn a_quota_of_tokens_has_room_for_the_longest_answer_of_each_in_flight() {
        let job = Job { answer_tokens: 100, longest_answer_tokens: 8_192, ..JOB };
        let advice = advise(&job, &Tier { tokens_per_minute: Some(100_000), ..TIER }).expect("advice");
        // 5 000 + 20 923 x 61 / 60 + 9 x 8 192 is just below 100 000; 8 in flight are slower, and 10 leave less to gain.
        let bucket = TokenBudget { capacity: 5_000, per_minute: 20_923, estimate: 200 };
        assert_eq!((advice.lane.limit, advice.lane.token_budget), (Some(9), Some(bucket)));
        let bound = Bound { constraint: Constraint::Tokens, least: Duration::from_secs(672), in_flight: Some(9) };
        assert_eq!((advice.binding, advice.bounds.last()), (Constraint::Tokens, Some(&bound)));
    }
}
