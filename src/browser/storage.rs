//! What is kept: preferences for this browser, and a key for this tab if the user asks for it.
//!
//! Storage may be switched off; then nothing is kept, and nothing fails.

use web_sys::Storage;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the tab is closed.
    Tab,
    /// Until the user clears it.
    Browser,
}

fn storage(keep: Keep) -> Option<Storage> {
    let window = web_sys::window()?;
    let storage = match keep {
        Keep::Tab => window.session_storage(),
        Keep::Browser => window.local_storage(),
    };
    storage.ok().flatten()
}

/// What was kept under `name`.
#[must_use]
pub fn read(keep: Keep, name: &str) -> Option<String> {
    storage(keep)?.get_item(name).ok().flatten()
}

/// Keeps `value` under `name`.
pub fn write(keep: Keep, name: &str, value: &str) {
    if let Some(storage) = storage(keep) {
        let _ = storage.set_item(name, value);
    }
}

/// Forgets what was kept under `name`.
pub fn forget(keep: Keep, name: &str) {
    if let Some(storage) = storage(keep) {
        let _ = storage.remove_item(name);
    }
}
