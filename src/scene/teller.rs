//! When a listener is told what happened, and of which stretch of the run: at most one thing in the time that it takes
//! to hear one. A pure state machine: it is told where the playhead is and what time it is.

use crate::time::Instant;
use std::time::Duration;

/// The least time from one line to the next.
pub const BREATH: Duration = Duration::from_millis(1_500);

/// A stretch of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The last moment before it; none for one that begins with the run.
    pub after: Option<Instant>,
    /// Its last moment.
    pub to: Instant,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There is nothing new.
    Rest,
    /// There is, but the last line has not been heard yet: ask again after so long.
    Wait(Duration),
    /// Tell what happened while the run went on.
    Tell(Stretch),
    /// Tell what happened at this very moment, to which the playhead was put.
    TellMoment(Instant),
}

/// Who tells what happened.
#[derive(Clone, Copy, Debug)]
pub struct Teller {
    /// Where the playhead is, and whether it moves by itself.
    at: Instant,
    moves: bool,
    /// Up to where it was told; none before the first moment.
    told: Option<Instant>,
    /// Whether the playhead was put where it is, and that was not told.
    is_put: bool,
    spoke: Option<Duration>,
}

impl Teller {
    /// Begins with what comes after `at`.
    #[must_use]
    pub fn new(at: Instant, moves: bool) -> Self {
        let told = if moves { before(at) } else { Some(at) };
        Self { at, moves, told, is_put: false, spoke: None }
    }

    /// The playhead is at `at`, and moves by itself or does not; `clock` is a time that only grows.
    pub fn hear(&mut self, clock: Duration, at: Instant, moves: bool) -> Turn {
        if moves && (!self.moves || at < self.at) {
            // It starts here, or leaps back while it plays: what was between is not told.
            self.told = before(at);
            self.is_put = false;
        } else if !moves && !self.moves && at != self.at {
            self.is_put = true;
        }
        (self.at, self.moves) = (at, moves);
        if !self.is_put && self.told == Some(at) {
            return Turn::Rest;
        }
        let heard = self.spoke.map_or(Duration::ZERO, |spoke| spoke + BREATH);
        if let Some(rest) = heard.checked_sub(clock).filter(|rest| !rest.is_zero()) {
            return Turn::Wait(rest);
        }
        let after = self.told.replace(at);
        if std::mem::take(&mut self.is_put) { Turn::TellMoment(at) } else { Turn::Tell(Stretch { after, to: at }) }
    }

    /// Something was told: where nothing happened, there is nothing to tell.
    pub fn spoke(&mut self, clock: Duration) {
        self.spoke = Some(clock);
    }
}

/// What was told before a run goes on at `at`: of one that begins, nothing.
fn before(at: Instant) -> Option<Instant> {
    (at > Instant::ZERO).then_some(at)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn stretch(after: u64, to: u64) -> Turn {
        Turn::Tell(Stretch { after: Some(Instant(after)), to: Instant(to) })
    }

    #[test]
    fn a_run_that_begins_is_told_from_its_first_moment() {
        let mut teller = Teller::new(Instant(900), false);
        let first = teller.hear(millis(0), Instant::ZERO, true);
        assert_eq!(first, Turn::Tell(Stretch { after: None, to: Instant::ZERO }));
    }

    #[test]
    fn where_it_stands_when_somebody_begins_to_listen_is_not_told() {
        for at in [Instant::ZERO, Instant(5)] {
            assert_eq!(Teller::new(at, false).hear(millis(0), at, false), Turn::Rest);
        }
    }

    #[test]
    fn what_happens_while_a_line_is_heard_is_told_together() {
        let mut teller = Teller::new(Instant(10), true);
        assert_eq!(teller.hear(millis(100), Instant(20), true), stretch(10, 20));
        teller.spoke(millis(100));
        assert_eq!(teller.hear(millis(600), Instant(30), true), Turn::Wait(millis(1_000)));
        assert_eq!(teller.hear(millis(1_599), Instant(50), true), Turn::Wait(millis(1)));
        assert_eq!(teller.hear(millis(1_600), Instant(60), true), stretch(20, 60));
    }

    #[test]
    fn what_nobody_was_told_of_takes_no_time() {
        let mut teller = Teller::new(Instant(10), true);
        assert_eq!(teller.hear(millis(0), Instant(20), true), stretch(10, 20));
        assert_eq!(teller.hear(millis(16), Instant(30), true), stretch(20, 30));
    }

    #[test]
    fn a_step_tells_its_very_moment_and_quick_steps_the_last_of_them() {
        let mut teller = Teller::new(Instant(10), false);
        assert_eq!(teller.hear(millis(0), Instant(10), false), Turn::Rest);
        assert_eq!(teller.hear(millis(0), Instant(20), false), Turn::TellMoment(Instant(20)));
        teller.spoke(millis(0));
        assert_eq!(teller.hear(millis(200), Instant(30), false), Turn::Wait(millis(1_300)));
        assert_eq!(teller.hear(millis(400), Instant(40), false), Turn::Wait(millis(1_100)));
        assert_eq!(teller.hear(millis(1_500), Instant(40), false), Turn::TellMoment(Instant(40)));
        assert_eq!(teller.hear(millis(9_000), Instant(40), false), Turn::Rest);
        assert_eq!(teller.hear(millis(9_000), Instant(30), false), Turn::TellMoment(Instant(30)), "back as well");
    }

    #[test]
    fn what_is_left_where_it_stops_is_told() {
        let mut teller = Teller::new(Instant(10), true);
        teller.hear(millis(0), Instant(20), true);
        teller.spoke(millis(0));
        assert_eq!(teller.hear(millis(100), Instant(30), false), Turn::Wait(millis(1_400)));
        assert_eq!(teller.hear(millis(1_500), Instant(30), false), stretch(20, 30));
        assert_eq!(teller.hear(millis(3_000), Instant(30), false), Turn::Rest);
    }

    proptest! {
        #[test]
        fn nobody_is_told_two_things_within_a_breath(
            heard in proptest::collection::vec((0..700_u64, 0..50_u64, any::<bool>()), 1..200),
        ) {
            let mut teller = Teller::new(Instant::ZERO, true);
            let (mut clock, mut last) = (Duration::ZERO, None::<Duration>);
            for (passed, at, moves) in heard {
                clock += millis(passed);
                if let Turn::Tell(_) | Turn::TellMoment(_) = teller.hear(clock, Instant(at), moves) {
                    prop_assert!(last.is_none_or(|last| clock.saturating_sub(last) >= BREATH));
                    teller.spoke(clock);
                    last = Some(clock);
                }
            }
        }

        #[test]
        fn of_a_run_that_plays_through_all_is_told_once(steps in proptest::collection::vec((1..700_u64, 1..50_u64), 1..100)) {
            let mut teller = Teller::new(Instant::ZERO, true);
            let (mut clock, mut at) = (Duration::ZERO, Instant::ZERO);
            let mut told = None::<Instant>;
            let mut hear = |teller: &mut Teller, clock, at, moves| {
                if let Turn::Tell(stretch) = teller.hear(clock, at, moves) {
                    assert_eq!(stretch.after, told, "it goes on where the last one ended");
                    teller.spoke(clock);
                    told = Some(stretch.to);
                }
                told
            };
            for (passed, micros) in steps {
                clock += millis(passed);
                at = Instant(at.0 + micros);
                hear(&mut teller, clock, at, true);
            }
            prop_assert_eq!(hear(&mut teller, clock + BREATH, at, false), Some(at));
        }
    }
}
