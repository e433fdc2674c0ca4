//! The picture as data: time to pixels, spans to shapes, a pointer to a span, and what the playhead
//! does. Pure: it knows neither canvas nor clock, and is tested without a browser.

pub mod hit;
pub mod layout;
pub mod playback;
pub mod scale;
pub mod shape;
pub mod spell;
pub mod track;
