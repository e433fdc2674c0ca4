//! A line of many corners, drawn with a few: what lies within a pixel's width is drawn as where it comes in, its
//! lowest and highest point, and where it goes out.

/// A corner.
pub(super) type Point = (f64, f64);

/// The corners that can be told apart, at most four for each pixel across. `points` go from left to right.
pub(super) fn thinned(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut column = None::<Column>;
    for point in points {
        #[allow(clippy::cast_possible_truncation)] // Pixels.
        let place = point.0 as i64;
        match &mut column {
            Some(column) if column.place == place => column.add(point),
            before => {
                let next = Column { place, count: 0, first: point, low: (0, point), high: (0, point), last: point };
                if let Some(column) = before.replace(next) {
                    column.keep(&mut kept);
                }
            }
        }
    }
    if let Some(column) = column {
        column.keep(&mut kept);
    }
    kept
}

/// What is kept of a column.
struct Column {
    place: i64,
    /// How many corners came after the first.
    count: usize,
    first: Point,
    /// The lowest and the highest, and which they were.
    low: (usize, Point),
    high: (usize, Point),
    last: Point,
}

impl Column {
    fn add(&mut self, point: Point) {
        self.count += 1;
        if point.1 < self.low.1.1 {
            self.low = (self.count, point);
        }
        if point.1 > self.high.1.1 {
            self.high = (self.count, point);
        }
        self.last = point;
    }

    /// Adds its corners to those that are kept, in the order of coming and each once.
    fn keep(&self, kept: &mut Vec<Point>) {
        let Self { first, low, high, last, .. } = *self;
        let (one, other) = if low.0 <= high.0 { (low.1, high.1) } else { (high.1, low.1) };
        kept.push(first);
        for point in [one, other, last] {
            if kept.last() != Some(&point) {
                kept.push(point);
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_column_keeps_its_ends_and_how_far_it_reaches(
            steps in prop::collection::vec((0.0f64..0.6, 0.0f64..30.0), 1..200),
        ) {
            let mut x = 0.0;
            let points: Vec<Point> = steps.into_iter().map(|(by, y)| { x += by; (x, y) }).collect();
            let kept = thinned(points.iter().copied());
            prop_assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
            for column in 0..200 {
                let of = |all: &[Point]| -> Vec<f64> {
                    let column = f64::from(column)..f64::from(column + 1);
                    all.iter().filter(|point| column.contains(&point.0)).map(|point| point.1).collect()
                };
                let (before, after) = (of(&points), of(&kept));
                prop_assert!(after.len() <= 4);
                let reach = |all: &[f64]| all.iter().fold((f64::MAX, f64::MIN), |(low, high), &y| (low.min(y), high.max(y)));
                prop_assert_eq!(reach(&before), reach(&after));
            }
        }
    }
}
