//! What goes wrong with an attempt: the first rule of the list that fits it.

use crate::experiment::server::{Fault, Rule, When};
use crate::id::Tag;
use crate::rng::{Purpose, Stream};

/// The fault that strikes, if any. Each rule draws from a stream of its own, so that adding one
/// changes no other's luck.
#[must_use]
pub fn strike(rules: &[Rule], seed: u64, tag: Tag, in_flight: u32) -> Option<Fault> {
    (0_u16..)
        .zip(rules)
        .find(|(place, rule)| fits(&rule.when, *place, seed, tag, in_flight))
        .map(|(_, rule)| rule.fault)
}

fn fits(when: &When, place: u16, seed: u64, tag: Tag, in_flight: u32) -> bool {
    when.items.as_ref().is_none_or(|items| items.contains(&tag.item))
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

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = [
            rule(When { items: Some(vec![3]), first_attempts: Some(1), ..When::default() }, Fault::Stall),
            rule(When { in_flight_at_least: Some(5), ..When::default() }, Fault::Cut),
        ];
        let at = |item, attempt, in_flight| strike(&rules, 0, Tag { attempt, ..Tag::of_item(0, item) }, in_flight);
        assert_eq!(at(3, 1, 9), Some(Fault::Stall));
        assert_eq!(at(3, 2, 9), Some(Fault::Cut));
        assert_eq!(at(2, 1, 4), None);
    }

    #[test]
    fn a_likelihood_is_kept_over_many_attempts() {
        let rules = [rule(When { probability: 0.3, ..When::default() }, Fault::Network)];
        let struck = (0..10_000).filter(|&item| strike(&rules, 5, Tag::of_item(0, item), 1).is_some()).count();
        assert!((2_850..3_150).contains(&struck), "{struck}");
    }
}
