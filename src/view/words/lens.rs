//! What is said of how a run is looked at.

use crate::scene::lens::Sort;
use crate::time::Instant;
use crate::view::words::units::clock;

/// Which stretch of a run is seen: `10.0 s to 12.5 s of 71.8 s`, in as many places as it takes to tell the ends apart.
#[must_use]
pub fn seen((from, to): (Instant, Instant), end: Instant) -> String {
    let places = match to.since(from).as_micros() {
        0..50_000 => 4,
        50_000..500_000 => 3,
        500_000..5_000_000 => 2,
        _ => 1,
    };
    format!("{} to {} of {}", clock(from, end, places), clock(to, end, places), clock(end, end, 1))
}

/// How many requests were found, and which of them is selected.
#[must_use]
pub fn matches(selected: Option<usize>, count: usize) -> String {
    match (selected, count) {
        (_, 0) => "nothing found".to_owned(),
        (Some(place), _) => format!("{} of {count}", place + 1),
        (None, _) => format!("{count} found"),
    }
}

/// What rows can be ordered by, as choices.
#[must_use]
pub fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Asked => "when asked",
        Sort::Started => "when started",
        Sort::Finished => "when finished",
        Sort::Slot => "slot",
        Sort::Priority => "priority",
        Sort::Model => "model",
    }
}

/// The keys of the page, and what each does.
pub const KEYS: &[(&[&str], &str)] = &[
    (&["W", "S"], "Zoom in and out, at the pointer"),
    (&["+", "-"], "The same"),
    (&["A", "D"], "Earlier and later"),
    (&["0"], "The whole run, its rows as high as by default"),
    (&["F"], "The range, or the selected request so large that it can be read"),
    (&["M"], "Mark the playhead's moment, or take the mark away"),
    (&["[", "]"], "To the mark before, and to the next"),
    (&[".", "→"], "To the next event"),
    (&[",", "←"], "To the event before"),
    (&["↑", "↓"], "Choose a request, on the timeline"),
    (&["Home", "End"], "To the start and to the end, on the timeline"),
    (&["Space"], "Play and pause"),
    (&["/"], "Search"),
    (&["N", "Shift N"], "The next request that was found, and the one before"),
    (&["R"], "Run"),
    (&["C"], "Critical path"),
    (&["Delete"], "Delete the chosen spell of the server, on the timeline"),
    (&["Esc"], "Close what is open, or clear the range"),
    (&["Ctrl K", "⌘ K"], "All commands"),
    (&["?"], "This list"),
];

/// What the pointer does.
pub const POINTER: &[(&str, &str)] = &[
    ("Ctrl or ⌘ and the wheel, or a pinch", "Zoom at the pointer"),
    ("Shift and the wheel, or a drag on the lanes", "Earlier and later"),
    ("A drag on the time axis, or Shift and a drag", "Select a range"),
    ("A click on the time axis", "Move the playhead there"),
];

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_what_is_seen_can_be_told_apart() {
        let end = Instant(71_800_000);
        let of = |from, to| seen((Instant(from), Instant(to)), end);
        assert_eq!(of(0, 71_800_000), "0.0 s to 71.8 s of 71.8 s");
        assert_eq!(of(12_340_000, 13_000_000), "12.34 s to 13.00 s of 71.8 s");
        assert_eq!(of(12_340_000, 12_344_000), "12.3400 s to 12.3440 s of 71.8 s");
    }

    #[test]
    fn what_was_found_is_counted() {
        assert_eq!(
            [matches(None, 0), matches(None, 40), matches(Some(2), 40)],
            ["nothing found", "40 found", "3 of 40"]
        );
    }
}
