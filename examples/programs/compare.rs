//! What a server saw of a program, and what the engine says that it should see.

use crate::cases::Case;
use lanescope::lab::simulate;
use lanescope::trace::{Kind, LaneTrace};
use std::fmt;

/// A call at the server. Times are in milliseconds since the first start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// Which prompt it asks; none in the later steps of a chain, which ask about an answer.
    pub(crate) prompt: Option<u32>,
    pub(crate) is_refused: bool,
}

/// A start may be this late, and by this share of the time since the first.
const LATE_MILLIS: f64 = 250.0;
const LATE_SHARE: f64 = 0.1;
/// Starts of the engine within this time may come in any order: a timer of the real world is not more exact.
const INSTANT_MILLIS: f64 = 20.0;
/// A call may be over up to so long before the server knows: where one ends and another begins at one instant of the
/// engine, either may come first. Who has left without a word is missed at once.
const GRACE_MILLIS: f64 = 100.0;

/// The calls that the engine sends, in order.
pub(crate) fn expected(case: &Case) -> Result<Vec<Call>, Box<dyn std::error::Error>> {
    let trace = simulate(&case.experiment)?;
    let lane = trace.lanes.first().ok_or("a case has a lane")?;
    let calls = case.experiment.workload.calls().ok_or("a case has calls")?;
    let sides = u32::try_from(calls.models.len().max(1))?;
    Ok(sorted(calls_of(lane, sides)))
}

fn calls_of(lane: &LaneTrace, sides: u32) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut open = Vec::new();
    for event in &lane.events {
        let (tag, at) = (event.tag, event.at.as_secs() * 1_000.0);
        let is_branch = |place: &usize, open: &[(lanescope::id::Tag, usize)]| {
            let of = open[*place].0;
            (of.item, of.step, of.branch) == (tag.item, tag.step, tag.branch)
        };
        let mut close = |is_refused: bool| {
            if let Some(place) = (0..open.len()).find(|place| is_branch(place, &open)) {
                let (_, call): (_, usize) = open.remove(place);
                let call: &mut Call = &mut calls[call];
                (call.end, call.is_refused) = (at, is_refused);
            }
        };
        match event.kind {
            Kind::Sent => {
                let prompt = (tag.step == 0).then_some(tag.item / sides);
                open.push((tag, calls.len()));
                calls.push(Call { start: at, end: f64::INFINITY, prompt, is_refused: false });
            }
            Kind::Answered { .. } | Kind::Cancelled => close(false),
            Kind::Failed { failure } => {
                close(lane.failures[failure as usize].status.is_some_and(|status| status >= 400));
            }
            Kind::Stopped { .. } => {
                for (_, call) in open.drain(..) {
                    calls[call].end = at;
                }
            }
            _ => {}
        }
    }
    calls
}

/// In the order of their starts, from the first.
pub(crate) fn sorted(mut calls: Vec<Call>) -> Vec<Call> {
    calls.sort_by(|a, b| a.start.total_cmp(&b.start));
    let first = calls.first().map_or(0.0, |call| call.start);
    for call in &mut calls {
        call.start -= first;
        call.end -= first;
    }
    calls
}

fn peak(calls: &[Call], grace: f64) -> usize {
    let under_way = |at: f64| calls.iter().filter(|call| call.start <= at && at < call.end - grace).count();
    calls.iter().map(|call| under_way(call.start)).max().unwrap_or(0)
}

/// One program beside the engine.
pub(crate) struct Row {
    attempts: [usize; 2],
    refusals: [usize; 2],
    peaks: [usize; 2],
    in_order: bool,
    latest: f64,
    in_time: bool,
    /// What it wrote where it should have written nothing, or why it was not run.
    complaint: String,
}

impl Row {
    pub(crate) fn of(expected: &[Call], seen: &[Call], complaint: String) -> Self {
        let refused = |calls: &[Call]| calls.iter().filter(|call| call.is_refused).count();
        let pairs = || expected.iter().zip(seen);
        let late = pairs().map(|(engine, program)| (program.start - engine.start, engine.start));
        let latest =
            late.clone().map(|(late, _)| late).fold(0.0, |a: f64, b: f64| if b.abs() > a.abs() { b } else { a });
        let engine = peak(expected, 0.0);
        Self {
            attempts: [expected.len(), seen.len()],
            refusals: [refused(expected), refused(seen)],
            peaks: [engine, engine.clamp(peak(seen, GRACE_MILLIS), peak(seen, 0.0))],
            in_order: is_in_order(expected, seen),
            latest,
            in_time: late.into_iter().all(|(late, at)| late.abs() <= LATE_MILLIS + LATE_SHARE * at),
            complaint,
        }
    }

    pub(crate) fn agrees(&self) -> bool {
        let same = |[engine, program]: [usize; 2]| engine == program;
        same(self.attempts)
            && same(self.refusals)
            && same(self.peaks)
            && self.in_order
            && self.in_time
            && self.complaint.is_empty()
    }
}

/// Whether the prompts are asked in the same order; those that the engine asks at one instant in any.
fn is_in_order(expected: &[Call], seen: &[Call]) -> bool {
    let mut rest = seen;
    for together in expected.chunk_by(|a, b| b.start - a.start <= INSTANT_MILLIS) {
        let Some((now, later)) = rest.split_at_checked(together.len()) else { return false };
        let prompts = |calls: &[Call]| {
            let mut prompts: Vec<_> = calls.iter().map(|call| call.prompt).collect();
            prompts.sort_unstable();
            prompts
        };
        if prompts(together) != prompts(now) {
            return false;
        }
        rest = later;
    }
    true
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |[engine, program]: [usize; 2]| {
            if engine == program { engine.to_string() } else { format!("{program} for {engine}") }
        };
        let order = if self.in_order { "same" } else { "other" };
        let agrees = if self.agrees() { "yes" } else { "NO" };
        let (attempts, peaks) = (pair(self.attempts), pair(self.peaks));
        write!(f, "{attempts} | {peaks} | {order} | {:.0} ms | {agrees}{}", self.latest, self.complaint)?;
        if self.refusals[0] != self.refusals[1] {
            write!(f, ", refused {}", pair(self.refusals))?;
        }
        Ok(())
    }
}
