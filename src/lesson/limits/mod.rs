//! Limits: how many at once and how fast, what to do with a no, and who goes first.

use crate::lesson::Lesson;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[];
