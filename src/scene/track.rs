//! What the gates of a lane hold, over time: the tracks under its rows.

use crate::experiment::Plan;
use crate::time::{Instant, from_secs};
use crate::trace::Gate;
use crate::trace::span::Fold;

/// What a gate held, from the lane's beginning to the playhead.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The gate.
    pub gate: Gate,
    /// What fills the track's height.
    pub most: f64,
    /// Corners from left to right: when, and how much.
    pub corners: Vec<(Instant, f64)>,
}

impl Track {
    /// What it holds at its end.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.corners.last().map_or(0.0, |&(_, value)| value)
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

/// The tracks of a lane as far as `now`, one for each gate that holds something.
#[must_use]
pub fn tracks(fold: &Fold, plan: &Plan, now: Instant) -> Vec<Track> {
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
        (Gate::Pace, rates.pace.is_some(), 1_000.0),
        (Gate::Breaker, rates.breaker.is_some(), 3.0),
        (Gate::RetryBudget, plan.retry_budget.is_some(), 1.0),
    ] {
        if is_there {
            tracks.push(stepped(fold, gate, least, now));
        }
    }
    tracks
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
    Track { gate, most: capacity, corners }
}

/// A window: one more at each call, one less when it is as old as the window is long.
fn windowed(fold: &Fold, limit: u32, window: std::time::Duration, now: Instant) -> Track {
    let mut changes: Vec<(Instant, i32)> = Vec::new();
    for row in &fold.rows {
        for sent in row.sends().filter(|&sent| sent <= now) {
            changes.push((sent, 1));
            changes.push((sent + window, -1));
        }
    }
    changes.sort_unstable();
    let mut corners = vec![(Instant::ZERO, 0.0)];
    let mut fill = 0.0;
    for (at, change) in changes.into_iter().take_while(|&(at, _)| at <= now) {
        corners.push((at, fill));
        fill += f64::from(change);
        corners.push((at, fill));
    }
    corners.push((now, fill));
    Track { gate: Gate::Window, most: f64::from(limit), corners }
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
    Track { gate, most, corners }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::experiment::{Experiment, LaneSpec, limits};

    fn lane(spec: LaneSpec) -> (Fold, Plan) {
        let experiment = Experiment { lanes: vec![spec], ..race() };
        let trace = crate::lab::simulate(&experiment).expect("sound");
        (Fold::of(&trace.lanes[0].events), experiment.plans().expect("sound").remove(0))
    }

    #[test]
    fn a_bucket_drains_with_the_burst_and_fills_up_again() {
        let bucket = limits::RequestBucket { capacity: 3, per_minute: 60 };
        let (fold, plan) = lane(LaneSpec { request_bucket: Some(bucket), ..LaneSpec::concurrent(12) });
        let [track] = &tracks(&fold, &plan, Instant(0))[..] else { panic!("one gate, one track") };
        assert_eq!((track.most, track.last()), (3.0, 0.0), "three went at once");
        let at_end = &tracks(&fold, &plan, fold.latest)[0];
        assert!(at_end.last() > 2.9, "full again: {}", at_end.last());
        assert!(at_end.corners.is_sorted_by_key(|&(at, _)| at));
        assert!(at_end.corners.iter().all(|&(_, level)| (0.0..=3.0).contains(&level)));
    }

    #[test]
    fn a_window_is_never_fuller_than_its_limit() {
        let window = limits::Window { requests: 4, window_millis: 5_000 };
        let (fold, plan) = lane(LaneSpec { window: Some(window), ..LaneSpec::concurrent(12) });
        let track = &tracks(&fold, &plan, fold.latest)[0];
        let fullest = track.corners.iter().map(|&(_, fill)| fill).fold(0.0, f64::max);
        assert!((fullest - 4.0).abs() < 1e-9, "{fullest}");
    }

    #[test]
    fn between_corners_it_is_read_in_proportion_and_at_an_edge_as_it_came_to_be() {
        let corners = [(0, 4.0), (2, 4.0), (2, 1.0), (6, 3.0)].map(|(secs, value)| (Instant(secs * 1_000_000), value));
        let track = Track { gate: Gate::RequestBucket, most: 4.0, corners: corners.into() };
        let read = [0, 1, 2, 3, 4, 6, 7].map(|secs| track.value_at(Instant(secs * 1_000_000)));
        assert_eq!(read, [Some(4.0), Some(4.0), Some(1.0), Some(1.5), Some(2.0), Some(3.0), None]);
        assert_eq!(Track { corners: Vec::new(), ..track }.value_at(Instant::ZERO), None);
    }

    #[test]
    fn a_lane_without_gates_of_rate_has_no_tracks() {
        let (fold, plan) = lane(LaneSpec::concurrent(4));
        assert_eq!(tracks(&fold, &plan, fold.latest), []);
    }
}
