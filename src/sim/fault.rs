//! What goes wrong with an attempt: the first rule of the list that fits it. Cuts of the quota strike
//! none: of those that fit, the lowest holds.

use crate::experiment::server::{Fault, Rule, When};
use crate::id::Tag;
use crate::rng::{Purpose, Stream};
use crate::time::Instant;

/// An attempt as it arrives.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// When.
    pub at: Instant,
    /// Which attempt.
    pub tag: Tag,
    /// The model it asks.
    pub model: &'a str,
    /// How many requests are in flight, this one included.
    pub in_flight: u32,
}

/// The fault that strikes, if any. Each rule draws from a stream of its own, so that adding one
/// changes no other's luck.
#[must_use]
pub fn strike(rules: &[Rule], seed: u64, arrival: Arrival<'_>) -> Option<Fault> {
    fitting(rules, seed, arrival).find(|fault| !matches!(fault, Fault::QuotaCut(_)))
}

/// What the quota of requests is cut to, if it is.
#[must_use]
pub fn cut(rules: &[Rule], seed: u64, arrival: Arrival<'_>) -> Option<u32> {
    let cuts = fitting(rules, seed, arrival).filter_map(|fault| match fault {
        Fault::QuotaCut(limit) => Some(limit),
        _ => None,
    });
    cuts.min()
}

fn fitting(rules: &[Rule], seed: u64, arrival: Arrival<'_>) -> impl Iterator<Item = Fault> {
    let numbered = (0_u16..).zip(rules);
    numbered.filter(move |(place, rule)| fits(&rule.when, *place, seed, arrival)).map(|(_, rule)| rule.fault)
}

fn fits(when: &When, place: u16, seed: u64, arrival: Arrival<'_>) -> bool {
    let Arrival { at, tag, model, in_flight } = arrival;
    (when.begins()..when.ends()).contains(&at)
        && when.model.as_deref().is_none_or(|only| only == model)
        && when.items.as_ref().is_none_or(|items| items.contains(&tag.item))
        && when.first_attempts.is_none_or(|attempts| tag.attempt <= attempts)
        && when.in_flight_at_least.is_none_or(|least| in_flight >= least)
        && (when.probability >= 1.0 || Stream::new(seed, Purpose::Fault(place), tag).unit() < when.probability)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn rule(when: When, fault: Fault) -> Rule {
        Rule { when, fault }
    }

    fn arrival(item: u32, attempt: u8, in_flight: u32) -> Arrival<'static> {
        Arrival { at: Instant::ZERO, tag: Tag { attempt, ..Tag::of_item(0, item) }, model: "m", in_flight }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = [
            rule(When { items: Some(vec![3]), first_attempts: Some(1), ..When::default() }, Fault::Stall),
            rule(When { in_flight_at_least: Some(5), ..When::default() }, Fault::Cut),
        ];
        let at = |item, attempt, in_flight| strike(&rules, 0, arrival(item, attempt, in_flight));
        assert_eq!(at(3, 1, 9), Some(Fault::Stall));
        assert_eq!(at(3, 2, 9), Some(Fault::Cut));
        assert_eq!(at(2, 1, 4), None);
    }

    #[test]
    fn a_rule_strikes_from_its_start_and_no_longer_at_its_end() {
        let spell = |from_millis, to_millis| When { from_millis, to_millis, ..When::default() };
        let strikes = |when: When, micros| {
            let arrival = Arrival { at: Instant(micros), ..arrival(0, 1, 1) };
            strike(&[rule(when, Fault::Stall)], 0, arrival).is_some()
        };
        let both = spell(Some(5), Some(10));
        let at = [4_999, 5_000, 9_999, 10_000].map(|micros| strikes(both.clone(), micros));
        assert_eq!(at, [false, true, true, false]);
        assert!(strikes(spell(Some(5), None), u64::from(u32::MAX) * 1_000) && strikes(spell(None, Some(5)), 0));
    }

    #[test]
    fn a_rule_for_one_model_strikes_no_other() {
        let rules = [rule(When { model: Some("m".into()), ..When::default() }, Fault::Stall)];
        let of = |model| strike(&rules, 0, Arrival { model, ..arrival(0, 1, 1) });
        assert_eq!((of("m"), of("other")), (Some(Fault::Stall), None));
    }

    #[test]
    fn a_cut_hides_no_other_rule_and_the_lowest_holds() {
        let rules = [
            rule(When::default(), Fault::QuotaCut(5)),
            rule(When { items: Some(vec![3]), ..When::default() }, Fault::QuotaCut(2)),
            rule(When { items: Some(vec![3]), ..When::default() }, Fault::Stall),
        ];
        let at = |item| (strike(&rules, 0, arrival(item, 1, 1)), cut(&rules, 0, arrival(item, 1, 1)));
        assert_eq!(at(3), (Some(Fault::Stall), Some(2)));
        assert_eq!(at(0), (None, Some(5)));
        assert_eq!(cut(&rules[2..], 0, arrival(3, 1, 1)), None);
    }

    #[test]
    fn a_likelihood_is_kept_over_many_attempts() {
        let rules = [rule(When { probability: 0.3, ..When::default() }, Fault::Network)];
        let struck = (0..10_000).filter(|&item| strike(&rules, 5, arrival(item, 0, 1)).is_some()).count();
        assert!((2_850..3_150).contains(&struck), "{struck}");
    }
}
