//! What runs beside the first branch of a step: copies of a call that takes long, and other models.
//!
//! The first answer wins. What it beats is given up and written down as cancelled: its call is aborted,
//! though the server may bill it.

use crate::engine::bell::Bell;
use crate::engine::gates::Through;
use crate::engine::item::{Came, Life, Question};
use crate::engine::race::{First, race};
use crate::engine::tries::Watch;
use crate::experiment::{Fallback, FallbackRule};
use crate::id::Tag;
use crate::port::{Clock, Failure, Service, Settings};
use crate::time::Instant;
use crate::trace::{Kind, Opened};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, select_all};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

/// The attempt of the first branch that is under way, told by the branch itself.
#[derive(Default)]
struct UnderWay {
    now: Cell<Option<(Tag, Instant)>>,
    /// When the latest was sent.
    sent: Cell<Instant>,
    news: Bell,
}

impl Watch for UnderWay {
    fn sent(&self, attempt: Tag, at: Instant) {
        self.now.set(Some((attempt, at)));
        self.sent.set(at);
        self.news.ring();
    }
    fn over(&self) {
        self.now.set(None);
        self.news.ring();
    }
}

/// A branch that runs.
type Running<'f, E> = LocalBoxFuture<'f, Result<String, E>>;

/// What happens next to a call and its copy.
enum Next {
    First(Result<String, u32>),
    Copy(Result<String, Failure>),
    /// The call takes long.
    Due,
    /// Another attempt is under way, or none.
    News,
}

impl<C: Clock, S: Service> Life<'_, C, S> {
    /// One step of the item's chain, with all its branches.
    pub(super) async fn step(&self, tag: Tag, before: &str) -> Came {
        let lane = self.lane;
        let prompt = lane.workload.ask(tag.item, tag.step, before);
        let fallback = lane.plan.fallback.as_ref();
        let has_stand_in = fallback.is_some_and(|fallback| !fallback.models.is_empty());
        let question = Question { tag, prompt, settings: lane.settings_for(tag.item), has_stand_in };
        // What few lanes have is boxed, or the future of every item would have room for all of it.
        let came = match fallback {
            None if lane.plan.hedge.is_none() => self.tries(&question, None, &()).await,
            None => self.hedged(&question).boxed_local().await,
            Some(fallback) => self.models(&question, fallback).boxed_local().await,
        };
        let has_text = fallback.is_some_and(|fallback| fallback.text.is_some());
        match came {
            Ok(answer) => Came::Answer(answer),
            Err(_) if has_text && lane.stop.get().is_none() => Came::Substitute,
            Err(failure) => Came::Failure(failure),
        }
    }

    /// The first model, and the others as the rule has it.
    async fn models(&self, first: &Question, fallback: &Fallback) -> Result<String, u32> {
        if fallback.rule != FallbackRule::InOrder && fallback.at_once && !fallback.models.is_empty() {
            return self.all_at_once(first, fallback).await;
        }
        let mut came = self.hedged(first).await;
        if fallback.rule == FallbackRule::InOrder {
            for (place, model) in (1..).zip(&fallback.models) {
                if came.is_ok() || self.is_over(first) {
                    break;
                }
                let has_stand_in = place < fallback.models.len();
                let other = Question { has_stand_in, ..self.other(first, model, Opened::Fallback) };
                came = self.tries(&other, None, &()).await;
            }
        } else if came.is_err() && !self.is_over(first) && !fallback.models.is_empty() {
            let others = fallback.models.iter().map(|model| self.other(first, model, Opened::Fallback));
            let (tags, racing) = others.map(|other| (other.tag, self.run(other))).unzip();
            came = self.first_of(tags, racing, fallback.rule).await;
        }
        came
    }

    /// Whether nothing more can come of a step: the lane stops, or the item's time is up.
    fn is_over(&self, step: &Question) -> bool {
        self.lane.stop.get().is_some() || self.lane.deadline(step.tag) <= self.lane.clock.now()
    }

    /// All models from the beginning: the others go out once the first has passed its gates.
    async fn all_at_once(&self, first: &Question, fallback: &Fallback) -> Result<String, u32> {
        let attempt = first.tag.at_attempt(1);
        let through = match self.pass_gates(attempt).await {
            Ok(through) => through,
            Err(failure) => return Err(self.note(attempt, failure, first).2),
        };
        let with_first = async { self.tries(first, Some(through), &()).await }.boxed_local();
        let (mut tags, mut racing) = (vec![first.tag], vec![with_first]);
        for model in &fallback.models {
            let other = self.other(first, model, Opened::AtOnce);
            tags.push(other.tag);
            racing.push(self.run(other));
        }
        self.first_of(tags, racing, fallback.rule).await
    }

    /// Opens a branch that asks another model the same.
    fn other(&self, first: &Question, model: &Rc<str>, why: Opened) -> Question {
        let settings = Rc::new(Settings { model: model.clone(), ..(*first.settings).clone() });
        Question { tag: self.open(first.tag, why), settings, ..first.clone() }
    }

    fn open(&self, beside: Tag, why: Opened) -> Tag {
        let branch = self.opened.get().saturating_add(1);
        self.opened.set(branch);
        let tag = Tag { branch, ..beside };
        self.lane.record(tag, Kind::BranchOpened { why });
        tag
    }

    fn run(&self, question: Question) -> Running<'_, u32> {
        async move { self.tries(&question, None, &()).await }.boxed_local()
    }

    /// Waits for the branch that decides, and gives the others up.
    async fn first_of(
        &self,
        mut tags: Vec<Tag>,
        mut racing: Vec<Running<'_, u32>>,
        rule: FallbackRule,
    ) -> Result<String, u32> {
        loop {
            let (came, place, others) = select_all(racing).await;
            // As `select_all` itself takes it out.
            tags.swap_remove(place);
            if came.is_ok() || others.is_empty() || rule == FallbackRule::FirstFinished {
                for tag in tags {
                    self.lane.record(tag, Kind::Cancelled);
                }
                return came;
            }
            racing = others;
        }
    }

    /// One branch of tries, and beside it a copy of an attempt that takes longer than the lane's hedge waits.
    async fn hedged(&self, question: &Question) -> Result<String, u32> {
        if self.lane.plan.hedge.is_none() {
            return self.tries(question, None, &()).await;
        }
        let under_way = UnderWay::default();
        let mut first = pin!(self.tries(question, None, &under_way).fuse());
        let mut copy: Option<(Tag, Running<'_, Failure>)> = None;
        let mut copied: Option<(Tag, Instant)> = None;
        let mut failed = None;
        loop {
            let due = under_way.now.get().filter(|attempt| copy.is_none() && copied != Some(*attempt));
            let due_at = due.and_then(|(_, sent)| Some(sent + self.lane.hedge_after()?)).unwrap_or(Instant::NEVER);
            let next = {
                let copying = async {
                    match &mut copy {
                        Some((_, running)) => running.await,
                        None => std::future::pending().await,
                    }
                };
                let (copying, timer) = (pin!(copying), pin!(self.lane.clock.sleep_until(due_at)));
                let news = pin!(under_way.news.rung());
                let (ended, other) = (pin!(race(first.as_mut(), copying)), pin!(race(timer, news)));
                match race(ended, other).await {
                    First::Left(First::Left(came)) => Next::First(came),
                    First::Left(First::Right(came)) => Next::Copy(came),
                    First::Right(First::Left(())) => Next::Due,
                    First::Right(First::Right(())) => Next::News,
                }
            };
            match next {
                Next::First(Ok(answer)) => {
                    if let Some((tag, _)) = &copy {
                        self.lane.record(*tag, Kind::Cancelled);
                    }
                    self.lane.learn_duration(under_way.sent.get());
                    return Ok(answer);
                }
                Next::First(Err(place)) if copy.is_none() => return Err(place),
                Next::First(Err(place)) => failed = Some(place),
                Next::Copy(Ok(answer)) => {
                    if failed.is_none() {
                        self.lane.record(question.tag, Kind::Cancelled);
                    }
                    // From its first copy on, whichever answered.
                    self.lane.learn_duration(copied.map_or(under_way.sent.get(), |(_, sent)| sent));
                    return Ok(answer);
                }
                Next::Copy(Err(failure)) => {
                    if let Some((tag, _)) = copy.take() {
                        self.note(tag, failure, question);
                    }
                    if let Some(place) = failed {
                        return Err(place);
                    }
                }
                Next::Due => {
                    // An attempt that ended at that very moment needs no copy.
                    if let Some((attempt, _)) = due.filter(|_| under_way.now.get() == due) {
                        copied = due;
                        let tag = self.open(attempt, Opened::Hedge);
                        copy = Some((tag, self.copy(tag, question)));
                    }
                }
                Next::News => {}
            }
        }
    }

    /// A single attempt at the same.
    fn copy<'f>(&'f self, tag: Tag, question: &'f Question) -> Running<'f, Failure> {
        async move {
            let Through { passed, slot: _held } = self.pass_gates(tag).await?;
            self.attempt(tag, question, passed, &()).await
        }
        .boxed_local()
    }
}
