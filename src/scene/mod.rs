//! The picture as data: time to pixels, spans to shapes, a pointer to a span, and what the playhead
//! does; and the runs of a visit, one or two of them drawn. Pure: it knows neither canvas nor clock,
//! and is tested without a browser.

pub mod arrow;
pub mod compare;
pub mod hit;
pub mod hover;
pub mod layout;
pub mod lens;
pub mod lines;
pub mod look;
pub mod mark;
pub mod path;
pub mod playback;
pub mod scale;
pub mod shape;
pub mod shelf;
pub mod spell;
pub mod track;
