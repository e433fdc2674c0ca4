//! The second world: virtual time, and a Gemini made of figures.
//!
//! [`server`] is a pure state machine that knows neither clock nor await. It has three doors:
//! [`service`] gives its answers as typed chunks; `transport` gives them as HTTP bytes to the
//! shipped client, in process; and `examples/gemini_server.rs` gives the same bytes over a socket.

pub mod bucket;
pub mod clock;
pub mod executor;
pub mod fault;
pub mod latency;
pub mod quota;
pub mod refusal;
pub mod replay;
pub mod server;
pub mod service;
pub mod text;
#[cfg(not(target_arch = "wasm32"))]
pub mod transport;
#[cfg(not(target_arch = "wasm32"))]
pub mod wire;
