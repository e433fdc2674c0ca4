//! What several tests share.

pub(crate) mod varied;
pub(crate) mod wire;
