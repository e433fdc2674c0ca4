//! Controls that a teacher's link has locked: none of them can be used, and a sign says so.

use crate::lesson::lock::Lock;
use crate::view::dom::{El, el};
use crate::view::state::State;

const LOCKED: &str = "Locked by the link";

/// Fields that can't be used while one of these groups is locked.
pub(crate) fn group(state: State, locks: &'static [Lock]) -> El {
    lockable(el("fieldset").class("group"), state, locks)
}

/// The same under a legend, which has a sign then.
pub(super) fn locked_fields(state: State, legend: &str, locks: &'static [Lock]) -> El {
    lockable(el("fieldset"), state, locks).child(signed(el("legend").text(legend), state, locks))
}

fn lockable(fields: El, state: State, locks: &'static [Lock]) -> El {
    let is_locked = move || state.guide.is_locked(locks);
    fields.flag_by("disabled", is_locked).attr_by("title", move || if is_locked() { LOCKED } else { "" }.to_owned())
}

/// Adds a lock to a heading while one of these groups is locked.
pub(super) fn signed(heading: El, state: State, locks: &'static [Lock]) -> El {
    let sign = || el("span").class("lock").attr("role", "img").attr("aria-label", LOCKED).attr("title", LOCKED);
    heading.when(move || state.guide.is_locked(locks), sign)
}
