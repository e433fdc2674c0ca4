//! One thing that happened, at a microsecond, to one part of a run.
//!
//! The vocabulary is closed and an event is small (at most 32 bytes) and `Copy`: texts, failures and
//! waits lie in the lane's side tables, and an event holds their place.

use crate::id::{PermitNo, Tag};
use crate::time::Instant;
use crate::trace::flat::Flat;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Flat", try_from = "Flat")]
pub struct Event {
    /// When, in microseconds since the lane began.
    pub at: Instant,
    /// To what. Events of the lane as a whole have the tag of its item 0 before any attempt.
    pub tag: Tag,
    /// What.
    pub kind: Kind,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The lane began.
    Started,
    /// The item was asked for: its life begins.
    Asked,
    /// A call of a script was made of which nothing runs before somebody awaits it: a coroutine, a future. Its life
    /// begins when it is asked for.
    Made,
    /// It waits at a gate.
    Waiting {
        /// Which gate.
        gate: Gate,
        /// Why it can't pass.
        why: Why,
    },
    /// It stands first at a gate of rate, which lets it pass at this moment at the earliest.
    Held {
        /// Which gate.
        gate: Gate,
        /// The moment; never, while that hangs on what comes of another attempt.
        until: Instant,
    },
    /// What a gate holds now: see [`Gate`] for its unit.
    Gauge {
        /// Which gate.
        gate: Gate,
        /// How much.
        value: u32,
    },
    /// Another branch of the item's step begins here: the tag's own.
    BranchOpened {
        /// Why.
        why: Opened,
    },
    /// The gate let it pass.
    Granted {
        /// Which gate.
        gate: Gate,
        /// The permit it was given.
        permit: PermitNo,
    },
    /// The attempt went out.
    Sent,
    /// The head of the answer came.
    FirstByte,
    /// The model is thinking.
    Thought,
    /// More text came: these bytes of the lane's text.
    Text {
        /// The first byte.
        from: u32,
        /// The byte after the last.
        to: u32,
    },
    /// A script printed a line, its line break included: these bytes of the lane's text.
    Said {
        /// The first byte.
        from: u32,
        /// The byte after the last.
        to: u32,
    },
    /// A task of a script keeps its thread.
    Computing,
    /// A task of a script sleeps.
    Sleeping {
        /// When it is to be woken.
        until: Instant,
    },
    /// A task of a script waits for another: for this item, and perhaps for others after it.
    Awaiting {
        /// The other.
        item: u32,
    },
    /// The answer is whole: this place of the lane's answers. A task of a script returned.
    Answered {
        /// The place.
        answer: u32,
    },
    /// The attempt failed: this place of the lane's failures.
    Failed {
        /// The place.
        failure: u32,
    },
    /// It waits before it tries again: this place of the lane's waits.
    BackingOff {
        /// When the wait is meant to end.
        until: Instant,
        /// The place.
        wait: u32,
    },
    /// It gave its permit back.
    Released {
        /// Which gate.
        gate: Gate,
        /// The permit.
        permit: PermitNo,
    },
    /// It was given up.
    Cancelled,
    /// The item's life is over.
    Ended {
        /// How.
        outcome: Outcome,
    },
    /// The user paused the lane: nothing more is sent.
    Paused,
    /// It goes on.
    Resumed,
    /// The page was hidden: timers may come late from here on.
    TabHidden,
    /// The page was shown again.
    TabShown,
    /// The lane is over.
    Stopped {
        /// Why.
        why: StopReason,
    },
}

/// What an item passes before an attempt goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// The item before it must end first.
    Turn,
    /// The semaphore; its gauge counts its permits, where their number changes.
    Semaphore,
    /// The line before the gates of rate.
    Rate,
    /// The bucket of requests; its gauge counts whole tokens of a request each.
    RequestBucket,
    /// The bucket of tokens; its gauge counts whole tokens.
    TokenBucket,
    /// The window; its gauge counts the requests in it.
    Window,
    /// The rate that learns; its gauge counts starts in 1 000 s.
    Pace,
    /// The circuit breaker; its gauge is its state: 0 closed, 1 ramping up, 2 half open, 3 open.
    Breaker,
    /// The retry budget; its gauge counts whole retries.
    RetryBudget,
    /// The user's pause.
    Pause,
    /// The thread that the tasks of a script share.
    Thread,
}

/// Why a gate does not let it pass yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// All permits are out, and so many stand before it.
    InLine {
        /// How many stand before it.
        ahead: u32,
    },
}

/// Why a branch was opened beside the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Opened {
    /// The call under way takes long: a second copy of it.
    Hedge,
    /// The models before failed.
    Fallback,
    /// Several models are asked at once.
    AtOnce,
}

/// How an item's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// With an answer.
    Answered,
    /// With a failure that was not, or not again, tried again.
    Failed,
    /// It was given up.
    Cancelled,
    /// No model answered, and a fixed text stands in for the answer.
    Substituted,
}

/// Why a lane is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Every item ended.
    Finished,
    /// A failure that no further call can escape: this place of the lane's failures.
    Failure {
        /// The place.
        failure: u32,
    },
    /// An item failed, and the lane gives the others up then: this place of the lane's failures.
    OneFailed {
        /// The place.
        failure: u32,
    },
    /// The time after the first item that ended is over.
    Enough,
    /// The user let it run out, and what had begun has ended.
    Drained,
    /// The user stopped it.
    Aborted,
    /// Nothing could ever go on: what is left waits for itself.
    Stalled,
}

const _: () = assert!(size_of::<Event>() <= 32, "an event is at most 32 bytes");
