//! What a permit is held for decides when the first chain is done, and not when the last one is.

use crate::experiment::sketch::{THIRD_OF_25_S, chains, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec, PermitScope};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::{Best, Prediction};
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "who-holds-the-slot",
    title: "Who holds the slot",
    experiment: who_holds_the_slot,
    claim,
    prediction: Prediction::Wins(Best::MeanSoonest),
    beats: &[
        Beat { at: At::Ended(0, 5), lit: &[(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)] },
        Beat { at: At::Sent(1, 101), lit: &[(1, 0), (1, 99)] },
        Beat { at: At::Ended(1, 1), lit: &[(1, 0)] },
        Beat { at: At::End, lit: &[(0, 99), (1, 99)] },
    ],
    knobs: &[Knob::Permit(1), Knob::Limit(1), Knob::Requests],
};

/// A hundred chains of 25 s, five at a time: a permit for the chain, or for each of its calls.
fn who_holds_the_slot() -> Experiment {
    let lane = |name, permit| named(name, LaneSpec { permit, ..LaneSpec::concurrent(5) });
    let lanes = [lane("A permit for the chain", PermitScope::Item), lane("A permit for each call", PermitScope::Step)];
    experiment(chains(100), constant(THIRD_OF_25_S), lanes)
}

fn claim(ran: &Ran) -> bool {
    let first = |lane| ran.order(lane).first().map_or(0.0, |&item| ran.item_end(lane, item as usize));
    are_near(&[first(0), first(1)], &[25.0, 341.666_7]) && are_near(&ran.ends(), &[500.0, 500.0])
}
