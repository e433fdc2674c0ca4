//! Copies of a call, and other models: who wins, when, and what becomes of the others.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/calls.rs"]
mod calls;
#[path = "common/lives.rs"]
mod lives;
#[path = "common/one_lane.rs"]
mod one_lane;
#[path = "common/wide.rs"]
mod wide;

use calls::{ONE_TOKEN, listed, micros, patient, run, so_many, taking};
use lanescope::experiment::limits::Hedge;
use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{Experiment, Fallback, FallbackRule, LaneSpec, PermitScope};
use lanescope::id::Tag;
use lanescope::policy::backoff::Jitter;
use lanescope::rng::{Purpose, Stream};
use lanescope::sim::latency::draw;
use lanescope::time::{Instant, from_millis, from_secs, whole_micros};
use lanescope::trace::stats::{Stats, Terms};
use lanescope::trace::{Event, Kind, LaneTrace, Opened, Outcome};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;
use std::iter::repeat_n;
use std::ops::Range;
use std::rc::Rc;

/// What a call would take if nothing cut it short.
fn drawn(amount: &Amount, seed: u64, tag: Tag) -> u64 {
    whole_micros(from_secs(draw(amount, seed, Purpose::FirstByte, tag) / 1_000.0)) + ONE_TOKEN
}

/// The branch and the moment of an item's events of a kind.
fn of_item(lane: &LaneTrace, item: u32, fits: impl Fn(Kind) -> bool) -> Vec<(u8, u64)> {
    let own = lane.events.iter().filter(|event| event.tag.item == item && fits(event.kind));
    own.map(|event| (event.tag.branch, event.at.0)).collect()
}

/// The places in the log of a step's events of a kind.
fn of_step(lane: &LaneTrace, item: u32, step: u8, fits: impl Fn(Event) -> bool) -> Vec<usize> {
    let is_own = |event: Event| (event.tag.item, event.tag.step) == (item, step) && fits(event);
    lane.events.iter().enumerate().filter(|&(_, &event)| is_own(event)).map(|(place, _)| place).collect()
}

/// When what began at this place of the log was over: an attempt, or a branch of one attempt.
fn over(lane: &LaneTrace, place: usize) -> Instant {
    let tag = lane.events[place].tag;
    let is_end = |event: &&Event| match event.kind {
        Kind::Answered { .. } | Kind::Failed { .. } => event.tag == tag,
        Kind::Cancelled => event.tag.at_attempt(0) == tag.at_attempt(0),
        Kind::Ended { .. } => event.tag.item == tag.item,
        _ => false,
    };
    lane.events[place..].iter().find(is_end).expect("it ended").at
}

/// By the definition: the shortest time that so many of 100 did not exceed; none of fewer than 20.
fn percentile(known: &[u64], percent: u8) -> Option<u64> {
    let mut sorted = known.to_vec();
    sorted.sort_unstable();
    let within = |most: u64| known.iter().filter(|&&took| took <= most).count();
    let is_enough = |most: u64| within(most) * 100 >= known.len() * usize::from(percent);
    sorted.into_iter().find(|&most| is_enough(most)).filter(|_| known.len() >= 20)
}

fn hundreds(range: Range<u32>) -> impl Strategy<Value = u32> {
    range.prop_map(|hundreds| hundreds * 100)
}

/// Lanes with copies after a fixed time, whose failures often come in the very microsecond of another event.
fn hedged() -> impl Strategy<Value = (u64, Calls, Simulated, LaneSpec)> {
    let fault = select(vec![Fault::Status(503), Fault::Cut, Fault::Stall, Fault::Network]);
    let server = (prop::option::of((fault, 0.1..0.7)), hundreds(1..20), 1u32..3_000).prop_map(
        |(fault, refusal_millis, width)| Simulated {
            refusal_millis,
            faults: fault
                .map(|(fault, probability)| Rule { when: When { probability, ..When::default() }, fault })
                .into_iter()
                .collect(),
            ..taking(Amount::Uniform { low: 300.0, high: f64::from(300 + width) })
        },
    );
    let scope = select(vec![PermitScope::Attempt, PermitScope::Step, PermitScope::Item]);
    let jitter = select(vec![Jitter::None, Jitter::Full]);
    let limit = prop::option::of(1u32..6);
    let lane = (hundreds(1..30), 1u32..4, hundreds(10..40), hundreds(0..10), scope, jitter, limit).prop_map(
        |(after, tries, attempt_timeout_millis, first_delay_millis, permit, jitter, limit)| LaneSpec {
            hedge: Some(Hedge::AfterMillis(after)),
            tries,
            attempt_timeout_millis,
            first_delay_millis,
            permit,
            jitter,
            ..patient(limit)
        },
    );
    let calls = (1usize..10, 1usize..3).prop_map(|(requests, steps)| Calls {
        steps: repeat_n(Rc::<str>::from(""), steps).collect(),
        ..so_many(requests)
    });
    (any::<u64>(), calls, server, lane)
}

/// Anything at all, but with copies or other models.
fn branching() -> impl Strategy<Value = Experiment> {
    wide::experiments().prop_map(|mut experiment| {
        let lane = &mut experiment.lanes[0];
        if lane.fallback.is_none() {
            lane.hedge.get_or_insert(Hedge::AfterMillis(600));
        }
        experiment
    })
}

/// A branch that is left alone: how long it takes from its beginning, and whether it brings an answer.
#[derive(Clone, Copy, Debug)]
struct Alone {
    takes: u64,
    is_ok: bool,
}

/// How an item comes out.
#[derive(Debug, PartialEq)]
struct Came {
    /// The model that answered.
    by: Option<usize>,
    ends: u64,
    sent: usize,
    cancelled: usize,
}

fn one_by_one(models: &[Alone]) -> Came {
    let by = models.iter().position(|model| model.is_ok);
    let sent = by.map_or(models.len(), |by| by + 1);
    Came { by, ends: models[..sent].iter().map(|model| model.takes).sum(), sent, cancelled: 0 }
}

fn side_by_side(models: &[Alone], rule: FallbackRule) -> Came {
    let mut order: Vec<usize> = (0..models.len()).collect();
    order.sort_by_key(|&model| models[model].takes);
    let decides = |model: usize| models[model].is_ok || rule == FallbackRule::FirstFinished;
    let place = order.iter().position(|&model| decides(model)).unwrap_or(order.len() - 1);
    let decider = order[place];
    Came {
        by: Some(decider).filter(|&model| models[model].is_ok),
        ends: models[decider].takes,
        sent: models.len(),
        cancelled: models.len() - 1 - place,
    }
}

fn by_rule(models: &[Alone], rule: FallbackRule, at_once: bool) -> Came {
    let (first, others) = models.split_first().expect("the first model");
    if rule == FallbackRule::InOrder {
        one_by_one(models)
    } else if at_once {
        side_by_side(models, rule)
    } else if first.is_ok || others.is_empty() {
        one_by_one(&models[..1])
    } else {
        let then = side_by_side(others, rule);
        Came { by: then.by.map(|by| by + 1), ends: first.takes + then.ends, sent: then.sent + 1, ..then }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_a_call_and_its_copy_the_first_answer_counts_and_the_other_is_given_up(
        seed: u64, requests in 1usize..20, after in 1u32..6_000, low in 1u32..3_000, width in 0u32..6_000,
    ) {
        let amount = Amount::Uniform { low: f64::from(low), high: f64::from(low + width) };
        let lane = LaneSpec { hedge: Some(Hedge::AfterMillis(after)), ..patient(None) };
        let (lane, fold) = run(seed, so_many(requests), taking(amount.clone()), lane);
        for (item, row) in (0_u32..).zip(&fold.rows) {
            let takes = |branch| drawn(&amount, seed, Tag { attempt: 1, branch, ..Tag::of_item(0, item) });
            let (first, copied_at) = (takes(0), u64::from(after) * 1_000);
            let with_copy = copied_at + takes(1);
            let (winner, ends) = if first <= with_copy { (0_u8, first) } else { (1, with_copy) };
            let is_copied = first > copied_at;
            let sent: Vec<(u8, u64)> = if is_copied { vec![(0, 0), (1, copied_at)] } else { vec![(0, 0)] };
            let lost: Vec<(u8, u64)> = if is_copied { vec![(1 - winner, ends)] } else { Vec::new() };
            prop_assert_eq!(of_item(&lane, item, |kind| kind == Kind::Sent), sent);
            prop_assert_eq!(of_item(&lane, item, |kind| matches!(kind, Kind::Answered { .. })), vec![(winner, ends)]);
            prop_assert_eq!(of_item(&lane, item, |kind| kind == Kind::Cancelled), lost);
            prop_assert_eq!(row.ended, Some(Instant(ends)));
        }
        prop_assert_eq!(fold.rows.len(), requests);
    }

    #[test]
    fn each_attempt_that_takes_so_long_gets_one_copy_once_none_is_out((seed, calls, server, lane) in hedged()) {
        let Some(Hedge::AfterMillis(after)) = lane.hedge else { return Ok(()) };
        let (requests, steps) = (calls.requests, u8::try_from(calls.steps.len()).expect("few"));
        let waits_for_permits = lane.permit == PermitScope::Attempt;
        let (lane, _) = run(seed, calls, server, lane);
        for (item, step) in (0..requests).flat_map(|item| (0..steps).map(move |step| (item, step))) {
            let attempts = of_step(&lane, item, step, |event| event.kind == Kind::Sent && event.tag.branch == 0);
            let copies = of_step(&lane, item, step, |event| event.kind == Kind::BranchOpened { why: Opened::Hedge });
            let mut expected = Vec::new();
            let mut none_out_from = Instant::ZERO;
            for place in attempts {
                let Event { at, tag, .. } = lane.events[place];
                let due = (at + from_millis(after)).max(none_out_from);
                if due < over(&lane, place) {
                    expected.push((tag.attempt, due));
                    let copy = copies.iter().find(|&&copy| lane.events[copy].tag.attempt == tag.attempt);
                    none_out_from = copy.map_or(due, |&copy| over(&lane, copy));
                }
            }
            let opened: Vec<Event> = copies.iter().map(|&copy| lane.events[copy]).collect();
            let found: Vec<(u8, Instant)> = opened.iter().map(|copy| (copy.tag.attempt, copy.at)).collect();
            prop_assert_eq!(found, expected, "step {} of item {}", step, item);
            for copy in opened {
                let sent = lane.events.iter().find(|event| event.tag == copy.tag && event.kind == Kind::Sent);
                prop_assert!(waits_for_permits || sent.is_some_and(|sent| sent.at == copy.at), "{}", copy.tag);
            }
        }
    }

    #[test]
    fn a_percentile_is_of_the_answers_known_when_a_call_goes_out(
        seed: u64, requests in 20usize..70, limit in 1u32..6, percent in 50u8..=99,
    ) {
        let lane = LaneSpec { hedge: Some(Hedge::Percentile(percent)), ..patient(Some(limit)) };
        let server = taking(Amount::LogNormal { median: 800.0, p95: 3_000.0 });
        let (lane, _) = run(seed, so_many(requests), server, lane);
        let mut known: Vec<u64> = Vec::new();
        let (mut went_out, mut due, mut copied) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for event in &lane.events {
            let (item, at) = (event.tag.item, event.at.0);
            match event.kind {
                Kind::Sent if event.tag.branch == 0 => {
                    went_out.insert(item, at);
                    if let Some(after) = percentile(&known, percent) {
                        due.insert(item, at + after);
                    }
                }
                Kind::BranchOpened { .. } => {
                    copied.insert(item, at);
                }
                Kind::Answered { .. } => {
                    known.push(at - went_out[&item]);
                    if due.get(&item).is_some_and(|&due| at <= due) {
                        due.remove(&item);
                    }
                }
                _ => {}
            }
        }
        prop_assert_eq!(copied, due);
    }

    /// Against all models run alone and then compared. Some are refused at once, some take too long.
    #[test]
    fn the_model_that_answers_is_the_one_that_the_rule_says(
        seed: u64,
        tens in (1usize..=5, 1usize..=5)
            .prop_flat_map(|(items, models)| prop::collection::vec(prop::collection::vec(1u32..40, items), models)),
        refused in 0.0..0.7,
        rule in select(vec![FallbackRule::InOrder, FallbackRule::FirstSuccess, FallbackRule::FirstFinished]),
        at_once: bool,
        has_text: bool,
    ) {
        const TIMEOUT_MILLIS: u32 = 200;
        const REFUSAL_MILLIS: u32 = 50;
        // No two models take equally long.
        let millis: Vec<Vec<u32>> =
            (0_u32..).zip(&tens).map(|(model, tens)| tens.iter().map(|tens| tens * 10 + model).collect()).collect();
        let (models, items) = (millis.len(), millis[0].len());
        let names: Vec<String> = (1..models).map(|model| format!("spare-{model}")).collect();
        let server = Simulated {
            first_byte_by_model: names.iter().cloned().zip(millis[1..].iter().map(|millis| listed(millis))).collect(),
            refusal_millis: REFUSAL_MILLIS,
            faults: vec![Rule {
                when: When { probability: refused, ..When::default() },
                fault: Fault::Status(503),
            }],
            ..taking(listed(&millis[0]))
        };
        let has_text = has_text || models == 1;
        let fallback = Fallback {
            models: names.iter().map(|name| name.as_str().into()).collect(),
            rule,
            at_once,
            text: has_text.then(|| "No answer.".into()),
        };
        let lane = LaneSpec {
            tries: 1,
            attempt_timeout_millis: TIMEOUT_MILLIS,
            fallback: Some(fallback),
            ..patient(None)
        };
        let (lane, fold) = run(seed, so_many(items), server, lane);
        let mut answered = 0;
        for (item, row) in (0_u32..).zip(&fold.rows) {
            let alone = |model: usize| {
                let branch = u8::try_from(model).expect("few");
                let tag = Tag { attempt: 1, branch, ..Tag::of_item(0, item) };
                let takes = millis[model][item as usize];
                if Stream::new(seed, Purpose::Fault(0), tag).unit() < refused {
                    Alone { takes: u64::from(REFUSAL_MILLIS) * 1_000, is_ok: false }
                } else if takes < TIMEOUT_MILLIS {
                    Alone { takes: micros(takes), is_ok: true }
                } else {
                    Alone { takes: u64::from(TIMEOUT_MILLIS) * 1_000, is_ok: false }
                }
            };
            let expected = by_rule(&(0..models).map(alone).collect::<Vec<_>>(), rule, at_once);
            let answers = of_item(&lane, item, |kind| matches!(kind, Kind::Answered { .. }));
            let came = Came {
                by: answers.first().map(|&(branch, _)| usize::from(branch)),
                ends: row.ended.expect("every item ends").0,
                sent: of_item(&lane, item, |kind| kind == Kind::Sent).len(),
                cancelled: of_item(&lane, item, |kind| kind == Kind::Cancelled).len(),
            };
            let outcome = match expected.by {
                Some(_) => Outcome::Answered,
                None if has_text => Outcome::Substituted,
                None => Outcome::Failed,
            };
            answered += usize::from(expected.by.is_some());
            prop_assert_eq!(came, expected, "item {}", item);
            prop_assert_eq!(row.outcome, Some(outcome));
        }
        let stats = Stats::at(fold.latest, &fold, &lane, Terms { items, ..Terms::default() });
        let lost = items - answered;
        let counted = (stats.succeeded, stats.substituted, stats.failed, stats.cancelled);
        prop_assert_eq!(counted, if has_text { (answered, lost, 0, 0) } else { (answered, 0, lost, 0) });
    }

    #[test]
    fn the_spans_of_each_branch_touch_and_all_together_cover_the_life(experiment in branching()) {
        let (_, fold) = one_lane::run(&experiment);
        lives::spans_touch_and_cover(&fold)?;
    }

    #[test]
    fn a_step_has_one_answer_which_ends_its_other_branches(experiment in branching()) {
        let (lane, fold) = one_lane::run(&experiment);
        lives::one_answer_ends_the_others(&lane, &fold)?;
    }
}
