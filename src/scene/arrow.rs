//! The arrow from the selected request to the one that it waits for.
//!
//! It is upright: who gives a permit up and who gets it do so at the same moment.

use crate::id::Tag;
use crate::scene::geometry::{Geometry, LaneInput, Viewport};
use crate::scene::shape::Shape;
use crate::time::Instant;
use crate::trace::critical::blocker;
use crate::trace::span::Row;

/// The arrow to the blocker: at the playhead while the request waits, at the end of its longest wait once it is
/// over. None where nobody is known to have been before it, and of a moment that lies beside the axis.
#[must_use]
pub fn arrow(lanes: &[LaneInput<'_>], viewport: &Viewport, geometry: &Geometry) -> Option<Shape> {
    let (lane, item) = viewport.selected?;
    let row = lanes.get(lane)?.fold.rows.get(item)?;
    let (at, by) = present_wait(row, viewport.now).or_else(|| longest_wait(row, viewport.now))?;
    if !(viewport.window.0..=viewport.window.1).contains(&at) {
        return None;
    }
    let middle = |item: usize| Some(geometry.row_top(lane, item)? + geometry.row / 2.0);
    let (x, from, to) = (geometry.scale.x_from_time(at), middle(item)?, middle(by.item as usize)?);
    // They may have had one permit after the other, and stand on its row.
    ((from - to).abs() > 0.5).then_some(Shape::Arrow { from: (x, from), to: (x, to) })
}

fn present_wait(row: &Row, now: Instant) -> Option<(Instant, Tag)> {
    let by = row.all_spans().filter(|span| span.covers(now)).find_map(blocker)?;
    Some((now, by))
}

fn longest_wait(row: &Row, now: Instant) -> Option<(Instant, Tag)> {
    if !row.is_over(now) {
        return None;
    }
    let past = row.all_spans().filter(|span| span.from < span.to && span.to <= now);
    let waits = past.filter_map(|span| Some((span, blocker(span)?)));
    waits.max_by_key(|(span, _)| span.to.since(span.from)).map(|(span, by)| (span.to, by))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::limits::RequestBucket;
    use crate::experiment::preset::race;
    use crate::experiment::{Experiment, LaneSpec};
    use crate::scene::sample::{Lane, viewport};
    use crate::trace::Event;
    use crate::trace::span::Fold;

    const SECOND: u64 = 1_000_000;

    /// The events of lane B of the default race.
    fn events() -> Vec<Event> {
        crate::lab::simulate(&race()).expect("sound").lanes.remove(1).events
    }

    /// When the arrow of an item stands, from which item to which.
    fn seen(fold: &Fold, item: usize, now: Instant) -> Option<(Instant, usize, usize)> {
        let lane = Lane::new(fold.clone(), 12);
        let lanes = [lane.input(None, &[])];
        let viewport = Viewport { selected: Some((0, item)), ..viewport(now) };
        let geometry = Geometry::new(&lanes, &viewport);
        let Shape::Arrow { from, to } = arrow(&lanes, &viewport, &geometry)? else { panic!("an arrow is an arrow") };
        assert!((from.0 - to.0).abs() < 1e-9, "it is upright");
        let row = |y| crate::scene::sample::row_at(&geometry, y).expect("a row").1;
        Some((geometry.scale.time_from_x(from.0), row(from.1), row(to.1)))
    }

    #[test]
    fn while_it_waits_the_arrow_stands_at_the_playhead() {
        let fold = Fold::of(&events());
        for now in [0, SECOND, 5 * SECOND] {
            let (at, from, to) = seen(&fold, 6, Instant(now)).expect("an arrow");
            assert!(at.0.abs_diff(now) <= 1, "at {} and not {now}", at.0);
            // Request 2 gives its slot up to request 7.
            assert_eq!((from, to), (6, 1));
        }
    }

    #[test]
    fn once_it_is_done_the_arrow_stands_where_its_longest_wait_ended() {
        let fold = Fold::of(&events());
        let (at, from, to) = seen(&fold, 6, fold.latest).expect("an arrow");
        assert!(at.0.abs_diff(fold.rows[6].spans[0].to.0) <= 1);
        assert_eq!((from, to), (6, 1));
    }

    #[test]
    fn who_waits_for_nobody_has_no_arrow() {
        let fold = Fold::of(&events());
        let sent = fold.rows[6].sent.expect("it was sent");
        assert_eq!(seen(&fold, 6, sent), None, "it is with the server");
        assert_eq!(seen(&fold, 0, Instant(SECOND)), None);
        assert_eq!(seen(&fold, 0, fold.latest), None, "it never waited");
    }

    #[test]
    fn a_wait_whose_end_nobody_knows_points_nowhere() {
        let early: Vec<Event> = events().into_iter().take_while(|event| event.at < Instant(SECOND)).collect();
        assert_eq!(seen(&Fold::of(&early), 6, Instant(SECOND)), None);
    }

    #[test]
    fn in_a_line_it_points_to_the_one_before() {
        let bucket = Some(RequestBucket { capacity: 1, per_minute: 30 });
        let lanes = vec![LaneSpec { request_bucket: bucket, ..LaneSpec::concurrent(12) }];
        let trace = crate::lab::simulate(&Experiment { lanes, ..race() }).expect("sound");
        let fold = Fold::of(&trace.lanes[0].events);
        let ends = |item| seen(&fold, item, Instant(SECOND)).map(|(_, from, to)| (from, to));
        assert_eq!(ends(1), None, "the gate holds it, and no request");
        assert_eq!((ends(2), ends(3)), (Some((2, 1)), Some((3, 2))));
    }
}
