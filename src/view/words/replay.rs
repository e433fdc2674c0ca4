//! What a replay rests on, and how far a real run was from what it foretold, in plain words.

use crate::experiment::recorded::{Recorded, Seen};
use crate::id::lane_letter;
use crate::study::fit::Gap;
use crate::view::words::units::{count, duration, percent};
use std::time::Duration;

/// What the figures of a recorded server rest on: each with how much was seen of it.
#[must_use]
pub fn seen(recorded: &Recorded) -> Vec<(&'static str, String)> {
    let Seen { first_bytes, given_up, answers, paces, load, most_in_flight, .. } = recorded.seen;
    let Seen { connections, refusals, faults, quotas_named, quotas_counted, left_out, .. } = recorded.seen;
    let of = |n: u32| if n == 0 { "none seen: as usual".to_owned() } else { times(n) };
    let mut facts = vec![("First byte", of(first_bytes)), ("Answers", of(answers)), ("Pace", of(paces))];
    if given_up > 0 {
        facts.push(("Given up before", times(given_up)));
    }
    let of_load = format!("not seen, up to {most_in_flight} in flight");
    let seen_load = format!("{}, up to {most_in_flight} in flight", times(load));
    facts.push(("Load", if load == 0 { of_load } else { seen_load }));
    facts.push(("New connections", if connections == 0 { "not slower".to_owned() } else { times(connections) }));
    facts.push(("Refusals", of(refusals)));
    facts.push(("Faults", if faults == 0 { "none seen".to_owned() } else { times(faults) }));
    let quota = match (quotas_named, quotas_counted) {
        (0, 0) => "none met".to_owned(),
        (0, counted) => format!("counted at {}", count(counted as usize, "refusal", "refusals")),
        (named, _) => format!("named by {}", count(named as usize, "refusal", "refusals")),
    };
    facts.push(("Quota", quota));
    if left_out > 0 {
        facts.push(("Failures left out", times(left_out)));
    }
    facts
}

/// What a replay rests on, in a line.
#[must_use]
pub fn rests_on(recorded: &Recorded) -> String {
    let attempts = count(recorded.seen.attempts as usize, "attempt", "attempts");
    if recorded.takes.is_empty() {
        format!("Its server is fitted to {attempts}.")
    } else {
        format!("Each request takes as long as it took, of {attempts}; what else is asked is drawn.")
    }
}

/// How long lanes were foretold to take and took, if any ended by itself in both; `lanes` is how many there are.
#[must_use]
pub fn gap(gaps: &[Gap], lanes: usize) -> Option<String> {
    let of_one = |gap: &Gap| {
        let of = |micros| duration(Duration::from_micros(micros));
        let letter = lane_letter(u8::try_from(gap.lane).unwrap_or(u8::MAX));
        let lane = if lanes > 1 { format!("{letter}: p") } else { "P".to_owned() };
        format!("{lane}redicted {}, took {}: {}.", of(gap.predicted_micros), of(gap.took_micros), apart(gap.share()))
    };
    (!gaps.is_empty()).then(|| gaps.iter().map(of_one).collect::<Vec<_>>().join(" "))
}

fn apart(share: f64) -> String {
    match share {
        share if share.abs() < 0.005 => "as long as predicted".to_owned(),
        share if share > 0.0 => format!("{} longer", percent(share)),
        share => format!("{} shorter", percent(-share)),
    }
}

fn times(n: u32) -> String {
    format!("seen {}", count(n as usize, "time", "times"))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn took(lane: usize, predicted_micros: u64, took_micros: u64) -> Gap {
        Gap { lane, predicted_micros, took_micros }
    }

    #[test]
    fn the_gap_is_a_number() {
        let of = |took_micros| gap(&[took(0, 41_200_000, took_micros)], 1).expect("it ended");
        assert_eq!(of(43_000_000), "Predicted 41.2 s, took 43.0 s: 4 % longer.");
        assert_eq!(of(37_000_000), "Predicted 41.2 s, took 37.0 s: 10 % shorter.");
        assert_eq!(of(41_300_000), "Predicted 41.2 s, took 41.3 s: as long as predicted.");
        let two = gap(&[took(0, 1_000_000, 2_000_000), took(1, 1_000_000, 1_000_000)], 2).expect("both ended");
        assert_eq!(
            two,
            "A: predicted 1.0 s, took 2.0 s: 100 % longer. B: predicted 1.0 s, took 1.0 s: as long as predicted."
        );
        assert_eq!(gap(&[], 2), None);
    }

    #[test]
    fn what_was_not_seen_says_so() {
        let of = |seen: Seen| self::seen(&Recorded { seen, ..Recorded::default() });
        let said = |facts: &[(&str, String)], name| {
            facts.iter().find(|(known, _)| *known == name).map(|(_, figure)| figure.clone())
        };
        let nothing = of(Seen { most_in_flight: 4, ..Seen::default() });
        assert_eq!(said(&nothing, "First byte").as_deref(), Some("none seen: as usual"));
        assert_eq!(said(&nothing, "Load").as_deref(), Some("not seen, up to 4 in flight"));
        assert_eq!(said(&nothing, "Quota").as_deref(), Some("none met"));
        assert_eq!(said(&nothing, "Failures left out"), None);
        let some = of(Seen { first_bytes: 1, quotas_counted: 2, left_out: 3, ..Seen::default() });
        assert_eq!(said(&some, "First byte").as_deref(), Some("seen 1 time"));
        assert_eq!(said(&some, "Quota").as_deref(), Some("counted at 2 refusals"));
        assert_eq!(said(&some, "Failures left out").as_deref(), Some("seen 3 times"));
    }
}
