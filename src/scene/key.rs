//! What a key means on the page, where no field has the focus and neither Ctrl, Cmd nor Alt is held.

use crate::scene::go::Go;
use crate::scene::playback::Command;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// Moves about in the timeline.
    Go(Go),
    /// Moves the playhead.
    Play(Command),
    /// Moves the playhead to the next event, or to the one before.
    Step(bool),
    /// Selects the request so many rows further down.
    Choose(isize),
    /// Selects the next request that was found, or the one before.
    Match(bool),
    /// Opens the search.
    Search,
    /// Shows the keys.
    Keys,
    /// Runs the experiment.
    Run,
    /// Lights the critical path, or puts it out.
    Path,
    /// Puts away what is open, or was selected.
    Clear,
    /// Deletes what is chosen.
    Delete,
}

/// Where the focus is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// On the timeline.
    pub timeline: bool,
    /// On something that a press of Space works.
    pub button: bool,
}

/// What a key means there; `code` is its place, `key` what it writes.
#[must_use]
pub fn meaning(code: &str, key: &str, focus: Focus) -> Option<Meaning> {
    if let Some(go) = Go::of_key(code, key) {
        return Some(Meaning::Go(go));
    }
    Some(match key {
        "r" | "R" => Meaning::Run,
        "c" | "C" => Meaning::Path,
        "n" => Meaning::Match(true),
        "N" => Meaning::Match(false),
        "/" => Meaning::Search,
        "?" => Meaning::Keys,
        "Escape" => Meaning::Clear,
        " " if !focus.button => Meaning::Play(Command::PlayOrPause),
        "." | "ArrowRight" => Meaning::Step(true),
        "," | "ArrowLeft" => Meaning::Step(false),
        "Home" if focus.timeline => Meaning::Play(Command::ToStart),
        "End" if focus.timeline => Meaning::Play(Command::ToEnd),
        "ArrowDown" if focus.timeline => Meaning::Choose(1),
        "ArrowUp" if focus.timeline => Meaning::Choose(-1),
        "Delete" | "Backspace" if focus.timeline => Meaning::Delete,
        _ => return None,
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn arrows_scroll_the_page_but_on_the_timeline() {
        let on = |timeline| Focus { timeline, button: false };
        for key in ["ArrowDown", "ArrowUp", "Home", "End", "Delete"] {
            assert_eq!(meaning(key, key, on(false)), None, "{key}");
            assert!(meaning(key, key, on(true)).is_some(), "{key}");
        }
    }

    #[test]
    fn space_is_the_buttons_own() {
        let on = |button| meaning("Space", " ", Focus { timeline: false, button });
        assert_eq!([on(true), on(false)], [None, Some(Meaning::Play(Command::PlayOrPause))]);
    }
}
