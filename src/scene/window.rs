//! Which rows of a long table are made: those in sight and some around them, whatever their number.

use std::ops::Range;

/// The height of a row, in CSS pixels; that of the head is the same. `--row` of the styles is this.
pub const ROW: f64 = 30.0;

/// The most of a table that is to be seen at once, its head included, in CSS pixels.
pub const TALLEST: f64 = 640.0;

/// Rows that are made above and below those in sight, so that scrolling meets no gap.
const SPARE: usize = 8;

/// How many rows a page down or up is.
pub const PAGE: usize = 19;

/// The places of the rows to make, of `rows`, where a table is scrolled down by so many pixels.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels of a page, never below 0.
pub fn made(scrolled: f64, rows: usize) -> Range<usize> {
    let top = (scrolled.max(0.0) / ROW) as usize;
    let in_sight = (TALLEST / ROW) as usize + 1;
    // A table that became shorter is scrolled too far until the browser has seen to it.
    let from = top.saturating_sub(SPARE).min(rows.saturating_sub(in_sight));
    from..(top + in_sight + SPARE).min(rows).max(from)
}

/// How far the table is to be scrolled so that the row at `place` is to be seen below the head; none if it is.
/// `height` is that of what is to be seen of the table.
#[must_use]
#[allow(clippy::cast_precision_loss)] // Rows that fit into a page.
pub fn scroll_to(place: usize, scrolled: f64, height: f64) -> Option<f64> {
    let top = place as f64 * ROW;
    // The head stands still above the rows, and takes of what is to be seen of them.
    let room = (height - ROW).max(ROW);
    if top < scrolled {
        Some(top)
    } else if top + ROW > scrolled + room {
        Some(top + ROW - room)
    } else {
        None
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_table_is_made_whole() {
        assert_eq!(made(0.0, 12), 0..12);
        assert_eq!(made(0.0, 0), 0..0);
    }

    #[test]
    fn the_rows_around_those_in_sight_are_made() {
        assert_eq!(made(0.0, 100_000), 0..30);
        assert_eq!(made(3_000.0, 100_000), 92..130);
        assert_eq!(made(1e9, 100_000), 99_978..100_000);
    }

    #[test]
    fn a_row_out_of_sight_is_scrolled_to_by_the_least_that_shows_it() {
        assert_eq!(scroll_to(0, 0.0, 640.0), None);
        assert_eq!(scroll_to(19, 0.0, 640.0), None);
        assert_eq!(scroll_to(20, 0.0, 640.0), Some(20.0));
        assert_eq!(scroll_to(3, 300.0, 640.0), Some(90.0));
    }

    proptest! {
        #[test]
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels over a row's height.
        fn all_in_sight_are_made_and_few_besides(scrolled in 0.0..3_000_000.0_f64, rows in 0..100_000_usize) {
            let made = made(scrolled, rows);
            prop_assert!(made.len() <= 40, "{made:?}");
            prop_assert!(made.end <= rows);
            for y in [scrolled, scrolled + TALLEST - ROW - 1.0] {
                let place = (y / ROW) as usize;
                prop_assert!(place >= rows || made.contains(&place), "{place} is not in {made:?}");
            }
        }

        #[test]
        fn what_was_scrolled_to_is_in_sight(place in 0..100_000_usize, scrolled in 0.0..3_000_000.0_f64, height in 60.0..640.0_f64) {
            let to = scroll_to(place, scrolled, height).unwrap_or(scrolled);
            prop_assert_eq!(scroll_to(place, to, height), None);
        }
    }
}
