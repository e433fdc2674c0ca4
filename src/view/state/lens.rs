//! Moving about in the run that is shown.

use super::State;
use crate::browser::page;
use crate::scene::go::{Go, Seen};
use crate::scene::key::Meaning;
use crate::scene::look::{Look, Turn};
use crate::scene::playback::Command;
use crate::time::Instant;
use leptos::prelude::*;

impl State {
    /// Where the time axis ends.
    pub(crate) fn axis_end(self) -> Instant {
        self.guide.axis(self.playback.read().end)
    }

    /// Which stretch of the run is seen.
    pub(crate) fn window(self) -> (Instant, Instant) {
        self.lens.read().look.window(self.axis_end())
    }

    /// Whether a moment lies in that stretch.
    pub(super) fn sees(self, at: Instant) -> bool {
        let (from, to) = untrack(|| self.window());
        (from..=to).contains(&at)
    }

    /// Looks elsewhere.
    pub(crate) fn look(self, look: Look) {
        if self.lens.read_untracked().look != look {
            self.lens.update(|lens| lens.look = look);
        }
    }

    /// Moves about.
    pub(crate) fn go(self, go: Go) {
        let (lane, item) = self.selected.get_untracked();
        let now = self.playback.read_untracked().at;
        let life = |asked: Instant, ended: Option<Instant>| (asked, ended.filter(|&ended| ended < now).unwrap_or(now));
        let life = self.picture.with_value(|picture| {
            let row = picture.as_ref()?.row(lane, item)?;
            (row.asked < now).then(|| life(row.asked, row.ended))
        });
        let seen = Seen {
            end: untrack(|| self.axis_end()),
            now,
            at: self.hands.moment(),
            life,
            heights: self.hands.heights(),
        };
        let to = self.lens.try_update(|lens| lens.go(go, seen)).flatten();
        if let Some(to) = to {
            self.seek(to);
        }
        if go == Go::Chosen {
            self.keep_selected_in_sight();
        }
    }

    /// How much taller rows are after a wish for higher ones, or lower ones; nothing where they can't be.
    pub(crate) fn rows_after(self, higher: bool) -> Option<i8> {
        self.hands.heights()?.step(self.lens.read().taller, higher)
    }

    /// Makes rows higher, or lower.
    pub(crate) fn heighten_rows(self, higher: bool) {
        if let Some(taller) = untrack(|| self.rows_after(higher)) {
            self.lens.update(|lens| lens.taller = taller);
            self.keep_selected_in_sight();
        }
    }

    /// After rows grew or shrank the selected request is elsewhere: whoever shows it scrolls there.
    pub(crate) fn keep_selected_in_sight(self) {
        self.selected.notify();
    }

    /// Takes the playhead to a moment of a run that is over. In a real run it is the present.
    pub(crate) fn seek(self, to: Instant) {
        if self.live.read_untracked().is_none() {
            self.command(Command::Seek(to));
        }
    }

    /// Looks to where a moment is, if it is not seen.
    pub(crate) fn reveal(self, at: Instant) {
        let end = untrack(|| self.axis_end());
        let look = self.lens.read_untracked().look;
        self.look(look.after(Turn::Reveal(at), end));
    }

    /// Opens the search, and gives it the focus.
    pub(crate) fn search(self) {
        if self.query.read_untracked().is_none() {
            self.query.set(Some(String::new()));
        }
        page::focus(".finder input");
    }

    /// Whether the search was asked for and its code is still on its way.
    pub(crate) fn is_search_coming(self) -> bool {
        self.query.read_untracked().is_some() && !page::has(".finder")
    }

    /// Begins the search with what is typed before its field is there. Says whether the key types anything.
    pub(crate) fn type_early(self, key: &str) -> bool {
        let mut query = self.query.get_untracked().unwrap_or_default();
        match key {
            "Backspace" => _ = query.pop(),
            _ if key.chars().count() == 1 => query.push_str(key),
            _ => return false,
        }
        self.query.set(Some(query));
        true
    }

    /// Puts away what is open: a dialog whose code has not come, the search, the range.
    fn clear(self) {
        if self.dialog.read_untracked().is_some() {
            self.dialog.set(None);
        } else if self.query.read_untracked().is_some() {
            self.query.set(None);
        } else {
            self.go(Go::NoRange);
        }
    }

    /// Does what a key means.
    pub(crate) fn obey(self, meaning: Meaning) {
        match meaning {
            Meaning::Go(go) => self.go(go),
            Meaning::Play(command) => self.command(command),
            Meaning::Step(forward) => self.step(forward),
            Meaning::Choose(rows) => self.select_by(rows),
            Meaning::Match(true) => page::press(".finder .next"),
            Meaning::Match(false) => page::press(".finder .previous"),
            Meaning::Search => self.search(),
            Meaning::Keys => self.dialog.set(Some(super::Dialog::Keys)),
            Meaning::Run => self.run(),
            Meaning::Path => self.light_path(),
            Meaning::Clear => self.clear(),
            Meaning::Delete => self.remove_chosen_spell(),
        }
    }
}
