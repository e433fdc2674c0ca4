//! Ten scenes, drawn as shapes and held to what was drawn before; and what holds of any scene.
//!
//! After a change that means to change the picture: `UPDATE_GOLDEN=1 cargo test --test scenes`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/scene.rs"]
mod scene;
#[path = "common/wide.rs"]
mod wide;

use lanescope::experiment::limits::Hedge;
use lanescope::experiment::preset::race;
use lanescope::experiment::server::{Fault, Rule, Server, Simulated, When};
use lanescope::experiment::workload::Calls;
use lanescope::experiment::{Experiment, Fallback, LaneSpec, Workload};
use lanescope::lesson;
use lanescope::scene::lens::{Lens, Rows, Sort};
use lanescope::scene::look::Look;
use lanescope::scene::shape::Shape;
use lanescope::time::Instant;
use lanescope::trace::span::Phase;
use proptest::prelude::*;
use scene::{Run, See, text};

const SECOND: u64 = 1_000_000;

/// So many requests, one in thirty of which is refused, in two lanes.
fn many(requests: u32) -> Experiment {
    let refused = Rule { when: When { probability: 0.03, ..When::default() }, fault: Fault::Status(503) };
    Experiment {
        version: Experiment::VERSION,
        seed: 7,
        workload: Workload::Calls(Calls { requests, ..Calls::default() }),
        server: Server::Simulated(Simulated { faults: vec![refused], ..Simulated::default() }),
        lanes: vec![LaneSpec { tries: 3, ..LaneSpec::concurrent(50) }],
    }
}

/// Chains of three steps with a slow call now and then, a copy of which is sent, and another model after a failure.
fn chains() -> Experiment {
    let rule = |probability, fault| Rule { when: When { probability, ..When::default() }, fault };
    let faults = vec![rule(0.3, Fault::Slow(5.0)), rule(0.2, Fault::Status(503))];
    let steps = ["Research.", "Write.", "Edit."].map(Into::into).to_vec();
    let lane = LaneSpec { tries: 2, ..LaneSpec::concurrent(3) };
    Experiment {
        seed: 11,
        workload: Workload::Calls(Calls { requests: 6, steps, ..Calls::default() }),
        server: Server::Simulated(Simulated { faults, ..Simulated::default() }),
        lanes: vec![
            LaneSpec { hedge: Some(Hedge::Percentile(50)), ..lane.clone() },
            LaneSpec { fallback: Some(Fallback::default()), ..lane },
        ],
        ..race()
    }
}

#[track_caller]
fn golden(name: &str, run: &Run, see: &See) {
    let now = text(&run.shapes(see));
    let path = format!("{}/tests/golden/scenes/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(path, now).expect("a file to write");
    }
    let before = std::fs::read_to_string(path).expect("a scene that was drawn before");
    if let Some((line, (was, is))) = before.lines().zip(now.lines()).enumerate().find(|(_, (was, is))| was != is) {
        panic!("{name}, line {}: it was `{was}`, and is `{is}`", line + 1);
    }
    assert_eq!(before.lines().count(), now.lines().count(), "{name}");
}

fn lens(change: impl FnOnce(&mut Lens)) -> Lens {
    let mut lens = Lens::default();
    change(&mut lens);
    lens
}

#[test]
fn the_race_at_its_end() {
    let run = Run::of(&race());
    golden("race-at-its-end", &run, &See::default());
}

#[test]
fn the_race_at_20_s() {
    golden("race-at-20-s", &Run::of(&race()), &See { now: Some(Instant(20 * SECOND)), ..See::default() });
}

#[test]
fn the_race_from_10_to_16_s() {
    let look = Look::Part { from: Instant(10 * SECOND), to: Instant(16 * SECOND) };
    golden("race-from-10-to-16-s", &Run::of(&race()), &See { lens: lens(|lens| lens.look = look), ..See::default() });
}

#[test]
fn the_race_by_its_ends() {
    let lens = lens(|lens| lens.sort = Sort::Finished);
    golden("race-by-its-ends", &Run::of(&race()), &See { lens, ..See::default() });
}

#[test]
fn the_race_grouped_by_slot() {
    let lens = lens(|lens| (lens.sort, lens.is_grouped) = (Sort::Slot, true));
    golden("race-grouped-by-slot", &Run::of(&race()), &See { lens, ..See::default() });
}

#[test]
fn the_slots_of_the_race() {
    golden(
        "slots-of-the-race",
        &Run::of(&race()),
        &See { lens: lens(|lens| lens.rows = Rows::Slots), ..See::default() },
    );
}

#[test]
fn a_folded_lane_and_a_hidden_phase() {
    let lens = lens(|lens| {
        lens.toggle_lane(0);
        lens.hidden.toggle(Phase::Queued);
        lens.hidden.toggle_failed();
    });
    golden("folded-and-hidden", &Run::of(&race()), &See { lens, ..See::default() });
}

#[test]
fn a_thousand_requests() {
    golden("a-thousand", &Run::of(&many(1_000)), &See::default());
}

#[test]
fn three_hundred_requests_scrolled() {
    let see = See { scrolled: 300.0, now: Some(Instant(12 * SECOND)), ..See::default() };
    golden("three-hundred-scrolled", &Run::of(&many(300)), &see);
}

#[test]
fn a_hundred_thousand_requests() {
    golden("a-hundred-thousand", &Run::of(&many(100_000)), &See::default());
}

#[test]
fn a_script() {
    let lesson = lesson::find("gather-or-as-completed").expect("a lesson");
    golden("a-script", &Run::of(&(lesson.experiment)()), &See::default());
}

#[test]
fn chains_with_branches() {
    golden("chains-with-branches", &Run::of(&chains()), &See::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn there_are_never_more_shapes_than_pixels_and_none_beside_the_axis(
        experiment in wide::experiments(),
        (from, length) in (0.0f64..1.0, 0.0f64..1.0),
        (taller, scrolled, sort) in (-6i8..4, 0.0f64..400.0, 0usize..6),
        (slots, is_grouped, now) in (any::<bool>(), any::<bool>(), 0.0f64..1.2),
    ) {
        let run = Run::of(&experiment);
        let part = |share: f64| Instant::from_millis(share * run.end().as_secs() * 1_000.0);
        let lens = lens(|lens| {
            lens.look = Look::Part { from: part(from), to: part(from + length) };
            (lens.taller, lens.sort, lens.is_grouped) = (taller, Sort::ALL[sort], is_grouped);
            lens.rows = if slots { Rows::Slots } else { Rows::Requests };
        });
        let see = See { lens, scrolled, now: Some(part(now)) };
        let (geometry, viewport) = run.geometry(&see);
        let (left, right) = (geometry.scale.left(), geometry.scale.right());
        let playhead = geometry.scale.x_from_time(viewport.now);
        let mut bars = 0.0;
        for shape in run.shapes(&see) {
            match shape {
                Shape::Bar { rect, .. } => {
                    bars += 1.0;
                    prop_assert!(rect.x >= left - 1e-6 && rect.x + rect.width <= right + 1e-6, "{rect:?}");
                    prop_assert!(rect.x + rect.width <= playhead + 2.0, "{rect:?} and the playhead at {playhead}");
                }
                Shape::Raster { rect, columns, streaks } => {
                    prop_assert!(rect.x >= left - 1e-6 && rect.x + rect.width <= right + 1e-6, "{rect:?}");
                    prop_assert!(rect.y >= viewport.visible.0 - 1.0 && rect.y + rect.height <= viewport.visible.1 + 1.0);
                    let mut across = 0;
                    for streak in streaks {
                        across = across % columns + streak.length;
                        prop_assert!(streak.length > 0 && across <= columns, "a streak ends with its row");
                    }
                    prop_assert_eq!(across, columns);
                }
                Shape::Area { edge, .. } | Shape::Path { points: edge } => {
                    prop_assert!(edge.iter().all(|&(x, _)| x >= left - 1e-6 && x <= right.min(playhead).max(left) + 1e-6), "{edge:?}");
                    #[allow(clippy::cast_precision_loss)]
                    let corners = edge.len() as f64;
                    prop_assert!(corners <= 4.0 * (right - left) + 8.0);
                }
                _ => {}
            }
        }
        let lines = (viewport.visible.1 - viewport.visible.0) / geometry.row + 2.0;
        prop_assert!(bars <= lines * 2.0 * (right - left), "{bars}");
    }
}
