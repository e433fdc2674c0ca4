//! Progress is kept in this browser and nowhere else.

use crate::browser::storage::{self, Keep};
use crate::lesson::progress::Progress;

const KEPT: &str = "lanescope-course";

/// How far the learner has come.
pub(super) fn read() -> Progress {
    Progress::read(&storage::read(Keep::Browser, KEPT).unwrap_or_default())
}

/// Notes that a lesson was done.
pub(super) fn done(id: &str, is_right: bool) {
    let mut progress = read();
    progress.note(id, is_right);
    storage::write(Keep::Browser, KEPT, &progress.kept());
}

/// Forgets it all.
pub(super) fn forget() {
    storage::forget(Keep::Browser, KEPT);
}
