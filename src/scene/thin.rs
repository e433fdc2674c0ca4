//! A line of many corners, drawn with a few: what lies within a pixel's width is drawn as where it comes in, its
//! lowest and highest point, and where it goes out.

/// A corner.
pub(super) type Point = (f64, f64);

/// The corners that can be told apart, at most four for each pixel across. `points` go from left to right.
pub(super) fn thinned(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    // From here on they are of the column under way.
    let mut column = 0;
    for point in points {
        match kept.get(column) {
            Some(first) if libm::floor(first.0) >= libm::floor(point.0) => {}
            _ => column = kept.len(),
        }
        kept.push(point);
        if kept.len() > column + 4 {
            // Of the three between the first and the last, the one that lies between the two others goes.
            let [one, two, three] = [1, 2, 3].map(|n| kept[column + n].1);
            let is_between = |y: f64, a: f64, b: f64| y >= a.min(b) && y <= a.max(b);
            let gone = if is_between(two, one, three) {
                2
            } else if is_between(one, two, three) {
                1
            } else {
                3
            };
            kept.remove(column + gone);
        }
    }
    kept
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
                    all.iter().filter(|point| libm::floor(point.0) as i32 == column).map(|point| point.1).collect()
                };
                let (before, after) = (of(&points), of(&kept));
                prop_assert!(after.len() <= 4);
                let reach = |all: &[f64]| all.iter().fold((f64::MAX, f64::MIN), |(low, high), &y| (low.min(y), high.max(y)));
                prop_assert_eq!(reach(&before), reach(&after));
            }
        }
    }
}
