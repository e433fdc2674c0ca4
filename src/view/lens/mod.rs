//! Moving about in the timeline: pointers and buttons at once; what is opened to do more comes later.

mod bar;
mod card;
mod extras;
mod finder;
mod hands;
mod help;
mod legend;
mod menu;
mod palette;
mod strip;

pub(super) use bar::bar;
pub(super) use extras::extras;
pub(crate) use hands::Hands;
pub(super) use legend::legend;

use crate::browser::later::later;
use crate::view::dom::El;
use crate::view::state::{Dialog, State};
use crate::view::theme::Theme;
use leptos::prelude::*;

later! { lens:
    /// The list of commands, or of keys.
    pub(super) fn lens_dialog(state: State, theme: Theme, of: Dialog, home: Owner) -> El {
        home.with(|| {
            untrack(|| if of == Dialog::Palette { palette::palette(state, theme) } else { help::keys_dialog(state) })
        })
    }
}
