//! A lane in figures between two moments. What happens at either of them counts in.

use crate::time::{Instant, whole_micros};
use crate::trace::event::{Kind, Outcome};
use crate::trace::log::LaneTrace;
use crate::trace::span::{Fate, Fold, Row};
use std::time::Duration;

/// A lane in figures between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stretch {
    /// How long it is.
    pub span: Duration,
    /// Attempts that went out.
    pub sent: usize,
    /// Items that ended with an answer.
    pub answered: usize,
    /// Items that failed for good.
    pub failed: usize,
    /// Attempts that the server said no to.
    pub refused: usize,
    /// Tokens of answers and thinking, of the answers that became whole.
    pub tokens: u64,
    /// Attempts under way, on the average.
    pub mean_in_flight: f64,
}

impl Stretch {
    /// The figures of a lane from one moment to another.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // For display only.
    pub fn of(fold: &Fold, lane: &LaneTrace, (from, to): (Instant, Instant)) -> Self {
        let mut stretch = Self { span: to.since(from), ..Self::default() };
        let first = lane.events.partition_point(|event| event.at < from);
        for event in lane.events[first..].iter().take_while(|event| event.at <= to) {
            match event.kind {
                Kind::Sent => stretch.sent += 1,
                Kind::Ended { outcome: Outcome::Answered } => stretch.answered += 1,
                Kind::Ended { outcome: Outcome::Failed } => stretch.failed += 1,
                Kind::Answered { answer } => {
                    let usage = lane.answers.get(answer as usize).map(|answer| answer.usage);
                    stretch.tokens += usage.map_or(0, |usage| u64::from(usage.output()));
                }
                _ => {}
            }
        }
        let mut flown = 0;
        for span in fold.rows.iter().flat_map(Row::all_spans) {
            if span.phase.is_in_flight() {
                let end = if span.fate == Fate::Open { to } else { span.to.min(to) };
                flown += whole_micros(end.since(span.from.max(from)));
            }
            stretch.refused += usize::from((from..=to).contains(&span.to) && lane.refused(span));
        }
        stretch.mean_in_flight = flown as f64 / whole_micros(stretch.span).max(1) as f64;
        stretch
    }

    /// So many in the stretch, a second.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // For display only.
    pub fn per_second(&self, count: u64) -> f64 {
        count as f64 / self.span.as_secs_f64().max(1e-6)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset;
    use crate::lab::simulate;
    use crate::trace::stats::{Stats, Terms};

    fn race() -> Vec<(Fold, LaneTrace)> {
        let trace = simulate(&preset::race()).unwrap();
        trace.lanes.into_iter().map(|lane| (Fold::of(&lane.events), lane)).collect()
    }

    #[test]
    fn the_whole_run_has_the_figures_of_the_whole_run() {
        for (fold, lane) in race() {
            let stretch = Stretch::of(&fold, &lane, (Instant::ZERO, fold.latest));
            let stats = Stats::at(fold.latest, &fold, &lane, Terms { items: 12, ..Terms::default() });
            assert_eq!((stretch.sent, stretch.answered), (stats.attempts as usize, stats.succeeded));
            assert_eq!((stretch.failed, stretch.refused), (0, stats.lost_attempts as usize));
            assert_eq!(stretch.tokens, stats.tokens.output);
            assert!((stretch.mean_in_flight - stats.mean_in_flight).abs() < 0.01, "{stretch:?}");
        }
    }

    #[test]
    fn halves_add_up_to_the_whole() {
        for (fold, lane) in race() {
            // At no event, which would count in both.
            let middle = Instant(fold.latest.0 / 2 + 1);
            assert!(lane.events.iter().all(|event| event.at != middle));
            let of = |from, to| Stretch::of(&fold, &lane, (from, to));
            let (first, second, all) =
                (of(Instant::ZERO, middle), of(middle, fold.latest), of(Instant::ZERO, fold.latest));
            assert!(first.answered > 0 && second.answered > 0);
            assert_eq!(first.answered + second.answered, all.answered);
            assert_eq!(first.sent + second.sent, all.sent);
            assert_eq!(first.tokens + second.tokens, all.tokens);
            let mean = f64::midpoint(first.mean_in_flight, second.mean_in_flight);
            assert!((mean - all.mean_in_flight).abs() < 1e-3);
        }
    }

    #[test]
    fn a_stretch_of_nothing_has_no_figures() {
        let (fold, lane) = race().remove(1);
        let after = Instant(fold.latest.0 + 1);
        let stretch = Stretch::of(&fold, &lane, (after, Instant(after.0 + 1_000_000)));
        assert_eq!(stretch, Stretch { span: Duration::from_secs(1), ..Stretch::default() });
        assert!((Stretch { span: Duration::from_secs(4), ..stretch }.per_second(10) - 2.5).abs() < 1e-9);
    }
}
