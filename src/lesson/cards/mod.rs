//! True or false? Sentences that can be read, and runs that show what is so.

mod aimd;
mod bucket_of_500;
mod first_completed;
mod gather_cancels;
mod ten_users;
mod thirty_seconds;
mod window_bursts;
mod within_sixty;

use crate::lesson::Lesson;

/// The cards, in order.
pub(super) const LESSONS: &[Lesson] = &[
    within_sixty::LESSON,
    thirty_seconds::LESSON,
    aimd::LESSON,
    window_bursts::LESSON,
    gather_cancels::LESSON,
    ten_users::LESSON,
    bucket_of_500::LESSON,
    first_completed::LESSON,
];
