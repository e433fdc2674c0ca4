//! What holds for every experiment of the course. What each claims is held by part.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::share::{LONGEST, decode, encode};
use lanescope::lab::simulate;
use lanescope::lesson::{self, Lesson};
use lanescope::trace::StopReason;
use std::collections::BTreeSet;

/// All lessons, and the cards.
fn lessons() -> impl Iterator<Item = &'static Lesson> {
    lesson::all().chain(lesson::CARDS)
}

#[test]
fn every_row_has_a_name_of_its_own_that_fits_a_menu() {
    let ids: BTreeSet<&str> = lessons().map(|row| row.id).collect();
    let labels: BTreeSet<&str> = lessons().map(|row| row.title).collect();
    assert_eq!((ids.len(), labels.len()), (lessons().count(), lessons().count()));
    for row in lessons() {
        assert!(row.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", row.id);
        assert!(row.title.chars().count() <= 40 && row.title.starts_with(char::is_uppercase), "{}", row.title);
        assert!(!row.title.ends_with('.'), "{}", row.title);
    }
}

#[test]
fn every_row_is_sound_and_its_lanes_can_be_told_apart() {
    for row in lessons() {
        let experiment = (row.experiment)();
        assert!(experiment.plans().is_ok(), "{}: {:?}", row.id, experiment.plans().err());
        let names: BTreeSet<&str> = experiment.lanes.iter().map(|lane| &*lane.name).collect();
        assert!(names.len() == experiment.lanes.len() && !names.contains(""), "{}: {names:?}", row.id);
    }
}

#[test]
fn every_row_fits_a_link_and_comes_back_as_it_was() {
    for row in lessons() {
        let link = encode(&(row.experiment)()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        assert!(link.len() <= LONGEST, "{} takes {}", row.id, link.len());
        assert_eq!(decode(&link), Ok((row.experiment)()), "{}", row.id);
    }
}

#[test]
fn every_row_runs_to_its_end_but_the_deadlock() {
    for row in lessons() {
        let trace = simulate(&(row.experiment)()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        for (lane, spec) in trace.lanes.iter().zip(&trace.experiment.lanes) {
            let stopped = lane.stopped().unwrap_or_else(|| panic!("{}: {} never ends", row.id, spec.name));
            // Of one lane this is the point.
            let is_meant = row.id == "deadlock" && spec.name == "Two permits each";
            assert_eq!(stopped == StopReason::Stalled, is_meant, "{}: {}", row.id, spec.name);
        }
    }
}
