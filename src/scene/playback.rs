//! Where the playhead is, and what moves it. A pure state machine: it is told how much time passed.

use crate::time::Instant;
use crate::trace::Event;
use std::time::Duration;

/// A step of the wall clock longer than this counts as this, so that a page that was hidden goes on
/// where it was rather than leap.
const LONGEST_STEP: Duration = Duration::from_millis(100);

/// The first play is fitted: the whole run in this long.
pub const FITTED: Duration = Duration::from_secs(8);

/// How fast the playhead moves by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// So that the whole run takes [`FITTED`].
    #[default]
    Fitted,
    /// So many eighths of real time.
    Eighths(u32),
    /// So that the whole run takes a second at most, and at least a hundred times real time.
    Max,
}

/// A stretch of a run: from, and to.
pub type Range = (Instant, Instant);

/// The playhead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    /// Where it is.
    pub at: Instant,
    /// Where the run ends.
    pub end: Instant,
    /// How fast it moves.
    pub speed: Speed,
    /// Whether it moves by itself.
    pub playing: bool,
    /// Whether it begins anew where it would end.
    pub loops: bool,
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
    Speed(Speed),
    /// Round and round, or no longer.
    Loop,
    /// So much of the wall clock passed.
    Tick(Duration),
}

impl Playback {
    /// A run that ends at `end`, playing from its start so that it takes [`FITTED`].
    #[must_use]
    pub fn fitted(end: Instant) -> Self {
        Self { at: Instant::ZERO, end, speed: Speed::Fitted, playing: end > Instant::ZERO, loops: false }
    }

    /// A finished picture, standing still.
    #[must_use]
    pub fn finished(end: Instant) -> Self {
        Self { at: end, playing: false, ..Self::fitted(end) }
    }

    /// The playhead after `command`. `range` is the stretch that was chosen, to go round in.
    #[must_use]
    pub fn after(self, command: Command, range: Option<Range>) -> Self {
        match command {
            Command::PlayOrPause if self.playing => Self { playing: false, ..self },
            Command::PlayOrPause => {
                let (from, to) = self.lap(range);
                let at = if (from..to).contains(&self.at) { self.at } else { from };
                Self { at, playing: from < to, ..self }
            }
            Command::ToStart => Self { at: Instant::ZERO, playing: false, ..self },
            Command::ToEnd => Self { at: self.end, playing: false, ..self },
            Command::Seek(at) => Self { at: at.min(self.end), playing: false, ..self },
            Command::Speed(speed) => Self { speed, ..self },
            Command::Loop => Self { loops: !self.loops, ..self },
            Command::Tick(_) if !self.playing => self,
            Command::Tick(passed) => self.moved(passed.min(LONGEST_STEP), range),
        }
    }

    /// Where a key on the playhead's slider leads: an arrow a hundredth of the run on, a page a tenth. Its ends are the
    /// slider's own.
    #[must_use]
    pub fn led_by(self, key: &str) -> Option<Instant> {
        let hundredths = match key {
            "ArrowRight" | "ArrowUp" => 1.0,
            "ArrowLeft" | "ArrowDown" => -1.0,
            "PageUp" => 10.0,
            "PageDown" => -10.0,
            _ => return None,
        };
        Some(Instant::from_millis((self.at.as_secs() + self.end.as_secs() * hundredths / 100.0) * 1_000.0))
    }

    /// The playhead so much later. It stands at the end of a lap before it begins another: that is seen, too.
    fn moved(self, passed: Duration, range: Option<Range>) -> Self {
        let (from, to) = self.lap(range);
        let at = match (from..to).contains(&self.at) {
            true => (self.at + passed.mul_f64(self.rate())).min(to),
            false if self.loops => from,
            false => to,
        };
        Self { at, playing: from < to && (self.loops || at < to), ..self }
    }

    /// What it plays through: the chosen stretch while it loops, else all of the run.
    fn lap(self, range: Option<Range>) -> Range {
        let (one, other) = range.filter(|_| self.loops).unwrap_or((Instant::ZERO, self.end));
        let (from, to) = (one.min(other).min(self.end), one.max(other).min(self.end));
        if from < to { (from, to) } else { (Instant::ZERO, self.end) }
    }

    /// How many seconds of the run pass in one.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.rate_at(self.speed)
    }

    /// How many seconds of the run would pass in one at another speed.
    #[must_use]
    pub fn rate_at(self, speed: Speed) -> f64 {
        match speed {
            Speed::Fitted => (self.end.as_secs() / FITTED.as_secs_f64()).max(0.01),
            Speed::Eighths(eighths) => f64::from(eighths) / 8.0,
            Speed::Max => self.end.as_secs().max(100.0),
        }
    }

    /// Whether all has been shown.
    #[must_use]
    pub fn is_at_end(self) -> bool {
        self.at >= self.end
    }
}

/// When the first event after `at` came, of a lane whose events are in order.
#[must_use]
pub fn next_event(events: &[Event], at: Instant) -> Option<Instant> {
    events.get(events.partition_point(|event| event.at <= at)).map(|event| event.at)
}

/// When the last event before `at` came, of a lane whose events are in order.
#[must_use]
pub fn previous_event(events: &[Event], at: Instant) -> Option<Instant> {
    events.partition_point(|event| event.at < at).checked_sub(1).map(|place| events[place].at)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::trace::Kind;
    use proptest::prelude::*;

    const RANGE: Option<Range> = Some((Instant(20_000_000), Instant(29_000_000)));

    fn playing() -> Playback {
        Playback::fitted(Instant(72_000_000))
    }

    fn ticks(mut playback: Playback, n: u32, millis: u64) -> Playback {
        for _ in 0..n {
            playback = playback.after(Command::Tick(Duration::from_millis(millis)), RANGE);
        }
        playback
    }

    #[test]
    fn keys_of_the_slider_move_by_shares_of_the_run_and_stop_at_its_ends() {
        let start = Playback { at: Instant(30_000_000), ..Playback::finished(Instant(60_000_000)) };
        let after = |keys: &[&str]| {
            let press = |playback: Playback, key: &&str| {
                let to = playback.led_by(key).unwrap();
                playback.after(Command::Seek(to), None)
            };
            keys.iter().fold(start, press).at.0
        };
        assert_eq!([after(&["ArrowRight"]), after(&["ArrowUp"])], [30_600_000; 2]);
        assert_eq!([after(&["ArrowLeft"]), after(&["ArrowDown"])], [29_400_000; 2]);
        assert_eq!([after(&["PageUp"]), after(&["PageDown"])], [36_000_000, 24_000_000]);
        assert_eq!([after(&["PageUp"; 9]), after(&["PageDown"; 9])], [60_000_000, 0]);
        assert_eq!([start.led_by("a"), start.led_by("End")], [None, None], "the slider knows its ends");
    }

    #[test]
    fn a_fitted_run_ends_eight_seconds_after_it_began() {
        assert!(ticks(playing(), 79, 100).playing);
        assert!(ticks(playing(), 80, 100).is_at_end());
        assert!(!ticks(playing(), 81, 100).playing);
    }

    #[test]
    fn a_page_that_was_hidden_does_not_leap() {
        let after = playing().after(Command::Tick(Duration::from_secs(60)), None);
        assert_eq!(after.at, Instant(900_000));
    }

    #[test]
    fn play_at_the_end_starts_again() {
        let again = Playback::finished(Instant(5)).after(Command::PlayOrPause, None);
        assert_eq!((again.at, again.playing), (Instant::ZERO, true));
        let nothing = Playback::finished(Instant::ZERO).after(Command::PlayOrPause, None);
        assert!(!nothing.playing, "there is nothing to play");
    }

    #[test]
    fn seeking_stops_and_stays_inside_the_run() {
        let after = playing().after(Command::Seek(Instant::NEVER), None);
        assert_eq!((after.at, after.playing), (Instant(72_000_000), false));
    }

    #[test]
    fn every_speed_is_what_it_says() {
        let after = |speed| ticks(playing().after(Command::Speed(speed), None), 4, 100).at;
        assert_eq!(after(Speed::Eighths(1)), Instant(50_000));
        assert_eq!(after(Speed::Eighths(8)), Instant(400_000));
        assert_eq!(after(Speed::Fitted), Instant(3_600_000));
        assert_eq!(after(Speed::Max), Instant(40_000_000), "a hundred times real time");
        let long = Playback { speed: Speed::Max, ..Playback::fitted(Instant(7_200_000_000)) };
        assert!(ticks(long, 9, 100).playing && ticks(long, 10, 100).is_at_end(), "two hours in a second");
    }

    #[test]
    fn a_loop_goes_round_in_the_range_and_without_one_in_the_whole_run() {
        let looping = playing().after(Command::Loop, RANGE);
        assert_eq!(ticks(looping, 1, 100).at, Instant(20_000_000), "it begins where the range does");
        assert_eq!(ticks(looping, 11, 100).at, Instant(29_000_000), "nine times real time: a second and a step");
        assert_eq!(ticks(looping, 12, 100).at, Instant(20_000_000));
        let end = Playback { at: Instant(71_900_000), ..looping };
        let end = end.after(Command::Tick(Duration::from_millis(100)), None);
        assert_eq!((end.at, end.playing), (end.end, true), "the end is seen");
        let end = end.after(Command::Tick(Duration::from_millis(100)), None);
        assert_eq!((end.at, end.playing), (Instant::ZERO, true));
    }

    #[test]
    fn play_outside_the_range_begins_in_it_while_it_loops() {
        let stands = Playback { loops: true, ..Playback::finished(Instant(72_000_000)) };
        assert_eq!(stands.after(Command::PlayOrPause, RANGE).at, Instant(20_000_000));
        let inside = Playback { at: Instant(25_000_000), ..stands };
        assert_eq!(inside.after(Command::PlayOrPause, RANGE).at, Instant(25_000_000));
    }

    #[test]
    fn events_are_stepped_one_by_one_both_ways() {
        let event = |at| Event { at: Instant(at), tag: Tag::of_item(0, 0), kind: Kind::Sent };
        let events = [1, 1, 4, 9].map(event);
        assert_eq!(next_event(&events, Instant(1)), Some(Instant(4)));
        assert_eq!(next_event(&events, Instant(9)), None);
        assert_eq!(previous_event(&events, Instant(4)), Some(Instant(1)));
        assert_eq!(previous_event(&events, Instant(1)), None);
        assert_eq!(next_event(&[], Instant(1)), None);
    }

    fn command() -> impl Strategy<Value = Command> {
        let speeds = prop_oneof![Just(Speed::Fitted), (0_u32..2_000).prop_map(Speed::Eighths), Just(Speed::Max)];
        prop_oneof![
            Just(Command::PlayOrPause),
            Just(Command::ToStart),
            Just(Command::ToEnd),
            (0_u64..200_000_000).prop_map(|at| Command::Seek(Instant(at))),
            speeds.prop_map(Command::Speed),
            Just(Command::Loop),
            (0_u64..100_000).prop_map(|millis| Command::Tick(Duration::from_millis(millis))),
        ]
    }

    fn range() -> impl Strategy<Value = Option<Range>> {
        proptest::option::of((0_u64..200_000_000, 0_u64..200_000_000).prop_map(|(a, b)| (Instant(a), Instant(b))))
    }

    proptest! {
        #[test]
        fn whatever_is_done_it_stays_inside_the_run_and_leaps_only_where_it_is_sent(
            end in 0_u64..100_000_000,
            steps in prop::collection::vec((command(), range()), 1..80),
        ) {
            let mut playback = Playback::fitted(Instant(end));
            for (command, range) in steps {
                let before = playback;
                playback = playback.after(command, range);
                prop_assert!(playback.at <= playback.end && playback.end == Instant(end));
                prop_assert!(!playback.playing || end > 0, "there is nothing to play");
                if let Command::Tick(_) = command {
                    let step = playback.at.since(before.at);
                    let longest = LONGEST_STEP.mul_f64(playback.rate()) + Duration::from_micros(1);
                    prop_assert!(step <= longest || before.loops, "{step:?} of {longest:?}");
                }
            }
        }
    }
}
