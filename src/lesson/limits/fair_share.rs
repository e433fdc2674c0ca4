//! Who asks little need not wait for who asks much, and the whole takes no longer.

use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec, OrderSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "fair-share",
    title: "A fair share",
    experiment: two_tenants,
    claim,
    prediction: Prediction::Order { lane: 1, items: &[0, 4, 5, 99, 100, 104] },
    beats: &[
        Beat { at: At::ItemEnded(1, 100), lit: &[(1, 0), (1, 100)] },
        Beat { at: At::ItemEnded(1, 104), lit: &[(1, 4), (1, 104)] },
        Beat { at: At::ItemEnded(0, 104), lit: &[(0, 100), (0, 104)] },
    ],
    knobs: &[Knob::Order(0), Knob::Limit(1)],
};

/// A tenant with a hundred calls and one with five, one call at a time.
fn two_tenants() -> Experiment {
    let lane = |name, order| named(name, LaneSpec { order, ..LaneSpec::concurrent(1) });
    let lanes = [lane("Who came first", OrderSpec::Fifo), lane("Tenants in turn", OrderSpec::Fair)];
    experiment(Calls { tenants: vec![100, 5], ..calls(105) }, constant(1.0), lanes)
}

fn claim(ran: &Ran) -> bool {
    are_near(&[ran.item_end(0, 104), ran.item_end(1, 104)], &[105.0, 10.0]) && are_near(&ran.ends(), &[105.0, 105.0])
}
