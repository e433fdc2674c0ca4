//! A Gemini made of figures: a pure state machine without clock or await.
//!
//! [`SimServer::arrive`] is told the time and the call, and answers with all that will happen and
//! when; whoever carries the answer does the sleeping and calls [`SimServer::gone`] once the caller
//! has left, answered or not. Its luck is drawn from streams named by the call's tag, so the same
//! call meets the same luck in every lane.

use crate::experiment::recorded::Take;
use crate::experiment::server::{Fault, OfModel, Simulated};
use crate::figure::whole;
use crate::port::{Call, Finish, Usage};
use crate::rng::Purpose;
use crate::sim::fault::Arrival;
use crate::sim::latency::{draw, load_factor};
use crate::sim::quota::Quota;
use crate::sim::refusal::{Counted, Refusal};
use crate::sim::replay::Replay;
use crate::sim::{fault, text};
use crate::time::{Instant, from_millis, from_secs, micros_as_secs};
use std::time::Duration;

/// A simulated server.
#[derive(Debug)]
pub struct SimServer {
    figures: Simulated,
    seed: u64,
    quotas: Vec<(Counted, Quota)>,
    in_flight: u32,
    idle_connections: u32,
    replay: Replay,
}

/// All that will happen to a call, each after so long from its arrival. A list that does not end in
/// an end, a refusal, a cut or an error means that nothing more ever comes.
pub type Reply = Vec<(Duration, Piece)>;

/// One thing that comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// The head of a 200.
    FirstByte,
    /// A thought.
    Thought,
    /// More of the answer.
    Text(String),
    /// The answer is whole.
    End {
        /// Stop, or truncated.
        finish: Finish,
        /// Its tokens.
        usage: Usage,
    },
    /// An error instead of an answer.
    Refused(Refusal),
    /// An error in the middle of a 200 stream.
    Error(Refusal),
    /// The connection breaks.
    Cut,
    /// The connection is refused.
    NoConnection,
}

/// Pieces of text that an answer comes in, at the most.
const MOST_PIECES: u32 = 8;
/// Tokens that come in one piece, as long as there are not too many.
const TOKENS_PER_PIECE: u32 = 8;
/// A refused connection is known this soon.
const REFUSED_CONNECTION: Duration = Duration::from_millis(50);
/// More requests than ever come.
const NO_LIMIT: u32 = u32::MAX;

impl SimServer {
    /// A server with nothing to do.
    #[must_use]
    pub fn new(figures: Simulated, seed: u64) -> Self {
        let minute = Duration::from_secs(60);
        let window = from_millis(figures.quota_window_millis);
        // What a cut finds must have been counted before it.
        let is_cut = figures.faults.iter().any(|rule| matches!(rule.fault, Fault::QuotaCut(_)));
        let requests = figures.requests_per_minute.or(is_cut.then_some(NO_LIMIT));
        let quotas = [
            // The day first: when both are used up, waiting for the minute would not help.
            (Counted::Day, figures.requests_per_day, Duration::from_hours(24)),
            (Counted::Requests, requests, window),
            (Counted::Tokens, figures.tokens_per_minute, minute),
        ];
        let quotas = quotas.into_iter().filter_map(|(what, limit, window)| {
            let quota = Quota::new(limit?, window);
            let burst = figures.quota_burst.filter(|_| what == Counted::Requests);
            Some((what, if let Some(burst) = burst { quota.in_bursts(burst) } else { quota }))
        });
        let quotas = quotas.collect();
        Self { figures, seed, quotas, in_flight: 0, idle_connections: 0, replay: Replay::default() }
    }

    /// The same, but answering the attempts of a real run as they were answered then.
    #[must_use]
    pub fn replaying(self, takes: &[Take], lane: u8) -> Self {
        Self { replay: Replay::of(takes, lane, &self.figures.faults), ..self }
    }

    /// How many callers are here now.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// A call arrives.
    pub fn arrive(&mut self, now: Instant, call: &Call) -> Reply {
        self.in_flight += 1;
        let connect = self.connect();
        let model = &*call.settings.model;
        let arrival = Arrival { at: now, tag: call.tag, model, in_flight: self.in_flight };
        self.limit_requests(arrival);
        if let Some(take) = self.replay.take(arrival.tag) {
            return self.again(take, arrival, call);
        }
        let mut reply = match fault::strike(&self.figures.faults, self.seed, arrival) {
            Some(Fault::Network) => return vec![(REFUSED_CONNECTION, Piece::NoConnection)],
            Some(Fault::Stall) => return Vec::new(),
            Some(Fault::Status(status)) => self.refused(Refusal::with_status(status)),
            other => match self.over_quota(now + connect, call, None) {
                Some(refusal) => self.refused(refusal),
                None => self.answer(call, other),
            },
        };
        for (after, _) in &mut reply {
            *after += connect;
        }
        reply
    }

    /// Answers an attempt as it was answered in the run that is replayed. What was entered by hand strikes all the
    /// same, and so do the quotas.
    fn again(&mut self, take: Take, arrival: Arrival<'_>, call: &Call) -> Reply {
        let struck = fault::strike(self.replay.spells(), self.seed, arrival);
        let spell = if let Some(Fault::Slow(factor)) = struck { factor } else { 1.0 };
        let load = |in_flight| load_factor(self.figures.load, in_flight);
        let slow = spell * load(self.in_flight) / load(take.in_flight);
        let after = |micros: u64| from_secs(micros_as_secs(micros) * slow);
        let struck = struck.filter(|fault| !matches!(fault, Fault::Slow(_)));
        match struck {
            Some(Fault::Network) => return vec![(REFUSED_CONNECTION, Piece::NoConnection)],
            Some(Fault::Stall) => return Vec::new(),
            Some(Fault::Status(status)) => return self.refused(Refusal::with_status(status)),
            _ => {}
        }
        match take.fault {
            Some(Fault::Network) => return vec![(after(take.end_micros), Piece::NoConnection)],
            Some(Fault::Stall) => return Vec::new(),
            Some(Fault::Status(status)) => {
                return vec![(after(take.end_micros), Piece::Refused(Refusal::with_status(status)))];
            }
            _ => {}
        }
        if let Some(refusal) = self.over_quota(arrival.at, call, Some(take)) {
            return self.refused(refusal);
        }
        let finish = if take.answer > 0 { Finish::Stop } else { Finish::Truncated };
        let times = [take.first_byte_micros, take.text_micros, take.end_micros].map(after);
        let mut reply = reply(call, times, (take.thinking, take.answer, finish), struck);
        let broken_by = match take.fault.filter(|_| struck.is_none()) {
            Some(Fault::Cut) => Piece::Cut,
            Some(Fault::ErrorInStream(status)) => Piece::Error(Refusal::with_status(status)),
            _ => return reply,
        };
        // Where it broke off then, not half-way.
        if let Some((_, last)) = reply.last_mut() {
            *last = broken_by;
        }
        reply
    }

    /// A caller left, answered or not.
    pub fn gone(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.idle_connections += 1;
    }

    fn connect(&mut self) -> Duration {
        if self.figures.reuses_connections
            && let Some(left) = self.idle_connections.checked_sub(1)
        {
            self.idle_connections = left;
            return Duration::ZERO;
        }
        from_millis(self.figures.connect_millis)
    }

    /// Sets the quota of requests to what is in force for an attempt.
    fn limit_requests(&mut self, arrival: Arrival<'_>) {
        let cut = fault::cut(&self.figures.faults, self.seed, arrival).unwrap_or(NO_LIMIT);
        let limit = self.figures.requests_per_minute.unwrap_or(NO_LIMIT).min(cut);
        for (what, quota) in &mut self.quotas {
            if *what == Counted::Requests {
                quota.set_limit(limit);
            }
        }
    }

    /// Counts a call against the quotas, or says which refuses it.
    fn over_quota(&mut self, now: Instant, call: &Call, take: Option<Take>) -> Option<Refusal> {
        let cost = if self.figures.tokens_per_minute.is_some() { self.tokens_of(call, take) } else { 0 };
        let cost_in = |what| if what == Counted::Tokens { cost } else { 1 };
        for (what, quota) in &mut self.quotas {
            if let Err(frees_in) = quota.has_room(cost_in(*what), now) {
                // Told where the wait is measured from: the refusal arrives a little later.
                let refusal = from_millis(self.figures.refusal_millis);
                let frees_in = frees_in.map(|span| span.saturating_sub(refusal));
                return Some(Refusal::over_quota(*what, quota.limit(), &call.settings.model, frees_in));
            }
        }
        for (what, quota) in &mut self.quotas {
            quota.count(cost_in(*what), now);
        }
        None
    }

    /// What a call comes to in all: as it was recorded, or as it is drawn if nothing strikes it.
    fn tokens_of(&self, call: &Call, take: Option<Take>) -> u32 {
        let drawn = || {
            let (thinking, answer, _) = self.tokens(call);
            thinking.saturating_add(answer)
        };
        let said = take.map_or_else(drawn, |take| take.thinking.saturating_add(take.answer));
        prompt_tokens(&call.prompt).saturating_add(said)
    }

    /// Tokens thought, tokens answered, and whether the answer is whole.
    fn tokens(&self, call: &Call) -> (u32, u32, Finish) {
        let (figures, of_model) = (&self.figures, self.of_model(call));
        let drawn = |amount, purpose| whole(draw(amount, self.seed, purpose, call.tag));
        let most = call.settings.max_output_tokens;
        let thinking = of_model.and_then(|of| of.thinking_tokens.as_ref()).unwrap_or(&figures.thinking_tokens);
        let answer = of_model.and_then(|of| of.answer_tokens.as_ref()).unwrap_or(&figures.answer_tokens);
        let thinking = drawn(thinking, Purpose::Thinking).min(most);
        let wanted = drawn(answer, Purpose::AnswerLength).max(1);
        let tokens = wanted.min(most - thinking);
        (thinking, tokens, if tokens < wanted { Finish::Truncated } else { Finish::Stop })
    }

    fn refused(&self, refusal: Refusal) -> Reply {
        vec![(from_millis(self.figures.refusal_millis), Piece::Refused(refusal))]
    }

    fn answer(&self, call: &Call, fault: Option<Fault>) -> Reply {
        let figures = &self.figures;
        let slow = if let Some(Fault::Slow(factor)) = fault { factor } else { 1.0 };
        let slow = slow * load_factor(figures.load, self.in_flight);
        let (model, of_model) = (&*call.settings.model, self.of_model(call));
        let drawn = |amount, purpose| draw(amount, self.seed, purpose, call.tag);

        let pace = of_model.and_then(|of| of.pace.as_ref()).or(figures.pace.as_ref());
        let pace = pace.map_or(f64::from(figures.tokens_per_second), |amount| drawn(amount, Purpose::Pace));
        let for_tokens = |tokens: u32| from_secs(f64::from(tokens) / pace * slow);

        let tokens = self.tokens(call);
        let first_byte = figures.first_byte_by_model.get(model).unwrap_or(&figures.first_byte_millis);
        let first_byte = from_secs(drawn(first_byte, Purpose::FirstByte) / 1_000.0 * slow);
        let text_from = first_byte + for_tokens(tokens.0);
        reply(call, [first_byte, text_from, text_from + for_tokens(tokens.1)], tokens, fault)
    }

    fn of_model(&self, call: &Call) -> Option<&OfModel> {
        self.figures.by_model.get(&*call.settings.model)
    }
}

/// An answer whose first byte, text and end come after these times: tokens thought, tokens answered, and whether it is
/// whole. What goes wrong with it breaks it off.
fn reply(call: &Call, times: [Duration; 3], said: (u32, u32, Finish), fault: Option<Fault>) -> Reply {
    let ([first_byte, text_from, end], (thinking, tokens, finish)) = (times, said);
    let pieces = tokens.div_ceil(TOKENS_PER_PIECE).clamp(1, MOST_PIECES) as usize;
    let mut reply = Vec::with_capacity(pieces + 3);
    reply.push((first_byte, Piece::FirstByte));
    if thinking > 0 {
        reply.push((first_byte, Piece::Thought));
    }
    if tokens > 0 {
        let texts = text::answer(&call.prompt, tokens, pieces);
        let count = u32::try_from(texts.len()).unwrap_or(1);
        let at = |place: u32| text_from + end.saturating_sub(text_from) * place / count;
        reply.extend((0..).zip(texts).map(|(place, text)| (at(place), Piece::Text(text))));
    }
    match fault {
        Some(Fault::Cut) => break_off(&mut reply, Piece::Cut),
        Some(Fault::ErrorInStream(status)) => {
            break_off(&mut reply, Piece::Error(Refusal::with_status(status)));
        }
        _ => {
            let usage = Usage { prompt: prompt_tokens(&call.prompt), answer: tokens, thinking };
            reply.push((end, Piece::End { finish, usage }));
        }
    }
    reply
}

/// The answer stops in its middle, and `last` comes instead of the rest.
fn break_off(reply: &mut Reply, last: Piece) {
    reply.truncate(reply.len().div_ceil(2).max(2));
    let at = reply.last().map_or(Duration::ZERO, |&(at, _)| at);
    reply.push((at, last));
}

/// About four characters a token.
fn prompt_tokens(prompt: &str) -> u32 {
    u32::try_from(prompt.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::server::{Amount, Load, Rule, When};
    use crate::id::Tag;
    use crate::port::Settings;

    fn call(item: u32) -> Call {
        let settings = Settings::default().into();
        Call { tag: Tag { attempt: 1, ..Tag::of_item(0, item) }, prompt: "Why?".into(), settings }
    }

    fn even() -> Simulated {
        Simulated {
            first_byte_millis: Amount::Constant(1_000.0),
            answer_tokens: Amount::Constant(36.0),
            ..Simulated::default()
        }
    }

    fn ends_after(reply: &Reply) -> Duration {
        reply.last().expect("something comes").0
    }

    #[test]
    fn an_answer_takes_the_first_byte_and_its_tokens_at_the_pace() {
        let reply = SimServer::new(even(), 1).arrive(Instant::ZERO, &call(0));
        assert_eq!(ends_after(&reply), Duration::from_secs(2));
        assert!(matches!(reply[0], (at, Piece::FirstByte) if at == Duration::from_secs(1)));
    }

    #[test]
    fn a_new_connection_is_paid_for_and_an_idle_one_is_not() {
        let mut server = SimServer::new(Simulated { connect_millis: 150, ..even() }, 1);
        assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(0))), Duration::from_millis(2_150));
        assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(1))), Duration::from_millis(2_150));
        server.gone();
        assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(2))), Duration::from_secs(2));
    }

    #[test]
    fn a_client_for_each_call_connects_for_each() {
        let mut server = SimServer::new(Simulated { connect_millis: 150, reuses_connections: false, ..even() }, 1);
        for item in 0..2 {
            assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(item))), Duration::from_millis(2_150));
            server.gone();
        }
    }

    #[test]
    fn load_slows_everybody_who_comes_later() {
        let mut server = SimServer::new(Simulated { load: Load::Power { exponent: 1.0 }, ..even() }, 1);
        assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(0))), Duration::from_secs(2));
        assert_eq!(ends_after(&server.arrive(Instant::ZERO, &call(1))), Duration::from_secs(4));
    }

    #[test]
    fn the_limit_on_tokens_counts_thinking_and_cuts_the_answer() {
        let figures = Simulated { thinking_tokens: Amount::Constant(30.0), ..even() };
        let mut small = call(0);
        small.settings = Settings { max_output_tokens: 40, ..Settings::default() }.into();
        let reply = SimServer::new(figures, 1).arrive(Instant::ZERO, &small);
        let Some((_, Piece::End { finish, usage })) = reply.last() else { panic!("it ends") };
        assert_eq!((finish, usage.answer, usage.thinking), (&Finish::Truncated, 10, 30));
    }

    #[test]
    fn faults_break_the_answer_where_they_say() {
        let with = |fault| {
            let figures = Simulated { faults: vec![Rule { when: When::default(), fault }], ..even() };
            SimServer::new(figures, 1).arrive(Instant::ZERO, &call(0))
        };
        assert_eq!(with(Fault::Stall), []);
        assert!(matches!(with(Fault::Network)[..], [(_, Piece::NoConnection)]));
        assert!(matches!(with(Fault::Cut).last(), Some((_, Piece::Cut))));
        assert!(matches!(with(Fault::ErrorInStream(503)).last(), Some((_, Piece::Error(_)))));
        assert!(matches!(&with(Fault::Status(503))[..], [(_, Piece::Refused(r))] if r.status == 503));
        assert_eq!(ends_after(&with(Fault::Slow(3.0))), Duration::from_secs(6));
    }

    #[test]
    fn a_quota_of_tokens_counts_what_was_recorded_not_what_would_be_drawn() {
        let take = |item| Take {
            item,
            attempt: 1,
            in_flight: 1,
            end_micros: 1_000_000,
            thinking: 2,
            answer: 6,
            ..Take::default()
        };
        // Two tokens of a prompt and 8 of an answer: three calls fit, where 36 drawn would let none through.
        let figures = Simulated { tokens_per_minute: Some(30), ..even() };
        let mut server = SimServer::new(figures, 1).replaying(&(0..4).map(take).collect::<Vec<_>>(), 0);
        let mut said = |item| status(&server.arrive(Instant::ZERO, &Call { prompt: "Why not?".into(), ..call(item) }));
        assert_eq!([0, 1, 2, 3].map(&mut said), [200, 200, 200, 429]);
    }

    fn spell(from_millis: u32, to_millis: u32, fault: Fault) -> Rule {
        let (from_millis, to_millis) = (Some(from_millis), Some(to_millis));
        Rule { when: When { from_millis, to_millis, ..When::default() }, fault }
    }

    fn millis(at: u64) -> Instant {
        Instant(at * 1_000)
    }

    fn status(reply: &Reply) -> u16 {
        match &reply[0] {
            (_, Piece::Refused(refusal)) => refusal.status,
            _ => 200,
        }
    }

    #[test]
    fn an_outage_refuses_exactly_the_attempts_that_arrive_in_it() {
        let faults = vec![spell(5_000, 10_000, Fault::Status(503))];
        let mut server = SimServer::new(Simulated { faults, ..even() }, 1);
        let said =
            [0, 4_999, 5_000, 7_500, 9_999, 10_000, 20_000].map(|at| status(&server.arrive(millis(at), &call(0))));
        assert_eq!(said, [200, 200, 503, 503, 503, 200, 200]);
    }

    #[test]
    fn a_slow_spell_slows_only_the_attempts_that_arrive_in_it() {
        let faults = vec![spell(5_000, 10_000, Fault::Slow(4.0))];
        let mut server = SimServer::new(Simulated { faults, ..even() }, 1);
        let took = [4_999, 5_000, 9_999, 10_000].map(|at| ends_after(&server.arrive(millis(at), &call(0))).as_secs());
        assert_eq!(took, [2, 8, 8, 2]);
    }

    #[test]
    fn a_cut_lets_so_many_through_in_a_window_and_is_over_when_it_is_over() {
        let faults = vec![spell(5_000, 10_000, Fault::QuotaCut(2))];
        let mut server = SimServer::new(Simulated { faults, quota_window_millis: 4_000, ..even() }, 1);
        let mut said = |at| status(&server.arrive(millis(at), &call(0)));
        assert_eq!([0, 0, 0].map(&mut said), [200, 200, 200], "there is no quota");
        assert_eq!([5_000, 5_100, 5_200].map(&mut said), [200, 200, 429]);
        assert_eq!([9_000, 9_100, 9_200].map(&mut said), [200, 200, 429], "the window went on");
        assert_eq!([10_000, 10_000, 10_000].map(&mut said), [200, 200, 200]);
    }

    #[test]
    fn a_cut_counts_what_came_before_it_and_raises_no_quota() {
        let faults = vec![spell(5_000, 10_000, Fault::QuotaCut(2)), spell(7_000, 10_000, Fault::QuotaCut(9))];
        let figures = Simulated { faults, requests_per_minute: Some(3), ..even() };
        let mut server = SimServer::new(figures, 1);
        let mut said = |at| status(&server.arrive(millis(at), &call(0)));
        assert_eq!([0, 1_000, 5_000, 7_000].map(&mut said), [200, 200, 429, 429]);
        assert_eq!([10_000, 10_000].map(&mut said), [200, 429]);
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_through() {
        let mut server = SimServer::new(Simulated { requests_per_minute: Some(1), ..even() }, 1);
        let _ = server.arrive(Instant::ZERO, &call(0));
        let reply = server.arrive(Instant(10_000_000), &call(1));
        let (after, Piece::Refused(refusal)) = &reply[0] else { panic!("refused") };
        let told = Instant(10_000_000) + *after + refusal.failure().delay().expect("a delay");
        assert!(matches!(server.arrive(told, &call(1))[0], (_, Piece::FirstByte)));
    }
}
