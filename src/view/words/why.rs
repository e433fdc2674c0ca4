//! Why a request waits, in plain words: who holds the slot, what was drawn, what the server asked.

use crate::experiment::plan::{Plan, Strategy};
use crate::figure::{fixed, plain};
use crate::id::Tag;
use crate::policy::backoff::{Jitter, Wait};
use crate::policy::circuit_breaker::State;
use crate::policy::priority::Order;
use crate::port::{Failure, Finish};
use crate::scene::track::Of;
use crate::time::{Instant, from_secs};
use crate::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
use crate::trace::{Gate, LaneTrace, Outcome};
use crate::view::words::units::{capital, count, duration, moment, small_number};
use crate::view::words::{failure, phase, task};
use std::time::Duration;

/// A lead, said strongly, and the rest of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The first, short sentence.
    pub lead: String,
    /// The rest.
    pub rest: String,
}

fn said(lead: &str, rest: impl Into<String>) -> Said {
    Said { lead: lead.into(), rest: rest.into() }
}

/// What a request is waiting for at `now`, or what became of it.
#[must_use]
pub fn waiting_for(row: &Row, fold: &Fold, lane: &LaneTrace, plan: &Plan, now: Instant) -> Said {
    if row.is_over(now) {
        return what_became_of(row, lane);
    }
    let Some(span) = row.span_at(now) else { return said("Not asked yet.", "") };
    match span.cause {
        Cause::Permit { .. } => in_line(span, plan, now),
        Cause::Line { ahead, by } => in_rate_line(ahead, by),
        Cause::Held { gate, until } => held(gate, until, plan),
        Cause::Drawn { wait, until } => backing_off(span, wait, until, row, fold, lane, plan),
        Cause::Server => with_the_server(span.phase),
        Cause::Works | Cause::Asleep { .. } | Cause::Awaits { .. } => {
            task::of_span(span, &|item| format!("row {}", u64::from(item) + 1), now)
        }
    }
}

fn what_became_of(row: &Row, lane: &LaneTrace) -> Said {
    match row.outcome {
        Some(Outcome::Answered) => {
            let answer = row.answer().and_then(|place| lane.answers.get(place as usize));
            let cut = answer.and_then(|answer| ending(&answer.finish));
            let model = answer.and_then(|answer| answer.model.as_deref()).filter(|&model| model != "simulated");
            let by = model.map(|model| format!("{model} answered."));
            let most = most_of_its_life(row).map(|phase| format!("Of its life, most was {}.", phase::doing(phase)));
            said("It is done.", join([most, cut, by]))
        }
        Some(Outcome::Failed) => {
            let last = row.failure.and_then(|place| lane.failures.get(place as usize));
            said("It failed.", last.map(|f| failure::in_short(f) + ".").unwrap_or_default())
        }
        Some(Outcome::Substituted) => {
            let last = row.failure.and_then(|place| lane.failures.get(place as usize));
            let why = last.map(|f| failure::in_short(f) + ".");
            said("A fixed text stands in.", join([why, Some("No model answered; this counts as no answer.".into())]))
        }
        _ => said("It was given up.", "The run was stopped before it ended."),
    }
}

/// What to say of an answer that did not simply stop.
#[must_use]
pub fn ending(finish: &Finish) -> Option<String> {
    match finish {
        Finish::Stop => None,
        Finish::Truncated => Some("The limit on output tokens cut its answer.".into()),
        Finish::Unknown(reason) => Some(format!("It ended for a reason unknown here: {reason}.")),
    }
}

fn is_pool(plan: &Plan) -> bool {
    matches!(plan.strategy, Strategy::WorkerPool { .. })
}

fn join<const N: usize>(sentences: [Option<String>; N]) -> String {
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn most_of_its_life(row: &Row) -> Option<Phase> {
    let spent = |phase| -> Duration {
        row.all_spans().filter(|span| span.phase == phase).map(|span| span.to.since(span.from)).sum()
    };
    Phase::ALL.into_iter().max_by_key(|&phase| spent(phase)).filter(|&phase| spent(phase) > Duration::ZERO)
}

fn in_line(span: &Span, plan: &Plan, now: Instant) -> Said {
    let Cause::Permit { gate, permit, by, ahead } = span.cause else { return said("Waiting.", "") };
    let known = span.fate != Fate::Open && span.to > now;
    let blocker = by.filter(|_| known).map(request);
    let line = (ahead > 0).then(|| {
        let verb = if ahead == 1 { "stood" } else { "were" };
        let order = match plan.order {
            Order::Fifo => "in the line",
            Order::Priority { .. } => "in the line, which goes by priority",
            Order::Fair => "in the line, where tenants take turns",
        };
        format!("{} {verb} before it {order}.", capital(&count(ahead as usize, "request", "requests")))
    });
    match gate {
        Gate::Turn => {
            let until = blocker.map(|who| format!("It begins when {who} ends, at {}.", moment(span.to)));
            said("Waiting for its turn.", join([Some("One request at a time.".into()), until, line]))
        }
        Gate::Semaphore => {
            let slot = if is_pool(plan) { "worker" } else { "slot" };
            let whose = if plan.processes > 1 { " of its process" } else { "" };
            let all = match plan.permits.limit() {
                _ if plan.adaptive_limit.is_some() => {
                    format!("All {slot}s that the limit has learned to allow are taken.")
                }
                1 => format!("The only {slot}{whose} is taken."),
                limit => format!("All {limit} {slot}s{whose} are taken."),
            };
            let until = blocker.zip(permit).map(|(who, permit)| {
                format!("It gets {slot} {} when {who} gives it up, at {}.", permit.0 + 1, moment(span.to))
            });
            said(&format!("Waiting for a {slot}."), join([Some(all), until, line]))
        }
        _ => said("Waiting.", ""),
    }
}

fn in_rate_line(ahead: u32, by: Option<Tag>) -> Said {
    let stood = if ahead == 1 { "stands" } else { "stand" };
    let who = by.map(|tag| format!("It comes after {}.", request(tag)));
    let line = format!(
        "{} {stood} before it, and only the first may ask.",
        capital(&count(ahead as usize, "request", "requests"))
    );
    said("In the line for a rate.", join([Some(line), who]))
}

/// What a gate of rate says to the first of its line.
fn held(gate: Gate, until: Instant, plan: &Plan) -> Said {
    let rates = &plan.rates;
    let refills = |per_second: f64, capacity: u32, what: &str| {
        let every = duration(from_secs(1.0 / per_second.max(1e-6)));
        format!("It holds {capacity} {what} and gains one every {every}; there is enough at {}.", moment(until))
    };
    match gate {
        Gate::RequestBucket => {
            let how = rates.requests.map(|bucket| refills(bucket.per_second(), bucket.capacity(), "requests"));
            said("The bucket of requests is empty.", how.unwrap_or_default())
        }
        Gate::TokenBucket => {
            let how = rates.tokens.map(|(bucket, estimate)| {
                format!(
                    "This wait is for tokens, not requests: a call is taken to cost {estimate}. {}",
                    refills(bucket.per_second(), bucket.capacity(), "tokens")
                )
            });
            said("The bucket of tokens is too low.", how.unwrap_or_default())
        }
        Gate::Window => {
            let how = rates.window.map(|window| {
                let (limit, span) = (window.limit(), duration(window.window()));
                format!("{limit} requests went out in the last {span}. The oldest leaves it at {}.", moment(until))
            });
            said("The window is full.", how.unwrap_or_default())
        }
        Gate::Pace => said(
            "The lane paces itself.",
            format!("Its rate, learned from answers and refusals, allows the next start at {}.", moment(until)),
        ),
        Gate::Breaker if until == Instant::NEVER => {
            said("The breaker is half open.", "One probe is out, and all others wait for what comes of it.")
        }
        Gate::Breaker => said(
            "The breaker is open.",
            format!("Too many calls failed, so none is sent. A probe goes out at {}.", moment(until)),
        ),
        Gate::Pause => said("The run is paused.", "It goes out when you press Resume."),
        Gate::Turn | Gate::Semaphore | Gate::Rate | Gate::RetryBudget | Gate::Thread => said("Waiting.", ""),
    }
}

/// The name of a track, and what its gate holds now.
#[must_use]
pub fn track(of: Of, value: f64, most: f64) -> (&'static str, String) {
    let whole = |value: f64| plain(libm::floor(value + 1e-6));
    let gate = match of {
        Of::Gate(gate) => gate,
        Of::Line => return ("waiting", whole(value)),
        Of::Thread if most < 1.5 => return ("thread", if value > 0.5 { "busy" } else { "free" }.to_owned()),
        Of::Thread => return ("threads", format!("{} busy", whole(value))),
        Of::Quota => return ("left of the server's quota", format!("{} of {}", whole(value), whole(most))),
    };
    match gate {
        Gate::Semaphore => ("limit", whole(value)),
        Gate::RequestBucket => ("bucket of requests", format!("{} of {}", whole(value), whole(most))),
        Gate::TokenBucket => ("bucket of tokens", whole(value)),
        Gate::Window => ("window", format!("{} of {}", whole(value), whole(most))),
        Gate::Pace => ("adaptive rate", format!("{} a second", fixed(value / 1_000.0, 2))),
        Gate::Breaker => {
            const STATES: [(State, &str); 4] = [
                (State::Closed, "closed"),
                (State::Ramping, "ramping up"),
                (State::HalfOpen, "half open"),
                (State::Open, "open"),
            ];
            let is = |state: State| (value - f64::from(state as u8)).abs() < 0.5;
            let state = STATES.into_iter().find(|&(state, _)| is(state)).map_or("", |(_, name)| name);
            ("breaker", state.to_owned())
        }
        Gate::RetryBudget => ("retry budget", whole(value)),
        Gate::Turn | Gate::Rate | Gate::Pause | Gate::Thread => ("", String::new()),
    }
}

fn request(tag: Tag) -> String {
    format!("request {}", tag.item + 1)
}

fn with_the_server(phase: Phase) -> Said {
    match phase {
        Phase::Thinking => said("The model is thinking.", "Thoughts arrive, but no answer yet."),
        Phase::Streaming => said("Its answer is arriving.", "It keeps its slot until the last word."),
        _ => said("It is not waiting for us.", "The request is with the server, and no byte has come back."),
    }
}

fn backing_off(span: &Span, wait: u32, until: Instant, row: &Row, fold: &Fold, lane: &LaneTrace, plan: &Plan) -> Said {
    let Some(wait) = lane.waits.get(wait as usize) else { return said("Backing off.", "") };
    let refused = failure_before(row, span).and_then(|place| lane.failures.get(place as usize));
    let refused = refused.map(|f| format!("{}.", failure::in_short(f)));
    let limit = usize::from(plan.limit());
    let kept = match (plan.keeps_permit(), limit) {
        (false, _) => "Its slot is free for others meanwhile; it queues again afterwards.".into(),
        (true, 1) => "It keeps its place meanwhile, so everybody waits.".into(),
        (true, _) => format!("It keeps its slot, so one of the {} does nothing.", small_number(limit)),
    };
    let hidden = hidden_delay(fold, span, until).map(|late| {
        format!("The page was hidden, and the browser slowed its timers: this wait took {} longer.", duration(late))
    });
    said("Backing off.", join([refused, Some(drawn(wait, span.tag.attempt, plan)), Some(kept), hidden]))
}

/// The failure that a wait follows: the one that ended the span before it.
fn failure_before(row: &Row, span: &Span) -> Option<u32> {
    let branch = |tag: Tag| (tag.step, tag.branch);
    let before = row.all_spans().filter(|other| branch(other.tag) == branch(span.tag) && other.to <= span.from);
    let failures = before.filter_map(|other| match other.fate {
        Fate::Failed(place) => Some((other.to, place)),
        _ => None,
    });
    failures.max().map(|(_, place)| place)
}

/// How long a wait is and where that came from.
fn drawn(wait: &Wait, attempt: u8, plan: &Plan) -> String {
    let own = Duration::from_micros(wait.own_micros);
    let (low, high) = (Duration::from_micros(wait.low_micros), Duration::from_micros(wait.high_micros));
    let kind = match plan.backoff.figures().jitter {
        Jitter::None => "no jitter",
        Jitter::Equal => "equal jitter",
        Jitter::Full => "full jitter",
        Jitter::Decorrelated => "decorrelated jitter",
        Jitter::PlusMinusHalf => "±50 % jitter",
    };
    let source = if low == high {
        format!("{kind}, after try {attempt}")
    } else {
        format!("drawn between {} and {} ({kind}, after try {attempt})", duration(low), duration(high))
    };
    match wait.asked_micros.map(Duration::from_micros) {
        Some(asked) => {
            let total = duration(wait.total());
            let (asked, own) = (duration(asked), duration(own));
            format!("It waits {total}: {asked} because the server asked for it, and {own} of its own, {source}.")
        }
        None => format!("It waits {}, {source}.", duration(own)),
    }
}

/// How much longer than meant a wait took because the page was hidden, if it did.
#[must_use]
pub fn hidden_delay(fold: &Fold, span: &Span, until: Instant) -> Option<Duration> {
    const NOTICEABLE: Duration = Duration::from_millis(50);
    let late = span.to.since(until);
    let overlaps = |&(from, to): &(Instant, Option<Instant>)| from < span.to && to.is_none_or(|to| to > span.from);
    (span.fate != Fate::Open && late > NOTICEABLE && fold.hidden.iter().any(overlaps)).then_some(late)
}

/// What a failed attempt is said to have met, in the list of spans.
#[must_use]
pub fn met(failure: &Failure) -> String {
    failure.status.map_or_else(|| failure.kind.name().replace('-', " "), |status| status.to_string())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;

    /// What is said of request `item` (from 1) of lane B of the default race, `secs` into it.
    fn said_at(item: usize, secs: f64) -> String {
        let experiment = race();
        let trace = crate::lab::simulate(&experiment).expect("sound");
        let plan = experiment.plans().expect("sound").remove(1);
        let fold = Fold::of(&trace.lanes[1].events);
        let said =
            waiting_for(&fold.rows[item - 1], &fold, &trace.lanes[1], &plan, Instant::from_millis(secs * 1_000.0));
        format!("{} {}", said.lead, said.rest)
    }

    #[test]
    fn a_wait_for_a_slot_names_the_slot_and_its_holder() {
        assert_eq!(
            said_at(7, 1.0),
            "Waiting for a slot. All 4 slots are taken. It gets slot 2 when request 2 gives it up, at 6.2 s. \
             2 requests were before it in the line."
        );
    }

    #[test]
    fn a_wait_after_a_refusal_names_the_refusal_the_draw_and_the_slot() {
        assert_eq!(
            said_at(7, 7.0),
            "Backing off. The server answered 503. It waits 0.7 s, drawn between 0 s and 1.0 s (full jitter, after try 1). \
             It keeps its slot, so one of the four does nothing."
        );
    }

    #[test]
    fn what_is_with_the_server_does_not_wait_for_us() {
        assert!(said_at(1, 1.0).starts_with("It is not waiting for us."));
        assert!(said_at(1, 6.0).starts_with("Its answer is arriving."));
        assert_eq!(said_at(7, 70.0), "It is done. Of its life, most was waiting for a slot.");
    }
}
