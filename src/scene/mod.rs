//! The picture as data: time to pixels, spans to shapes, a pointer to a span, and what the playhead
//! does. Pure: it knows neither canvas nor clock, and is tested without a browser.

pub mod arrow;
pub mod flag;
pub mod gesture;
pub mod go;
pub mod hit;
pub mod hover;
pub mod key;
pub mod layout;
pub mod lens;
pub mod lines;
pub mod look;
pub mod mark;
pub mod minimap;
pub mod path;
pub mod playback;
pub mod scale;
pub mod search;
pub mod shape;
pub mod spell;
pub mod track;
