//! What happened, told to those who hear it: one event as a sentence, and many as their sum.

use crate::id::Tag;
use crate::port::FailureKind;
use crate::scene::teller::Stretch;
use crate::time::Instant;
use crate::trace::LaneTrace;
use crate::trace::event::{Event, Gate, Kind, Opened, Outcome, Why};
use crate::view::words::failure::in_short;
use crate::view::words::units::{capital, moment};

/// So many events are told one by one; of more, the sum.
const ONE_BY_ONE: usize = 2;

/// So many events of one moment are told one by one.
const OF_A_MOMENT: usize = 5;

/// So many lanes are summed up each by itself.
const LANE_BY_LANE: usize = 3;

/// A lane of which is told.
#[derive(Clone, Copy)]
pub struct Lane<'a> {
    /// Its letter; none where it is the only one.
    pub letter: Option<char>,
    /// What happened in it.
    pub log: &'a LaneTrace,
    /// Whether it is a program, which asks nobody.
    pub is_script: bool,
    /// What an item is called, as in "request 7".
    pub name: &'a dyn Fn(u32) -> String,
}

impl std::fmt::Debug for Lane<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// What happened in a stretch of the run, in a line that can be heard before the next; none if nothing did that is
/// worth it.
#[must_use]
pub fn stretch(lanes: &[Lane<'_>], of: Stretch) -> Option<String> {
    let news: Vec<(&Lane<'_>, Vec<&Event>)> = lanes
        .iter()
        .map(|lane| {
            let events = lane.between(of.after, of.to);
            (lane, events.iter().filter(|event| lane.counts(event, events)).collect())
        })
        .collect();
    if news.iter().map(|(_, events)| events.len()).sum::<usize>() <= ONE_BY_ONE {
        let told = |(lane, events): &(&Lane<'_>, Vec<&Event>)| {
            events.iter().filter_map(|event| lane.sentence(event)).collect::<Vec<_>>()
        };
        return some(&news.iter().flat_map(told).collect::<Vec<_>>());
    }
    let sums: Vec<(&Lane<'_>, [usize; SUMS])> = news
        .iter()
        .map(|(lane, events)| (*lane, lane.sums(events)))
        .filter(|(_, sums)| sums.iter().any(|&many| many > 0))
        .collect();
    if sums.len() <= LANE_BY_LANE {
        return some(&sums.iter().map(|(lane, sums)| lane.said(*sums)).collect::<Vec<_>>());
    }
    let mut all = [0; SUMS];
    for (_, sums) in &sums {
        for (sum, many) in all.iter_mut().zip(sums) {
            *sum += many;
        }
    }
    Some(format!("In {} lanes, {}", sums.len(), summed(all, "request", "requests")))
}

/// What happened at one moment, to which somebody stepped.
#[must_use]
pub fn at_moment(lanes: &[Lane<'_>], at: Instant) -> Option<String> {
    let after = at.0.checked_sub(1).map(Instant);
    let told = |lane: &Lane<'_>| {
        let events = lane.between(after, at);
        let told = events.iter().filter(|event| !is_ended_with(event, events));
        told.filter_map(|event| lane.sentence(event)).collect::<Vec<_>>()
    };
    let sentences: Vec<String> = lanes.iter().flat_map(told).collect();
    if sentences.len() > OF_A_MOMENT {
        let sum = stretch(lanes, Stretch { after, to: at });
        return sum.or_else(|| some(sentences.get(..OF_A_MOMENT).unwrap_or_default()));
    }
    some(&sentences)
}

fn some(sentences: &[String]) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Whether the end of the item's life, at the same moment, says the same.
fn is_ended_with(event: &Event, among: &[Event]) -> bool {
    let says_less = matches!(event.kind, Kind::Answered { .. } | Kind::Cancelled);
    says_less
        && among.iter().any(|other| {
            other.at == event.at && other.tag.item == event.tag.item && matches!(other.kind, Kind::Ended { .. })
        })
}

/// How many sums there are: see [`VERBS`].
const SUMS: usize = 7;

/// What is summed up.
const VERBS: [&str; SUMS] = ["sent", "answered", "refused", "cut short", "stood in for", "given up", "failed for good"];

/// A sum as a sentence's end, such as "5 requests were sent, 2 answered."
fn summed(sums: [usize; SUMS], one: &str, many: &str) -> String {
    let mut said = String::new();
    for (&sum, verb) in sums.iter().zip(VERBS).filter(|(sum, _)| **sum > 0) {
        if said.is_empty() {
            let (noun, were) = if sum == 1 { (one, "was") } else { (many, "were") };
            said = format!("{sum} {noun} {were} {verb}");
        } else {
            said = format!("{said}, {sum} {verb}");
        }
    }
    said + "."
}

impl Lane<'_> {
    /// The events after a moment, up to another.
    fn between(&self, after: Option<Instant>, to: Instant) -> &[Event] {
        let events = &self.log.events;
        let from = after.map_or(0, |after| events.partition_point(|event| event.at <= after));
        let end = events.partition_point(|event| event.at <= to);
        events.get(from..end).unwrap_or_default()
    }

    /// Whether an event is worth telling while the run goes on.
    fn counts(&self, event: &Event, among: &[Event]) -> bool {
        let is_printed = matches!(event.kind, Kind::Said { .. }) || self.is_script && event.kind == Kind::Asked;
        is_printed || self.sum(event).is_some() && !is_ended_with(event, among)
    }

    /// Under which verb an event is summed up.
    fn sum(&self, event: &Event) -> Option<usize> {
        Some(match event.kind {
            Kind::Sent if !self.is_script => 0,
            Kind::Ended { outcome: Outcome::Answered } => 1,
            Kind::Failed { failure } if self.is_refusal(failure) => 2,
            Kind::Failed { .. } if !self.is_script => 3,
            Kind::Ended { outcome: Outcome::Substituted } => 4,
            Kind::Ended { outcome: Outcome::Cancelled } => 5,
            Kind::Ended { outcome: Outcome::Failed } => 6,
            _ => return None,
        })
    }

    fn is_refusal(&self, failure: u32) -> bool {
        let failure = self.log.failures.get(failure as usize);
        failure.is_some_and(|failure| failure.status.is_some_and(|status| status >= 400))
    }

    fn sums(&self, events: &[&Event]) -> [usize; SUMS] {
        let mut sums = [0; SUMS];
        for place in events.iter().filter_map(|event| self.sum(event)) {
            sums[place] += 1;
        }
        sums
    }

    fn said(&self, sums: [usize; SUMS]) -> String {
        let (one, many) = if self.is_script { ("task", "tasks") } else { ("request", "requests") };
        // A task returns; nobody answers it.
        let said =
            if self.is_script { summed(sums, one, many).replace("answered", "done") } else { summed(sums, one, many) };
        self.letter.map_or_else(|| said.clone(), |letter| format!("Lane {letter}: {said}"))
    }

    /// Whose it is, as a sentence begins.
    fn whose(&self, tag: Tag) -> String {
        let lane = self.letter.map(|letter| format!(" of lane {letter}")).unwrap_or_default();
        let whose = format!("{}{lane}", (self.name)(tag.item));
        // What a program calls a task stays as it is written there.
        if self.is_script { whose } else { capital(&whose) }
    }

    /// An event as a sentence; none for what only keeps the books.
    fn sentence(&self, event: &Event) -> Option<String> {
        let Event { tag, kind, .. } = *event;
        let lane = || self.letter.map_or_else(|| "The lane".to_owned(), |letter| format!("Lane {letter}"));
        let of_lane = |what: &str| Some(format!("{} {what}.", lane()));
        let what = match kind {
            Kind::Started => return of_lane("begins"),
            Kind::Paused => return of_lane("is paused"),
            Kind::Resumed => return of_lane("goes on"),
            Kind::Stopped { .. } => return of_lane("is over"),
            Kind::TabHidden => return Some("The page was hidden.".into()),
            Kind::TabShown => return Some("The page was shown again.".into()),
            Kind::Gauge { .. } | Kind::Released { .. } => return None,
            Kind::Made => "was made, and nothing of it runs yet".into(),
            Kind::Asked => if self.is_script { "begins" } else { "was asked" }.into(),
            Kind::Waiting { gate, why: Why::InLine { ahead } } => waits(gate, ahead),
            Kind::Held { until: Instant::NEVER, .. } => "is held at a gate".into(),
            Kind::Held { until, .. } => format!("is held until {}", moment(until)),
            Kind::BranchOpened { why: Opened::Hedge } => "gets a second copy beside it".into(),
            Kind::BranchOpened { why: Opened::Fallback } => "goes to another model".into(),
            Kind::BranchOpened { why: Opened::AtOnce } => "asks another model as well".into(),
            Kind::Granted { gate: Gate::Thread, .. } => "has the thread".into(),
            Kind::Granted { gate: Gate::Semaphore, permit } => format!("got slot {}", u32::from(permit.0) + 1),
            Kind::Granted { .. } => "may pass".into(),
            Kind::Sent if tag.attempt > 1 => format!("was sent again, attempt {}", tag.attempt),
            Kind::Sent => "was sent".into(),
            Kind::FirstByte => "got its first byte".into(),
            Kind::Thought => "is being thought about".into(),
            Kind::Text { .. } => "got more of its answer".into(),
            Kind::Said { from, to } => {
                let line = self.log.text.get(from as usize..to as usize).unwrap_or_default();
                format!("printed: {}", line.trim_end())
            }
            Kind::Computing => "computes".into(),
            Kind::Sleeping { until } => format!("sleeps until {}", moment(until)),
            Kind::Awaiting { item } => format!("waits for {}", (self.name)(item)),
            Kind::Answered { .. } => format!("got the answer of step {}", u32::from(tag.step) + 1),
            Kind::Failed { failure } => self.failed(failure),
            Kind::BackingOff { until, .. } => format!("backs off until {}", moment(until)),
            Kind::Cancelled => "had a call given up".into(),
            Kind::Ended { outcome } => match outcome {
                Outcome::Answered if self.is_script => "returned",
                Outcome::Answered => "was answered",
                Outcome::Failed => "failed for good",
                Outcome::Cancelled => "was given up",
                Outcome::Substituted => "got a fixed text in place of an answer",
            }
            .into(),
        };
        Some(format!("{} {what}.", self.whose(tag)))
    }

    fn failed(&self, place: u32) -> String {
        let Some(failure) = self.log.failures.get(place as usize) else { return "failed".into() };
        let how = if self.is_refusal(place) { "was refused" } else { "failed" };
        // What a function of a script said of itself is the whole of it.
        let why = if failure.kind == FailureKind::Raised { failure.message.to_string() } else { in_short(failure) };
        format!("{how}: {}", why.trim_end_matches('.'))
    }
}

fn waits(gate: Gate, ahead: u32) -> String {
    let line = if ahead > 0 { format!(", with {ahead} before it") } else { String::new() };
    let what = match gate {
        Gate::Turn => "waits for its turn",
        Gate::Semaphore => "waits for a slot",
        Gate::Thread => "is ready, and waits for the thread",
        _ => "stands in line for a rate",
    };
    format!("{what}{line}")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::lab;
    use crate::trace::Trace;

    fn race() -> Trace {
        lab::simulate(&preset::race()).expect("it is sound")
    }

    fn name(item: u32) -> String {
        format!("request {}", item + 1)
    }

    fn lanes(trace: &Trace) -> Vec<Lane<'_>> {
        let lane = |(letter, log)| Lane { letter: Some(letter), log, is_script: false, name: &name };
        ('A'..='Z').zip(&trace.lanes).map(lane).collect()
    }

    fn told(after: Option<u64>, to: u64) -> Option<String> {
        let trace = race();
        stretch(&lanes(&trace), Stretch { after: after.map(Instant), to: Instant(to) })
    }

    #[test]
    fn what_happened_is_summed_up_lane_by_lane() {
        assert_eq!(told(None, 0).as_deref(), Some("Lane A: 1 request was sent. Lane B: 4 requests were sent."));
        assert_eq!(
            told(Some(0), 6_700_000).as_deref(),
            Some("Lane A: 1 request was sent, 1 answered. Lane B: 4 requests were sent, 4 answered, 1 refused.")
        );
        assert_eq!(told(Some(0), 1_000), None, "nothing is nothing");
    }

    #[test]
    fn one_or_two_events_are_told_as_they_are() {
        let only = told(Some(4_000_000), 5_300_000);
        assert_eq!(only.as_deref(), Some("Request 3 of lane B was answered. Request 5 of lane B was sent."));
    }

    #[test]
    fn many_lanes_are_summed_up_together() {
        let trace = race();
        let (one, all) = (lanes(&trace)[1], [lanes(&trace)[1]; 5]);
        let of = Stretch { after: None, to: Instant::NEVER };
        assert_eq!(
            stretch(&[Lane { letter: None, ..one }], of).as_deref(),
            Some("13 requests were sent, 12 answered, 1 refused.")
        );
        assert_eq!(stretch(&all, of).as_deref(), Some("In 5 lanes, 65 requests were sent, 60 answered, 5 refused."));
    }

    #[test]
    fn a_task_keeps_the_name_that_its_program_gives_it() {
        let trace = race();
        let fry = |_: u32| "fry_eggs".to_owned();
        let lane = Lane { is_script: true, name: &fry, ..lanes(&trace)[1] };
        let end = trace.lanes[1].events.iter().rev().find(|event| matches!(event.kind, Kind::Ended { .. }));
        let said = at_moment(&[lane], end.expect("it ends").at).unwrap_or_default();
        assert_eq!(said, "fry_eggs of lane B returned. Lane B is over.");
    }

    #[test]
    fn a_step_tells_the_very_event() {
        let trace = race();
        let lanes = lanes(&trace);
        let refused = trace.lanes[1].events.iter().find(|event| matches!(event.kind, Kind::Failed { .. }));
        let said = at_moment(&lanes, refused.expect("one is refused").at).unwrap_or_default();
        assert!(
            said.starts_with(
                "Request 7 of lane B was refused: The server answered 503. Request 7 of lane B backs off until "
            ),
            "{said}"
        );
        assert_eq!(at_moment(&lanes, Instant(1)), None);
    }

    #[test]
    fn every_moment_of_a_run_has_something_to_tell_but_what_keeps_the_books() {
        let trace = race();
        let lanes = lanes(&trace);
        let mut moments: Vec<Instant> = trace.lanes.iter().flat_map(|lane| lane.events.iter().map(|e| e.at)).collect();
        moments.sort_unstable();
        moments.dedup();
        for &at in &moments {
            let said = at_moment(&lanes, at).unwrap_or_default();
            assert!(said.ends_with('.') && !said.contains(".."), "at {}: {said:?}", at.0);
        }
        assert!(moments.len() > 100);
    }
}
