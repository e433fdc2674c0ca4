//! The selected lane in figures, up to the playhead.

use crate::browser::later::later;
use crate::experiment::price;
use crate::figure::fixed;
use crate::id::lane_letter;
use crate::trace::stats::{Spread, Stats};
use crate::view::dom::{El, el};
use crate::view::facts::{Fact, fact, fact_list};
use crate::view::findings::findings_of_lane;
use crate::view::opened::made_when_opened;
use crate::view::state::State;
use crate::view::words::units::{dollars, duration, percent, times};
use leptos::prelude::*;
use std::time::Duration;

pub(crate) fn statistics(state: State) -> El {
    let heading = move || {
        let lane = state.selected.get().0;
        format!("Lane {} so far", lane_letter(u8::try_from(lane).unwrap_or(u8::MAX)))
    };
    let all = made_when_opened(state, "All figures", all_figures);
    el("section")
        .child(el("h2").text_by(heading))
        .child(fact_list(move || of_selected(state, |own, _| few(own))))
        .child(all)
        .child(findings_of_lane(state))
}

later! { tools:
    fn all_figures(state: State, home: Owner) -> El {
        home.with(|| {
            let prices = format!("Cost by the price list of {}; thinking counts as output.", price::AS_OF);
            let facts = fact_list(move || of_selected(state, rest));
            el("div").child(facts).child(el("p").class("fine").text(&prices))
        })
    }
}

/// What `say` makes of the selected lane's figures, and of lane A's where that is another.
fn of_selected(state: State, say: fn(&Stats, Option<&Stats>) -> Vec<Fact>) -> Vec<Fact> {
    let lane = state.selected.get().0;
    let all = state.stats.read();
    let first = all.first().filter(|_| lane > 0);
    match all.get(lane) {
        Some(own) => say(own, first),
        None => say(&Stats::default(), first),
    }
}

fn few(stats: &Stats) -> Vec<Fact> {
    vec![
        fact("Finished", format!("{} of {}", stats.succeeded + stats.failed + stats.substituted, stats.items)),
        fact("In flight now", stats.in_flight.to_string()),
        fact("Mean in flight", fixed(stats.mean_in_flight, 2)),
        fact("Attempts", stats.attempts.to_string()),
        fact("Best possible total", if stats.finished { micros(stats.bound_micros) } else { "at the end".into() }),
    ]
}

fn rest(stats: &Stats, first: Option<&Stats>) -> Vec<Fact> {
    let share = |share: Option<f64>| share.map_or_else(|| "–".into(), percent);
    let mut facts = vec![
        fact("Total time", micros(stats.makespan_micros)),
        fact("Share of the best", share(stats.efficiency())),
        fact("Answered", stats.succeeded.to_string()),
        fact("Failed", stats.failed.to_string()),
        fact("Success rate", share(stats.success_rate())),
        fact("Peak in flight", stats.peak_in_flight.to_string()),
        fact("Answered a second", stats.per_second().map_or_else(|| "–".into(), |rate| fixed(rate, 2))),
    ];
    if stats.substituted > 0 {
        facts.push(fact("A fixed text stands in", stats.substituted.to_string()));
    }
    if let Some(speed_up) = first.and_then(|first| stats.speed_up_against(first)) {
        facts.push(fact("Speed-up against A", times(speed_up)));
    }
    spread(&mut facts, "Service", stats.service);
    spread(&mut facts, "Turnaround", stats.turnaround);
    if stats.lost_attempts > 0 {
        facts.push(fact("Attempts lost", format!("{} of {}", stats.lost_attempts, stats.attempts)));
        if stats.given_up_attempts > 0 {
            facts.push(fact("Of them given up", stats.given_up_attempts.to_string()));
        }
        facts.push(fact("Time lost in them", micros(stats.lost_micros)));
        let tokens = stats.lost_tokens.prompt + stats.lost_tokens.output;
        let cost = stats.lost_dollars.map(|lost| format!(", {}", dollars(lost))).unwrap_or_default();
        facts.push(fact("They may cost, tokens", format!("about {tokens}{cost}")));
    }
    facts.push(fact("Waiting for slots", micros(stats.time.queued_micros)));
    for (name, time) in
        [("Held by rates", stats.time.rate_limited_micros), ("Breaker open", stats.time.circuit_open_micros)]
    {
        if time > 0 {
            facts.push(fact(name, micros(time)));
        }
    }
    facts.push(fact("Waiting for first bytes", micros(stats.time.first_byte_micros)));
    facts.push(fact("Thinking", micros(stats.time.thinking_micros)));
    facts.push(fact("Streaming", micros(stats.time.streaming_micros)));
    facts.push(fact("Backing off", micros(stats.time.backing_off_micros)));
    facts.push(fact("Tokens in", stats.tokens.prompt.to_string()));
    facts.push(fact("Tokens out", stats.tokens.output.to_string()));
    facts.push(fact("Cost", stats.cost_dollars.map_or_else(|| "no price known".into(), dollars)));
    facts
}

fn spread(facts: &mut Vec<Fact>, of: &str, times: Spread) {
    let Spread { mean_micros, p50_micros, p95_micros, p99_micros } = times;
    for (name, time) in [("mean", mean_micros), ("p50", p50_micros), ("p95", p95_micros), ("p99", p99_micros)] {
        facts.push(fact(&format!("{of}, {name}"), micros(time)));
    }
}

fn micros(micros: u64) -> String {
    duration(Duration::from_micros(micros))
}
