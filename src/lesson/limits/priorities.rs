//! A class orders those who wait, and takes nothing back from who has started.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, OrderSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};
use crate::policy::priority::Class::{High, Low, Normal};

pub(super) const LESSON: Lesson = Lesson {
    id: "priorities",
    title: "Who goes first",
    experiment: six_of_three_classes,
    claim,
    prediction: Prediction::Order { lane: 1, items: &[0, 1, 2, 3, 4, 5] },
    beats: &[
        Beat { at: At::Start, lit: &[(1, 0), (1, 2)] },
        Beat { at: At::Sent(1, 2), lit: &[(1, 1), (1, 2)] },
        Beat { at: At::LaneEnded(1), lit: &[(1, 1), (1, 4)] },
    ],
    knobs: &[Knob::Limit(1), Knob::Order(1)],
};

/// Five calls asked while a sixth has the only permit.
fn six_of_three_classes() -> Experiment {
    let lane = |name, order| named(name, LaneSpec { order, ..LaneSpec::concurrent(1) });
    let lanes = [
        lane("Who came first", OrderSpec::Fifo),
        lane("The higher class", OrderSpec::Priority { ageing_millis: None }),
    ];
    let asked = Calls { classes: vec![Normal, Low, High, Normal, Low, Normal], ..calls(6) };
    experiment(asked, constant(1.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    ran.order(0) == [0, 1, 2, 3, 4, 5] && ran.order(1) == [0, 2, 3, 5, 1, 4] && are_near(&ran.ends(), &[6.0, 6.0])
}
