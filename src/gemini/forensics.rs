//! Which limit refused a call, read from all that the refusal says of it.
//!
//! A refusal speaks with several voices: its HTTP status, the code and name in its body, `QuotaFailure`,
//! `RetryInfo`, `ErrorInfo` and its message. [`forensics`] makes one verdict of them, by the rules by which
//! [`error`](crate::gemini::error) makes a kind of failure. Where two voices differ it keeps what both say; each
//! [`Contradiction`] has one rule for which of them counts.
//!
//! Source: as for [`error`](crate::gemini::error); `MODEL_CAPACITY_EXHAUSTED` and the 300 s of a delay that may be
//! meant for a day as well from google-gemini/gemini-cli, `googleQuotaErrors.ts`.

use crate::gemini::error::{Quota, Said, delay_in, json_of, numbers_after, status_named};
use crate::port::{FailureKind, Retry};
use std::time::Duration;

/// Quotas that do not count by the day count in any stretch this long.
const MINUTE: Duration = Duration::from_secs(60);
/// A longer delay may well be meant to last until the day's quota starts anew.
const LONGEST_SHORT_DELAY: Duration = Duration::from_secs(300);

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Requests in a minute.
    PerMinute,
    /// What a day allows, of requests or of tokens.
    PerDay,
    /// Tokens in a minute.
    Tokens,
    /// Money: prepaid credit, or what may be spent in a while.
    Spend,
    /// None of the caller's: the model has more work than it can take.
    Capacity,
    /// A limit of 0, which lets nothing through at any time.
    LimitZero,
    /// The server does not say.
    Unknown,
}

impl Verdict {
    /// The stretch of time that the limit counts in, where it moves along with the calls.
    #[must_use]
    pub fn window(self) -> Option<Duration> {
        matches!(self, Self::PerMinute | Self::Tokens).then_some(MINUTE)
    }
}

/// All that a refusal says of the limit that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forensics {
    /// The HTTP status.
    pub status: u16,
    /// Which limit it is.
    pub verdict: Verdict,
    /// The name of the quota.
    pub quota_id: Option<String>,
    /// What the quota counts, by the server's name for it.
    pub metric: Option<String>,
    /// The model that it is a quota of.
    pub model: Option<String>,
    /// How much it allows: requests or tokens.
    pub limit: Option<u64>,
    /// How long to wait, by the rule in force: none where waiting does not help.
    pub delay: Option<Duration>,
    /// What differs from one voice to the other.
    pub contradictions: Vec<Contradiction>,
}

/// Two things that a refusal says and that can't both hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// A quota of a day, and a short delay all the same. The day counts.
    DayAndDelay {
        /// The name of the quota.
        quota_id: String,
        /// The longest delay that is named.
        delay: Duration,
    },
    /// A limit of 0, and a delay all the same. The limit counts.
    ZeroAndDelay {
        /// The longest delay that is named.
        delay: Duration,
    },
    /// `RetryInfo` and the message name two delays. The longer counts.
    TwoDelays {
        /// What `RetryInfo` says: often the message's time cut to whole seconds.
        info: Duration,
        /// What the message says.
        message: Duration,
    },
    /// The HTTP status is one, and the code in the body another. The HTTP status counts.
    TwoCodes {
        /// The HTTP status.
        status: u16,
        /// The code.
        code: u16,
    },
    /// The name in the body belongs to another HTTP status, as that of a 402 always does. The HTTP status counts.
    StatusAndName {
        /// The HTTP status.
        status: u16,
        /// The name.
        name: String,
        /// The HTTP status that the name belongs to.
        named: u16,
    },
    /// The message says that the credit is used up, and the HTTP status, as it did before autumn 2026, that a
    /// limit is reached which passes. The HTTP status counts.
    CreditAndStatus {
        /// The HTTP status.
        status: u16,
    },
}

/// What an answer with `status` says of the limit that it was refused for. `body` is its JSON; where there is
/// none, `status` and `message` alone count.
#[must_use]
pub fn forensics(status: u16, message: &str, body: &str) -> Forensics {
    let body = json_of(body);
    let mut said = body.as_ref().map(Said::of).unwrap_or_default();
    if said.message.is_empty() {
        said.message = message;
    }
    let kind = said.kind(status);
    // `ErrorInfo` has metadata about other things, too.
    let quotas: Vec<Quota<'_>> = said.quotas().filter(|quota| quota.id.or(quota.metric).is_some()).collect();
    let verdict = verdict(kind, said, &quotas);
    let quota = quotas.iter().find(|quota| decides(verdict, **quota)).or(quotas.first());
    let limit = if verdict == Verdict::LimitZero {
        Some(0)
    } else {
        quota.and_then(|quota| quota.limit).or_else(|| limit_named(said.message))
    };
    let named = |of: Option<&str>, word| of.or_else(|| word_after(said.message, word)).map(str::to_owned);
    Forensics {
        status,
        verdict,
        quota_id: quota.and_then(|quota| quota.id).map(str::to_owned),
        metric: named(quota.and_then(|quota| quota.metric), "metric: "),
        model: named(quota.and_then(|quota| quota.model), "model: "),
        limit,
        delay: said.delay_micros(kind).map(Duration::from_micros),
        contradictions: contradictions(status, kind, verdict, said, quota),
    }
}

/// The limit that a server's words name: "limit: 20, model: …". None where they name several.
#[must_use]
pub fn limit_named(message: &str) -> Option<u64> {
    let mut limits = numbers_after(message, "limit:").chain(numbers_after(message, "limit="));
    let first = limits.next()?;
    limits.all(|limit| limit == first).then_some(first)
}

fn verdict(kind: FailureKind, said: Said<'_>, quotas: &[Quota<'_>]) -> Verdict {
    match kind {
        FailureKind::QuotaNone => Verdict::LimitZero,
        FailureKind::QuotaDay => Verdict::PerDay,
        FailureKind::Billing => Verdict::Spend,
        FailureKind::Overloaded => Verdict::Capacity,
        FailureKind::RateLimit => of_a_while(said, quotas),
        _ => Verdict::Unknown,
    }
}

/// The limit behind a 429 that passes.
fn of_a_while(said: Said<'_>, quotas: &[Quota<'_>]) -> Verdict {
    if said.reasons().any(|reason| reason == "MODEL_CAPACITY_EXHAUSTED") {
        return Verdict::Capacity;
    }
    let counted = [Verdict::Tokens, Verdict::PerMinute];
    let of_quota = quotas.iter().find_map(|quota| counted.into_iter().find(|verdict| decides(*verdict, *quota)));
    of_quota.unwrap_or_else(|| in_words(said.message))
}

/// What the words alone give away; Google's name the metric, a proxy's the limit.
fn in_words(message: &str) -> Verdict {
    let words = message.to_ascii_lowercase();
    let say = |any: &[&str]| any.iter().any(|said| words.contains(said));
    if is_credit_spent(message) || say(&["spend"]) {
        Verdict::Spend
    } else if say(&["token_count", "tokens per minute", "tpm limit"]) {
        Verdict::Tokens
    } else if say(&["requests per minute", "rpm limit"]) {
        Verdict::PerMinute
    } else {
        Verdict::Unknown
    }
}

fn is_credit_spent(message: &str) -> bool {
    message.to_ascii_lowercase().contains("credits are depleted")
}

/// Whether it is for `quota` that the verdict was given.
fn decides(verdict: Verdict, quota: Quota<'_>) -> bool {
    match verdict {
        Verdict::LimitZero => quota.limit == Some(0),
        Verdict::PerDay => quota.is_of_day(),
        Verdict::Tokens => quota.counts_tokens(),
        Verdict::PerMinute => quota.is_of_minute() && !quota.counts_tokens(),
        Verdict::Spend | Verdict::Capacity | Verdict::Unknown => false,
    }
}

/// What follows `name` in `message`, as far as the next space or comma.
fn word_after<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = message.split_once(name)?;
    let word = after.split([' ', ',', '\n']).next()?.trim_end_matches('.');
    (!word.is_empty()).then_some(word)
}

fn contradictions(
    status: u16,
    kind: FailureKind,
    verdict: Verdict,
    said: Said<'_>,
    quota: Option<&Quota<'_>>,
) -> Vec<Contradiction> {
    let delays = if kind.retry() == Retry::Never { unkept_delay(verdict, said, quota) } else { two_delays(said) };
    let credit = status == 429 && verdict == Verdict::Spend && is_credit_spent(said.message);
    [codes(status, said), credit.then_some(Contradiction::CreditAndStatus { status }), delays]
        .into_iter()
        .flatten()
        .collect()
}

fn codes(status: u16, said: Said<'_>) -> Option<Contradiction> {
    // A code below 400 is a gRPC number: it says the same as the name.
    let code = said.code.filter(|code| (400..=599).contains(code) && *code != status);
    let name = || {
        let named = status_named(said.status).filter(|named| *named != status)?;
        Some(Contradiction::StatusAndName { status, name: said.status.to_owned(), named })
    };
    code.map(|code| Contradiction::TwoCodes { status, code }).or_else(name)
}

/// A delay where none can help.
fn unkept_delay(verdict: Verdict, said: Said<'_>, quota: Option<&Quota<'_>>) -> Option<Contradiction> {
    let delay = Duration::from_millis(said.delay_millis()?);
    match verdict {
        Verdict::LimitZero => Some(Contradiction::ZeroAndDelay { delay }),
        Verdict::PerDay if delay <= LONGEST_SHORT_DELAY => {
            Some(Contradiction::DayAndDelay { quota_id: quota?.id?.to_owned(), delay })
        }
        _ => None,
    }
}

fn two_delays(said: Said<'_>) -> Option<Contradiction> {
    let [info, message] = [said.info_millis()?, delay_in(said.message)?].map(Duration::from_millis);
    (info != message).then_some(Contradiction::TwoDelays { info, message })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::gemini::error::failure;
    use crate::sim::refusal::{Counted, Refusal};
    use serde_json::{Value, json};
    use std::fs;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

    /// Every refusal on record, in the order of its names.
    const VERDICTS: [(&str, Verdict); 9] = [
        ("err-402-prepay-depleted.json", Verdict::Spend),
        ("err-429-array.json", Verdict::PerMinute),
        ("err-429-limit-zero.json", Verdict::LimitZero),
        ("err-429-no-details.json", Verdict::Unknown),
        ("err-429-other-dialect.json", Verdict::PerMinute),
        ("err-429-per-day.json", Verdict::PerDay),
        ("err-429-per-minute.json", Verdict::PerMinute),
        ("err-429-tokens-per-minute.json", Verdict::Tokens),
        ("err-503-overloaded.json", Verdict::Capacity),
    ];

    /// What is read of an answer, as the page has it: through the failure that was made of it.
    fn read(status: u16, body: &str) -> Forensics {
        let failure = failure(status, body);
        let said = forensics(status, &failure.message, &failure.body);
        for (verdict, kind) in [
            (Verdict::LimitZero, FailureKind::QuotaNone),
            (Verdict::PerDay, FailureKind::QuotaDay),
            (Verdict::Capacity, FailureKind::Overloaded),
        ] {
            let by_reason = verdict == Verdict::Capacity && status == 429;
            assert!(by_reason || (said.verdict == verdict) == (failure.kind == kind), "{said:?}, {failure:?}");
        }
        assert_eq!(said.delay, failure.delay(), "{failure:?}");
        said
    }

    fn of(status: u16, error: &Value) -> Forensics {
        read(status, &json!({ "error": error }).to_string())
    }

    fn recorded(name: &str) -> Forensics {
        let body = fs::read_to_string(format!("{FOLDER}/{name}")).expect("a fixture");
        let status = name[4..7].parse().expect("a status in the name");
        let said = read(status, &body);
        assert_eq!(said.verdict == Verdict::Spend, failure(status, &body).kind == FailureKind::Billing, "{name}");
        said
    }

    #[test]
    fn every_refusal_on_record_has_its_verdict() {
        let files = fs::read_dir(FOLDER).expect("the fixtures");
        let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        let refusals = ["err-402", "err-429", "err-503"];
        let mut names: Vec<String> =
            names.filter(|name| refusals.iter().any(|refusal| name.starts_with(refusal))).collect();
        names.sort();
        assert_eq!(names, VERDICTS.map(|(name, _)| name));
        for (name, verdict) in VERDICTS {
            assert_eq!(recorded(name).verdict, verdict, "{name}");
        }
    }

    #[test]
    fn the_quota_is_named_with_its_limit_and_its_model() {
        let minute = recorded("err-429-per-minute.json");
        assert_eq!(minute.quota_id.as_deref(), Some("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"));
        let metric = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
        assert_eq!(minute.metric.as_deref(), Some(metric));
        assert_eq!((minute.model.as_deref(), minute.limit), (Some("gemini-3.8-flash"), Some(5)));
        assert_eq!(minute.delay, Some(Duration::from_millis(37_482)));
        assert_eq!(recorded("err-429-tokens-per-minute.json").limit, Some(1_000_000));
        assert_eq!(recorded("err-429-limit-zero.json").limit, Some(0));
        assert_eq!(recorded("err-429-other-dialect.json").limit, Some(2));
        let none = recorded("err-429-no-details.json");
        assert_eq!((none.quota_id, none.metric, none.model, none.limit, none.delay), (None, None, None, None, None));
    }

    #[test]
    fn what_the_bodies_on_record_contradict_is_kept_with_both_sides() {
        let millis = Duration::from_millis;
        let id = "GenerateRequestsPerDayPerProjectPerModel-FreeTier".to_owned();
        let name = "RESOURCE_EXHAUSTED".to_owned();
        for (file, contradiction) in [
            ("err-402-prepay-depleted.json", Contradiction::StatusAndName { status: 402, name, named: 429 }),
            ("err-429-limit-zero.json", Contradiction::ZeroAndDelay { delay: millis(11_768) }),
            ("err-429-per-day.json", Contradiction::DayAndDelay { quota_id: id, delay: millis(22_105) }),
            ("err-429-per-minute.json", Contradiction::TwoDelays { info: millis(37_000), message: millis(37_482) }),
        ] {
            assert_eq!(recorded(file).contradictions, [contradiction], "{file}");
        }
        for file in ["err-429-array.json", "err-429-tokens-per-minute.json", "err-503-overloaded.json"] {
            assert_eq!(recorded(file).contradictions, [], "{file}");
        }
    }

    #[test]
    fn a_code_or_a_name_that_is_not_the_statuss_is_told() {
        let code = of(503, &json!({ "code": "429", "status": "RESOURCE_EXHAUSTED" }));
        assert_eq!(code.verdict, Verdict::Capacity);
        assert_eq!(code.contradictions, [Contradiction::TwoCodes { status: 503, code: 429 }]);
        let name = of(429, &json!({ "code": 14, "status": "UNAVAILABLE" }));
        let expected = Contradiction::StatusAndName { status: 429, name: "UNAVAILABLE".into(), named: 503 };
        assert_eq!((name.verdict, name.contradictions), (Verdict::Unknown, vec![expected]));
    }

    #[test]
    fn a_delay_until_tomorrow_fits_the_quota_of_a_day() {
        let violation = json!({ "quotaId": "GenerateRequestsPerDayPerProjectPerModel", "quotaValue": "20" });
        let details = json!([{ "violations": [violation] }, { "retryDelay": "51820.638305887s" }]);
        let said = of(429, &json!({ "details": details }));
        assert_eq!((said.verdict, said.limit, said.delay), (Verdict::PerDay, Some(20), None));
        assert_eq!(said.contradictions, []);
    }

    #[test]
    fn of_several_quotas_the_one_in_force_is_named() {
        let quota = |id: &str, limit: &str| json!({ "quotaId": id, "quotaValue": limit });
        let both = [quota("RequestsPerMinute", "5"), quota("InputTokensPerModelPerDay-FreeTier", "900")];
        let said = of(429, &json!({ "details": [{ "violations": both }] }));
        assert_eq!((said.verdict, said.limit), (Verdict::PerDay, Some(900)));
        let older = json!({ "quota_limit": "GenerateContentRequestsPerMinutePerProjectPerRegion" });
        assert_eq!(of(429, &json!({ "details": [{ "metadata": older }] })).verdict, Verdict::PerMinute);
    }

    #[test]
    fn a_429_may_be_about_room_or_about_money() {
        let room = json!({ "details": [{ "reason": "MODEL_CAPACITY_EXHAUSTED" }] });
        assert_eq!(of(429, &room).verdict, Verdict::Capacity);
        let credit = of(429, &json!({ "message": "Your prepayment credits are depleted." }));
        assert_eq!(credit.verdict, Verdict::Spend);
        assert_eq!(credit.contradictions, [Contradiction::CreditAndStatus { status: 429 }]);
        let spend = of(429, &json!({ "message": "The project reached its spend limit." }));
        assert_eq!((spend.verdict, spend.contradictions), (Verdict::Spend, Vec::new()));
    }

    #[test]
    fn without_a_body_the_status_and_the_message_count() {
        let words = "* Quota exceeded for metric: a/input_token_count, limit: 20, model: m-1.5\nPlease retry in 2.5s.";
        let said = forensics(429, words, "");
        assert_eq!(
            (said.verdict, said.limit, said.delay),
            (Verdict::Tokens, Some(20), Some(Duration::from_millis(2_500)))
        );
        assert_eq!((said.metric.as_deref(), said.model.as_deref()), (Some("a/input_token_count"), Some("m-1.5")));
        assert_eq!(forensics(429, "limit: 5, then limit: 7", "").limit, None);
        assert_eq!(forensics(429, "limit: 0", "<html>").verdict, Verdict::LimitZero);
        assert_eq!(forensics(402, "", "").verdict, Verdict::Spend);
        assert_eq!(forensics(500, "", "").verdict, Verdict::Unknown);
    }

    #[test]
    fn a_simulated_refusal_is_read_like_a_real_one() {
        let delay = Duration::from_micros(37_481_920);
        for (counted, limit, verdict) in [
            (Counted::Requests, 15, Verdict::PerMinute),
            (Counted::Tokens, 900, Verdict::Tokens),
            (Counted::Day, 20, Verdict::PerDay),
            (Counted::Requests, 0, Verdict::LimitZero),
        ] {
            let said = read(429, &Refusal::over_quota(counted, limit, "m", Some(delay)).body());
            assert_eq!((said.verdict, said.limit), (verdict, Some(u64::from(limit))));
            assert_eq!(said.model.as_deref(), Some("m"));
        }
    }
}
