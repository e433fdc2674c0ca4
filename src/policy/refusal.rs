//! What to do with a 429: which refusals are waited out, for how long, and which end the lane.
//!
//! The kinds are those that [`FailureKind`] tells apart by the body: a minute's quota, a day's, none at
//! all. A day's quota comes with a short delay all the same, so who trusts the delay alone tries in vain.

use crate::port::FailureKind;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A delay past this is no wait but a day's quota in disguise: Google's own command line gives up here.
///
/// Source: `gemini-cli`, `packages/core/src/utils/googleQuotaErrors.ts`.
pub const CUT_OFF: Duration = Duration::from_secs(300);

/// What to do with a 429.
///
/// ```
/// use lanescope::policy::refusal::Rule;
/// assert_eq!(Rule::default(), Rule::Honour);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "RefusalRule"))]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Wait as long as the server asks for, and one's own wait on top; a day's quota ends the lane.
    #[default]
    Honour,
    /// Wait one's own wait and no longer, whatever the body says, a day's quota included.
    Ignore,
    /// Wait only for what names a delay; any other 429 ends the lane, as a day's quota does.
    Strict,
    /// Honour, but a delay of more than five minutes ends the lane.
    CutOff,
}

impl Rule {
    /// What a failure counts as under this rule, and the delay to honour.
    #[must_use]
    pub fn judge(self, kind: FailureKind, asked: Option<Duration>) -> (FailureKind, Option<Duration>) {
        use FailureKind::{QuotaDay, QuotaNone, RateLimit};
        match (self, kind, asked) {
            (Self::Ignore, QuotaDay | QuotaNone | RateLimit, _) => (RateLimit, None),
            (Self::Strict, RateLimit, None) => (QuotaDay, None),
            (Self::CutOff, RateLimit, Some(asked)) if asked > CUT_OFF => (QuotaDay, None),
            _ => (kind, asked),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const MINUTE: Option<Duration> = Some(Duration::from_secs(34));
    const HOUR: Option<Duration> = Some(Duration::from_secs(3_600));

    #[test]
    fn each_rule_has_its_own_verdict() {
        use FailureKind::{Overloaded, QuotaDay, RateLimit};
        let table = [
            (Rule::Honour, RateLimit, MINUTE, (RateLimit, MINUTE)),
            (Rule::Honour, RateLimit, HOUR, (RateLimit, HOUR)),
            (Rule::Honour, QuotaDay, MINUTE, (QuotaDay, MINUTE)),
            (Rule::Ignore, RateLimit, MINUTE, (RateLimit, None)),
            (Rule::Ignore, QuotaDay, MINUTE, (RateLimit, None)),
            (Rule::Strict, RateLimit, MINUTE, (RateLimit, MINUTE)),
            (Rule::Strict, RateLimit, None, (QuotaDay, None)),
            (Rule::CutOff, RateLimit, MINUTE, (RateLimit, MINUTE)),
            (Rule::CutOff, RateLimit, HOUR, (QuotaDay, None)),
            (Rule::Ignore, Overloaded, MINUTE, (Overloaded, MINUTE)),
        ];
        for (rule, kind, asked, verdict) in table {
            assert_eq!(rule.judge(kind, asked), verdict, "{rule:?} {kind:?} {asked:?}");
        }
    }
}
