//! The attempts of a real run, to be answered again as they were.
//!
//! An attempt gets what the same one got. Where it was refused for a quota then, it gets the answer that a later one
//! of its branch got, and where no later one was answered, the last answer before it: so a run under another plan meets
//! as much as can be known of each item. What struck one attempt strikes no other; where a branch was never answered,
//! what is known of it are the attempts that were made, and the figures answer all others.

use crate::experiment::recorded::{Take, of_lane};
use crate::experiment::server::Rule;
use crate::id::Tag;

/// What became of the attempts of one lane.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// By item, step, branch and attempt.
    takes: Vec<Take>,
    spells: Vec<Rule>,
}

impl Replay {
    /// What became of the attempts of `lane`; of the first lane there is, where it is not among them. Of the `rules`
    /// those with a start or an end were entered by hand, and strike what is replayed as well.
    #[must_use]
    pub fn of(takes: &[Take], lane: u8, rules: &[Rule]) -> Self {
        let mut takes = of_lane(takes, lane);
        takes.sort_unstable_by_key(|take| (key(take), take.attempt));
        Self { takes, spells: rules.iter().filter(|rule| rule.is_spell()).cloned().collect() }
    }

    /// What becomes of an attempt; none where neither it was made nor any of its branch was answered.
    #[must_use]
    pub fn take(&self, tag: Tag) -> Option<Take> {
        let of_branch = (tag.item, tag.step, tag.branch);
        let from = self.takes.partition_point(|take| key(take) < of_branch);
        let to = self.takes.partition_point(|take| key(take) <= of_branch);
        let branch = self.takes.get(from..to)?;
        let own = branch.iter().find(|take| take.attempt == tag.attempt);
        let mut answers = branch.iter().filter(|take| take.fault.is_none());
        let later = answers.clone().find(|take| take.attempt > tag.attempt);
        own.or(later).or(answers.next_back()).copied()
    }

    /// What was entered by hand.
    #[must_use]
    pub fn spells(&self) -> &[Rule] {
        &self.spells
    }
}

fn key(take: &Take) -> (u32, u8, u8) {
    (take.item, take.step, take.branch)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    use crate::experiment::server::Fault;

    fn took(lane: u8, item: u32, attempt: u8, end_micros: u64) -> Take {
        Take {
            lane,
            item,
            step: 0,
            branch: 0,
            attempt,
            in_flight: 1,
            first_byte_micros: 0,
            text_micros: 0,
            end_micros,
            thinking: 0,
            answer: 1,
            fault: None,
        }
    }

    #[test]
    fn an_attempt_gets_its_own_and_one_without_the_nearest() {
        let takes = [took(0, 1, 4, 40), took(0, 1, 2, 20), took(1, 1, 1, 99), took(0, 0, 1, 10)];
        let replay = Replay::of(&takes, 0, &[]);
        let of = |item, attempt| replay.take(Tag { attempt, ..Tag::of_item(0, item) }).map(|take| take.end_micros);
        assert_eq!([1, 2, 3, 4, 5].map(|attempt| of(1, attempt)), [20, 20, 40, 40, 40].map(Some));
        assert_eq!((of(0, 1), of(2, 1)), (Some(10), None));
        let struck = Take { fault: Some(Fault::Network), ..took(0, 3, 2, 5) };
        let replay = Replay::of(&[struck, took(0, 3, 3, 30)], 0, &[]);
        let of = |attempt| replay.take(Tag { attempt, ..Tag::of_item(0, 3) }).map(|take| take.end_micros);
        assert_eq!([1, 2, 3, 4].map(of), [30, 5, 30, 30].map(Some), "what struck one attempt strikes no other");
        assert_eq!(replay.take(Tag { branch: 1, ..Tag::of_item(0, 1) }), None);
    }

    #[test]
    fn what_struck_the_last_attempt_strikes_none_after_it() {
        let struck = |attempt| Take { fault: Some(Fault::Status(503)), ..took(0, 0, attempt, 5) };
        let of = |takes: &[Take], attempt| {
            Replay::of(takes, 0, &[]).take(Tag { attempt, ..Tag::of_item(0, 0) }).map(|take| take.end_micros)
        };
        assert_eq!(of(&[took(0, 0, 1, 10), struck(2)], 3), Some(10), "the last answer");
        assert_eq!([1, 2].map(|attempt| of(&[struck(1)], attempt)), [Some(5), None], "the figures answer the second");
    }

    #[test]
    fn a_lane_that_was_not_there_gets_what_the_first_got() {
        let replay = Replay::of(&[took(1, 0, 1, 7), took(2, 0, 1, 8)], 5, &[]);
        assert_eq!(replay.take(Tag::of_item(5, 0)).map(|take| take.end_micros), Some(7));
        assert_eq!(Replay::default().take(Tag::of_item(0, 0)), None);
    }
}
