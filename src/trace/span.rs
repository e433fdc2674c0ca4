//! Spans: every stretch of a request's life has one name.
//!
//! The spans of a branch touch, never overlap, and cover its life from being asked to its end. A
//! failure is no span: it tints the one that it ended, so a 503 after 20 s is 20 s of first byte.
//! The fold is incremental: it reads only the events it has not seen.

use crate::id::{PermitNo, Tag};
use crate::time::Instant;
use crate::trace::event::{Event, Gate, Kind, Opened, Outcome, Why};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a stretch of a request's life is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It waits for its turn or a permit.
    Queued,
    /// It waits at the gates of rate.
    RateLimited,
    /// The circuit breaker is open.
    CircuitOpen,
    /// It is sent, and nothing has come back.
    FirstByte,
    /// Thoughts arrive.
    Thinking,
    /// The answer arrives.
    Streaming,
    /// It waits before it tries again.
    BackingOff,
    /// A task of a script keeps its thread.
    Computing,
    /// A task of a script sleeps.
    Sleeping,
    /// A task of a script waits for another.
    Awaiting,
}

impl Phase {
    /// All of them, in the order of a life, which is the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::RateLimited,
        Self::CircuitOpen,
        Self::FirstByte,
        Self::Thinking,
        Self::Streaming,
        Self::BackingOff,
        Self::Computing,
        Self::Sleeping,
        Self::Awaiting,
    ];

    /// Whether the request is with the server.
    #[must_use]
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::FirstByte | Self::Thinking | Self::Streaming)
    }

    /// Whether the request waits for a permit or at a rate.
    #[must_use]
    pub fn is_wait_in_line(self) -> bool {
        self == Self::Queued || self.is_rate()
    }

    fn is_rate(self) -> bool {
        matches!(self, Self::RateLimited | Self::CircuitOpen)
    }
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has not, as far as the trace goes.
    Open,
    /// The next one followed.
    Passed,
    /// With the answer.
    Answered,
    /// With a failure: this place of the lane's failures.
    Failed(u32),
    /// It was given up.
    Cancelled,
}

/// Why a waiting span waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It does not wait for us: it is with the server.
    Server,
    /// It got this permit when its holder gave it up; `by` is nobody for a permit never held.
    Permit {
        /// The gate it waited at.
        gate: Gate,
        /// The permit, once it was given.
        permit: Option<PermitNo>,
        /// Who held it before.
        by: Option<Tag>,
        /// How many stood before it when it joined the line.
        ahead: u32,
    },
    /// It stands in the line before the gates of rate, behind `by`.
    Line {
        /// How many stood before it when it joined the line, the first one included.
        ahead: u32,
        /// Who joined the line just before it.
        by: Option<Tag>,
    },
    /// It stands first, and this gate holds it, until then at the earliest; until never where that hangs on
    /// what comes of another attempt.
    Held {
        /// The gate.
        gate: Gate,
        /// The moment.
        until: Instant,
    },
    /// A wait that was drawn, and perhaps asked for: this place of the lane's waits.
    Drawn {
        /// The place.
        wait: u32,
        /// When the wait was meant to end.
        until: Instant,
    },
    /// It waits for nobody: it works.
    Works,
    /// It sleeps until then.
    Asleep {
        /// The moment.
        until: Instant,
    },
    /// It waits for another task; of several, for the one that ended last, as far as that is known.
    Awaits {
        /// Whose.
        item: u32,
    },
}

/// A stretch of a branch's life with one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Whose life; the attempt is the one under way, or the last one.
    pub tag: Tag,
    /// Its name.
    pub phase: Phase,
    /// Where it begins.
    pub from: Instant,
    /// Where it ends; where the trace ends, while it is open.
    pub to: Instant,
    /// How it ended.
    pub fate: Fate,
    /// Why it waits.
    pub cause: Cause,
    /// Bytes of text that came in it.
    pub bytes: u32,
}

impl Span {
    /// Whether it covers `at`.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        self.from <= at && (at < self.to || self.fate == Fate::Open)
    }
}

/// A branch that was opened beside the first of an item's step.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its step and number.
    pub tag: Tag,
    /// Why it was opened.
    pub why: Opened,
    /// Its spans in order; the last may be open.
    pub spans: Vec<Span>,
}

/// A piece of text: whose, when it came, and which bytes of the lane's text it is.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// The step and branch that it came to.
    pub tag: Tag,
    /// When it came.
    pub at: Instant,
    /// The first byte.
    pub from: u32,
    /// The byte after the last.
    pub to: u32,
}

/// The life of an item.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// When it was asked.
    pub asked: Instant,
    /// When it was made, if nothing of it ran then.
    pub made: Option<Instant>,
    /// When its first attempt went out.
    pub sent: Option<Instant>,
    /// When its life was over.
    pub ended: Option<Instant>,
    /// How its life ended.
    pub outcome: Option<Outcome>,
    /// Attempts that went out, of all steps and branches.
    pub attempts: u32,
    /// The spans of its first branch in order, step after step; the last may be open.
    pub spans: Vec<Span>,
    /// The branches that were opened beside the first, in order.
    pub others: Vec<Branch>,
    /// Its answers, one for each step that was answered: places of the lane's answers.
    pub answers: Vec<u32>,
    answered_by: Option<Tag>,
    /// Its latest failure: a place of the lane's failures.
    pub failure: Option<u32>,
    /// The pieces of text of all attempts, in the order of coming.
    pub texts: Vec<Piece>,
}

/// The spans of a lane so far.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    /// The items by number.
    pub rows: Vec<Row>,
    /// When the latest event came.
    pub latest: Instant,
    /// When the page was hidden: from, and to if it was shown again.
    pub hidden: Vec<(Instant, Option<Instant>)>,
    /// What gates held, as they told: gate, moment and value, in order.
    pub gauges: Vec<(Gate, Instant, u32)>,
    /// The items whose lives are over, in the order of their ends.
    pub ends: Vec<u32>,
    read: usize,
    last_holders: BTreeMap<(Gate, PermitNo), Tag>,
    /// Who has the thread that a script's tasks share, and who was last to compute on it.
    on_thread: Option<Tag>,
    computed: Option<Tag>,
    /// Who was last to reach the line before the gates of rate.
    last_in_line: Option<Tag>,
}

impl Fold {
    /// The spans of these events.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        let mut fold = Self::default();
        fold.read_on(events);
        fold
    }

    /// Reads the events it has not seen, and says whether there were any. `events` is the whole log,
    /// no shorter than last time.
    pub fn read_on(&mut self, events: &[Event]) -> bool {
        let news = events.get(self.read..).unwrap_or_default();
        for event in news {
            self.latest = self.latest.max(event.at);
            self.take(event);
        }
        self.read = events.len();
        !news.is_empty()
    }

    /// The row of an item.
    #[must_use]
    pub fn row(&self, item: u32) -> Option<&Row> {
        self.rows.get(item as usize)
    }

    /// Whether a branch is at the gates of rate already.
    fn stands_in_line(&self, tag: Tag) -> bool {
        let row = self.row(tag.item);
        let mut spans = row.into_iter().flat_map(Row::all_spans).filter(|span| is_same_branch(span.tag, tag));
        spans.any(|span| span.fate == Fate::Open && span.phase.is_rate())
    }

    /// Whether the task that a row waits for has ended, so that another wait begins; else only the name is another.
    fn has_heard_of_another(&self, row: &Row, at: Instant) -> bool {
        let last = row.spans.last().filter(|span| span.fate == Fate::Open && span.from < at);
        let Some(Cause::Awaits { item }) = last.map(|span| span.cause) else { return false };
        self.row(item).is_some_and(|other| other.ended.is_some())
    }

    fn take(&mut self, event: &Event) {
        let &Event { at, tag, kind } = event;
        match kind {
            Kind::TabHidden => return self.hidden.push((at, None)),
            Kind::TabShown => {
                if let Some((_, to @ None)) = self.hidden.last_mut() {
                    *to = Some(at);
                }
                return;
            }
            Kind::Gauge { gate, value } => return self.gauges.push((gate, at, value)),
            Kind::Started | Kind::Paused | Kind::Resumed | Kind::Stopped { .. } | Kind::Released { .. } => return,
            _ => {}
        }
        let before = match kind {
            // Who has it for no time keeps nobody waiting: the last that did is who computed.
            Kind::Granted { gate: Gate::Thread, .. } => {
                self.on_thread = Some(tag);
                self.computed
            }
            // One that is given up never has it, but somebody kept it until then.
            Kind::Cancelled => self.computed,
            Kind::Computing if self.on_thread == Some(tag) => self.computed.replace(tag),
            Kind::Granted { gate, permit } => self.last_holders.insert((gate, permit), tag),
            Kind::Waiting { gate: Gate::Rate, .. } => self.last_in_line.replace(tag),
            // One that finds the line empty joins it without a word, and others come to stand behind it.
            Kind::Held { gate, .. } if gate != Gate::Pause && !self.stands_in_line(tag) => {
                self.last_in_line.replace(tag)
            }
            _ => None,
        };
        let item = tag.item as usize;
        if self.rows.len() <= item {
            self.rows.resize_with(item + 1, Row::default);
        }
        if matches!(kind, Kind::Awaiting { .. }) && self.has_heard_of_another(&self.rows[item], at) {
            self.rows[item].branch(tag).close(at, Fate::Passed);
        }
        if matches!(kind, Kind::Ended { .. }) && self.rows[item].ended.is_none() {
            self.ends.push(tag.item);
        }
        self.rows[item].take(at, tag, kind, before);
    }
}

impl Row {
    /// All spans: those of the first branch, then those of the others.
    pub fn all_spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().chain(self.others.iter().flat_map(|branch| &branch.spans))
    }

    /// `before` is who held the permit, or joined the line, before it.
    fn take(&mut self, at: Instant, tag: Tag, kind: Kind, before: Option<Tag>) {
        match kind {
            Kind::Made => (self.made, self.asked) = (Some(at), at),
            Kind::Asked => {
                self.asked = at;
                self.branch(tag).open(at, tag, Phase::Queued, in_line(Gate::Turn, 0));
            }
            Kind::BranchOpened { why } => {
                self.others.push(Branch { tag, why, spans: Vec::new() });
                self.branch(tag).open(at, tag, Phase::Queued, in_line(Gate::Turn, 0));
            }
            Kind::Waiting { gate: Gate::Rate, why: Why::InLine { ahead } } => {
                self.branch(tag).begin(at, tag, Phase::RateLimited, Cause::Line { ahead, by: before });
            }
            Kind::Waiting { gate, why: Why::InLine { ahead } } => {
                self.branch(tag).begin(at, tag, Phase::Queued, in_line(gate, ahead));
            }
            Kind::Held { gate, until } => {
                let phase = if gate == Gate::Breaker { Phase::CircuitOpen } else { Phase::RateLimited };
                self.branch(tag).begin(at, tag, phase, Cause::Held { gate, until });
            }
            Kind::Granted { gate, permit } => self.branch(tag).granted(gate, permit, before),
            Kind::Sent => {
                self.sent.get_or_insert(at);
                self.attempts += 1;
                self.branch(tag).begin(at, tag, Phase::FirstByte, Cause::Server);
            }
            Kind::FirstByte => self.branch(tag).begin(at, tag, Phase::Streaming, Cause::Server),
            Kind::Thought => self.branch(tag).begin(at, tag, Phase::Thinking, Cause::Server),
            Kind::Text { from, to } => {
                self.texts.push(Piece { tag, at, from, to });
                let mut branch = self.branch(tag);
                branch.begin(at, tag, Phase::Streaming, Cause::Server);
                branch.add(to.saturating_sub(from));
            }
            Kind::Said { from, to } => self.texts.push(Piece { tag, at, from, to }),
            Kind::Computing => self.branch(tag).begin(at, tag, Phase::Computing, Cause::Works),
            Kind::Sleeping { until } => self.branch(tag).begin(at, tag, Phase::Sleeping, Cause::Asleep { until }),
            Kind::Awaiting { item } => self.branch(tag).begin(at, tag, Phase::Awaiting, Cause::Awaits { item }),
            Kind::Answered { answer } => {
                self.answers.push(answer);
                self.answered_by = Some(tag);
                self.branch(tag).close(at, Fate::Answered);
            }
            Kind::Failed { failure } => {
                self.failure = Some(failure);
                self.branch(tag).close(at, Fate::Failed(failure));
            }
            Kind::BackingOff { until, wait } => {
                self.branch(tag).open(at, tag, Phase::BackingOff, Cause::Drawn { wait, until });
            }
            Kind::Cancelled => {
                self.branch(tag).kept_by(before);
                self.branch(tag).close(at, Fate::Cancelled);
            }
            Kind::Ended { outcome } => {
                let fate = if outcome == Outcome::Cancelled { Fate::Cancelled } else { Fate::Passed };
                Life(&mut self.spans).close(at, fate);
                for branch in &mut self.others {
                    Life(&mut branch.spans).close(at, Fate::Cancelled);
                }
                self.ended = Some(at);
                self.outcome = Some(outcome);
            }
            // These are not about its life.
            _ => {}
        }
    }

    /// The spans that a tag's branch has; those of the first for one that was never opened.
    fn branch(&mut self, tag: Tag) -> Life<'_> {
        let other = self.others.iter_mut().rev().find(|branch| is_same_branch(branch.tag, tag));
        Life(other.map_or(&mut self.spans, |branch| &mut branch.spans))
    }
}

fn is_same_branch(one: Tag, other: Tag) -> bool {
    (one.step, one.branch) == (other.step, other.branch)
}

/// The spans of a branch, as they grow.
struct Life<'a>(&'a mut Vec<Span>);

impl Life<'_> {
    fn granted(self, gate: Gate, permit: PermitNo, before: Option<Tag>) {
        if let Some(Span { cause: cause @ Cause::Permit { .. }, phase: Phase::Queued, .. }) = self.0.last_mut() {
            if is_of_thread(*cause) && gate != Gate::Thread {
                return;
            }
            let ahead = if let Cause::Permit { ahead, .. } = *cause { ahead } else { 0 };
            *cause = Cause::Permit { gate, permit: Some(permit), by: before, ahead };
        }
    }

    /// Names who kept the thread, if it waits for that.
    fn kept_by(self, tag: Option<Tag>) {
        if let Some(Span { cause: Cause::Permit { gate: Gate::Thread, by, .. }, fate: Fate::Open, .. }) =
            self.0.last_mut()
        {
            *by = tag;
        }
    }

    /// Ends the open span, if any, and begins another; one that goes on under the same name is one.
    fn begin(&mut self, at: Instant, tag: Tag, phase: Phase, cause: Cause) {
        match self.0.last_mut() {
            // A gate of rate is another cause, and so another span; and so is the thread.
            Some(span)
                if span.fate == Fate::Open
                    && span.phase == phase
                    && !phase.is_rate()
                    && is_of_thread(span.cause) == is_of_thread(cause) =>
            {
                span.cause = cause;
            }
            Some(span) if span.fate == Fate::Open && span.from == at => {
                *span = Span { tag, phase, cause, ..*span };
            }
            _ => {
                self.close(at, Fate::Passed);
                self.open(at, tag, phase, cause);
            }
        }
    }

    fn open(&mut self, at: Instant, tag: Tag, phase: Phase, cause: Cause) {
        self.0.push(Span { tag, phase, from: at, to: at, fate: Fate::Open, cause, bytes: 0 });
    }

    fn add(&mut self, bytes: u32) {
        if let Some(span) = self.0.last_mut() {
            span.bytes = span.bytes.saturating_add(bytes);
        }
    }

    fn close(&mut self, at: Instant, fate: Fate) {
        let is_open = |span: &&mut Span| span.fate == Fate::Open;
        // One that got the thread, or what it waited for, at once did not wait: what ends is what it did before.
        if let [.., before, last] = &mut self.0[..]
            && last.fate == Fate::Open
            && last.from == at
            && (is_of_thread(last.cause) || last.phase == Phase::Awaiting)
            && before.to == at
        {
            before.fate = fate;
            self.0.pop();
        } else if let Some(span) = self.0.last_mut().filter(is_open) {
            span.to = at;
            span.fate = fate;
        }
    }
}

impl Row {
    /// When each of its attempts went out, branch by branch.
    pub fn sends(&self) -> impl Iterator<Item = Instant> {
        let mut latest = None;
        // Not the spans of first bytes: one that came at once left none.
        let flying = self.all_spans().filter(|span| span.phase.is_in_flight());
        flying.filter_map(move |span| (latest.replace(span.tag) != Some(span.tag)).then_some(span.from))
    }

    /// Attempts that had gone out by `at`.
    #[must_use]
    pub fn attempts_by(&self, at: Instant) -> u32 {
        u32::try_from(self.sends().filter(|&sent| sent <= at).count()).unwrap_or(u32::MAX)
    }

    /// The latest attempt of a branch that had gone out by `at`.
    fn attempt_by(&self, branch: Tag, at: Instant) -> u8 {
        let flown = self.all_spans().filter(|span| span.phase.is_in_flight() && span.from <= at);
        flown.filter(|span| is_same_branch(span.tag, branch)).map(|span| span.tag.attempt).max().unwrap_or(0)
    }

    /// How long its successful attempts took, one for each step.
    #[must_use]
    pub fn work(&self) -> Duration {
        let flying = self.all_spans().filter(|span| span.phase.is_in_flight());
        let mut began = None::<(Tag, Instant)>;
        let mut work = Duration::ZERO;
        for span in flying {
            let (_, from) = *began.get_or_insert((span.tag, span.from));
            let from = if began.is_some_and(|(tag, _)| tag == span.tag) { from } else { span.from };
            began = Some((span.tag, from));
            if span.fate == Fate::Answered {
                work += span.to.since(from);
            }
        }
        work
    }

    /// The span that covers `at`: of the first branch, or of another where that is over.
    #[must_use]
    pub fn span_at(&self, at: Instant) -> Option<&Span> {
        let others = self.others.iter().rev().flat_map(|branch| branch.spans.iter().rev());
        self.spans.iter().rev().chain(others).find(|span| span.covers(at))
    }

    /// What had been brought by `at`: by the branch that answered, or else by the first of the latest step that said
    /// anything, and of that by the attempt that was its latest then; `text` is the lane's.
    #[must_use]
    pub fn text(&self, text: &str, at: Instant) -> String {
        let is_latest = |piece: &Piece| piece.tag.attempt >= self.attempt_by(piece.tag, at);
        let came = || self.texts.iter().filter(|piece| piece.at <= at && is_latest(piece));
        let latest = came().map(|piece| (piece.tag.step, std::cmp::Reverse(piece.tag.branch))).max();
        let answered =
            self.answered_by.filter(|_| self.is_over(at)).map(|tag| (tag.step, std::cmp::Reverse(tag.branch)));
        let Some((step, std::cmp::Reverse(branch))) = answered.or(latest) else { return String::new() };
        let said = came().filter(|piece| (piece.tag.step, piece.tag.branch) == (step, branch));
        said.filter_map(|piece| text.get(piece.from as usize..piece.to as usize)).collect()
    }

    /// Its answer: a place of the lane's answers. That of an earlier step is none.
    #[must_use]
    pub fn answer(&self) -> Option<u32> {
        self.answers.last().copied().filter(|_| self.outcome == Some(Outcome::Answered))
    }

    /// Whether its life was over by `at`.
    #[must_use]
    pub fn is_over(&self, at: Instant) -> bool {
        self.ended.is_some_and(|ended| ended <= at)
    }

    /// Whether its life is over, and no model answered.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.outcome.is_some_and(|came| came != Outcome::Answered)
    }

    /// Whether it had its answer by `at`.
    #[must_use]
    pub fn is_answered(&self, at: Instant) -> bool {
        self.is_over(at) && self.outcome == Some(Outcome::Answered)
    }
}

fn is_of_thread(cause: Cause) -> bool {
    matches!(cause, Cause::Permit { gate: Gate::Thread, .. })
}

fn in_line(gate: Gate, ahead: u32) -> Cause {
    Cause::Permit { gate, permit: None, by: None, ahead }
}
