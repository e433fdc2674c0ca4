//! What is said beside a pointer.

use crate::scene::track::Of;
use crate::time::Instant;
use crate::trace::span::{Fate, Span};
use crate::view::words::phase;
use crate::view::words::units::{capital, moment};
use crate::view::words::why::{Said, track};

/// What a gate held at a moment.
#[must_use]
pub fn of_track(of: Of, value: f64, most: f64, at: Instant) -> String {
    let (name, holds) = track(of, value, most);
    format!("{}: {holds} at {}", capital(name), moment(at))
}

/// What a stretch of a request's life was, from when to when as far as the playhead, and why.
#[must_use]
pub fn of_span(span: &Span, why: &Said, now: Instant) -> String {
    let is_over = span.fate != Fate::Open && span.to <= now;
    let when = if is_over {
        format!("{} to {}", moment(span.from), moment(span.to))
    } else {
        format!("since {}", moment(span.from))
    };
    format!("{}, {when}. {}", phase::name(span), reason(why))
}

/// The first sentence that says more than the name of the stretch.
fn reason(why: &Said) -> &str {
    let first = why.rest.split_inclusive(". ").next().map(str::trim_end);
    first.unwrap_or(&why.lead)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::trace::Gate;
    use crate::trace::span::Fold;
    use crate::view::words::why::waiting_for;

    /// What is said of request 7 of lane B of the default race: the stretch at `millis`, seen from `now`.
    fn said_at(millis: f64, now: f64) -> String {
        let experiment = race();
        let trace = crate::lab::simulate(&experiment).expect("sound");
        let plan = experiment.plans().expect("sound").remove(1);
        let fold = Fold::of(&trace.lanes[1].events);
        let (row, at) = (&fold.rows[6], Instant::from_millis(millis));
        let why = waiting_for(row, &fold, &trace.lanes[1], &plan, at);
        of_span(row.span_at(at).expect("a span"), &why, Instant::from_millis(now))
    }

    #[test]
    fn a_stretch_says_what_from_when_to_when_and_why() {
        assert_eq!(said_at(1_000.0, 70_000.0), "Waited for a slot, 0.0 s to 6.2 s. All 4 slots are taken.");
        assert_eq!(said_at(1_000.0, 2_000.0), "Waited for a slot, since 0.0 s. All 4 slots are taken.");
        assert!(said_at(7_000.0, 70_000.0).ends_with(" s. The server answered 503."));
    }

    #[test]
    fn what_has_no_more_to_it_says_its_lead() {
        let said = |lead: &str, rest: &str| Said { lead: lead.into(), rest: rest.into() };
        assert_eq!(reason(&said("Backing off.", "")), "Backing off.");
        assert_eq!(reason(&said("Waiting.", "It holds 1.5 of 2.")), "It holds 1.5 of 2.");
        assert_eq!(reason(&said("Waiting.", "First. Then. Last.")), "First.");
    }

    #[test]
    fn a_track_says_what_its_gate_held() {
        let said = of_track(Of::Gate(Gate::RequestBucket), 2.6, 5.0, Instant(4_200_000));
        assert_eq!(said, "Bucket of requests: 2 of 5 at 4.2 s");
        assert_eq!(of_track(Of::Gate(Gate::Breaker), 3.0, 3.0, Instant(0)), "Breaker: open at 0.0 s");
    }
}
