//! An event as other programs read it: one flat object, its `kind` a word, and beside it only the fields
//! that this kind has.
//!
//! ```json
//! {"at": 6310729, "lane": 1, "item": 6, "step": 0, "branch": 0, "attempt": 1, "kind": "failed", "failure": 0}
//! ```

use crate::id::{PermitNo, Tag};
use crate::time::Instant;
use crate::trace::event::{Event, Gate, Kind, Opened, Outcome, StopReason, Why};
use serde::{Deserialize, Serialize};

/// An event as other programs read it. Times are in microseconds since the lane began.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "Event"))]
pub(crate) struct Flat {
    /// When.
    at: Instant,
    /// The lane, from 0.
    lane: u8,
    /// The item, from 0.
    item: u32,
    /// The step of the item's chain, from 0.
    step: u8,
    /// The branch, from 0.
    branch: u8,
    /// The attempt, from 1; 0 before the first.
    attempt: u8,
    /// What happened.
    kind: Word,
    /// Which gate, of waiting, granted and released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gate: Option<Gate>,
    /// Which permit, of granted and released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    permit: Option<PermitNo>,
    /// How many stand before it in the line, of waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ahead: Option<u32>,
    /// The first byte in the lane's text, of text and of said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u32>,
    /// The byte after the last in the lane's text, of text and of said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<u32>,
    /// The item that is waited for, of awaiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaited: Option<u32>,
    /// The place in the lane's answers, of answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<u32>,
    /// The place in the lane's failures, of failed, and of stopped where a failure stopped the lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<u32>,
    /// What the gate holds, of gauge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<u32>,
    /// When the wait is meant to end, of backing-off, of sleeping and of held; not there where nobody can know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
    /// The place in the lane's waits, of backing-off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<u32>,
    /// How the item's life ended, of ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// Why the lane is over, of stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<StopWord>,
    /// Why the branch was opened, of branch-opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
}

/// What happened, as a word.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum Word {
    Started,
    Asked,
    Made,
    Waiting,
    Held,
    Gauge,
    BranchOpened,
    Granted,
    Sent,
    FirstByte,
    Thought,
    Text,
    Said,
    Computing,
    Sleeping,
    Awaiting,
    Answered,
    Failed,
    BackingOff,
    Released,
    Cancelled,
    Ended,
    Paused,
    Resumed,
    TabHidden,
    TabShown,
    Stopped,
}

/// Why a lane is over, as a word.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum StopWord {
    Finished,
    Failure,
    OneFailed,
    Enough,
    Drained,
    Aborted,
    Stalled,
}

/// A field that its kind must have is missing.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("an event lacks a field that its kind must have")]
pub(crate) struct Incomplete;

impl From<Event> for Flat {
    fn from(Event { at, tag, kind }: Event) -> Self {
        let Tag { item, attempt, branch, step, lane } = tag;
        let bare = |kind| Self {
            at,
            lane,
            item,
            step,
            branch,
            attempt,
            kind,
            gate: None,
            permit: None,
            ahead: None,
            from: None,
            to: None,
            awaited: None,
            answer: None,
            failure: None,
            value: None,
            until: None,
            wait: None,
            outcome: None,
            why: None,
            opened: None,
        };
        match kind {
            Kind::Started => bare(Word::Started),
            Kind::Asked => bare(Word::Asked),
            Kind::Made => bare(Word::Made),
            Kind::Waiting { gate, why: Why::InLine { ahead } } => {
                Self { gate: Some(gate), ahead: Some(ahead), ..bare(Word::Waiting) }
            }
            Kind::Held { gate, until } => Self {
                gate: Some(gate),
                until: Some(until).filter(|&until| until < Instant::NEVER),
                ..bare(Word::Held)
            },
            Kind::Gauge { gate, value } => Self { gate: Some(gate), value: Some(value), ..bare(Word::Gauge) },
            Kind::BranchOpened { why } => Self { opened: Some(why), ..bare(Word::BranchOpened) },
            Kind::Granted { gate, permit } => Self { gate: Some(gate), permit: Some(permit), ..bare(Word::Granted) },
            Kind::Sent => bare(Word::Sent),
            Kind::FirstByte => bare(Word::FirstByte),
            Kind::Thought => bare(Word::Thought),
            Kind::Text { from, to } => Self { from: Some(from), to: Some(to), ..bare(Word::Text) },
            Kind::Said { from, to } => Self { from: Some(from), to: Some(to), ..bare(Word::Said) },
            Kind::Computing => bare(Word::Computing),
            Kind::Sleeping { until } => Self { until: Some(until), ..bare(Word::Sleeping) },
            Kind::Awaiting { item } => Self { awaited: Some(item), ..bare(Word::Awaiting) },
            Kind::Answered { answer } => Self { answer: Some(answer), ..bare(Word::Answered) },
            Kind::Failed { failure } => Self { failure: Some(failure), ..bare(Word::Failed) },
            Kind::BackingOff { until, wait } => Self { until: Some(until), wait: Some(wait), ..bare(Word::BackingOff) },
            Kind::Released { gate, permit } => Self { gate: Some(gate), permit: Some(permit), ..bare(Word::Released) },
            Kind::Cancelled => bare(Word::Cancelled),
            Kind::Ended { outcome } => Self { outcome: Some(outcome), ..bare(Word::Ended) },
            Kind::Paused => bare(Word::Paused),
            Kind::Resumed => bare(Word::Resumed),
            Kind::TabHidden => bare(Word::TabHidden),
            Kind::TabShown => bare(Word::TabShown),
            Kind::Stopped { why } => {
                let (word, failure) = match why {
                    StopReason::Finished => (StopWord::Finished, None),
                    StopReason::Failure { failure } => (StopWord::Failure, Some(failure)),
                    StopReason::OneFailed { failure } => (StopWord::OneFailed, Some(failure)),
                    StopReason::Enough => (StopWord::Enough, None),
                    StopReason::Drained => (StopWord::Drained, None),
                    StopReason::Aborted => (StopWord::Aborted, None),
                    StopReason::Stalled => (StopWord::Stalled, None),
                };
                Self { why: Some(word), failure, ..bare(Word::Stopped) }
            }
        }
    }
}

impl TryFrom<Flat> for Event {
    type Error = Incomplete;

    fn try_from(flat: Flat) -> Result<Self, Incomplete> {
        let Flat { at, item, attempt, branch, step, lane, .. } = flat;
        Ok(Self { at, tag: Tag { item, attempt, branch, step, lane }, kind: kind(&flat).ok_or(Incomplete)? })
    }
}

fn kind(flat: &Flat) -> Option<Kind> {
    Some(match flat.kind {
        Word::Started => Kind::Started,
        Word::Asked => Kind::Asked,
        Word::Made => Kind::Made,
        Word::Waiting => Kind::Waiting { gate: flat.gate?, why: Why::InLine { ahead: flat.ahead? } },
        Word::Held => Kind::Held { gate: flat.gate?, until: flat.until.unwrap_or(Instant::NEVER) },
        Word::Gauge => Kind::Gauge { gate: flat.gate?, value: flat.value? },
        Word::BranchOpened => Kind::BranchOpened { why: flat.opened? },
        Word::Granted => Kind::Granted { gate: flat.gate?, permit: flat.permit? },
        Word::Sent => Kind::Sent,
        Word::FirstByte => Kind::FirstByte,
        Word::Thought => Kind::Thought,
        Word::Text => Kind::Text { from: flat.from?, to: flat.to? },
        Word::Said => Kind::Said { from: flat.from?, to: flat.to? },
        Word::Computing => Kind::Computing,
        Word::Sleeping => Kind::Sleeping { until: flat.until? },
        Word::Awaiting => Kind::Awaiting { item: flat.awaited? },
        Word::Answered => Kind::Answered { answer: flat.answer? },
        Word::Failed => Kind::Failed { failure: flat.failure? },
        Word::BackingOff => Kind::BackingOff { until: flat.until?, wait: flat.wait? },
        Word::Released => Kind::Released { gate: flat.gate?, permit: flat.permit? },
        Word::Cancelled => Kind::Cancelled,
        Word::Ended => Kind::Ended { outcome: flat.outcome? },
        Word::Paused => Kind::Paused,
        Word::Resumed => Kind::Resumed,
        Word::TabHidden => Kind::TabHidden,
        Word::TabShown => Kind::TabShown,
        Word::Stopped => Kind::Stopped {
            why: match flat.why? {
                StopWord::Finished => StopReason::Finished,
                StopWord::Failure => StopReason::Failure { failure: flat.failure? },
                StopWord::OneFailed => StopReason::OneFailed { failure: flat.failure? },
                StopWord::Enough => StopReason::Enough,
                StopWord::Drained => StopReason::Drained,
                StopWord::Aborted => StopReason::Aborted,
                StopWord::Stalled => StopReason::Stalled,
            },
        },
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::PRESETS;
    use crate::lab::simulate;
    use crate::trace::Trace;

    #[test]
    fn a_saved_run_comes_back_as_it_was() {
        for preset in PRESETS {
            let trace = simulate(&preset.experiment()).expect("sound");
            let json = serde_json::to_string(&trace).expect("json");
            assert_eq!(serde_json::from_str::<Trace>(&json).expect("the same"), trace, "{}", preset.id);
        }
    }

    #[test]
    fn an_event_says_only_what_its_kind_has() {
        let event = Event { at: Instant(5), tag: Tag::of_item(1, 2), kind: Kind::Ended { outcome: Outcome::Failed } };
        let json = serde_json::to_string(&event).expect("json");
        assert_eq!(
            json,
            r#"{"at":5,"lane":1,"item":2,"step":0,"branch":0,"attempt":0,"kind":"ended","outcome":"failed"}"#
        );
    }

    #[test]
    fn an_event_without_what_it_must_have_is_refused() {
        let json = r#"{"at":5,"lane":1,"item":2,"step":0,"branch":0,"attempt":0,"kind":"ended"}"#;
        assert!(serde_json::from_str::<Event>(json).is_err());
    }
}
