//! What holds for every row of the course. What each row claims is held by part.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::course::ROWS;
use lanescope::experiment::share::{LONGEST, decode, encode};
use lanescope::lab::simulate;
use lanescope::trace::StopReason;
use std::collections::BTreeSet;

#[test]
fn every_row_has_a_name_of_its_own_that_fits_a_menu() {
    let ids: BTreeSet<&str> = ROWS.iter().map(|row| row.id).collect();
    let labels: BTreeSet<&str> = ROWS.iter().map(|row| row.label).collect();
    assert_eq!((ids.len(), labels.len()), (ROWS.len(), ROWS.len()));
    for row in ROWS {
        assert!(row.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", row.id);
        assert!(row.label.chars().count() <= 40 && row.label.starts_with(char::is_uppercase), "{}", row.label);
        assert!(!row.label.ends_with('.'), "{}", row.label);
    }
}

#[test]
fn every_row_is_sound_and_its_lanes_can_be_told_apart() {
    for row in ROWS {
        let experiment = row.experiment();
        assert!(experiment.plans().is_ok(), "{}: {:?}", row.id, experiment.plans().err());
        let names: BTreeSet<&str> = experiment.lanes.iter().map(|lane| &*lane.name).collect();
        assert!(names.len() == experiment.lanes.len() && !names.contains(""), "{}: {names:?}", row.id);
    }
}

#[test]
fn every_row_fits_a_link_and_comes_back_as_it_was() {
    for row in ROWS {
        let link = encode(&row.experiment()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        assert!(link.len() <= LONGEST, "{} takes {}", row.id, link.len());
        assert_eq!(decode(&link), Ok(row.experiment()), "{}", row.id);
    }
}

#[test]
fn every_row_runs_to_its_end_but_the_deadlock() {
    for row in ROWS {
        let trace = simulate(&row.experiment()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        for (lane, spec) in trace.lanes.iter().zip(&trace.experiment.lanes) {
            let stopped = lane.stopped().unwrap_or_else(|| panic!("{}: {} never ends", row.id, spec.name));
            // Of one lane this is the point.
            let is_meant = row.id == "deadlock" && spec.name == "Two permits each";
            assert_eq!(stopped == StopReason::Stalled, is_meant, "{}: {}", row.id, spec.name);
        }
    }
}
