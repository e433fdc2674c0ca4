//! Which stretch of a run is looked at. A pure state machine: whatever is asked of it, the stretch lies
//! within the run and is never shorter than [`LEAST`].

use crate::time::Instant;
use std::time::Duration;

/// The shortest stretch: on a screen 4 000 pixels wide a pixel is still a microsecond or more.
pub const LEAST: Duration = Duration::from_millis(4);

/// Which stretch of a run is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// All of it, however long it grows.
    #[default]
    Whole,
    /// From one moment to another.
    Part {
        /// The first moment.
        from: Instant,
        /// The last.
        to: Instant,
    },
}

/// What changes the look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// All of the run.
    Fit,
    /// This stretch, in either order.
    FitTo(Instant, Instant),
    /// So many times as close, `at` staying where it is.
    Zoom {
        /// What stays where it is.
        at: Instant,
        /// More than 1 is closer.
        factor: f64,
    },
    /// Later by such a share of what is seen; a negative one is earlier.
    Pan(f64),
    /// As little as needed for this moment to be seen.
    Reveal(Instant),
}

impl Look {
    /// The first and the last moment that are seen of a run that ends at `end`.
    #[must_use]
    pub fn window(self, end: Instant) -> (Instant, Instant) {
        let end = end.max(Instant::ZERO + LEAST);
        match self {
            Self::Whole => (Instant::ZERO, end),
            Self::Part { from, to } => {
                let span = to.since(from).max(LEAST);
                let from = from.min(Instant(end.0.saturating_sub(micros(span))));
                (from, (from + span).min(end))
            }
        }
    }

    /// What is looked at after `turn`, in a run that ends at `end`.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // Exact below 2^53 us, which is 285 years.
    pub fn after(self, turn: Turn, end: Instant) -> Self {
        let (from, to) = self.window(end);
        let (first, span) = (from.0 as f64, to.since(from).as_micros() as f64);
        match turn {
            Turn::Fit => Self::Whole,
            Turn::FitTo(one, other) => {
                Self::of(one.min(other).0 as f64, one.max(other).0.abs_diff(one.min(other).0) as f64, end)
            }
            Turn::Zoom { at, factor } => {
                let factor = if factor.is_finite() { factor.clamp(1e-6, 1e6) } else { 1.0 };
                let at = (at.0 as f64).max(first).min(first + span);
                let share = (at - first) / span;
                let wider = (span / factor).max(LEAST.as_micros() as f64);
                Self::of(at - share * wider, wider, end)
            }
            Turn::Pan(share) => {
                let share = if share.is_finite() { share.clamp(-1e6, 1e6) } else { 0.0 };
                Self::of(first + share * span, span, end)
            }
            Turn::Reveal(at) if (from..=to).contains(&at) => self,
            Turn::Reveal(at) => Self::of(at.0 as f64 - span / 2.0, span, end),
        }
    }

    /// The stretch of that length from about `first` on, pushed into the run.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // Within the run.
    fn of(first: f64, span: f64, end: Instant) -> Self {
        let last = end.max(Instant::ZERO + LEAST).0 as f64;
        let span = span.max(LEAST.as_micros() as f64);
        if span >= last {
            return Self::Whole;
        }
        let from = libm::round(first.max(0.0).min(last - span));
        Self::Part { from: Instant(from as u64), to: Instant(libm::round(from + span) as u64) }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const END: Instant = Instant(72_000_000);

    #[test]
    fn what_is_under_the_cursor_stays_there() {
        let look = Look::Whole.after(Turn::Zoom { at: Instant(18_000_000), factor: 2.0 }, END);
        assert_eq!(look.window(END), (Instant(9_000_000), Instant(45_000_000)));
        assert_eq!(look.after(Turn::Zoom { at: Instant(18_000_000), factor: 0.5 }, END), Look::Whole);
    }

    #[test]
    fn a_pan_stops_at_the_ends() {
        let part = Look::Whole.after(Turn::FitTo(Instant(20_000_000), Instant(10_000_000)), END);
        assert_eq!(part.after(Turn::Pan(0.5), END).window(END), (Instant(15_000_000), Instant(25_000_000)));
        assert_eq!(part.after(Turn::Pan(-9.0), END).window(END), (Instant::ZERO, Instant(10_000_000)));
        assert_eq!(part.after(Turn::Pan(99.0), END).window(END), (Instant(62_000_000), END));
    }

    #[test]
    fn the_whole_grows_with_the_run_and_a_part_stays() {
        let part = Look::Part { from: Instant(1_000_000), to: Instant(2_000_000) };
        let longer = Instant(90_000_000);
        assert_eq!(Look::Whole.window(longer), (Instant::ZERO, longer));
        assert_eq!(part.window(longer), (Instant(1_000_000), Instant(2_000_000)));
    }

    fn turn() -> impl Strategy<Value = Turn> {
        let at = || (0u64..200_000_000).prop_map(Instant);
        prop_oneof![
            Just(Turn::Fit),
            (at(), at()).prop_map(|(one, other)| Turn::FitTo(one, other)),
            (at(), prop_oneof![0.001f64..1_000.0, Just(0.0), Just(f64::NAN), Just(f64::INFINITY)])
                .prop_map(|(at, factor)| Turn::Zoom { at, factor }),
            prop_oneof![-3.0f64..3.0, Just(f64::NAN), Just(f64::NEG_INFINITY)].prop_map(Turn::Pan),
            at().prop_map(Turn::Reveal),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_stretch_is_sound(turns in prop::collection::vec((turn(), 0u64..200_000_000), 1..60)) {
            let mut look = Look::Whole;
            for (turn, end) in turns {
                let end = Instant(end);
                look = look.after(turn, end);
                let (from, to) = look.window(end);
                prop_assert!(from < to && to <= end.max(Instant::ZERO + LEAST), "{turn:?}: {from:?} to {to:?} of {end:?}");
                prop_assert!(to.since(from) >= LEAST, "{turn:?}: {from:?} to {to:?} of {end:?}");
                if let Turn::Reveal(at) = turn {
                    prop_assert!(at > end || (from..=to).contains(&at), "{at:?} is seen in {from:?} to {to:?}");
                }
            }
        }
    }
}
