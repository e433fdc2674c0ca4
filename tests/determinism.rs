//! The same experiment and seed give the same events to the microsecond: run twice, and against what
//! was recorded before. `tests/web.rs` holds Chromium to the same recording.
//!
//! After a change that means to change events: `UPDATE_GOLDEN=1 cargo test --test determinism`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]
#![allow(dead_code, reason = "other tests use the rest of what is shared")]

#[path = "common/varied.rs"]
mod varied;

use lanescope::trace::log::first_difference;

#[test]
fn two_runs_of_a_seed_are_equal() {
    for seed in 0..varied::SEEDS {
        if let Some(difference) = first_difference(&varied::events(seed), &varied::events(seed)) {
            panic!("seed {seed}: {difference}");
        }
    }
}

#[test]
fn every_seed_gives_the_events_that_were_recorded() {
    let now = varied::all_events();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events.txt.deflate");
        std::fs::write(path, miniz_oxide::deflate::compress_to_vec(now.as_bytes(), 9)).expect("a file to write");
        return;
    }
    if let Some(difference) = first_difference(&varied::golden(), &now) {
        panic!("{difference}");
    }
}

#[test]
fn a_request_more_changes_no_other_requests_luck() {
    use lanescope::experiment::preset;
    use lanescope::lab::simulate;
    use lanescope::trace::span::Fold;
    let services = |requests| {
        let mut experiment = preset::race();
        let calls = experiment.workload.calls_mut().expect("calls");
        calls.requests = requests;
        let trace = simulate(&experiment).expect("sound");
        let rows = Fold::of(&trace.lanes[0].events).rows;
        rows.iter().map(|row| row.ended.expect("it ended") - row.sent.expect("it was sent")).collect::<Vec<_>>()
    };
    assert_eq!(services(12), services(13)[..12]);
}
