//! What a pointer reads off a track.

use crate::scene::geometry::{Geometry, TRACK};
use crate::scene::track::Track;
use crate::time::Instant;

/// A value read off a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The lane.
    pub lane: usize,
    /// The track, by its place among the lane's.
    pub track: usize,
    /// The moment that the pointer is at.
    pub at: Instant,
    /// What the gate held then.
    pub value: f64,
}

/// The moment under a pointer; none beside the axis.
#[must_use]
pub fn moment_at(geometry: &Geometry, x: f64) -> Option<Instant> {
    let scale = geometry.scale;
    (scale.left()..=scale.right()).contains(&x).then(|| scale.time_from_x(x))
}

/// What the track under a pointer held at the moment under it. `tracks` are those of each lane; nothing is read beyond
/// the playhead.
#[must_use]
pub fn reading(geometry: &Geometry, tracks: &[&[Track]], now: Instant, (x, y): (f64, f64)) -> Option<Reading> {
    let at = moment_at(geometry, x).filter(|&at| at <= now)?;
    let is_over = |lane, track| geometry.track_top(lane, track).is_some_and(|top| (top..top + TRACK).contains(&y));
    tracks.iter().enumerate().find_map(|(lane, tracks)| {
        let track = (0..tracks.len()).find(|&track| is_over(lane, track))?;
        Some(Reading { lane, track, at, value: tracks[track].value_at(at)? })
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::scene::geometry::Viewport;
    use crate::scene::sample::{Lane, viewport};
    use crate::scene::track::Of;
    use crate::trace::Gate;
    use crate::trace::span::Fold;

    const SECOND: u64 = 1_000_000;
    const NOW: Instant = Instant(8 * SECOND);

    fn read_at(geometry: &Geometry, tracks: &[Vec<Track>], at: (f64, f64)) -> Option<Reading> {
        let tracks: Vec<&[Track]> = tracks.iter().map(Vec::as_slice).collect();
        reading(geometry, &tracks, NOW, at)
    }

    /// A lane without tracks and one with two, on an axis of 10 s with the playhead at 8 s.
    fn scene() -> (Geometry, Vec<Vec<Track>>) {
        let track = |gate, corners: &[(u64, f64)]| Track {
            of: Of::Gate(gate),
            most: 4.0,
            least: None,
            corners: corners.iter().map(|&(secs, value)| (Instant(secs * SECOND), value)).collect(),
        };
        let tracks = vec![
            Vec::new(),
            vec![
                track(Gate::RequestBucket, &[(0, 4.0), (0, 0.0), (4, 4.0), (8, 4.0)]),
                track(Gate::Window, &[(0, 0.0), (0, 2.0), (5, 2.0), (5, 1.0), (8, 1.0)]),
            ],
        ];
        let lane = Lane::new(Fold::default(), 3);
        let lanes: Vec<_> = tracks.iter().map(|tracks| lane.input(Some(2), tracks)).collect();
        let viewport = Viewport { window: (Instant::ZERO, Instant(10 * SECOND)), ..viewport(NOW) };
        let geometry = Geometry::new(&lanes, &viewport);
        (geometry, tracks)
    }

    /// What is read at a moment in the middle of a track of the second lane.
    fn read(track: usize, millis: u64) -> Option<(usize, usize, f64)> {
        let (geometry, tracks) = scene();
        let x = geometry.scale.x_from_time(Instant(millis * 1_000));
        let y = geometry.track_top(1, track).expect("a lane") + TRACK / 2.0;
        read_at(&geometry, &tracks, (x, y)).map(|reading| {
            assert!(reading.at.0.abs_diff(millis * 1_000) <= 1);
            (reading.lane, reading.track, (reading.value * 100.0).round() / 100.0)
        })
    }

    #[test]
    fn a_slope_is_read_in_proportion_and_a_step_as_it_came_to_be() {
        assert_eq!(read(0, 1_000), Some((1, 0, 1.0)));
        assert_eq!(read(0, 3_500), Some((1, 0, 3.5)));
        assert_eq!(read(1, 4_900), Some((1, 1, 2.0)));
        assert_eq!(read(1, 5_100), Some((1, 1, 1.0)));
    }

    #[test]
    fn nothing_is_read_beyond_the_playhead_or_beside_a_track() {
        assert_eq!(read(0, 8_100), None);
        assert_eq!(read(2, 1_000), None, "it has two tracks");
        let (geometry, tracks) = scene();
        let (x, y) = (geometry.scale.x_from_time(Instant(SECOND)), geometry.track_top(1, 0).expect("a lane"));
        assert!(read_at(&geometry, &tracks, (x, y + 1.0)).is_some());
        assert_eq!(read_at(&geometry, &tracks, (x, y - 1.0)), None, "above it");
        assert_eq!(read_at(&geometry, &tracks, (x, y + TRACK + 1.0)), None, "between two");
        assert_eq!(read_at(&geometry, &tracks, (geometry.scale.left() - 1.0, y + 1.0)), None, "left of the axis");
        assert_eq!(read_at(&geometry, &tracks, (geometry.scale.right() + 1.0, y + 1.0)), None);
        let none = geometry.track_top(0, 0).expect("a lane");
        assert_eq!(read_at(&geometry, &tracks[..1], (x, none + 1.0)), None, "that lane has none");
    }
}
