//! What a simulated server says when it refuses, in Gemini's own words and form.
//!
//! Form and wording follow recorded bodies: `RetryInfo` is cut to whole seconds while the message has
//! the whole figure, so a client must take the larger of the two.

use crate::port::{Failure, FailureKind};
use crate::time::whole_micros;
use serde::Serialize;
use std::time::Duration;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status, which stands in the body as well.
    pub status: u16,
    quota: Option<Box<Quota>>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Requests in a minute.
    Requests,
    /// Tokens in a minute.
    Tokens,
    /// Requests in a day.
    Day,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Quota {
    counted: Counted,
    limit: u32,
    model: String,
    /// Until the window has room; none if it never has.
    frees_in: Option<Duration>,
}

impl Refusal {
    /// A refusal that carries no more than its status.
    #[must_use]
    pub fn with_status(status: u16) -> Self {
        Self { status, quota: None }
    }

    /// Over a quota of `limit`, which has room again after `frees_in`. One of a day names a short delay all the
    /// same, as Gemini's does; one that can never let the call through names none.
    #[must_use]
    pub fn over_quota(counted: Counted, limit: u32, model: &str, frees_in: Option<Duration>) -> Self {
        let frees_in = if counted == Counted::Day { Some(SHORT_DELAY) } else { frees_in };
        let frees_in = frees_in.filter(|_| limit > 0);
        Self { status: 429, quota: Some(Box::new(Quota { counted, limit, model: model.into(), frees_in })) }
    }

    /// The body that goes over the wire.
    #[must_use]
    pub fn body(&self) -> String {
        let message = self.message();
        let details = self.quota.as_deref().map(Quota::details);
        let error = ErrorBody { code: self.status, details, message: &message, status: self.canonical() };
        serde_json::to_string(&Body { error }).unwrap_or_default()
    }

    /// The failure that a correct client makes of it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        Failure {
            kind: self.kind(),
            status: Some(self.status),
            delay_micros: self.quota.as_ref().and_then(|quota| quota.frees_in).map(|d| whole_millis_up(d) * 1_000),
            message: self.message().into(),
            body: self.body().into(),
        }
    }

    fn kind(&self) -> FailureKind {
        match (self.status, self.quota.as_deref()) {
            (429, Some(Quota { limit: 0, .. })) => FailureKind::QuotaNone,
            (429, Some(Quota { counted: Counted::Day, .. })) => FailureKind::QuotaDay,
            (429, _) => FailureKind::RateLimit,
            (400, _) => FailureKind::BadRequest,
            (404, _) => FailureKind::NotFound,
            (502, _) => FailureKind::Gateway,
            (503, _) => FailureKind::Overloaded,
            (504, _) => FailureKind::ServerTimeout,
            _ => FailureKind::Server,
        }
    }

    fn canonical(&self) -> &'static str {
        match self.status {
            400 => "INVALID_ARGUMENT",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => "INTERNAL",
        }
    }

    fn message(&self) -> String {
        match (&self.quota, self.status) {
            (Some(quota), _) => quota.message(),
            (None, 400) => "Request contains an invalid argument.".into(),
            (None, 404) => {
                "models/x is not found for API version v1beta, or is not supported for generateContent.".into()
            }
            (None, 429) => "Resource has been exhausted (e.g. check quota).".into(),
            (None, 503) => "The model is overloaded. Please try again later.".into(),
            (None, 504) => "Deadline expired before operation could complete.".into(),
            _ => "An internal error has occurred. Please retry.".into(),
        }
    }
}

/// What a day's quota was seen to name: it would not help.
const SHORT_DELAY: Duration = Duration::from_secs(22);

impl Counted {
    fn metric(self) -> &'static str {
        match self {
            Self::Requests | Self::Day => "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            Self::Tokens => "generativelanguage.googleapis.com/generate_content_free_tier_input_token_count",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Requests => "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            Self::Tokens => "GenerateContentInputTokensPerModelPerMinute-FreeTier",
            Self::Day => "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        }
    }
}

impl Quota {
    fn message(&self) -> String {
        let Self { limit, model, frees_in, counted } = self;
        let metric = counted.metric();
        let retry = frees_in.map(|d| format!("\nPlease retry in {}s.", seconds(d))).unwrap_or_default();
        format!(
            "You exceeded your current quota, please check your plan and billing details.\n\
             * Quota exceeded for metric: {metric}, limit: {limit}, model: {model}{retry}"
        )
    }

    fn details(&self) -> Vec<Detail<'_>> {
        let violation = Violation {
            dimensions: Dimensions { location: "global", model: &self.model },
            id: self.counted.id(),
            metric: self.counted.metric(),
            value: self.limit.to_string(),
        };
        let failure = Detail::Quota { kind: "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] };
        let retry = self.frees_in.map(|frees_in| Detail::Retry {
            kind: "type.googleapis.com/google.rpc.RetryInfo",
            delay: format!("{}s", frees_in.as_secs()),
        });
        std::iter::once(failure).chain(retry).collect()
    }
}

/// The body of a refusal, its keys in the order of the alphabet.
#[derive(Serialize)]
struct Body<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<Detail<'a>>>,
    message: &'a str,
    status: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Quota {
        #[serde(rename = "@type")]
        kind: &'static str,
        violations: [Violation<'a>; 1],
    },
    Retry {
        #[serde(rename = "@type")]
        kind: &'static str,
        #[serde(rename = "retryDelay")]
        delay: String,
    },
}

#[derive(Serialize)]
struct Violation<'a> {
    #[serde(rename = "quotaDimensions")]
    dimensions: Dimensions<'a>,
    #[serde(rename = "quotaId")]
    id: &'static str,
    #[serde(rename = "quotaMetric")]
    metric: &'static str,
    #[serde(rename = "quotaValue")]
    value: String,
}

#[derive(Serialize)]
struct Dimensions<'a> {
    location: &'static str,
    model: &'a str,
}

fn whole_millis_up(span: Duration) -> u64 {
    whole_micros(span).div_ceil(1_000)
}

fn seconds(span: Duration) -> String {
    format!("{}.{:06}", span.as_secs(), span.subsec_micros())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_minute_quota_names_the_wait_to_the_microsecond() {
        let refusal = Refusal::over_quota(Counted::Requests, 15, "m", Some(Duration::from_micros(37_481_920)));
        assert!(refusal.body().contains("Please retry in 37.481920s."));
        assert!(refusal.body().contains("\"retryDelay\":\"37s\""));
        assert_eq!(refusal.failure().delay(), Some(Duration::from_millis(37_482)));
    }

    #[test]
    fn a_days_quota_is_known_by_its_id_whatever_delay_it_names() {
        let refusal = Refusal::over_quota(Counted::Day, 20, "m", Some(Duration::from_secs(50_000)));
        assert!(refusal.body().contains("PerDay") && refusal.body().contains("\"retryDelay\":\"22s\""));
        assert_eq!(refusal.failure().kind, FailureKind::QuotaDay);
    }

    #[test]
    fn a_quota_of_nothing_can_never_be_waited_for() {
        let failure = Refusal::over_quota(Counted::Requests, 0, "m", None).failure();
        assert_eq!((failure.kind, failure.delay()), (FailureKind::QuotaNone, None));
    }
}
