//! Time to pixels and back.
//!
//! In `f64`: a microsecond of a day-long run is far below what an `f32` can tell apart.

use crate::time::Instant;

/// How many halves of a step the next one is, from a microsecond on: 1, 2 and 5 times the powers of ten as far as a
/// second; as far as an hour 1, 2, 5, 10, 15 and 30 of a unit; then 1, 2, 3, 6 and 12 hours, and days doubled.
fn halves(place: usize) -> u64 {
    match place {
        0..=17 => [4, 5, 4][place % 3],
        18..=29 => [4, 5, 4, 3, 4, 4][place % 6],
        31 => 3,
        _ => 4,
    }
}

/// How a stretch of time lies on the pixels from `left` to `right`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    left: f64,
    right: f64,
    from_micros: f64,
    span_micros: f64,
}

impl Scale {
    /// Time from `from` to `to` on the pixels from `left` to `right`.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
    pub fn new(left: f64, right: f64, (from, to): (Instant, Instant)) -> Self {
        let span_micros = (to.since(from).as_micros() as f64).max(1.0);
        Self { left, right: right.max(left + 1.0), from_micros: from.0 as f64, span_micros }
    }

    /// The pixel of the first moment.
    #[must_use]
    pub fn left(self) -> f64 {
        self.left
    }

    /// The pixel of the last moment.
    #[must_use]
    pub fn right(self) -> f64 {
        self.right
    }

    /// The pixel of a moment; beyond the edges for one that is not in the stretch.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn x_from_time(self, time: Instant) -> f64 {
        self.left + (self.right - self.left) * ((time.0 as f64 - self.from_micros) / self.span_micros)
    }

    /// The moment of a pixel, kept within the stretch.
    #[must_use]
    pub fn time_from_x(self, x: f64) -> Instant {
        let share = ((x - self.left) / (self.right - self.left)).clamp(0.0, 1.0);
        Instant::from_millis((self.from_micros + share * self.span_micros) / 1_000.0)
    }

    /// How many microseconds apart moments are marked, at least `apart` pixels: 1, 2 or 5 times a power of ten below a
    /// second, and as clocks have it from there on.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn step_micros(self, apart: f64) -> u64 {
        let most = ((self.right - self.left) / apart).max(1.0);
        let (mut micros, mut place) = (1, 0);
        while self.span_micros / micros as f64 > most {
            micros = micros * halves(place) / 2;
            place += 1;
        }
        micros
    }

    /// The moments to mark, so far apart.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As above.
    pub fn ticks(self, step_micros: u64) -> Vec<Instant> {
        let step = step_micros.max(1) as f64;
        let mut ticks = Vec::new();
        let mut at = libm::ceil(self.from_micros / step) * step;
        while at <= self.from_micros + self.span_micros {
            ticks.push(Instant::from_millis(at / 1_000.0));
            at += step;
        }
        ticks
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000;

    fn marks(scale: Scale, apart: f64) -> Vec<Instant> {
        scale.ticks(scale.step_micros(apart))
    }

    #[test]
    fn a_run_of_72_seconds_is_marked_every_ten() {
        let ticks = marks(Scale::new(40.0, 700.0, (Instant::ZERO, Instant(71_800_000))), 60.0);
        let secs: Vec<u64> = ticks.iter().map(|t| t.0 / 1_000_000).collect();
        assert_eq!(secs, [0, 10, 20, 30, 40, 50, 60, 70]);
    }

    #[test]
    fn longer_runs_are_marked_as_clocks_are() {
        let step = |secs: u64| {
            let step = Scale::new(0.0, 640.0, (Instant::ZERO, Instant(secs * SECOND))).step_micros(64.0);
            assert_eq!(step % SECOND, 0);
            step / SECOND
        };
        let marked = [11, 140, 280, 500, 1_100, 5_000, 7_000, 12_000, 30_000, 50_000, 90_000, 400_000, 2_000_000];
        assert_eq!(
            marked.map(step),
            [2, 15, 30, 60, 120, 600, 900, 1_800, 3_600, 7_200, 10_800, 43_200, 345_600],
            "of {marked:?}"
        );
    }

    #[test]
    fn a_part_is_marked_at_the_same_moments_as_the_whole() {
        let ticks = marks(Scale::new(0.0, 640.0, (Instant(3_300_000), Instant(8_100_000))), 64.0);
        assert_eq!(ticks.first(), Some(&Instant(3_500_000)));
        assert!(ticks.iter().all(|tick| tick.0 % 500_000 == 0), "{ticks:?}");
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_it_began(
            from in 0u64..100_000_000_000, span in 4_000u64..100_000_000_000, share in 0.0f64..1.0, width in 10.0f64..4_000.0,
        ) {
            let scale = Scale::new(40.0, 40.0 + width, (Instant(from), Instant(from + span)));
            let x = 40.0 + share * width;
            let back = scale.x_from_time(scale.time_from_x(x));
            prop_assert!((back - x).abs() <= 0.5 * (width / 4_000.0).max(1.0), "{x} came back as {back}");
        }

        #[test]
        fn there_are_never_more_marks_than_fit(from in 0u64..100_000_000_000, span in 4_000u64..100_000_000_000, width in 60.0f64..4_000.0) {
            let ticks = marks(Scale::new(0.0, width, (Instant(from), Instant(from + span))), 60.0);
            let most = width / 60.0 + 1.0;
            prop_assert!(u32::try_from(ticks.len()).is_ok_and(|n| f64::from(n) <= most));
        }
    }
}
