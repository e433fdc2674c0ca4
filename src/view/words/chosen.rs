//! The request that is chosen, for those who hear the page, and the moment that somebody stepped to.

use crate::time::Instant;
use crate::view::words::units::{capital, duration, moment};
use std::time::Duration;

/// Which request it is: "Request 8, lane B". What a program calls a task stays as it is written there.
#[must_use]
pub fn request(name: &str, is_script: bool, lane: char) -> String {
    let name = if is_script { name.to_owned() } else { capital(name) };
    format!("{name}, lane {lane}")
}

/// A request in a few words: how long it waited and backed off, and what it does or how it ended.
#[must_use]
pub fn chosen(request: &str, waited: Duration, backed_off: Duration, state: &str) -> String {
    let mut said = request.to_owned();
    for (span, how) in [(waited, "waited"), (backed_off, "backed off")] {
        if !span.is_zero() {
            said = format!("{said}, {how} {}", duration(span));
        }
    }
    if state.is_empty() { said } else { format!("{said}, {state}") }
}

/// A moment, and what happened then.
#[must_use]
pub fn stepped(at: Instant, what: &str) -> String {
    format!("{}: {what}", moment(at))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_said_with_what_it_waited_for_and_how_it_ended() {
        let millis = Duration::from_millis;
        let name = request("request 8", false, 'B');
        assert_eq!(chosen(&name, millis(6_300), millis(0), "answered"), "Request 8, lane B, waited 6.3 s, answered");
        assert_eq!(
            chosen(&name, millis(40), millis(1_500), "given up"),
            "Request 8, lane B, waited 40 ms, backed off 1.5 s, given up"
        );
        assert_eq!(chosen(&request("fetch", true, 'A'), millis(0), millis(0), ""), "fetch, lane A");
    }

    #[test]
    fn a_step_is_said_with_its_moment() {
        assert_eq!(stepped(Instant(6_230_000), "Lane B is over."), "6.2 s: Lane B is over.");
    }
}
