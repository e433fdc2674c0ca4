//! Which limit refused a call, in plain words: the verdict, what is known of the limit, and what of it all
//! contradicts what.

use crate::figure::plain;
use crate::gemini::forensics::{Contradiction, Forensics, Verdict};
use crate::time::{Instant, micros_as_secs, whole_micros};
use crate::view::words::units::moment;
use std::time::Duration;

/// The verdict in one sentence.
#[must_use]
pub fn verdict(said: &Forensics) -> String {
    let limit = said.limit.map(|limit| format!(": the limit is {limit}")).unwrap_or_default();
    match (said.verdict, said.limit) {
        (Verdict::PerMinute, _) => format!("Too many requests in a minute{limit}."),
        (Verdict::PerDay, _) => format!("What a day allows is used up{limit}."),
        (Verdict::Tokens, _) => format!("Too many tokens in a minute{limit}."),
        (Verdict::Spend, _) if said.status == 402 => "It is about money: the prepaid credit is used up.".into(),
        (Verdict::Spend, _) => "It is about money: what may be spent for now is used up.".into(),
        (Verdict::Capacity, _) => "No limit of yours: the model itself has no room for more.".into(),
        (Verdict::LimitZero, _) => "The limit is 0: no request to this model is ever let through.".into(),
        (Verdict::Unknown, Some(limit)) => {
            format!("A limit of {limit} was reached, and the server does not say what it counts.")
        }
        (Verdict::Unknown, None) => "The server does not say which limit was reached.".into(),
    }
}

/// What is known of the limit, each with its name.
#[must_use]
pub fn facts(said: &Forensics) -> Vec<(&'static str, String)> {
    // The quota's name tells all that its metric does.
    let metric = said.metric.clone().filter(|_| said.quota_id.is_none());
    let facts = [
        ("Quota", said.quota_id.clone()),
        ("Metric", metric),
        ("Model", said.model.clone()),
        ("Limit", said.limit.map(|limit| limit.to_string())),
        ("Delay", said.delay.map(exactly)),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// Both sides of a contradiction, and which of them counts.
#[must_use]
pub fn contradiction(contradiction: &Contradiction) -> String {
    match contradiction {
        Contradiction::DayAndDelay { quota_id, delay } => format!(
            "The quota's name says that it counts by the day: {quota_id}. The delay says {}. \
             In force: the day. A try after that delay would be refused again.",
            exactly(*delay)
        ),
        Contradiction::ZeroAndDelay { delay } => {
            format!("The limit says 0. The delay says {}. In force: the limit. Waiting does not help.", exactly(*delay))
        }
        Contradiction::TwoDelays { info, message } => format!(
            "RetryInfo says {}. The message says {}. In force: the longer, {}.",
            exactly(*info),
            exactly(*message),
            exactly(*info.max(message))
        ),
        Contradiction::TwoCodes { status, code } => {
            format!("The HTTP status says {status}. The code in the body says {code}. In force: the HTTP status.")
        }
        Contradiction::StatusAndName { status, name, named } => format!(
            "The HTTP status says {status}. The body says {name}, the name of {named}. In force: the HTTP status."
        ),
        Contradiction::CreditAndStatus { status } => format!(
            "The message says that the credit is used up. The HTTP status says {status}, a limit that passes. \
             In force: the HTTP status, so another try may help."
        ),
    }
}

/// How full a window is: what was sent in it, and what the limit allows.
#[must_use]
pub fn fill(sent: usize, limit: Option<u64>, window: Duration) -> String {
    let allowed = limit.map(|limit| format!(", {limit} allowed")).unwrap_or_default();
    format!("{sent} sent in the last {}{allowed}", exactly(window))
}

/// The countdown to when there is room again.
#[must_use]
pub fn frees_in(left: Duration) -> String {
    format!("frees in {}", moment(Instant::ZERO + left))
}

/// To the last place: two delays may differ by milliseconds.
fn exactly(span: Duration) -> String {
    format!("{} s", plain(micros_as_secs(whole_micros(span))))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::gemini::forensics::forensics;

    const PER_MINUTE: &str = include_str!("../../../tests/fixtures/err-429-per-minute.json");
    const PER_DAY: &str = include_str!("../../../tests/fixtures/err-429-per-day.json");
    const TOKENS: &str = include_str!("../../../tests/fixtures/err-429-tokens-per-minute.json");
    const ZERO: &str = include_str!("../../../tests/fixtures/err-429-limit-zero.json");
    const CREDIT: &str = include_str!("../../../tests/fixtures/err-402-prepay-depleted.json");

    #[test]
    fn a_verdict_is_one_sentence_with_its_limit() {
        let said = |status, message, body| verdict(&forensics(status, message, body));
        assert_eq!(said(429, "", PER_MINUTE), "Too many requests in a minute: the limit is 5.");
        assert_eq!(said(429, "", PER_DAY), "What a day allows is used up: the limit is 20.");
        assert_eq!(said(429, "", TOKENS), "Too many tokens in a minute: the limit is 1000000.");
        assert_eq!(said(429, "", ZERO), "The limit is 0: no request to this model is ever let through.");
        assert_eq!(said(402, "", CREDIT), "It is about money: the prepaid credit is used up.");
        assert_eq!(
            said(429, "The spend limit is reached.", ""),
            "It is about money: what may be spent for now is used up."
        );
        assert_eq!(said(503, "", ""), "No limit of yours: the model itself has no room for more.");
        assert_eq!(said(429, "", ""), "The server does not say which limit was reached.");
        assert_eq!(said(429, "limit: 7", ""), "A limit of 7 was reached, and the server does not say what it counts.");
        assert_eq!(said(429, "Too many requests per minute", ""), "Too many requests in a minute.");
    }

    #[test]
    fn only_what_is_known_is_listed() {
        let names = |body| facts(&forensics(429, "", body)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(PER_MINUTE), ["Quota", "Model", "Limit", "Delay"]);
        assert_eq!(names(PER_DAY), ["Quota", "Model", "Limit"]);
        assert!(names("").is_empty());
        let by_words = facts(&forensics(429, "* Quota exceeded for metric: a/b, limit: 5, model: m", ""));
        let expected = [("Metric", "a/b"), ("Model", "m"), ("Limit", "5")];
        assert_eq!(by_words, expected.map(|(name, fact)| (name, fact.to_owned())));
        assert!(facts(&forensics(429, "", TOKENS)).contains(&("Delay", "10.69 s".to_owned())));
    }

    #[test]
    fn a_contradiction_says_both_sides_and_the_rule_in_force() {
        let said = |status, message, body| {
            let said = forensics(status, message, body);
            said.contradictions.iter().map(contradiction).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            said(429, "", PER_DAY),
            "The quota's name says that it counts by the day: GenerateRequestsPerDayPerProjectPerModel-FreeTier. \
             The delay says 22.105 s. In force: the day. A try after that delay would be refused again."
        );
        assert_eq!(
            said(429, "", ZERO),
            "The limit says 0. The delay says 11.768 s. In force: the limit. Waiting does not help."
        );
        assert_eq!(
            said(429, "", PER_MINUTE),
            "RetryInfo says 37 s. The message says 37.482 s. In force: the longer, 37.482 s."
        );
        assert_eq!(
            said(402, "", CREDIT),
            "The HTTP status says 402. The body says RESOURCE_EXHAUSTED, the name of 429. In force: the HTTP status."
        );
        assert_eq!(
            said(503, "", r#"{"error":{"code":429}}"#),
            "The HTTP status says 503. The code in the body says 429. In force: the HTTP status."
        );
        assert_eq!(
            said(429, "Your prepayment credits are depleted.", ""),
            "The message says that the credit is used up. The HTTP status says 429, a limit that passes. \
             In force: the HTTP status, so another try may help."
        );
        assert_eq!(said(429, "", TOKENS), "");
    }

    #[test]
    fn a_window_says_how_full_it_is_and_when_it_frees() {
        let minute = Duration::from_secs(60);
        assert_eq!(fill(16, Some(15), minute), "16 sent in the last 60 s, 15 allowed");
        assert_eq!(fill(1, None, Duration::from_millis(2_500)), "1 sent in the last 2.5 s");
        assert_eq!(frees_in(Duration::from_millis(12_340)), "frees in 12.3 s");
        assert_eq!(frees_in(Duration::from_secs(900)), "frees in 15 min 0.0 s");
    }
}
