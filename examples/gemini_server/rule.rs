//! A fault and when it strikes, as one word of the command line: `status:503@items=6,first=1`.

use lanescope::experiment::server::{Fault, Rule, When};
use std::str::FromStr;

/// Why a word is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RuleError {
    /// What happens is not known.
    #[error("{0:?} is no fault: status:CODE, error-in-stream:CODE, slow:FACTOR, quota-cut:N, stall, cut or network")]
    Fault(String),
    /// When it happens is not known.
    #[error("{0:?} is no condition: items=N+N, first=N, in-flight=N, from=MS, to=MS or probability=P")]
    Condition(String),
}

/// The rule that `word` stands for. Whether its figures make sense is for the server to say.
pub(crate) fn read(word: &str) -> Result<Rule, RuleError> {
    let (fault, conditions) = word.split_once('@').unwrap_or((word, ""));
    let mut when = When::default();
    for condition in conditions.split(',').filter(|condition| !condition.is_empty()) {
        narrow(&mut when, condition).ok_or_else(|| RuleError::Condition(condition.to_owned()))?;
    }
    Ok(Rule { when, fault: read_fault(fault).ok_or_else(|| RuleError::Fault(fault.to_owned()))? })
}

fn read_fault(text: &str) -> Option<Fault> {
    Some(match text.split_once(':') {
        Some(("status", code)) => Fault::Status(number(code)?),
        Some(("error-in-stream", code)) => Fault::ErrorInStream(number(code)?),
        Some(("slow", factor)) => Fault::Slow(number(factor)?),
        Some(("quota-cut", limit)) => Fault::QuotaCut(number(limit)?),
        None if text == "stall" => Fault::Stall,
        None if text == "cut" => Fault::Cut,
        None if text == "network" => Fault::Network,
        _ => return None,
    })
}

fn narrow(when: &mut When, condition: &str) -> Option<()> {
    match condition.split_once('=')? {
        ("items", items) => when.items = Some(items.split('+').map(number).collect::<Option<_>>()?),
        ("first", attempts) => when.first_attempts = Some(number(attempts)?),
        ("in-flight", least) => when.in_flight_at_least = Some(number(least)?),
        ("from", millis) => when.from_millis = Some(number(millis)?),
        ("to", millis) => when.to_millis = Some(number(millis)?),
        ("probability", probability) => when.probability = number(probability)?,
        _ => return None,
    }
    Some(())
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
