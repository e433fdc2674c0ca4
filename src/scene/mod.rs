//! The picture as data: time to pixels, spans to shapes, a pointer to a span, and what the playhead
//! does; and the runs of a visit, one or two of them drawn. Pure: it knows neither canvas nor clock,
//! and is tested without a browser.

mod area;
pub mod arrow;
mod bars;
pub mod cells;
pub mod compare;
pub mod flag;
pub mod geometry;
pub mod gesture;
pub mod go;
pub mod height;
pub mod hit;
pub mod hover;
pub mod index;
pub mod key;
pub mod layout;
pub mod lens;
pub mod lines;
pub mod look;
pub mod mark;
pub mod minimap;
pub mod order;
pub mod path;
pub mod piece;
pub mod playback;
mod raster;
pub mod ready;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod sample;
pub mod scale;
pub mod search;
pub mod seldom;
pub mod shape;
pub mod shelf;
pub mod slots;
pub mod spell;
mod strip;
pub mod table;
pub mod teller;
mod thin;
pub mod track;
pub mod window;
