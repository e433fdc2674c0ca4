//! Chains of steps: what each step asks, and who works when under each scope of a permit.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/calls.rs"]
mod calls;

use calls::{listed, micros, patient, run, so_many, taking};
use futures::StreamExt as _;
use futures::stream::{LocalBoxStream, iter, once};
use lanescope::engine::{self, Place, World};
use lanescope::experiment::server::Amount;
use lanescope::experiment::workload::{Calls, Workload};
use lanescope::experiment::{LaneSpec, PermitScope};
use lanescope::id::Tag;
use lanescope::port::{Call, Chunk, Clock as _, Failure, FailureKind, Finish, Service, Usage};
use lanescope::sim::clock::SimClock;
use lanescope::sim::executor::Simulation;
use lanescope::time::Instant;
use lanescope::trace::span::Fold;
use lanescope::trace::{Kind, LaneTrace, Recorder};
use proptest::prelude::*;
use proptest::sample::select;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::iter::repeat_n;
use std::rc::Rc;
use std::time::Duration;

/// When each step of each item began, in microseconds.
type Starts = BTreeMap<(usize, u8), u64>;

/// One line for so many places, first come first served. Who has more to do stands at its end again, unless a place
/// is kept for all steps.
fn first_come_first_served(places: usize, steps: u8, takes: &[u64], is_kept: bool) -> Starts {
    let mut line: VecDeque<(usize, u8)> = (0..takes.len()).map(|item| (item, 0)).collect();
    // When each ends, and how many began before it.
    let mut busy: BTreeMap<(u64, usize), (usize, u8)> = BTreeMap::new();
    let mut starts = Starts::new();
    let mut now = 0_u64;
    loop {
        while busy.len() < places {
            let Some((item, step)) = line.pop_front() else { break };
            busy.insert((now + takes[item], starts.len()), (item, step));
            starts.insert((item, step), now);
        }
        let Some(((end, _), (item, step))) = busy.pop_first() else { return starts };
        now = end;
        if step + 1 < steps {
            let next = (item, step + 1);
            if is_kept { line.push_front(next) } else { line.push_back(next) }
        }
    }
}

fn found(lane: &LaneTrace) -> Starts {
    let sent = lane.events.iter().filter(|event| event.kind == Kind::Sent);
    sent.map(|event| ((event.tag.item as usize, event.tag.step), event.at.0)).collect()
}

/// The most attempts under way at once.
fn most_in_flight(lane: &LaneTrace) -> usize {
    let (mut now, mut most) = (0_usize, 0_usize);
    for event in &lane.events {
        match event.kind {
            Kind::Sent => now += 1,
            Kind::Answered { .. } => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

fn ends(fold: &Fold) -> Vec<u64> {
    fold.rows.iter().map(|row| row.ended.expect("every item ends").0).collect()
}

fn chain(steps: usize, calls: Calls) -> Calls {
    Calls { steps: repeat_n(Rc::<str>::from(""), steps).collect(), ..calls }
}

fn scopes() -> impl Strategy<Value = PermitScope> {
    select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item])
}

const SECOND: Duration = Duration::from_secs(1);

/// Answers each call with what it asked, in brackets. A first attempt may break off after a word of its own.
struct Echo {
    clock: SimClock,
    breaks_off: bool,
    heard: RefCell<Vec<(Tag, Rc<str>)>>,
}

impl Service for Echo {
    type Answer = LocalBoxStream<'static, Result<Chunk, Failure>>;

    fn call(&self, call: &Call) -> Self::Answer {
        self.heard.borrow_mut().push((call.tag, call.prompt.clone()));
        let text = |text: &str| Ok(Chunk::Text(text.into()));
        let rest = if self.breaks_off && call.tag.attempt == 1 {
            vec![text("lost"), Err(Failure::new(FailureKind::StreamCut, "It broke off."))]
        } else {
            let end = Chunk::End { finish: Finish::Stop, usage: Usage::default(), model: None };
            vec![text("["), text(&call.prompt), text("]"), Ok(end)]
        };
        let due = self.clock.sleep_until(self.clock.now() + SECOND);
        let head = async move {
            due.await;
            Ok::<Chunk, Failure>(Chunk::FirstByte)
        };
        once(head).chain(iter(rest)).boxed_local()
    }
}

/// What a service was asked, by whom.
fn heard(calls: Calls, lane: &LaneSpec, breaks_off: bool) -> Vec<(Tag, Rc<str>)> {
    let clock = SimClock::default();
    let echo = Echo { clock: clock.clone(), breaks_off, heard: RefCell::default() };
    let world = World { clock: clock.clone(), service: &echo, controls: None };
    let (workload, plan) = (Workload::Calls(calls), lane.validate().expect("sound"));
    let recorder = Recorder::default();
    let run = engine::run(&workload, &plan, Place { seed: 1, lane: 0 }, &world, &recorder);
    assert!(Simulation::new(clock, run).run().is_some(), "nobody waits for ever");
    echo.heard.take()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn steps_begin_when_a_plain_line_says(
        millis in prop::collection::vec(1_u32..3_000, 1..20), steps in 1_u8..=5, limit in 1_u32..8, permit in scopes(),
    ) {
        let takes: Vec<u64> = millis.iter().map(|&millis| micros(millis)).collect();
        let lane = LaneSpec { permit, ..patient(Some(limit)) };
        let calls = chain(usize::from(steps), so_many(millis.len()));
        let (lane, fold) = run(1, calls, taking(listed(&millis)), lane);
        let expected = first_come_first_served(limit as usize, steps, &takes, permit == PermitScope::Item);
        for (item, &ended) in ends(&fold).iter().enumerate() {
            prop_assert_eq!(ended, expected[&(item, steps - 1)] + takes[item], "item {}", item);
        }
        prop_assert_eq!(found(&lane), expected);
        prop_assert!(most_in_flight(&lane) <= limit as usize);
    }

    /// By closed form. A permit for the whole item brings the first one soonest, one for each step the last one.
    #[test]
    fn steps_that_all_take_as_long_go_in_rounds(
        items in 1_usize..30, steps in 1_usize..=5, limit in 1_usize..8, millis in 1_u32..3_000, permit in scopes(),
    ) {
        let lane = LaneSpec { permit, ..patient(u32::try_from(limit).ok()) };
        let server = taking(Amount::Constant(f64::from(millis)));
        let (_, fold) = run(1, chain(steps, so_many(items)), server, lane);
        let (first_round, last_round) = if permit == PermitScope::Item {
            (steps, items.div_ceil(limit) * steps)
        } else if items < limit {
            (steps, steps)
        } else {
            ((steps - 1) * items / limit + 1, (steps * items).div_ceil(limit))
        };
        let ends = ends(&fold);
        let (first, last) = (ends.iter().min().copied(), ends.iter().max().copied());
        prop_assert_eq!(first, Some(first_round as u64 * micros(millis)), "the first");
        prop_assert_eq!(last, Some(last_round as u64 * micros(millis)), "the last");
        prop_assert_eq!(Some(fold.latest), last.map(Instant));
    }

    #[test]
    fn each_step_asks_about_the_answer_before_it_and_nothing_that_broke_off(
        items in 1_usize..6,
        steps in prop::collection::vec(select(vec!["", "Research.", "Write it down."]), 1..=5),
        prompts in prop::collection::vec(select(vec!["Birds", "Bees"]), 1..3),
        limit in 1_u32..4,
        permit in scopes(),
        breaks_off: bool,
    ) {
        let calls = Calls {
            prompts: prompts.iter().copied().map(Rc::from).collect(),
            steps: steps.iter().copied().map(Rc::from).collect(),
            ..so_many(items)
        };
        let lane = LaneSpec { permit, tries: 2, ..patient(Some(limit)) };
        let heard = heard(calls, &lane, breaks_off);
        prop_assert_eq!(heard.len(), items * steps.len() * if breaks_off { 2 } else { 1 });
        for (item, prompt) in prompts.iter().cycle().take(items).enumerate() {
            let mut about = (*prompt).to_owned();
            for (step, instruction) in steps.iter().enumerate() {
                let asked = if instruction.is_empty() { about } else { format!("{instruction}\n\n{about}") };
                let own = heard.iter().filter(|(tag, _)| (tag.item as usize, usize::from(tag.step)) == (item, step));
                for (tag, prompt) in own {
                    prop_assert_eq!(&**prompt, &*asked, "{}", tag);
                }
                about = format!("[{asked}]");
            }
        }
    }
}
