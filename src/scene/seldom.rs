//! How often something is reckoned that takes longer the more rows there are. While a run plays, figures of few rows
//! are made for every frame and those of many some times a second; of a run that stands still they are always exact.

use crate::scene::playback::Playback;
use crate::time::Instant;

/// The least time between two reckonings of a run that plays, in milliseconds for each row: half a second for a
/// hundred thousand rows, and less than a frame for three thousand.
const MILLIS_A_ROW: f64 = 0.005;

/// The moment that was last reckoned with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seldom {
    /// The moment of the run.
    pub at: Instant,
    /// Which run it was, or which state of one that grows.
    version: usize,
    /// When that was, by the clock on the wall, in milliseconds.
    when: f64,
}

impl Seldom {
    /// The moment to reckon with now: the playhead's, or `last` if that was so lately that what is made of `rows` rows
    /// may stay.
    #[must_use]
    pub fn after(last: Option<Self>, playback: Playback, version: usize, rows: usize, now_millis: f64) -> Self {
        #[allow(clippy::cast_precision_loss)] // Rows that fit into a page.
        let rest = rows as f64 * MILLIS_A_ROW;
        let may_stay = |last: &Self| {
            playback.playing && last.version == version && last.at <= playback.at && now_millis - last.when < rest
        };
        last.filter(may_stay).unwrap_or(Self { at: playback.at, version, when: now_millis })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const MANY: usize = 100_000;

    fn at(micros: u64, playing: bool) -> Playback {
        Playback { at: Instant(micros), playing, ..Playback::fitted(Instant(1_000)) }
    }

    /// The moment that follows one of 100 reckoned at 0 ms.
    fn next(playback: Playback, version: usize, rows: usize, now_millis: f64) -> u64 {
        let last = Seldom::after(None, at(100, true), 1, rows, 0.0);
        assert_eq!(last.at, Instant(100));
        Seldom::after(Some(last), playback, version, rows, now_millis).at.0
    }

    #[test]
    fn few_rows_are_reckoned_for_every_frame_and_many_twice_a_second() {
        assert_eq!(next(at(200, true), 1, 3_000, 16.0), 200);
        assert_eq!(next(at(200, true), 1, MANY, 16.0), 100);
        assert_eq!(next(at(200, true), 1, MANY, 499.0), 100);
        assert_eq!(next(at(200, true), 1, MANY, 500.0), 200);
    }

    #[test]
    fn what_stands_still_leaps_back_or_is_another_run_is_exact_at_once() {
        assert_eq!(next(at(200, false), 1, MANY, 1.0), 200);
        assert_eq!(next(at(50, true), 1, MANY, 1.0), 50);
        assert_eq!(next(at(200, true), 2, MANY, 1.0), 200);
    }
}
