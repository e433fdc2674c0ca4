//! What a lane sent in the last stretch of time: a limit's window as the lane itself can count it.
//!
//! What else spends the same quota, and what the server counts of a call that it refused, is not known here.

use crate::time::Instant;
use crate::trace::span::{Fold, Row};
use std::time::Duration;

/// How many attempts the lane sent in the `window` that ends at `now`.
#[must_use]
pub fn sent_within(fold: &Fold, now: Instant, window: Duration) -> usize {
    sends(fold, now, window).count()
}

/// How long from `now` until the oldest of them leaves the window; none where there is none.
#[must_use]
pub fn oldest_leaves_in(fold: &Fold, now: Instant, window: Duration) -> Option<Duration> {
    sends(fold, now, window).min().map(|oldest| (oldest + window).since(now))
}

/// One that is as old as the window is long has left it.
fn sends(fold: &Fold, now: Instant, window: Duration) -> impl Iterator<Item = Instant> {
    fold.rows.iter().flat_map(Row::sends).filter(move |&sent| sent <= now && now < sent + window)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::trace::{Event, Kind};

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(secs: u64) -> Instant {
        Instant(secs * 1_000_000)
    }

    /// What an attempt of `item` that is sent and refused 1 s later leaves.
    fn refused(item: u32, attempt: u8, secs: u64) -> Vec<Event> {
        let tag = Tag { attempt, ..Tag::of_item(0, item) };
        let event = |secs, kind| Event { at: at(secs), tag, kind };
        vec![event(secs, Kind::Sent), event(secs + 1, Kind::FirstByte), event(secs + 1, Kind::Failed { failure: 0 })]
    }

    /// Two items, the first tried twice: sent after 0, 10 and 30 s.
    fn lane() -> Fold {
        Fold::of(&[refused(0, 1, 0), refused(1, 1, 10), refused(0, 2, 30)].concat())
    }

    #[test]
    fn each_attempt_counts_once_and_only_while_it_is_in_the_window() {
        let sent = |secs| sent_within(&lane(), at(secs), MINUTE);
        assert_eq!([0, 9, 10, 29, 30, 59, 60, 70, 90].map(sent), [1, 1, 2, 2, 3, 3, 2, 1, 0]);
        assert_eq!(sent_within(&lane(), at(30), Duration::from_secs(15)), 1);
    }

    #[test]
    fn the_oldest_leaves_when_it_is_as_old_as_the_window_is_long() {
        let left = |secs| oldest_leaves_in(&lane(), at(secs), MINUTE).map(|left| left.as_secs());
        assert_eq!([0, 30, 59, 60, 89, 90].map(left), [Some(60), Some(30), Some(1), Some(10), Some(1), None]);
    }

    #[test]
    fn a_lane_that_sent_nothing_has_an_empty_window() {
        assert_eq!(sent_within(&Fold::default(), at(5), MINUTE), 0);
        assert_eq!(oldest_leaves_in(&Fold::default(), at(5), MINUTE), None);
    }
}
