//! The selected lane in figures, up to the playhead.

use crate::experiment::price;
use crate::id::lane_letter;
use crate::trace::stats::{Spread, Stats};
use crate::view::state::State;
use crate::view::words::units::{dollars, duration, percent, times};
use leptos::prelude::*;
use std::time::Duration;

type Figure = (&'static str, String);

#[component]
pub(crate) fn Statistics() -> impl IntoView {
    let state = State::here();
    let all = state.stats();
    let lane = move || state.selected.get().0;
    let heading = move || format!("Lane {} so far", lane_letter(u8::try_from(lane()).unwrap_or(u8::MAX)));
    let own = Memo::new(move |_| all.read().get(lane()).cloned().unwrap_or_default());
    let first = Memo::new(move |_| all.read().first().cloned().unwrap_or_default());
    view! {
        <section>
            <h2>{heading}</h2>
            <dl>{move || rows(few(&own.read()))}</dl>
            <details>
                <summary>"All figures"</summary>
                <dl>{move || rows(rest(&own.read(), &first.read(), lane() > 0))}</dl>
                <p class="fine">{format!("Cost by the price list of {}; thinking counts as output.", price::AS_OF)}</p>
            </details>
        </section>
    }
}

fn rows(figures: Vec<Figure>) -> impl IntoView {
    figures.into_iter().map(|(name, figure)| view! { <dt>{name}</dt><dd>{figure}</dd> }).collect_view()
}

fn few(stats: &Stats) -> Vec<Figure> {
    vec![
        ("Finished", format!("{} of {}", stats.succeeded + stats.failed, stats.items)),
        ("In flight now", stats.in_flight.to_string()),
        ("Mean in flight", format!("{:.2}", stats.mean_in_flight)),
        ("Attempts", stats.attempts.to_string()),
        ("Best possible total", if stats.finished { micros(stats.bound_micros) } else { "at the end".into() }),
    ]
}

fn rest(stats: &Stats, first: &Stats, is_other: bool) -> Vec<Figure> {
    let share = |share: Option<f64>| share.map_or_else(|| "–".into(), percent);
    let mut figures = vec![
        ("Total time", micros(stats.makespan_micros)),
        ("Share of the best", share(stats.efficiency())),
        ("Answered", stats.succeeded.to_string()),
        ("Failed", stats.failed.to_string()),
        ("Success rate", share(stats.success_rate())),
        ("Peak in flight", stats.peak_in_flight.to_string()),
        ("Answered a second", stats.per_second().map_or_else(|| "–".into(), |rate| format!("{rate:.2}"))),
    ];
    let same_work = stats.succeeded == first.succeeded && stats.finished && first.finished;
    if is_other && same_work && stats.makespan_micros > 0 {
        #[allow(clippy::cast_precision_loss)] // For display only.
        let speed_up = first.makespan_micros as f64 / stats.makespan_micros as f64;
        figures.push(("Speed-up against A", times(speed_up)));
    }
    figures.extend(spread(["Service, mean", "Service, p50", "Service, p95", "Service, p99"], stats.service));
    figures.extend(spread(
        ["Turnaround, mean", "Turnaround, p50", "Turnaround, p95", "Turnaround, p99"],
        stats.turnaround,
    ));
    figures.extend([
        ("Waiting for slots", micros(stats.time.queued_micros)),
        ("Waiting for first bytes", micros(stats.time.first_byte_micros)),
        ("Thinking", micros(stats.time.thinking_micros)),
        ("Streaming", micros(stats.time.streaming_micros)),
        ("Backing off", micros(stats.time.backing_off_micros)),
        ("Tokens in", stats.tokens.prompt.to_string()),
        ("Tokens out", stats.tokens.output.to_string()),
        ("Cost", stats.cost_dollars.map_or_else(|| "no price known".into(), dollars)),
    ]);
    figures
}

fn spread(names: [&'static str; 4], times: Spread) -> impl Iterator<Item = Figure> {
    let Spread { mean_micros, p50_micros, p95_micros, p99_micros } = times;
    names.into_iter().zip([mean_micros, p50_micros, p95_micros, p99_micros].map(micros))
}

fn micros(micros: u64) -> String {
    duration(Duration::from_micros(micros))
}
