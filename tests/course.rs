//! What holds for every row of the course, as a lesson or as a row alone. What each row claims is held by part.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use lanescope::experiment::Experiment;
use lanescope::experiment::course::ROWS;
use lanescope::experiment::share::{LONGEST, decode, encode};
use lanescope::lab::simulate;
use lanescope::lesson;
use lanescope::trace::StopReason;
use std::collections::BTreeSet;

struct Row {
    id: &'static str,
    label: &'static str,
    make: Box<dyn Fn() -> Experiment>,
}

impl Row {
    fn experiment(&self) -> Experiment {
        (self.make)()
    }
}

fn rows() -> Vec<Row> {
    let lessons =
        lesson::all().map(|lesson| Row { id: lesson.id, label: lesson.title, make: Box::new(lesson.experiment) });
    let rows = ROWS.iter().map(|row| Row { id: row.id, label: row.label, make: Box::new(|| row.experiment()) });
    lessons.chain(rows).collect()
}

#[test]
fn every_row_has_a_name_of_its_own_that_fits_a_menu() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    let labels: BTreeSet<&str> = rows.iter().map(|row| row.label).collect();
    assert_eq!((ids.len(), labels.len()), (rows.len(), rows.len()));
    for row in rows {
        assert!(row.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", row.id);
        assert!(row.label.chars().count() <= 40 && row.label.starts_with(char::is_uppercase), "{}", row.label);
        assert!(!row.label.ends_with('.'), "{}", row.label);
    }
}

#[test]
fn every_row_is_sound_and_its_lanes_can_be_told_apart() {
    for row in rows() {
        let experiment = row.experiment();
        assert!(experiment.plans().is_ok(), "{}: {:?}", row.id, experiment.plans().err());
        let names: BTreeSet<&str> = experiment.lanes.iter().map(|lane| &*lane.name).collect();
        assert!(names.len() == experiment.lanes.len() && !names.contains(""), "{}: {names:?}", row.id);
    }
}

#[test]
fn every_row_fits_a_link_and_comes_back_as_it_was() {
    for row in rows() {
        let link = encode(&row.experiment()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        assert!(link.len() <= LONGEST, "{} takes {}", row.id, link.len());
        assert_eq!(decode(&link), Ok(row.experiment()), "{}", row.id);
    }
}

#[test]
fn every_row_runs_to_its_end() {
    for row in rows() {
        let trace = simulate(&row.experiment()).unwrap_or_else(|error| panic!("{}: {error}", row.id));
        for (lane, spec) in trace.lanes.iter().zip(&trace.experiment.lanes) {
            let stopped = lane.stopped().unwrap_or_else(|| panic!("{}: {} never ends", row.id, spec.name));
            assert!(stopped != StopReason::Stalled, "{}: {} stalls", row.id, spec.name);
        }
    }
}
