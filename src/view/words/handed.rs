//! When the program hears of a request, in plain words.

use crate::experiment::plan::Plan;
use crate::time::Instant;
use crate::trace::handed::{Handed, Rule, handed};
use crate::trace::span::Fold;
use crate::view::words::units::{moment, ordinal};

/// What is said of an item that is over at `now`; nothing where it is the only one.
#[must_use]
pub fn sentence(fold: &Fold, plan: &Plan, item: u32, now: Instant) -> Option<String> {
    let is_over = fold.row(item)?.is_over(now);
    if !is_over || fold.rows.len() < 2 {
        return None;
    }
    let rule = Rule::of(plan);
    let all = handed(fold, rule);
    let own = all.iter().find(|handed| handed.item == item);
    let came = |handed: &&Handed| handed.at <= now;
    Some(match (rule, own.filter(came)) {
        (Rule::Raising, Some(_)) if all.len() == 1 => {
            "This failure is all that the program hears of; the others run on unheard.".into()
        }
        (Rule::AllAtEnd | Rule::Raising, Some(handed)) => {
            format!("The program gets it at {}, with all the others.", moment(handed.at))
        }
        (_, Some(handed)) => {
            format!("The program gets it at {}, as the {}.", moment(handed.at), ordinal(handed.place as usize))
        }
        (Rule::Raising, None) if all.len() == 1 && all.iter().any(|first| came(&first)) => {
            let first = all.first().map_or(0, |first| u64::from(first.item) + 1);
            format!("The program never hears of it: request {first} failed first.")
        }
        (_, None) => "The program does not have it yet.".into(),
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::OnFailure;
    use crate::experiment::preset::race;
    use crate::experiment::server::{Amount, Fault, Rule as FaultRule, Simulated, When};
    use crate::experiment::{Experiment, LaneSpec, Server, StrategySpec};

    /// What is said at `secs` of `item` (from 0) of three that take 2, 1 and 3 s, the second failing if it is to.
    fn said(lane: LaneSpec, fails: bool, item: u32, secs: u64) -> Option<String> {
        let failing = FaultRule { when: When { items: Some(vec![1]), ..When::default() }, fault: Fault::Status(400) };
        let server = Simulated {
            first_byte_millis: Amount::Listed(vec![2_000.0, 1_000.0, 3_000.0]),
            answer_tokens: Amount::Constant(1.0),
            tokens_per_second: 100_000,
            refusal_millis: 1_000,
            faults: if fails { vec![failing] } else { Vec::new() },
            ..Simulated::default()
        };
        let mut experiment = Experiment { lanes: vec![lane], server: Server::Simulated(server), ..race() };
        let calls = experiment.workload.calls_mut().expect("calls");
        calls.requests = 3;
        let trace = crate::lab::simulate(&experiment).expect("sound");
        let plan = experiment.plans().expect("sound").remove(0);
        sentence(&Fold::of(&trace.lanes[0].events), &plan, item, Instant(secs * 1_000_000 + 500_000))
    }

    #[test]
    fn gathered_all_come_together_and_as_completed_each_comes_when_it_ends() {
        let gather = LaneSpec::concurrent(3);
        assert_eq!(said(gather.clone(), false, 1, 0), None, "it is not over");
        assert_eq!(said(gather.clone(), false, 1, 1).as_deref(), Some("The program does not have it yet."));
        assert_eq!(said(gather, false, 1, 9).as_deref(), Some("The program gets it at 3.0 s, with all the others."));
        let each = LaneSpec { strategy: StrategySpec::AsCompleted, ..LaneSpec::concurrent(3) };
        assert_eq!(said(each, false, 0, 9).as_deref(), Some("The program gets it at 2.0 s, as the 2nd."));
    }

    #[test]
    fn a_gather_that_raises_hands_over_the_failure_and_nothing_else() {
        let raises = LaneSpec { on_failure: OnFailure::Raise, ..LaneSpec::concurrent(3) };
        let failure = "This failure is all that the program hears of; the others run on unheard.";
        assert_eq!(said(raises.clone(), true, 1, 9).as_deref(), Some(failure));
        assert_eq!(said(raises, true, 2, 9).as_deref(), Some("The program never hears of it: request 2 failed first."));
    }
}
