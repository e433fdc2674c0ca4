//! What stands around a lane's program.

use crate::code::Language;
use crate::id::lane_letter;

/// What is said when a language's file could not be fetched.
pub const NOT_FETCHED: &str = "This program could not be fetched. Check the connection and choose the language again.";

/// What the panel is called.
#[must_use]
pub fn heading(lane: usize) -> String {
    format!("Lane {} as code", letter(lane))
}

/// What the file of a lane's program is called.
#[must_use]
pub fn file_name(lane: usize, language: Language) -> String {
    format!("lanescope_lane_{}.{}", letter(lane).to_ascii_lowercase(), language.ending())
}

fn letter(lane: usize) -> char {
    lane_letter(u8::try_from(lane).unwrap_or(u8::MAX))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_its_lane_and_ends_as_its_language_has_it() {
        assert_eq!(heading(1), "Lane B as code");
        let names = Language::ALL.map(|language| file_name(1, language));
        assert_eq!(names, ["lanescope_lane_b.py", "lanescope_lane_b.mjs", "lanescope_lane_b.rs"]);
    }
}
