//! A status and a body as a failure.
//!
//! The HTTP status decides first: `error.status` alone can't, since 402 and 429 are both
//! `RESOURCE_EXHAUSTED`. The body is read as JSON whatever its content type says, alone or in a list,
//! and may then tell a bad key from a bad request and a spent day from a busy minute.
//!
//! A 429 for a day's quota carries a short `RetryInfo` all the same, and a model that is not in the
//! tier has a limit of 0: neither can succeed, so neither has a delay. Otherwise `RetryInfo` is often
//! the message's time cut to whole seconds: the larger of the two counts, rounded up to a millisecond.
//!
//! Source: `google/rpc/error_details.proto`; ai.google.dev, "API errors"; and for the order of the
//! quota's cases google-gemini/gemini-cli, `googleQuotaErrors.ts`.

use crate::gemini::json::{list, text};
use crate::port::{Failure, FailureKind, Retry};
use serde_json::Value;
use std::fmt::Write as _;

/// The failure that an answer with `status` and `body` stands for. The message is the server's own;
/// of a body that is not JSON, such as a proxy's HTML, nothing is kept.
pub fn failure(status: u16, body: &str) -> Failure {
    match json_of(body) {
        Some(value) => Said::of(&value).failure(status, body),
        None => Said::default().failure(status, ""),
    }
}

/// A body as JSON, if it is that.
pub(super) fn json_of(body: &str) -> Option<Value> {
    serde_json::from_str(body.trim_start_matches('\u{feff}')).ok()
}

/// The failure inside `value`, if it is an error in an answer of which the HTTP status was 200; `raw`
/// is its text. Here the code in the body decides, and is the failure's status.
pub fn inside(value: &Value, raw: &str) -> Option<Failure> {
    let said = Said::read(envelope(value)?);
    Some(said.failure(said.http_status(), raw))
}

/// The failure of a 2xx `body` that is not what the protocol promises.
pub(super) fn bad_body(status: u16, why: &str, body: &str) -> Failure {
    let message = format!("the body is not the JSON that was promised: {why}");
    Failure { status: Some(status), body: shown(body).into(), ..Failure::new(FailureKind::BadBody, &message) }
}

/// `text` if it begins like JSON, else nothing: raw HTML is never shown.
pub(super) fn shown(text: &str) -> &str {
    if text.trim_start().starts_with(['{', '[']) { text } else { "" }
}

/// The error itself, alone or in a list.
fn envelope(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(items) => items.iter().find_map(envelope),
        other => other.get("error").filter(|error| !error.is_null()),
    }
}

/// What an error object says. Whatever is missing, or of another type, is empty.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) code: Option<u16>,
    /// The canonical name, such as `RESOURCE_EXHAUSTED`.
    pub(super) status: &'a str,
    pub(super) message: &'a str,
    details: &'a [Value],
}

/// A quota that was exceeded, as far as it is named.
#[derive(Clone, Copy)]
pub(super) struct Quota<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) limit: Option<u64>,
    pub(super) metric: Option<&'a str>,
    pub(super) model: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// What a body says, whatever its error is wrapped in.
    pub(super) fn of(body: &'a Value) -> Self {
        Self::read(envelope(body).unwrap_or(body))
    }

    fn read(error: &'a Value) -> Self {
        let code = match error.get("code") {
            // Some proxies write it as a string.
            Some(Value::String(code)) => code.trim().parse().ok(),
            Some(code) => code.as_u64().and_then(|code| u16::try_from(code).ok()),
            None => None,
        };
        let message = error.get("message").unwrap_or(error).as_str().unwrap_or_default();
        let status = error.get("status").and_then(Value::as_str).unwrap_or_default();
        Self { code, status, message: message.trim(), details: list(error, "details") }
    }

    fn failure(self, status: u16, body: &str) -> Failure {
        let kind = self.kind(status);
        let said = Failure::new(kind, &self.words(status));
        Failure { status: Some(status), delay_micros: self.delay_micros(kind), body: shown(body).into(), ..said }
    }

    pub(super) fn kind(self, status: u16) -> FailureKind {
        match status {
            400 if self.blames_key() => FailureKind::Auth,
            400 if self.blames_place() => FailureKind::Forbidden,
            401 => FailureKind::Auth,
            402 => FailureKind::Billing,
            403 => FailureKind::Forbidden,
            404 => FailureKind::NotFound,
            408 | 504 => FailureKind::ServerTimeout,
            429 => self.quota_kind(),
            502 => FailureKind::Gateway,
            503 => FailureKind::Overloaded,
            400..=498 => FailureKind::BadRequest,
            // 499 says that the caller hung up. This one did not, so something in between did.
            499..=599 => FailureKind::Server,
            _ => FailureKind::BadBody,
        }
    }

    /// The HTTP status that belongs to an error inside a 200: its code, or what its name stands for.
    /// A code below 400 is a gRPC number and says the same as the name.
    fn http_status(self) -> u16 {
        match self.code {
            Some(code @ 400..=599) => code,
            _ => status_named(self.status).unwrap_or(500),
        }
    }

    /// A bad key is a 400 like any other bad argument, apart from its reason or its words.
    fn blames_key(self) -> bool {
        let words = self.message.to_ascii_lowercase();
        self.reasons().any(|reason| matches!(reason, "API_KEY_INVALID" | "API_KEY_EXPIRED"))
            || ["api key not valid", "api key expired", "api key not found"].iter().any(|said| words.contains(said))
    }

    fn blames_place(self) -> bool {
        self.status == "FAILED_PRECONDITION" && self.message.contains("location is not supported")
    }

    /// The reasons of its `ErrorInfo`.
    pub(super) fn reasons(self) -> impl Iterator<Item = &'a str> {
        self.details.iter().filter_map(|detail| text(detail, "reason"))
    }

    fn quota_kind(self) -> FailureKind {
        if self.quotas().any(|quota| quota.limit == Some(0)) || names_limit_zero(self.message) {
            FailureKind::QuotaNone
        } else if self.quotas().any(Quota::is_of_day) {
            FailureKind::QuotaDay
        } else {
            FailureKind::RateLimit
        }
    }

    /// The quotas that were exceeded: in `QuotaFailure` now, in `ErrorInfo` before.
    pub(super) fn quotas(self) -> impl Iterator<Item = Quota<'a>> {
        self.details.iter().flat_map(|detail| {
            let violations = list(detail, "violations").iter().map(Quota::of_violation);
            violations.chain(detail.get("metadata").map(Quota::of_metadata))
        })
    }

    /// How long to wait before another try, where one can help.
    pub(super) fn delay_micros(self, kind: FailureKind) -> Option<u64> {
        match kind.retry() {
            Retry::Never => None,
            Retry::Limited | Retry::Yes => self.delay_millis().map(|millis| millis.saturating_mul(1_000)),
        }
    }

    /// The longest wait that is named anywhere.
    pub(super) fn delay_millis(self) -> Option<u64> {
        self.info_millis().max(delay_in(self.message))
    }

    /// The wait that `RetryInfo` names.
    pub(super) fn info_millis(self) -> Option<u64> {
        self.details.iter().filter_map(|detail| delay_of(text(detail, "retryDelay")?)).max()
    }

    /// The server's words, with the fields that it blames where they don't name them.
    fn words(self, status: u16) -> String {
        let mut words = if self.message.is_empty() { format!("status {status}") } else { self.message.to_owned() };
        for violation in self.details.iter().flat_map(|detail| list(detail, "fieldViolations")) {
            if let Some(field) = violation.get("field").and_then(Value::as_str)
                && !words.contains(field)
            {
                // Writing to a string can't fail.
                let _ = write!(words, " (field: {field})");
            }
        }
        words
    }
}

impl<'a> Quota<'a> {
    fn of_violation(violation: &'a Value) -> Self {
        Self {
            id: text(violation, "quotaId"),
            limit: violation.get("quotaValue").and_then(whole),
            metric: text(violation, "quotaMetric"),
            model: violation.get("quotaDimensions").and_then(|dimensions| text(dimensions, "model")),
        }
    }

    fn of_metadata(data: &'a Value) -> Self {
        Self {
            id: text(data, "quota_limit"),
            limit: data.get("quota_limit_value").and_then(whole),
            metric: text(data, "quota_metric"),
            model: text(data, "model"),
        }
    }

    pub(super) fn is_of_day(self) -> bool {
        self.id.is_some_and(|id| id.contains("PerDay"))
    }

    pub(super) fn is_of_minute(self) -> bool {
        self.id.is_some_and(|id| id.contains("PerMinute"))
    }

    pub(super) fn counts_tokens(self) -> bool {
        self.id.is_some_and(|id| id.contains("Token"))
            || self.metric.is_some_and(|metric| metric.contains("token_count"))
    }
}

/// A whole number, which 64 bits make a string.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The HTTP status that a canonical name stands for.
pub(super) fn status_named(name: &str) -> Option<u16> {
    let status = match name {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => return None,
    };
    Some(status)
}

/// Whether `message` names a limit of exactly 0: "limit: 0, model: …", not "limit: 0.5" or "limit: 05".
fn names_limit_zero(message: &str) -> bool {
    numbers_after(message, "limit:").any(|limit| limit == 0)
}

/// The whole numbers that follow the word `name` in `message`.
pub(super) fn numbers_after(message: &str, name: &str) -> impl Iterator<Item = u64> {
    message.match_indices(name).filter_map(move |(at, word)| {
        let before = message[..at].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let after = message[at + word.len()..].trim_start();
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = after.split_at(digits);
        if ends_number(rest) { number.parse().ok() } else { None }
    })
}

fn ends_number(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('.' | ',') => !chars.next().is_some_and(|c| c.is_ascii_digit()),
        next => !next.is_some_and(|c| c.is_ascii_alphanumeric()),
    }
}

/// The longest wait that `message` asks for in words: "Please retry in 45.57s."
pub(super) fn delay_in(message: &str) -> Option<u64> {
    let waits = message.match_indices("retry in ").filter_map(|(at, words)| {
        let wait = &message[at + words.len()..];
        let unit = wait.find(|c: char| c.is_ascii_alphabetic())?;
        let length = wait[unit..].find(|c: char| !c.is_ascii_alphabetic());
        delay_of(&wait[..length.map_or(wait.len(), |length| unit + length)])
    });
    waits.max()
}

/// A duration such as "22s", "10.689924287s" or "900ms" in milliseconds, rounded up. One that is too
/// large to count is as long as can be.
fn delay_of(text: &str) -> Option<u64> {
    match text.strip_suffix("ms") {
        Some(millis) => shifted(millis, 0),
        None => shifted(text.strip_suffix('s')?, 3),
    }
}

/// A decimal `number` with its point moved `digits` to the right, rounded up.
fn shifted(number: &str, digits: usize) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let (kept, dropped) = fraction.split_at(fraction.len().min(digits));
    let shifted = format!("{whole}{kept:0<digits$}").parse::<u64>().unwrap_or(u64::MAX);
    Some(shifted.saturating_add(u64::from(dropped.bytes().any(|b| b != b'0'))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(status: u16, error: &Value) -> FailureKind {
        failure(status, &json!({ "error": error }).to_string()).kind
    }

    #[test]
    fn durations_are_rounded_up_to_the_next_millisecond() {
        for (text, millis) in [
            ("22s", Some(22_000)),
            ("10.689924287s", Some(10_690)),
            ("8.500s", Some(8_500)),
            ("8.5000000001s", Some(8_501)),
            ("0.0001s", Some(1)),
            ("0s", Some(0)),
            ("51820.638305887s", Some(51_820_639)),
            ("900ms", Some(900)),
            ("900.1ms", Some(901)),
            ("99999999999999999999s", Some(u64::MAX)),
            ("", None),
            ("s", None),
            ("22", None),
            ("-1s", None),
            ("+1s", None),
            ("1.s", None),
            (".5s", None),
            ("1 s", None),
            ("1e3s", None),
        ] {
            assert_eq!(delay_of(text), millis, "{text:?}");
        }
    }

    #[test]
    fn a_wait_in_words_is_found() {
        for (text, millis) in [
            ("…\nPlease retry in 45.578569677s.", Some(45_579)),
            ("Please retry in 900ms", Some(900)),
            ("Please retry in 1s. Or please retry in 2s.", Some(2_000)),
            ("Please retry in a minute.", None),
            ("Please retry in 5 seconds.", None),
            ("Please retry in 12", None),
            ("Please retry later.", None),
        ] {
            assert_eq!(delay_in(text), millis, "{text:?}");
        }
    }

    #[test]
    fn only_a_limit_of_exactly_0_is_none() {
        for (text, none) in [
            ("limit: 0", true),
            ("metric: a/b, limit: 0, model: x", true),
            ("* limit: 5, model: x\n* limit: 0\nPlease", true),
            ("the limit: 0.", true),
            ("limit:0", true),
            ("limit: 20", false),
            ("limit: 05", false),
            ("limit: 0.5", false),
            ("limit: 0,5", false),
            ("limit: 0x", false),
            ("sublimit: 0", false),
            ("limit 0", false),
        ] {
            assert_eq!(names_limit_zero(text), none, "{text:?}");
        }
    }

    #[test]
    fn a_spent_day_is_told_from_a_busy_minute() {
        let quota = |id: &str, value: Value| {
            let violation = json!({ "quotaId": id, "quotaValue": value });
            let details = json!([{ "retryDelay": "8s" }, { "violations": [violation] }]);
            failure(429, &json!([{ "error": { "code": 429, "details": details } }]).to_string())
        };
        assert_eq!(quota("GenerateRequestsPerMinutePerProject", json!("5")).kind, FailureKind::RateLimit);
        assert_eq!(quota("GenerateRequestsPerMinutePerProject", json!("5")).delay_micros, Some(8_000_000));
        assert_eq!(quota("GenerateRequestsPerDayPerProject", json!("5")).kind, FailureKind::QuotaDay);
        assert_eq!(quota("GenerateRequestsPerDayPerProject", json!("5")).delay_micros, None);
        assert_eq!(quota("GenerateRequestsPerMinutePerProject", json!("0")).kind, FailureKind::QuotaNone);
        assert_eq!(quota("GenerateRequestsPerMinutePerProject", Value::Null).kind, FailureKind::RateLimit);
        let older = json!({ "details": [{ "metadata": { "quota_limit": "RequestsPerDay" } }] });
        assert_eq!(kind(429, &older), FailureKind::QuotaDay);
    }

    #[test]
    fn a_bad_key_and_a_bad_place_are_not_bad_requests() {
        assert_eq!(kind(400, &json!({ "message": "API key expired. Please renew it." })), FailureKind::Auth);
        assert_eq!(kind(400, &json!({ "details": [{ "reason": "API_KEY_INVALID" }] })), FailureKind::Auth);
        let place = json!({
            "status": "FAILED_PRECONDITION", "message": "User location is not supported for the API use.",
        });
        assert_eq!(kind(400, &place), FailureKind::Forbidden);
        assert_eq!(kind(400, &json!({ "message": "Bad." })), FailureKind::BadRequest);
    }

    #[test]
    fn without_a_body_the_status_decides() {
        for (status, kind) in [
            (400, FailureKind::BadRequest),
            (401, FailureKind::Auth),
            (404, FailureKind::NotFound),
            (408, FailureKind::ServerTimeout),
            (413, FailureKind::BadRequest),
            (418, FailureKind::BadRequest),
            (429, FailureKind::RateLimit),
            (499, FailureKind::Server),
            (501, FailureKind::Server),
            (502, FailureKind::Gateway),
            (599, FailureKind::Server),
            (304, FailureKind::BadBody),
        ] {
            let failure = failure(status, "");
            assert_eq!((failure.kind, failure.status), (kind, Some(status)));
            assert_eq!(&*failure.message, format!("status {status}"));
        }
    }

    #[test]
    fn html_is_never_kept() {
        let failure = failure(503, "<html>Deadline expired</html>");
        assert_eq!((failure.kind, &*failure.message, &*failure.body), (FailureKind::Overloaded, "status 503", ""));
    }

    #[test]
    fn an_error_may_have_any_shape() {
        for (body, message) in [
            (r#"{"error":"no such key"}"#, "no such key"),
            (r#"{"message":"from a gateway"}"#, "from a gateway"),
            (r#"{"error":{"message":7,"details":{},"code":[]}}"#, "status 403"),
            (r#"{"error":null}"#, "status 403"),
            ("[]", "status 403"),
            ("7", "status 403"),
        ] {
            let failure = failure(403, body);
            assert_eq!((failure.kind, &*failure.message), (FailureKind::Forbidden, message), "{body}");
        }
    }

    #[test]
    fn a_field_that_the_words_leave_out_is_named() {
        let body = json!({ "error": { "message": "Bad.", "details": [{ "fieldViolations": [{ "field": "a.b" }] }] } });
        assert_eq!(&*failure(400, &body.to_string()).message, "Bad. (field: a.b)");
    }

    #[test]
    fn inside_an_answer_the_code_of_the_body_decides() {
        let of = |error: Value| inside(&json!({ "error": error }), "{}").map(|failure| (failure.kind, failure.status));
        assert_eq!(of(json!({ "code": 503 })), Some((FailureKind::Overloaded, Some(503))));
        assert_eq!(of(json!({ "code": "429" })), Some((FailureKind::RateLimit, Some(429))));
        assert_eq!(of(json!({ "code": 14, "status": "UNAVAILABLE" })), Some((FailureKind::Overloaded, Some(503))));
        assert_eq!(of(json!({})), Some((FailureKind::Server, Some(500))));
        assert_eq!(of(Value::Null), None);
        assert_eq!(inside(&json!({ "candidates": [] }), ""), None);
    }
}
