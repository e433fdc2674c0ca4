//! What one run of a lane came to: a handful of figures, read off its events in one pass.
//!
//! They are the figures that [`Stats`](crate::trace::stats::Stats) has at the lane's end, without the spans that
//! it is made from: a sweep reads thousands of runs and draws none of them.

use crate::experiment::Workload;
use crate::id::Tag;
use crate::port::FailureKind;
use crate::time::{Instant, whole_micros};
use crate::trace::{Kind, LaneTrace, Outcome as Ending};
use serde::{Deserialize, Serialize};

/// What one run of a lane came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Items there were.
    pub items: u32,
    /// Items answered.
    pub succeeded: u32,
    /// Microseconds until the last item ended.
    pub makespan_micros: u64,
    /// Attempts sent.
    pub attempts: u32,
    /// Attempts that the server refused with a 429.
    pub refused: u32,
    /// Attempts that brought no answer.
    pub lost: u32,
    /// How long those were with the server, in microseconds.
    pub lost_micros: u64,
    /// Tokens of prompts: of all answers, and about how many more what was lost may be billed for.
    pub prompt_tokens: u64,
    /// Tokens of answers, counted alike.
    pub output_tokens: u64,
    /// Which items were answered, as a number that two runs share if they answered the same.
    pub answered: u64,
}

/// About how many bytes of English make a token.
const BYTES_A_TOKEN: u64 = 4;
/// The status of a refusal for quota.
const TOO_MANY: u16 = 429;

/// An attempt under way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    tag: Tag,
    sent: Instant,
    bytes: u64,
    has_begun: bool,
}

/// Those under way: of each item's first branch, and of the others.
#[derive(Default)]
struct Flights {
    first: Vec<Option<Flight>>,
    others: Vec<Flight>,
}

impl Flights {
    fn put(&mut self, flight: Flight) {
        if flight.tag.branch > 0 {
            return self.others.push(flight);
        }
        let item = flight.tag.item as usize;
        if self.first.len() <= item {
            self.first.resize(item + 1, None);
        }
        self.first[item] = Some(flight);
    }

    fn place(&self, tag: Tag) -> Option<usize> {
        let is_it =
            |other: &Flight| (other.tag.item, other.tag.step, other.tag.branch) == (tag.item, tag.step, tag.branch);
        self.others.iter().position(is_it)
    }

    fn get(&mut self, tag: Tag) -> Option<&mut Flight> {
        if tag.branch == 0 {
            return self.first.get_mut(tag.item as usize)?.as_mut();
        }
        let place = self.place(tag)?;
        self.others.get_mut(place)
    }

    fn take(&mut self, tag: Tag) -> Option<Flight> {
        if tag.branch == 0 {
            return self.first.get_mut(tag.item as usize)?.take();
        }
        self.place(tag).map(|place| self.others.swap_remove(place))
    }

    /// One of an item's other branches.
    fn take_other(&mut self, item: u32) -> Option<Flight> {
        let place = self.others.iter().position(|flight| flight.tag.item == item)?;
        Some(self.others.swap_remove(place))
    }
}

impl Outcome {
    /// What a lane that is over came to.
    #[must_use]
    pub fn of(lane: &LaneTrace, workload: &Workload) -> Self {
        let mut own = Self { items: workload.len(), ..Self::default() };
        let mut flights = Flights::default();
        let (mut over, mut last_end) = (0, Instant::ZERO);
        for event in &lane.events {
            let (at, tag) = (event.at, event.tag);
            match event.kind {
                Kind::Sent => {
                    own.attempts += 1;
                    flights.put(Flight { tag, sent: at, bytes: 0, has_begun: false });
                }
                Kind::FirstByte | Kind::Thought => {
                    if let Some(flight) = flights.get(tag) {
                        flight.has_begun = true;
                    }
                }
                Kind::Text { from, to } => {
                    if let Some(flight) = flights.get(tag) {
                        flight.has_begun = true;
                        flight.bytes += u64::from(to.saturating_sub(from));
                    }
                }
                Kind::Answered { answer } => {
                    flights.take(tag);
                    let usage = lane.answers.get(answer as usize).map(|answer| answer.usage).unwrap_or_default();
                    own.prompt_tokens += u64::from(usage.prompt);
                    own.output_tokens += u64::from(usage.output());
                }
                Kind::Failed { failure } => {
                    let failure = lane.failures.get(failure as usize);
                    let status = failure.and_then(|failure| failure.status);
                    own.refused += u32::from(status == Some(TOO_MANY));
                    if let Some(flight) = flights.take(tag) {
                        let is_no = status.is_some_and(|status| status >= 400)
                            || failure.is_some_and(|failure| failure.kind == FailureKind::Network);
                        own.lose(flight, at, workload, is_no && !flight.has_begun);
                    }
                }
                Kind::Cancelled => {
                    if let Some(flight) = flights.take(tag) {
                        own.lose(flight, at, workload, false);
                    }
                }
                Kind::Ended { outcome } => {
                    over += 1;
                    last_end = last_end.max(at);
                    own.end(tag.item, outcome == Ending::Answered);
                    if let Some(flight) = flights.take(Tag::of_item(tag.lane, tag.item))
                        && outcome == Ending::Cancelled
                    {
                        own.lose(flight, at, workload, false);
                    }
                    while let Some(flight) = flights.take_other(tag.item) {
                        own.lose(flight, at, workload, false);
                    }
                }
                _ => {}
            }
        }
        // One that was stopped before all were asked lasted until it was.
        let last = lane.events.last().map_or(Instant::ZERO, |event| event.at);
        own.makespan_micros = if over >= own.items { last_end.0 } else { last.0 };
        own
    }

    /// Whether every item was answered.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.succeeded == self.items
    }

    fn end(&mut self, item: u32, is_answered: bool) {
        if is_answered {
            self.succeeded += 1;
            // A sum, because items end in any order.
            self.answered = self.answered.wrapping_add(crate::rng::mix(u64::from(item)));
        }
    }

    fn lose(&mut self, flight: Flight, at: Instant, workload: &Workload, was_refused: bool) {
        self.lost += 1;
        self.lost_micros += whole_micros(at.since(flight.sent));
        if !was_refused {
            let asked = workload.ask(flight.tag.item, flight.tag.step, "").len() as u64;
            self.prompt_tokens += asked.div_ceil(BYTES_A_TOKEN);
            self.output_tokens += flight.bytes.div_ceil(BYTES_A_TOKEN);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::lane_preset::LANE_PRESETS;
    use crate::experiment::server::{Fault, Rule, Simulated, When};
    use crate::experiment::sketch::{calls, chains, experiment, limited};
    use crate::experiment::{Experiment, LaneSpec, preset};
    use crate::lab::simulate;
    use crate::trace::span::Fold;
    use crate::trace::stats::{Stats, Terms};

    /// Holds what the lanes of `experiment` come to, to their statistics. Gives how many attempts were lost.
    fn agrees(name: &str, experiment: &Experiment) -> u32 {
        let trace = simulate(experiment).expect(name);
        let mut lost = 0;
        for lane in &trace.lanes {
            let fold = Fold::of(&lane.events);
            let workload = &experiment.workload;
            let terms = Terms { items: workload.len() as usize, workload: Some(workload), ..Terms::default() };
            let stats = Stats::at(fold.latest, &fold, lane, terms);
            let own = Outcome::of(lane, workload);
            lost += own.lost;
            let same = [
                (u64::from(own.items), stats.items as u64, "items"),
                (u64::from(own.succeeded), stats.succeeded as u64, "answered"),
                (own.makespan_micros, stats.makespan_micros, "makespan"),
                (u64::from(own.attempts), u64::from(stats.attempts), "attempts"),
                (u64::from(own.lost), u64::from(stats.lost_attempts), "lost"),
                (own.lost_micros, stats.lost_micros, "time lost"),
                (own.prompt_tokens, stats.tokens.prompt + stats.lost_tokens.prompt, "tokens in"),
                (own.output_tokens, stats.tokens.output + stats.lost_tokens.output, "tokens out"),
            ];
            for (own, theirs, what) in same {
                assert_eq!(own, theirs, "{name}: {what}");
            }
            let refused = lane.failures.iter().filter(|failure| failure.status == Some(429)).count();
            assert_eq!(own.refused as usize, refused, "{name}: refused");
        }
        lost
    }

    #[test]
    fn it_is_what_the_statistics_say_of_every_preset() {
        let mut lost = 0;
        for preset in preset::PRESETS {
            lost += agrees(preset.id, &preset.experiment());
        }
        assert!(lost > 10, "{lost}");
    }

    #[test]
    fn and_of_every_kind_of_lane_on_a_server_where_all_goes_wrong() {
        let faults = [Fault::Status(503), Fault::Cut, Fault::Stall, Fault::ErrorInStream(500), Fault::Network];
        let rule = |fault| Rule { when: When { probability: 0.08, ..When::default() }, fault };
        let server = Simulated { faults: faults.map(rule).into(), ..limited(Simulated::default(), 40, 60_000) };
        for preset in LANE_PRESETS {
            for work in [calls(40), chains(15)] {
                let lane = LaneSpec { attempt_timeout_millis: 8_000, ..preset.lane() };
                agrees(preset.name, &experiment(work, server.clone(), [lane]));
            }
        }
    }

    #[test]
    fn runs_share_a_number_only_if_they_answered_the_same() {
        let answered = |items: &[u32]| {
            let mut own = Outcome::default();
            for &item in items {
                own.end(item, true);
            }
            own.answered
        };
        assert_eq!(answered(&[0, 1, 5]), answered(&[5, 0, 1]));
        assert_ne!(answered(&[0, 1, 5]), answered(&[0, 1, 4]));
        assert_ne!(answered(&[0]), answered(&[]));
    }
}
