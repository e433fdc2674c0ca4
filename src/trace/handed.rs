//! When the program hears of an item, which may be long after its end: that depends on how it waits.
//!
//! A lane's record has when an item ended. The code that asked for it is told of all items together, of each
//! as it ends, of the first failure alone, or of one after the other, and in another order each time.
//!
//! A cancelled item is handed over where a list has a place for it, as `CancelledError` has in that of
//! `asyncio.gather(return_exceptions=True)`, and where it is raised: `gather` and `Promise.all` fail by a child
//! that was cancelled as by one that failed. Else it is not: whoever gave it up waits for it no longer.
//!
//! Source: Python's documentation of `asyncio`, "Coroutines and Tasks"; for JavaScript ECMA-262, 12th edition,
//! `Promise.all` and `Promise.allSettled`.

use crate::experiment::OnFailure;
use crate::experiment::plan::{Plan, Strategy};
use crate::time::Instant;
use crate::trace::event::Outcome;
use crate::trace::span::{Fold, Row};

/// How a program waits for its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// For all of them, failures in their places: `gather(return_exceptions=True)`, `allSettled`, `join_all`.
    /// When the last has ended they come at once, in the order of asking; until then none does.
    AllAtEnd,
    /// For whichever is next: `as_completed`, `FuturesUnordered`. Each comes when it ends; of those that end
    /// in the same microsecond, first the one that the log has first.
    AsCompleted,
    /// For all of them or the first that brings no answer: `gather`, `Promise.all`, `try_join_all`. That one
    /// comes when it ends, and nothing else ever does; if all are answered, as [`Rule::AllAtEnd`].
    Raising,
    /// For one after the other, in the order of asking: an `await` in a loop. Each comes when it and all before
    /// it have ended; where the loop also starts them one by one, that is when it ends.
    OneByOne,
}

impl Rule {
    /// How the program of a plan waits.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        match (plan.strategy, plan.on_failure) {
            (Strategy::Sequential, _) => Self::OneByOne,
            (Strategy::AsCompleted, _) => Self::AsCompleted,
            (_, OnFailure::Raise) => Self::Raising,
            _ => Self::AllAtEnd,
        }
    }
}

/// An item that the program hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The item.
    pub item: u32,
    /// When the program hears of it.
    pub at: Instant,
    /// Its place in the order of being handed over, from 1.
    pub place: u32,
}

/// An item, and when it is handed over.
type Heard = (u32, Instant);

/// What was handed over as far as the record goes, in order.
#[must_use]
pub fn handed(fold: &Fold, rule: Rule) -> Vec<Handed> {
    let heard = match rule {
        Rule::AllAtEnd => all_at_end(fold),
        Rule::AsCompleted => as_completed(fold),
        Rule::Raising => first_unanswered(fold).map_or_else(|| all_at_end(fold), |first| vec![first]),
        Rule::OneByOne => one_by_one(fold),
    };
    (1_u32..).zip(heard).map(|(place, (item, at))| Handed { item, at, place }).collect()
}

fn all_at_end(fold: &Fold) -> Vec<Heard> {
    let ends: Option<Vec<Instant>> = fold.rows.iter().map(|row| row.ended).collect();
    let last = ends.and_then(|ends| ends.into_iter().max());
    last.map(|last| (0_u32..).zip(&fold.rows).map(|(item, _)| (item, last)).collect()).unwrap_or_default()
}

fn as_completed(fold: &Fold) -> Vec<Heard> {
    let kept = ended(fold).filter(|(_, row)| row.outcome != Some(Outcome::Cancelled));
    kept.filter_map(|(item, row)| Some((item, row.ended?))).collect()
}

fn first_unanswered(fold: &Fold) -> Option<Heard> {
    let is_raised = |row: &Row| matches!(row.outcome, Some(Outcome::Failed | Outcome::Cancelled));
    let (item, row) = ended(fold).find(|(_, row)| is_raised(row))?;
    Some((item, row.ended?))
}

fn one_by_one(fold: &Fold) -> Vec<Heard> {
    let mut heard = Vec::new();
    let mut at = Instant::ZERO;
    for (item, row) in (0_u32..).zip(&fold.rows) {
        let Some(ended) = row.ended else { break };
        at = at.max(ended);
        if row.outcome != Some(Outcome::Cancelled) {
            heard.push((item, at));
        }
    }
    heard
}

/// The items that have ended, in the order of their ends.
fn ended(fold: &Fold) -> impl Iterator<Item = (u32, &Row)> {
    fold.ends.iter().filter_map(move |&item| Some((item, fold.row(item)?)))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::Rule::{AllAtEnd, AsCompleted, OneByOne, Raising};
    use super::*;
    use crate::experiment::server::{self, Amount, Fault, Simulated, When};
    use crate::experiment::workload::Calls;
    use crate::experiment::{Experiment, LaneSpec, OnFailure, Server, Workload};
    use crate::id::Tag;
    use crate::lab;
    use crate::trace::event::{Event, Kind};
    use crate::trace::log::LaneTrace;
    use proptest::prelude::*;

    const SIX: [u32; 6] = [5_000, 1_000, 4_000, 2_000, 6_000, 3_000];

    /// A call of each of these lengths, of one token: 10 microseconds more. A refusal takes 1 s.
    fn run(millis: &[u32], faults: Vec<server::Rule>, lane: LaneSpec) -> LaneTrace {
        let figures = Simulated {
            first_byte_millis: Amount::Listed(millis.iter().map(|&millis| f64::from(millis)).collect()),
            answer_tokens: Amount::Constant(0.0),
            tokens_per_second: 100_000,
            refusal_millis: 1_000,
            faults,
            ..Simulated::default()
        };
        let requests = u32::try_from(millis.len()).expect("few");
        let experiment = Experiment {
            version: Experiment::VERSION,
            seed: 1,
            workload: Workload::Calls(Calls { requests, ..Calls::default() }),
            server: Server::Simulated(figures),
            lanes: vec![LaneSpec { tries: 1, ..lane }],
        };
        lab::simulate(&experiment).expect("sound").lanes.remove(0)
    }

    fn free() -> LaneSpec {
        LaneSpec { limit: None, ..LaneSpec::default() }
    }

    /// Items, from 0, and when the program hears of them, in whole milliseconds.
    fn heard(fold: &Fold, rule: Rule) -> Vec<(u32, u64)> {
        let handed = handed(fold, rule);
        assert!((1..).zip(&handed).all(|(place, one)| one.place == place), "{handed:?}");
        handed.iter().map(|one| (one.item, one.at.0 / 1_000)).collect()
    }

    #[test]
    fn gather_hands_over_all_at_the_end_and_as_completed_each_in_its_time() {
        let fold = Fold::of(&run(&SIX, Vec::new(), free()).events);
        let all_at_6 = [0, 1, 2, 3, 4, 5].map(|item| (item, 6_000));
        assert_eq!(heard(&fold, AllAtEnd), all_at_6);
        assert_eq!(heard(&fold, Raising), all_at_6);
        let one_a_second = [(1, 1_000), (3, 2_000), (5, 3_000), (2, 4_000), (0, 5_000), (4, 6_000)];
        assert_eq!(heard(&fold, AsCompleted), one_a_second);
    }

    #[test]
    fn who_awaits_in_a_row_hears_of_a_quick_one_only_after_the_slow_ones_before_it() {
        let fold = Fold::of(&run(&SIX, Vec::new(), free()).events);
        let after_the_first = [(0, 5_000), (1, 5_000), (2, 5_000), (3, 5_000), (4, 6_000), (5, 6_000)];
        assert_eq!(heard(&fold, OneByOne), after_the_first);
        let loops = Fold::of(&run(&SIX, Vec::new(), LaneSpec::sequential()).events);
        let each_in_turn = [(0, 5_000), (1, 6_000), (2, 10_000), (3, 12_000), (4, 18_000), (5, 21_000)];
        assert_eq!(heard(&loops, OneByOne), each_in_turn);
        assert_eq!(heard(&loops, AsCompleted), each_in_turn);
    }

    #[test]
    fn while_one_is_under_way_gather_hands_over_nothing() {
        let lane = run(&SIX, Vec::new(), free());
        let so_far = lane.events.partition_point(|event| event.at < Instant(2_500_000));
        let fold = Fold::of(&lane.events[..so_far]);
        for rule in [AllAtEnd, Raising, OneByOne] {
            assert!(heard(&fold, rule).is_empty(), "{rule:?}");
        }
        assert_eq!(heard(&fold, AsCompleted), [(1, 1_000), (3, 2_000)]);
        assert!(handed(&Fold::default(), AllAtEnd).is_empty(), "nothing was asked");
    }

    #[test]
    fn one_failure_has_its_place_in_the_list_or_is_all_that_comes() {
        let second = server::Rule { when: When { items: Some(vec![1]), ..When::default() }, fault: Fault::Status(500) };
        let run = |on_failure| {
            let lane = LaneSpec { on_failure, ..free() };
            Fold::of(&run(&[500, 1_000, 1_500, 2_000, 2_500], vec![second.clone()], lane).events)
        };
        let isolated = run(OnFailure::Isolate);
        assert_eq!(heard(&isolated, AllAtEnd), [0, 1, 2, 3, 4].map(|item| (item, 2_500)));
        assert_eq!(heard(&isolated, Raising), [(1, 1_000)]);
        let in_turn = [(0, 500), (1, 1_000), (2, 1_500), (3, 2_000), (4, 2_500)];
        assert_eq!(heard(&isolated, AsCompleted), in_turn);
        // The three others are cancelled with it.
        let group = run(OnFailure::CancelOthers);
        assert_eq!(heard(&group, AllAtEnd), [0, 1, 2, 3, 4].map(|item| (item, 1_000)));
        assert_eq!(heard(&group, Raising), [(1, 1_000)]);
        assert_eq!(heard(&group, AsCompleted), [(0, 500), (1, 1_000)]);
    }

    #[test]
    fn what_was_given_up_is_handed_over_only_in_a_list_or_raised() {
        let lane = LaneSpec { after_first_millis: Some(1_500), ..free() };
        let fold = Fold::of(&run(&[1_000, 2_000, 3_000], Vec::new(), lane).events);
        assert_eq!(heard(&fold, AsCompleted), [(0, 1_000), (1, 2_000)]);
        assert_eq!(heard(&fold, OneByOne), [(0, 1_000), (1, 2_000)]);
        assert_eq!(heard(&fold, AllAtEnd), [0, 1, 2].map(|item| (item, 2_500)));
        assert_eq!(heard(&fold, Raising), [(2, 2_500)]);
    }

    #[test]
    fn of_two_that_end_together_the_first_in_the_log_comes_first() {
        let event = |item, kind| Event { at: Instant(7_000), tag: Tag::of_item(0, item), kind };
        let ended = |outcome| Kind::Ended { outcome };
        let fold = Fold::of(&[
            event(0, Kind::Asked),
            event(1, Kind::Asked),
            event(1, ended(Outcome::Failed)),
            event(0, ended(Outcome::Failed)),
        ]);
        assert_eq!(heard(&fold, AsCompleted), [(1, 7), (0, 7)]);
        assert_eq!(heard(&fold, Raising), [(1, 7)]);
        assert_eq!(heard(&fold, AllAtEnd), [(0, 7), (1, 7)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn each_answer_is_handed_over_once_and_never_before_it_is_there(
            millis in prop::collection::vec(1u32..20_000, 1..20),
        ) {
            let fold = Fold::of(&run(&millis, Vec::new(), free()).events);
            let own = |item: u32| u64::from(millis[item as usize]);
            for rule in [AllAtEnd, AsCompleted, Raising, OneByOne] {
                let told = heard(&fold, rule);
                prop_assert!(told.is_sorted_by_key(|&(_, at)| at), "{told:?}");
                prop_assert!(told.iter().all(|&(item, at)| at >= own(item)), "{told:?}");
                let mut items: Vec<u32> = told.into_iter().map(|(item, _)| item).collect();
                items.sort_unstable();
                prop_assert!(items.into_iter().eq(0..u32::try_from(millis.len()).expect("few")));
            }
            let at_once = heard(&fold, AsCompleted);
            prop_assert!(at_once.iter().all(|&(item, at)| at == own(item)), "{at_once:?}");
        }
    }
}
