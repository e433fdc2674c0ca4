//! Real requests: what one is made of, and what becomes of several.

mod five_in_a_loop;

use crate::lesson::Lesson;

/// The lessons of this part, in order.
pub(super) const LESSONS: &[Lesson] = &[five_in_a_loop::LESSON];
