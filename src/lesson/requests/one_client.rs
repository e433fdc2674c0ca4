//! A client for each call opens a connection for each call.

use crate::experiment::server::Simulated;
use crate::experiment::sketch::{calls, constant, experiment, named};
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near, is_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "one-client",
    title: "A client for each call",
    experiment: one_client,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 20 },
    beats: &[
        Beat { at: At::Millis(150), lit: &[(0, 0)] },
        Beat { at: At::Sent(0, 2), lit: &[(0, 1)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 9)] },
    ],
    knobs: &[Knob::Reuse, Knob::CallTenths, Knob::Requests],
};

/// Ten calls in a row, each with a client of its own. How long a client lives is the server's figure and so the
/// same in all lanes: with one client for all, this is another experiment.
fn one_client() -> Experiment {
    let server = Simulated { connect_millis: 150, reuses_connections: false, ..constant(1.0) };
    experiment(calls(10), server, [named("A client each", LaneSpec::sequential())])
}

fn claim(ran: &Ran) -> bool {
    let each = [0.0, 1.15, 2.3, 3.45, 4.6, 5.75, 6.9, 8.05, 9.2, 10.35];
    // Ten calls of 1 s; what is left went into connecting.
    is_near(ran.end(0) - 10.0, 1.5) && are_near(&ran.starts(0), &each) && ran.answered(0) == 10
}
