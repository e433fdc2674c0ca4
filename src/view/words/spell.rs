//! What the spells of a server that is broken by hand are called.

use crate::scene::spell::SpellKind;

/// What stands on the band while there are none.
pub const HINT: &str = "drag along here to break the server";

/// The name of a kind.
#[must_use]
pub fn name(kind: SpellKind) -> &'static str {
    match kind {
        SpellKind::Outage => "outage",
        SpellKind::Slow => "slow spell",
        SpellKind::QuotaCut => "quota cut",
    }
}

/// What a new one of its kind does, in brief.
#[must_use]
pub fn offer(kind: SpellKind) -> &'static str {
    match kind {
        SpellKind::Outage => "outage (503)",
        SpellKind::Slow => "slow spell (×4)",
        SpellKind::QuotaCut => "quota cut (to 2)",
    }
}
