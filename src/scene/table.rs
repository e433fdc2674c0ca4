//! Which requests of a lane a table shows, and in which order: sorted by any column, those of one outcome alone, those
//! in which something is found.
//!
//! What is equal stays in the order of asking, whichever way the column is sorted, and what has no figure yet stands
//! last both ways.

use crate::scene::cells::{backed_off, is_retried, service, waited};
use crate::time::{Instant, whole_micros};
use crate::trace::Outcome;
use crate::trace::span::{Phase, Row};

/// The columns of the table, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The place in the order of asking.
    Asked,
    /// The place among those that finished.
    Finished,
    /// What it is doing, or how it ended: in the order of a life.
    State,
    /// How long it waited in line and at rates.
    Waited,
    /// How long it backed off.
    BackedOff,
    /// How long after its first attempt it ended.
    Service,
    /// Attempts that went out.
    Tries,
    /// The text that came, by the order of its bytes.
    Answer,
}

impl Column {
    /// All of them, in the table's order.
    pub const ALL: [Self; 8] = [
        Self::Asked,
        Self::Finished,
        Self::State,
        Self::Waited,
        Self::BackedOff,
        Self::Service,
        Self::Tries,
        Self::Answer,
    ];
}

/// Which requests are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that were answered.
    Answered,
    /// Those that failed for good; a fixed text that stands in is no model's answer.
    Failed,
    /// Those that were tried again, whatever came of it.
    Retried,
    /// Those that were given up.
    GivenUp,
    /// Those that the server has, or the thread of a script.
    UnderWay,
    /// Those that are not over and wait for something else.
    Waiting,
}

impl Which {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Answered, Self::Failed, Self::Retried, Self::GivenUp, Self::UnderWay, Self::Waiting];

    fn takes(self, row: &Row, now: Instant) -> bool {
        let outcome = row.outcome.filter(|_| row.is_over(now));
        let works = || {
            let phase = row.span_at(now).map(|span| span.phase);
            phase.is_some_and(|phase| phase.is_in_flight() || phase == Phase::Computing)
        };
        match self {
            Self::All => true,
            Self::Answered => outcome == Some(Outcome::Answered),
            Self::Failed => matches!(outcome, Some(Outcome::Failed | Outcome::Substituted)),
            Self::Retried => is_retried(row, now),
            Self::GivenUp => outcome == Some(Outcome::Cancelled),
            Self::UnderWay => outcome.is_none() && works(),
            Self::Waiting => outcome.is_none() && !works(),
        }
    }
}

/// How the table is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The column that it is sorted by.
    pub by: Column,
    /// Whether what is most, or last, stands first.
    pub falls: bool,
    /// Which requests it shows.
    pub which: Which,
    /// What is to be found in them; empty for anything.
    pub words: String,
}

impl Default for Wish {
    /// All requests as they were asked.
    fn default() -> Self {
        Self { by: Column::Asked, falls: false, which: Which::All, words: String::new() }
    }
}

impl Wish {
    /// After a press on the head of a column: sorted by it, or the other way round if it was already.
    pub fn press(&mut self, column: Column) {
        self.falls = self.by == column && !self.falls;
        self.by = column;
    }

    /// Whether the order is the same at every moment.
    #[must_use]
    pub fn is_timeless(&self) -> bool {
        self.by == Column::Asked && !self.picks()
    }

    /// Whether it shows only some of the requests.
    #[must_use]
    pub fn picks(&self) -> bool {
        self.which != Which::All || !self.words.trim().is_empty()
    }
}

/// The requests of a lane, at a moment.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// Their lives.
    pub rows: &'a [Row],
    /// Their places among those that finished.
    pub places: &'a [Option<usize>],
    /// The text of the lane.
    pub text: &'a str,
    /// Whether what is to be found is in a request.
    pub finds: &'a dyn Fn(usize) -> bool,
    /// The moment.
    pub now: Instant,
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("rows", &self.rows.len()).field("now", &self.now).finish_non_exhaustive()
    }
}

impl Rows<'_> {
    /// The items that are wished for, in the order that is.
    #[must_use]
    pub fn in_order(&self, wish: &Wish) -> Vec<usize> {
        let is_any = wish.words.trim().is_empty();
        let taken = self.rows.iter().enumerate().filter(|(_, row)| wish.which.takes(row, self.now));
        let items = taken.map(|(item, _)| item).filter(|&item| is_any || (self.finds)(item));
        match wish.by {
            Column::Asked if !wish.falls => items.collect(),
            Column::Answer => {
                let text =
                    |item: usize| Some(self.rows[item].text(self.text, self.now)).filter(|text| !text.is_empty());
                sorted(items.map(|item| (text(item), item)).collect(), wish.falls)
            }
            by => sorted(items.map(|item| (self.key(by, item), item)).collect(), wish.falls),
        }
    }

    /// What a column of figures is sorted by.
    fn key(&self, by: Column, item: usize) -> Option<u64> {
        let (row, now) = (&self.rows[item], self.now);
        match by {
            Column::Asked | Column::Answer => Some(item as u64),
            Column::Finished => self.places.get(item).copied().flatten().filter(|_| row.is_over(now)).map(|n| n as u64),
            Column::State => state(row, now),
            Column::Waited => Some(whole_micros(waited(row, now))),
            Column::BackedOff => Some(whole_micros(backed_off(row, now))),
            Column::Service => service(row, now).map(whole_micros),
            Column::Tries => Some(u64::from(row.attempts_by(now))),
        }
    }
}

/// The place of what it is doing in the order of a life; its end comes last.
fn state(row: &Row, now: Instant) -> Option<u64> {
    match row.outcome.filter(|_| row.is_over(now)) {
        Some(Outcome::Answered) => Some(100),
        Some(Outcome::Substituted) => Some(101),
        Some(Outcome::Failed) => Some(102),
        Some(Outcome::Cancelled) => Some(103),
        None => row.span_at(now).map(|span| span.phase as u64),
    }
}

/// The items by their keys. What has none comes last, and what is equal in the order of asking.
fn sorted<K: Ord>(mut keyed: Vec<(Option<K>, usize)>, falls: bool) -> Vec<usize> {
    keyed.sort_unstable_by(|(one, item), (other, next)| {
        let by_key = if falls { other.cmp(one) } else { one.cmp(other) };
        one.is_none().cmp(&other.is_none()).then(by_key).then(item.cmp(next))
    });
    keyed.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
    use crate::experiment::{Server, preset};
    use crate::lab;
    use crate::scene::cells::places;
    use crate::scene::search::{Hay, Needle};
    use crate::trace::LaneTrace;
    use crate::trace::span::Fold;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// A lane of forty requests of which some are refused once and some for ever.
    fn lane() -> (Fold, LaneTrace) {
        let mut experiment = preset::race();
        experiment.lanes.remove(0);
        if let Some(calls) = experiment.workload.calls_mut() {
            calls.requests = 40;
        }
        let refusing = |items: Vec<u32>, first_attempts| Rule {
            when: When { items: Some(items), first_attempts, ..When::default() },
            fault: Fault::Status(503),
        };
        experiment.server = Server::Simulated(Simulated {
            answer_tokens: Amount::Constant(20.0),
            faults: vec![refusing(vec![3, 8, 21], Some(1)), refusing(vec![5, 30], None)],
            ..Simulated::default()
        });
        let mut trace = lab::simulate(&experiment).expect("it is sound");
        let log = trace.lanes.remove(0);
        (Fold::of(&log.events), log)
    }

    fn about(item: u32) -> String {
        format!("Prompt number {} of Many", item % 7)
    }

    /// What the search finds for a wish.
    fn finds(wish: &Wish, (fold, log): (&Fold, &LaneTrace), now: Instant) -> Vec<bool> {
        let (hay, workload) = (Hay { fold, log, said: &about }, preset::race().workload);
        let needle = Needle::of(&wish.words, &[hay], now);
        let is_in = |item| needle.as_ref().is_some_and(|needle| needle.is_in((0, item), &hay, &workload, now));
        (0..40).map(is_in).collect()
    }

    fn in_order(wish: &Wish, now: Instant) -> Vec<usize> {
        let (fold, log) = lane();
        let places = places(&fold.rows, &fold.ends);
        let found = finds(wish, (&fold, &log), now);
        let finds = |item: usize| found[item];
        Rows { rows: &fold.rows, places: &places, text: &log.text, finds: &finds, now }.in_order(wish)
    }

    fn at_end(wish: &Wish) -> Vec<usize> {
        in_order(wish, Instant::NEVER)
    }

    fn of(which: Which) -> Wish {
        Wish { which, ..Wish::default() }
    }

    #[test]
    fn a_second_press_turns_the_order_round_and_another_column_begins_anew() {
        let mut wish = Wish::default();
        wish.press(Column::Asked);
        assert!(wish.falls);
        wish.press(Column::Asked);
        assert_eq!(wish, Wish::default());
        wish.press(Column::Tries);
        assert_eq!((wish.by, wish.falls), (Column::Tries, false));
    }

    #[test]
    fn each_outcome_picks_its_own() {
        assert_eq!(at_end(&of(Which::Failed)), [5, 30]);
        assert_eq!(at_end(&of(Which::Retried)), [3, 5, 8, 21, 30]);
        assert_eq!(at_end(&of(Which::Answered)).len(), 38);
        let none: [usize; 0] = [];
        assert_eq!(at_end(&of(Which::GivenUp)), none);
        assert_eq!(at_end(&of(Which::Waiting)), none);
        // At the very first moment four have a slot.
        assert_eq!(in_order(&of(Which::UnderWay), Instant(1)), [0, 1, 2, 3]);
        assert_eq!(in_order(&of(Which::Waiting), Instant(1)).len(), 36);
        assert_eq!(in_order(&of(Which::Failed), Instant(1)), none);
    }

    #[test]
    fn a_number_finds_its_request_and_words_are_found_in_either_case() {
        let found = |words: &str| at_end(&Wish { words: words.into(), ..Wish::default() });
        assert_eq!(found("12"), [11]);
        assert_eq!(found(" MANY ").len(), 40);
        assert_eq!(found("number 6"), [6, 13, 20, 27, 34]);
        assert_eq!(found("6"), [5, 6, 13, 20, 27, 34], "the sixth, and those with a 6 in their words");
        assert_eq!(found("nowhere").len(), 0);
    }

    #[test]
    fn what_has_no_figure_yet_stands_last_both_ways() {
        let half = Instant(20_000_000);
        let wish = Wish { by: Column::Finished, ..Wish::default() };
        let rising = in_order(&wish, half);
        let falling = in_order(&Wish { falls: true, ..wish }, half);
        let over = lane().0.rows.iter().filter(|row| row.is_over(half)).count();
        assert!((1..39).contains(&over), "some are over and some are not");
        assert_eq!(rising[over..], falling[over..], "in the order of asking, whichever way");
        assert!(rising[..over].iter().eq(falling[..over].iter().rev()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn sorting_loses_none_and_keeps_what_is_equal_as_it_was_asked(
            by in select(Column::ALL.to_vec()),
            which in select(Which::ALL.to_vec()),
            falls in any::<bool>(),
            words in select(vec!["", "number 1", "3"]),
            now in 0..90_000_000_u64,
        ) {
            let (fold, log) = lane();
            let places = places(&fold.rows, &fold.ends);
            let picked = Wish { which, words: words.into(), ..Wish::default() };
            let found = finds(&picked, (&fold, &log), Instant(now));
            let finds = |item: usize| found[item];
            let rows = Rows { rows: &fold.rows, places: &places, text: &log.text, finds: &finds, now: Instant(now) };
            let shown = rows.in_order(&Wish { by, falls, ..picked.clone() });
            let mut back = shown.clone();
            back.sort_unstable();
            prop_assert_eq!(&back, &rows.in_order(&picked), "the same requests in the order of asking");
            for pair in shown.windows(2) {
                let key = |item: usize| match by {
                    Column::Answer => Some(fold.rows[item].text(&log.text, Instant(now))).filter(|text| !text.is_empty()),
                    by => rows.key(by, item).map(|key| format!("{key:020}")),
                };
                let (one, other) = (key(pair[0]), key(pair[1]));
                match (&one, &other) {
                    (None, other) => prop_assert!(other.is_none() && pair[0] < pair[1]),
                    (Some(_), None) => {}
                    (Some(one), Some(other)) if one == other => prop_assert!(pair[0] < pair[1]),
                    (Some(one), Some(other)) => prop_assert_eq!(one > other, falls),
                }
            }
        }
    }
}
