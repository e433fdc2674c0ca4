//! The headings of groups of rows.

use crate::policy::priority::Class;

/// Requests that began on a slot, counted from 1; none for those that never had one.
#[must_use]
pub fn slot(number: Option<u32>) -> String {
    number.map_or_else(|| "No slot yet".into(), |number| format!("Slot {number}"))
}

/// Requests of a class.
#[must_use]
pub fn class(class: Class) -> String {
    let name = match class {
        Class::High => "High priority",
        Class::Normal => "Normal priority",
        Class::Low => "Low priority",
    };
    name.into()
}
