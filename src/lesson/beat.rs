//! Beats: where a lesson stops the playhead, and which requests it lights there.

use crate::lesson::ran::Ran;
use crate::time::Instant;
use crate::trace::Kind;

/// A place where a lesson stops and says a sentence.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// Where.
    pub at: At,
    /// The requests that it lights: lane and item, from 0.
    pub lit: &'static [(usize, u32)],
}

/// A moment, by what happens in it. Lanes and items count from 0, events from 1; of a script item 0 is main.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The run begins.
    Start,
    /// So long after, in milliseconds.
    Millis(u32),
    /// A call of a lane goes out: the first, the second …
    Sent(usize, usize),
    /// A call of a lane fails: the first, the second …
    Failed(usize, usize),
    /// An item of a lane begins to back off: the first, the second …
    BackingOff(usize, usize),
    /// A task of a script begins to sleep: the first, the second …
    Asleep(usize, usize),
    /// An item of a lane is over: the first, the second …
    Ended(usize, usize),
    /// This item of this lane is over.
    ItemEnded(usize, u32),
    /// All of a lane is over.
    LaneEnded(usize),
    /// All of the run is over.
    End,
}

impl At {
    /// When that is in a run; none if it does not happen.
    #[must_use]
    pub fn find(self, ran: &Ran) -> Option<Instant> {
        let nth = |lane, nth: usize, meant: fn(Kind) -> bool| {
            let mut found = ran.events(lane).filter(|&(.., kind)| meant(kind)).map(|(at, ..)| at);
            found.nth(nth.checked_sub(1)?)
        };
        let last = |lane: &crate::lesson::ran::Lane| lane.fold.latest;
        match self {
            Self::Start => Some(Instant::ZERO),
            Self::Millis(millis) => {
                Some(Instant(u64::from(millis) * 1_000)).filter(|&at| Self::End.find(ran).is_some_and(|end| at <= end))
            }
            Self::Sent(lane, n) => nth(lane, n, |kind| kind == Kind::Sent),
            Self::Failed(lane, n) => nth(lane, n, |kind| matches!(kind, Kind::Failed { .. })),
            Self::BackingOff(lane, n) => nth(lane, n, |kind| matches!(kind, Kind::BackingOff { .. })),
            Self::Asleep(lane, n) => nth(lane, n, |kind| matches!(kind, Kind::Sleeping { .. })),
            Self::Ended(lane, n) => nth(lane, n, |kind| matches!(kind, Kind::Ended { .. })),
            Self::ItemEnded(lane, item) => ran.rows(lane).get(item as usize)?.ended,
            Self::LaneEnded(lane) => ran.lanes.get(lane).map(last),
            Self::End => ran.lanes.iter().map(last).max(),
        }
    }
}
