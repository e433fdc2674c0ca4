//! Several models asked at once take as long as the slowest of them.

use super::{QUICKEST, SLOWEST, USUAL, by_model};
use crate::experiment::sketch::{calls, experiment, named};
use crate::experiment::workload::Calls;
use crate::experiment::{Experiment, LaneSpec};
use crate::lesson::Lesson;
use crate::lesson::beat::{At, Beat};
use crate::lesson::knob::Knob;
use crate::lesson::prediction::Prediction;
use crate::lesson::ran::{Ran, are_near};

pub(super) const LESSON: Lesson = Lesson {
    id: "models-side-by-side",
    title: "Four models side by side",
    experiment: models_side_by_side,
    claim,
    prediction: Prediction::Finish { lane: 0, axis_secs: 10 },
    beats: &[
        Beat { at: At::Ended(0, 1), lit: &[(0, 0)] },
        Beat { at: At::Ended(0, 3), lit: &[(0, 0), (0, 1), (0, 2)] },
        Beat { at: At::LaneEnded(0), lit: &[(0, 3)] },
    ],
    knobs: &[Knob::Limit(0), Knob::Requests],
};

const THOROUGH: &str = "gemini-3.8-flash";

/// One prompt for four models of 1, 1.5, 2 and 2.5 s.
fn models_side_by_side() -> Experiment {
    let models = [(QUICKEST, 1.0), (USUAL, 1.5), (THOROUGH, 2.0), (SLOWEST, 2.5)];
    let asked = Calls { models: models.iter().map(|&(model, _)| model.into()).collect(), ..calls(4) };
    experiment(asked, by_model(&models), [named("All four at once", LaneSpec::concurrent(4))])
}

fn claim(ran: &Ran) -> bool {
    let ends: Vec<f64> = (0..ran.rows(0).len()).map(|item| ran.item_end(0, item)).collect();
    are_near(&ends, &[1.0, 1.5, 2.0, 2.5]) && are_near(&ran.ends(), &[2.5]) && ran.answered(0) == 4
}
