//! The paths that only tests know: what was seen, and beginning anew.

use super::StandIn;
use super::problem;
use hyper::Method;
use lanescope::sim::wire::Answer;

/// Whether `path` is one of them. They are neither logged nor counted.
pub(super) fn is_here(path: &str) -> bool {
    path.starts_with("/__")
}

/// What they answer.
pub(super) fn answer(stand_in: &StandIn, method: &Method, path: &str, body: &str) -> Answer {
    let round = stand_in.round();
    match (method, path) {
        (&Method::GET, "/__log") => Answer::json(200, round.log()),
        (&Method::POST, "/__reset") => match round.setup.clone().changed(body) {
            Ok(setup) => {
                stand_in.begin(setup);
                Answer::json(200, "{}".to_owned())
            }
            Err(error) => problem::invalid(&error.to_string()),
        },
        _ => problem::no_such_path(path),
    }
}
