//! The picture as data: time to pixels, spans to shapes, a pointer to a span, and what the playhead
//! does. Pure: it knows neither canvas nor clock, and is tested without a browser.

pub mod arrow;
pub mod cells;
pub mod hit;
pub mod hover;
pub mod layout;
pub mod lines;
pub mod mark;
pub mod path;
pub mod playback;
pub mod scale;
pub mod seldom;
pub mod shape;
pub mod spell;
pub mod table;
pub mod teller;
pub mod track;
pub mod window;
