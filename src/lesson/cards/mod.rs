//! True or false? Sentences that can be read, and runs that show what is so.

use crate::lesson::Lesson;

/// The cards, in order.
pub(super) const LESSONS: &[Lesson] = &[];
