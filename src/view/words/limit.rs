//! What a search for a server's limit found, in plain words.

use crate::gemini::forensics::Verdict;
use crate::trace::limit_found::{LimitFound, Searched};
use crate::view::words::units::{count, moment, ordinal};

/// What was found, and what it rests on. `named` is the limit that the server itself names, and what it is of.
#[must_use]
pub fn sentences(searched: &Searched, named: Option<(u64, Verdict)>) -> [String; 2] {
    match *searched {
        Searched::Found(LimitFound { at, sent_before, in_flight, answered, .. }) => {
            let lead = match named {
                Some((limit, verdict)) => format!("The server names its limit: {limit}{}.", of(verdict)),
                None => format!("About {} a minute.", count(answered as usize, "request", "requests")),
            };
            let place = ordinal(sent_before as usize + 1);
            let evidence = format!(
                "The {place} request within 60 s was refused, sent at {} with {in_flight} in flight. Of the \
                 {sent_before} before it, {answered} were answered. Others who use the same quota count too.",
                moment(at)
            );
            [lead, evidence]
        }
        Searched::NotReached { most_in_a_minute, most_in_flight } => [
            "No limit was met.".into(),
            format!(
                "The most within 60 s were {}, and the most in flight {most_in_flight}: the limit, if there is one, \
                 lies above that.",
                count(most_in_a_minute as usize, "request", "requests")
            ),
        ],
    }
}

fn of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::PerMinute => " requests a minute",
        Verdict::Tokens => " tokens a minute",
        Verdict::PerDay => " a day",
        Verdict::Spend | Verdict::Capacity | Verdict::LimitZero | Verdict::Unknown => "",
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::time::Instant;

    #[test]
    fn a_limit_is_said_with_what_it_rests_on() {
        let found = LimitFound { at: Instant(6_200_000), sent_before: 15, in_flight: 3, failure: 0, answered: 15 };
        let [lead, evidence] = sentences(&Searched::Found(found), None);
        assert_eq!(lead, "About 15 requests a minute.");
        assert!(evidence.starts_with("The 16th request within 60 s was refused, sent at 6.2 s with 3 in flight."));
        assert_eq!(
            sentences(&Searched::Found(found), Some((15, Verdict::PerMinute)))[0],
            "The server names its limit: 15 requests a minute."
        );
        assert_eq!(
            sentences(&Searched::Found(found), Some((9, Verdict::PerDay)))[0],
            "The server names its limit: 9 a day."
        );
    }

    #[test]
    fn a_limit_that_was_not_met_is_only_bounded() {
        let [lead, evidence] = sentences(&Searched::NotReached { most_in_a_minute: 60, most_in_flight: 9 }, None);
        assert_eq!(lead, "No limit was met.");
        assert!(evidence.contains("60 requests") && evidence.contains("flight 9"), "{evidence}");
    }
}
