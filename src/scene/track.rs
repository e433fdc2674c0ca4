//! What the gates of a lane hold, over time, who waits at them, and what is left of the server's quota: the
//! tracks under its rows.

use crate::experiment::Plan;
use crate::experiment::plan::Strategy;
use crate::time::{Instant, from_secs};
use crate::trace::span::{Fate, Fold, Phase, Row, Span};
use crate::trace::{Gate, LaneTrace};
use std::time::Duration;

/// What a track shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// What a gate holds.
    Gate(Gate),
    /// How many wait for a permit or at a rate.
    Line,
    /// What is left of the simulated server's quota of requests.
    Quota,
    /// How many tasks of a script compute.
    Thread,
}

/// What something held, from the lane's beginning to the playhead.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// What it is of.
    pub of: Of,
    /// What fills the track's height, once all has happened.
    pub most: f64,
    /// Where that grows with what it holds: what fills it at first.
    pub least: Option<f64>,
    /// Corners from left to right: when, and how much.
    pub corners: Vec<(Instant, f64)>,
}

impl Track {
    /// What it holds at its end.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.corners.last().map_or(0.0, |&(_, value)| value)
    }

    /// What it holds at a moment: what it came to, if it is over by then.
    #[must_use]
    pub fn at(&self, now: Instant) -> f64 {
        self.value_at(now).unwrap_or_else(|| self.last())
    }

    /// What fills its height at a moment: no more than it has held by then.
    #[must_use]
    pub fn most_at(&self, now: Instant) -> f64 {
        let held = self.corners.iter().take_while(|&&(at, _)| at <= now).map(|&(_, value)| value);
        self.least.map_or(self.most, |least| held.fold(least, f64::max))
    }

    /// What it held at a moment: between corners in proportion, at an upright edge what it came to. Nothing
    /// before its first corner and after its last.
    #[must_use]
    pub fn value_at(&self, at: Instant) -> Option<f64> {
        let after = self.corners.partition_point(|&(when, _)| when <= at);
        let &(from, before) = self.corners.get(after.checked_sub(1)?)?;
        let Some(&(to, value)) = self.corners.get(after) else { return (from == at).then_some(before) };
        let share = at.since(from).as_secs_f64() / to.since(from).as_secs_f64();
        Some(before + (value - before) * share)
    }
}

/// The tracks of a lane as far as `now`, one for each gate that holds something. `quota` is the server's, where it
/// is known.
#[must_use]
pub fn tracks(fold: &Fold, lane: &LaneTrace, plan: &Plan, quota: Option<(u32, Duration)>, now: Instant) -> Vec<Track> {
    let now = now.min(fold.latest);
    let mut tracks = Vec::new();
    let rates = &plan.rates;
    let buckets = [(Gate::RequestBucket, rates.requests), (Gate::TokenBucket, rates.tokens.map(|(bucket, _)| bucket))];
    for (gate, bucket) in buckets {
        if let Some(bucket) = bucket {
            tracks.push(refilled(fold, gate, f64::from(bucket.capacity()), bucket.per_second(), now));
        }
    }
    if let Some(window) = rates.window {
        tracks.push(windowed(fold, window.limit(), window.window(), now));
    }
    for (gate, is_there, least) in [
        (Gate::Semaphore, plan.adaptive_limit.is_some(), 1.0),
        (Gate::Pace, rates.pace.is_some(), 1_000.0),
        (Gate::Breaker, rates.breaker.is_some(), 3.0),
        (Gate::RetryBudget, plan.retry_budget.is_some(), 1.0),
    ] {
        if is_there {
            tracks.push(stepped(fold, gate, least, now));
        }
    }
    // Where nothing but the limit holds anybody, the rows show the line well enough.
    let line_matters = plan.is_ordered() || matches!(plan.strategy, Strategy::WorkerPool { .. });
    if line_matters || !tracks.is_empty() {
        tracks.push(line(fold, now));
    }
    if let Some((limit, window)) = quota {
        tracks.push(quota_left(fold, lane, limit, window, now));
    }
    tracks.extend(thread(fold, now));
    tracks
}

/// Who computes: of one thread never more than one, which is what the track is there to show. None where nobody does.
fn thread(fold: &Fold, now: Instant) -> Option<Track> {
    let track = counted(fold, Of::Thread, |span| span.phase == Phase::Computing, now);
    track.corners.iter().any(|&(_, count)| count > 0.0).then_some(track)
}

fn told(fold: &Fold, gate: Gate, now: Instant) -> impl Iterator<Item = (Instant, f64)> {
    let told = fold.gauges.iter().filter(move |(of, at, _)| *of == gate && *at <= now);
    told.map(|&(_, at, value)| (at, f64::from(value)))
}

/// A bucket: full at first, down at each call, and up again evenly.
fn refilled(fold: &Fold, gate: Gate, capacity: f64, per_second: f64, now: Instant) -> Track {
    let mut corners = vec![(Instant::ZERO, capacity)];
    let rise_to = |corners: &mut Vec<(Instant, f64)>, to: Instant| {
        let Some(&(from, level)) = corners.last() else { return };
        let full = from + from_secs((capacity - level) / per_second);
        if level < capacity && full < to {
            corners.push((full, capacity));
            corners.push((to, capacity));
        } else {
            let risen = level + to.since(from).as_secs_f64() * per_second;
            corners.push((to, risen.min(capacity)));
        }
    };
    for (at, level) in told(fold, gate, now) {
        rise_to(&mut corners, at);
        corners.push((at, level));
    }
    rise_to(&mut corners, now);
    Track { of: Of::Gate(gate), most: capacity, least: None, corners }
}

/// A window: one more at each call, one less when it is as old as the window is long.
fn windowed(fold: &Fold, limit: u32, window: Duration, now: Instant) -> Track {
    let mut changes: Vec<(Instant, i32)> = Vec::new();
    for row in &fold.rows {
        for sent in row.sends().filter(|&sent| sent <= now) {
            changes.push((sent, 1));
            changes.push((sent + window, -1));
        }
    }
    Track { of: Of::Gate(Gate::Window), most: f64::from(limit), least: None, corners: steps(changes, now) }
}

/// How many wait in line: one more when a wait begins, one less when it ends.
fn line(fold: &Fold, now: Instant) -> Track {
    counted(fold, Of::Line, |span| span.phase.is_wait_in_line(), now)
}

/// How many are in such a stretch.
fn counted(fold: &Fold, of: Of, is_such: impl Fn(&Span) -> bool, now: Instant) -> Track {
    let such = fold.rows.iter().flat_map(Row::all_spans).filter(|&span| is_such(span));
    let mut changes = Vec::new();
    for span in such.filter(|span| span.from <= now) {
        changes.push((span.from, 1));
        if span.fate != Fate::Open {
            changes.push((span.to, -1));
        }
    }
    let corners = steps(changes, now);
    let most = corners.iter().map(|&(_, count)| count).fold(1.0, f64::max);
    Track { of, most, least: Some(1.0), corners }
}

/// What is left of the server's quota: one less for each call that it let through, one more when that is as old as
/// the window is long.
fn quota_left(fold: &Fold, lane: &LaneTrace, limit: u32, window: Duration, now: Instant) -> Track {
    let mut changes = Vec::new();
    let mut attempt = None;
    for span in fold.rows.iter().flat_map(Row::all_spans).filter(|span| span.phase.is_in_flight()) {
        // An answer of which the first byte came at once has no span for it.
        let is_first = attempt.replace(span.tag) != Some(span.tag);
        if is_first && span.from <= now && !lane.refused(span) {
            changes.push((span.from, 1));
            changes.push((span.from + window, -1));
        }
    }
    let left = |(at, used): (Instant, f64)| (at, (f64::from(limit) - used).max(0.0));
    let corners = steps(changes, now).into_iter().map(left).collect();
    Track { of: Of::Quota, most: f64::from(limit), least: None, corners }
}

/// The corners of a count that changes, as far as `now`.
fn steps(mut changes: Vec<(Instant, i32)>, now: Instant) -> Vec<(Instant, f64)> {
    changes.sort_unstable();
    let mut corners = vec![(Instant::ZERO, 0.0)];
    let mut count = 0.0;
    for (at, change) in changes.into_iter().take_while(|&(at, _)| at <= now) {
        corners.push((at, count));
        count += f64::from(change);
        corners.push((at, count));
    }
    corners.push((now, count));
    corners
}

fn stepped(fold: &Fold, gate: Gate, least: f64, now: Instant) -> Track {
    let mut corners = Vec::new();
    for (at, value) in told(fold, gate, now) {
        let before = corners.last().map_or(value, |&(_, value)| value);
        corners.push((if corners.is_empty() { Instant::ZERO } else { at }, before));
        corners.push((at, value));
    }
    if let Some(&(_, last)) = corners.last() {
        corners.push((now, last));
    }
    let most = corners.iter().map(|&(_, value)| value).fold(least, f64::max);
    Track { of: Of::Gate(gate), most, least: Some(least), corners }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::experiment::server::Simulated;
    use crate::experiment::{Experiment, LaneSpec, Server, limits};

    /// A lane's tracks as far as `now`.
    fn lane(spec: LaneSpec, quota: Option<u32>) -> impl Fn(Instant) -> Vec<Track> {
        let server = Server::Simulated(Simulated { requests_per_minute: quota, ..Simulated::default() });
        let experiment = Experiment { lanes: vec![spec], server, ..race() };
        let trace = crate::lab::simulate(&experiment).expect("sound");
        let (fold, plan) = (Fold::of(&trace.lanes[0].events), experiment.plans().expect("sound").remove(0));
        move |now| tracks(&fold, &trace.lanes[0], &plan, experiment.server.quota(), now)
    }

    #[test]
    fn a_bucket_drains_with_the_burst_and_fills_up_again() {
        let bucket = limits::RequestBucket { capacity: 3, per_minute: 60 };
        let tracks = lane(LaneSpec { request_bucket: Some(bucket), ..LaneSpec::concurrent(12) }, None);
        let [track, line] = &tracks(Instant(0))[..] else { panic!("one gate, and the line before it") };
        assert_eq!((track.most, track.last()), (3.0, 0.0), "three went at once");
        assert_eq!((line.of, line.last()), (Of::Line, 9.0), "the others wait");
        let at_end = &tracks(Instant::NEVER)[0];
        assert!(at_end.last() > 2.9, "full again: {}", at_end.last());
        assert!(at_end.corners.is_sorted_by_key(|&(at, _)| at));
        assert!(at_end.corners.iter().all(|&(_, level)| (0.0..=3.0).contains(&level)));
    }

    #[test]
    fn a_window_is_never_fuller_than_its_limit() {
        let window = limits::Window { requests: 4, window_millis: 5_000 };
        let track = &lane(LaneSpec { window: Some(window), ..LaneSpec::concurrent(12) }, None)(Instant::NEVER)[0];
        let fullest = track.corners.iter().map(|&(_, fill)| fill).fold(0.0, f64::max);
        assert!((fullest - 4.0).abs() < 1e-9, "{fullest}");
    }

    #[test]
    fn between_corners_it_is_read_in_proportion_and_at_an_edge_as_it_came_to_be() {
        let corners = [(0, 4.0), (2, 4.0), (2, 1.0), (6, 3.0)].map(|(secs, value)| (Instant(secs * 1_000_000), value));
        let track = Track { of: Of::Gate(Gate::RequestBucket), most: 4.0, least: None, corners: corners.into() };
        let read = [0, 1, 2, 3, 4, 6, 7].map(|secs| track.value_at(Instant(secs * 1_000_000)));
        assert_eq!(read, [Some(4.0), Some(4.0), Some(1.0), Some(1.5), Some(2.0), Some(3.0), None]);
        assert_eq!(Track { corners: Vec::new(), ..track }.value_at(Instant::ZERO), None);
    }

    #[test]
    fn the_whole_holds_at_each_moment_what_was_held_as_far_as_that() {
        let bucket = limits::RequestBucket { capacity: 3, per_minute: 60 };
        let tracks = lane(LaneSpec { request_bucket: Some(bucket), ..LaneSpec::concurrent(3) }, Some(9));
        let whole = tracks(Instant::NEVER);
        assert_eq!(whole.len(), 3);
        for at in (0..400).map(|n| Instant(n * 173_331)) {
            for (part, whole) in tracks(at).iter().zip(&whole) {
                let is_same = |a: f64, b: f64| (a - b).abs() < 1e-3;
                assert!(
                    is_same(part.last(), whole.at(at)),
                    "{:?} at {at:?}: {} and {}",
                    part.of,
                    part.last(),
                    whole.at(at)
                );
                assert!(is_same(part.most, whole.most_at(at)), "{:?} at {at:?}", part.of);
            }
        }
    }

    #[test]
    fn a_lane_without_gates_of_rate_has_no_tracks() {
        assert_eq!(lane(LaneSpec::concurrent(4), None)(Instant::NEVER), []);
    }

    #[test]
    fn what_is_left_of_a_quota_falls_with_what_is_let_through_and_not_with_what_is_refused() {
        let tracks = lane(LaneSpec { tries: 1, ..LaneSpec::concurrent(12) }, Some(9));
        let [track] = &tracks(Instant(2_000_000))[..] else { panic!("the quota alone") };
        assert_eq!((track.of, track.most, track.last()), (Of::Quota, 9.0, 0.0));
        assert!(track.corners.iter().all(|&(_, left)| left >= 0.0));
    }
}
