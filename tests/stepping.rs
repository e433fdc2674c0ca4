//! The playhead, stepped event by event to the end and back, shows at every event what it shows when it is sent
//! straight there: and that is what had happened by then, and nothing later.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/varied.rs"]
mod varied;
#[path = "common/wide.rs"]
mod wide;

use lanescope::experiment::preset::PRESETS;
use lanescope::experiment::{Experiment, Plan, price};
use lanescope::lab::simulate;
use lanescope::lesson;
use lanescope::scene::playback::{Command, Playback, next_event, previous_event};
use lanescope::scene::track::{Of, Track, tracks};
use lanescope::time::Instant;
use lanescope::trace::span::{Fate, Fold, Phase};
use lanescope::trace::stats::{Stats, Terms, in_flight};
use lanescope::trace::{LaneTrace, Outcome, Trace};
use proptest::prelude::*;

/// A run as the page keeps it.
struct Run {
    trace: Trace,
    plans: Vec<Plan>,
    folds: Vec<Fold>,
}

/// What the page shows of a row: the stretches of its life so far, what it does, its answer and how it ended.
#[derive(Debug, PartialEq)]
struct Row {
    spans: Vec<(Phase, Instant, Instant)>,
    does: Option<Phase>,
    says: String,
    attempts: u32,
    became: Option<Outcome>,
}

/// What the page shows of a lane.
#[derive(Debug, PartialEq)]
struct Lane {
    stats: Stats,
    rows: Vec<Row>,
    in_flight: Vec<(Instant, u32)>,
    tracks: Vec<Track>,
    said: Vec<(Instant, u32, String)>,
}

impl Run {
    fn of(experiment: &Experiment) -> Self {
        let trace = simulate(experiment).expect("sound");
        let folds = trace.lanes.iter().map(|lane| Fold::of(&lane.events)).collect();
        Self { trace, plans: experiment.plans().expect("sound"), folds }
    }

    fn end(&self) -> Instant {
        self.folds.iter().map(|fold| fold.latest).max().expect("a lane")
    }

    /// When events came, over all lanes, in order and each moment once.
    fn moments(&self) -> Vec<Instant> {
        let mut all: Vec<Instant> =
            self.trace.lanes.iter().flat_map(|lane| &lane.events).map(|event| event.at).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn step(&self, playback: Playback, forward: bool) -> Option<Playback> {
        let logs = self.trace.lanes.iter().map(|lane| &lane.events);
        let to = if forward {
            logs.filter_map(|events| next_event(events, playback.at)).min()
        } else {
            logs.filter_map(|events| previous_event(events, playback.at)).max()
        };
        Some(playback.after(Command::Seek(to?), None))
    }

    fn at(&self, now: Instant) -> Vec<Lane> {
        let lanes = self.folds.iter().zip(&self.trace.lanes).enumerate();
        lanes.map(|(number, (fold, log))| self.lane(number, fold, log, now)).collect()
    }

    fn lane(&self, number: usize, fold: &Fold, log: &LaneTrace, now: Instant) -> Lane {
        let Experiment { workload, server, lanes, .. } = &self.trace.experiment;
        let plan = &self.plans[number];
        let terms = Terms {
            items: workload.rows_of(number) as usize,
            workload: Some(workload),
            limit: plan.limit(),
            quota: server.quota(),
            price: price::of_lane(workload, lanes.get(number)),
        };
        let row = |row: &lanescope::trace::span::Row| Row {
            spans: (row.all_spans().filter(|span| span.from < now))
                .map(|span| (span.phase, span.from, if span.fate == Fate::Open { now } else { span.to.min(now) }))
                .collect(),
            does: row.span_at(now).map(|span| span.phase),
            says: row.text(&log.text, now),
            attempts: row.attempts_by(now),
            became: row.outcome.filter(|_| row.is_over(now)),
        };
        let mut rows: Vec<Row> = fold.rows.iter().map(row).collect();
        // Those that have not begun are there from the start.
        while rows.last().is_some_and(|row| row.does.is_none() && row.spans.is_empty() && row.became.is_none()) {
            rows.pop();
        }
        Lane {
            stats: Stats::at(now, fold, log, terms),
            rows,
            in_flight: in_flight(fold, now),
            tracks: tracks(fold, log, plan, server.steady_quota(), now),
            said: (log.said().take_while(|&(at, ..)| at <= now))
                .map(|(at, item, text)| (at, item, text.to_owned()))
                .collect(),
        }
    }
}

/// Steps to the end and back, and sends the playhead to each of the moments in between.
fn is_the_same_on_every_way(experiment: &Experiment) {
    let run = Run::of(experiment);
    let (start, moments) =
        (Playback { at: Instant::ZERO, playing: false, ..Playback::fitted(run.end()) }, run.moments());
    let walk = |from: Playback, forward: bool| {
        let mut seen = Vec::new();
        let mut next = Some(from);
        while let Some(playback) = next {
            seen.push((playback.at, run.at(playback.at)));
            next = run.step(playback, forward);
        }
        seen
    };
    let there = walk(start, true);
    assert_eq!(there.iter().map(|(at, _)| *at).collect::<Vec<_>>(), moments, "every event once, and no other moment");
    let mut back = walk(Playback::finished(run.end()), false);
    back.reverse();
    for (place, (at, seen)) in there.iter().enumerate() {
        assert_eq!((&back[place].0, &back[place].1), (at, seen), "on the way back");
        let sent = Playback::finished(run.end()).after(Command::Seek(*at), None);
        assert_eq!((sent.at, sent.playing), (*at, false));
        assert_eq!(&run.at(sent.at), seen, "sent straight to {at:?}");
    }
}

/// At each event of a lane it shows the same as if nothing more had happened yet.
fn tells_nothing_that_comes_later(experiment: &Experiment) {
    let run = Run::of(experiment);
    // What it let through counts for the server at once; nobody else hears of it before the answer.
    let heard = |mut lane: Lane| {
        lane.tracks.retain(|track| track.of != Of::Quota);
        lane
    };
    for (number, (whole, log)) in run.folds.iter().zip(&run.trace.lanes).enumerate() {
        let (mut fold, mut so_far) = (Fold::default(), LaneTrace { events: Vec::new(), ..log.clone() });
        for moment in log.events.chunk_by(|one, next| one.at == next.at) {
            so_far.events.extend(moment);
            fold.read_on(&so_far.events);
            let now = fold.latest;
            let (seen, then) = (run.lane(number, whole, log, now), run.lane(number, &fold, &so_far, now));
            assert_eq!(heard(seen), heard(then), "lane {number} at {now:?} of {experiment:?}");
        }
    }
}

fn lessons() -> impl Iterator<Item = Experiment> {
    let some = ["breakfast", "one-fails", "tasks", "semaphore", "hedging", "herd", "circuit-breaker", "adaptive"];
    let all = lesson::all().filter(move |lesson| some.contains(&lesson.id)).map(|lesson| (lesson.experiment)());
    // At each event all of a run is read again.
    all.filter(|experiment| experiment.workload.len() <= 24)
}

#[test]
fn presets_and_lessons_are_the_same_on_every_way() {
    for experiment in PRESETS.iter().map(lanescope::experiment::preset::Preset::experiment).chain(lessons()) {
        is_the_same_on_every_way(&experiment);
    }
}

#[test]
fn presets_and_lessons_tell_nothing_that_comes_later() {
    for experiment in PRESETS.iter().map(lanescope::experiment::preset::Preset::experiment).chain(lessons()) {
        tells_nothing_that_comes_later(&experiment);
    }
}

#[test]
fn two_lanes_of_every_kind_of_gate_are_the_same_on_every_way_and_tell_nothing_later() {
    for seed in 0..20 {
        is_the_same_on_every_way(&varied::experiment(seed));
        tells_nothing_that_comes_later(&varied::experiment(seed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_lane_does(experiment in wide::experiments()) {
        is_the_same_on_every_way(&experiment);
        tells_nothing_that_comes_later(&experiment);
    }
}
