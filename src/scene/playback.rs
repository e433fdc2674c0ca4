//! Where the playhead is, and what moves it. A pure state machine: it is told how much time passed.

use crate::time::Instant;
use std::time::Duration;

/// A step of the wall clock longer than this counts as this, so that a page that was hidden goes on
/// where it was rather than leap.
const LONGEST_STEP: Duration = Duration::from_millis(100);

/// The first play is fitted: the whole run in this long.
pub const FITTED: Duration = Duration::from_secs(8);

/// The playhead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    /// Where it is.
    pub at: Instant,
    /// Where the run ends.
    pub end: Instant,
    /// How many seconds of the run pass in one.
    pub rate: f64,
    /// Whether it moves by itself.
    pub playing: bool,
}

/// What moves the playhead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Go on, or from the start again if it is at the end; or stop.
    PlayOrPause,
    /// To the start, standing still.
    ToStart,
    /// To the end, standing still.
    ToEnd,
    /// To this moment, as near as the run has it, standing still.
    Seek(Instant),
    /// At another speed.
    Rate(f64),
    /// So much of the wall clock passed.
    Tick(Duration),
}

impl Playback {
    /// A run that ends at `end`, playing from its start so that it takes [`FITTED`].
    #[must_use]
    pub fn fitted(end: Instant) -> Self {
        Self { at: Instant::ZERO, end, rate: fitted_rate(end), playing: end > Instant::ZERO }
    }

    /// A finished picture, standing still.
    #[must_use]
    pub fn finished(end: Instant) -> Self {
        Self { at: end, playing: false, ..Self::fitted(end) }
    }

    /// The playhead after `command`.
    #[must_use]
    pub fn after(self, command: Command) -> Self {
        match command {
            Command::PlayOrPause if self.playing => Self { playing: false, ..self },
            Command::PlayOrPause => {
                let at = if self.is_at_end() { Instant::ZERO } else { self.at };
                Self { at, playing: self.end > Instant::ZERO, ..self }
            }
            Command::ToStart => Self { at: Instant::ZERO, playing: false, ..self },
            Command::ToEnd => Self { at: self.end, playing: false, ..self },
            Command::Seek(at) => Self { at: at.min(self.end), playing: false, ..self },
            Command::Rate(rate) => Self { rate: rate.clamp(0.01, 10_000.0), ..self },
            Command::Tick(_) if !self.playing => self,
            Command::Tick(passed) => {
                let at = (self.at + passed.min(LONGEST_STEP).mul_f64(self.rate)).min(self.end);
                Self { at, playing: at < self.end, ..self }
            }
        }
    }

    /// Whether all has been shown.
    #[must_use]
    pub fn is_at_end(self) -> bool {
        self.at >= self.end
    }
}

/// The speed at which a run that ends at `end` takes [`FITTED`].
#[must_use]
pub fn fitted_rate(end: Instant) -> f64 {
    (end.as_secs() / FITTED.as_secs_f64()).max(0.01)
}

/// The first event after `at`, where `times` are sorted.
#[must_use]
pub fn next_event(times: &[Instant], at: Instant) -> Option<Instant> {
    times.get(times.partition_point(|&time| time <= at)).copied()
}

/// The last event before `at`, where `times` are sorted.
#[must_use]
pub fn previous_event(times: &[Instant], at: Instant) -> Option<Instant> {
    times.partition_point(|&time| time < at).checked_sub(1).map(|place| times[place])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn playing() -> Playback {
        Playback::fitted(Instant(72_000_000))
    }

    fn ticks(mut playback: Playback, n: u32, millis: u64) -> Playback {
        for _ in 0..n {
            playback = playback.after(Command::Tick(Duration::from_millis(millis)));
        }
        playback
    }

    #[test]
    fn a_fitted_run_ends_eight_seconds_after_it_began() {
        assert!(ticks(playing(), 79, 100).playing);
        assert!(ticks(playing(), 80, 100).is_at_end());
        assert!(!ticks(playing(), 81, 100).playing);
    }

    #[test]
    fn a_page_that_was_hidden_does_not_leap() {
        let after = playing().after(Command::Tick(Duration::from_secs(60)));
        assert_eq!(after.at, Instant(900_000));
    }

    #[test]
    fn play_at_the_end_starts_again() {
        let again = Playback::finished(Instant(5)).after(Command::PlayOrPause);
        assert_eq!((again.at, again.playing), (Instant::ZERO, true));
    }

    #[test]
    fn seeking_stops_and_stays_inside_the_run() {
        let after = playing().after(Command::Seek(Instant::NEVER));
        assert_eq!((after.at, after.playing), (Instant(72_000_000), false));
    }

    #[test]
    fn events_are_stepped_one_by_one_both_ways() {
        let times = [1, 1, 4, 9].map(Instant);
        assert_eq!(next_event(&times, Instant(1)), Some(Instant(4)));
        assert_eq!(next_event(&times, Instant(9)), None);
        assert_eq!(previous_event(&times, Instant(4)), Some(Instant(1)));
        assert_eq!(previous_event(&times, Instant(1)), None);
    }
}
