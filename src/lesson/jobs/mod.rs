//! Jobs: many prompts, failures among them, and the end of a run.

use crate::lesson::Lesson;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[];
