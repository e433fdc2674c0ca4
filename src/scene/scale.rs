//! Time to pixels and back.
//!
//! In `f64`: a microsecond of a day-long run is far below what an `f32` can tell apart.

use crate::time::Instant;

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

    /// The moments to mark: 1, 2 or 5 times a power of ten apart, at least `apart` pixels.
    #[must_use]
    pub fn ticks(self, apart: f64) -> Vec<Instant> {
        let most = ((self.right - self.left) / apart).max(1.0);
        let mut step = 1.0;
        for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
            if self.span_micros / step <= most {
                break;
            }
            step *= factor;
        }
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

    #[test]
    fn a_run_of_72_seconds_is_marked_every_ten() {
        let ticks = Scale::new(40.0, 700.0, (Instant::ZERO, Instant(71_800_000))).ticks(60.0);
        let secs: Vec<u64> = ticks.iter().map(|t| t.0 / 1_000_000).collect();
        assert_eq!(secs, [0, 10, 20, 30, 40, 50, 60, 70]);
    }

    #[test]
    fn a_part_is_marked_at_the_same_moments_as_the_whole() {
        let ticks = Scale::new(0.0, 640.0, (Instant(3_300_000), Instant(8_100_000))).ticks(64.0);
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
            let ticks = Scale::new(0.0, width, (Instant(from), Instant(from + span))).ticks(60.0);
            let most = width / 60.0 + 1.0;
            prop_assert!(u32::try_from(ticks.len()).is_ok_and(|n| f64::from(n) <= most));
        }
    }
}
