//! Gemini's REST protocol, translated to and from the port's words.
//!
//! A [`Client`] is a [`Service`](crate::port::Service) on top of any
//! [`Transport`](crate::port::Transport): a call goes out as one POST, its answer comes back as
//! chunks or as one typed failure. What is unknown on the wire is carried on, never refused: a field,
//! an enum value or a kind of part that this version has not heard of costs nothing.
//!
//! | file | holds |
//! |---|---|
//! | `connection` | where to, and the key that goes there and nowhere else |
//! | [`request`] | a call as a path and a body |
//! | [`sse`] | bytes to events |
//! | [`response`] | answers to chunks, and the verdict at the end |
//! | [`error`] | a status and a body to a failure |
//! | [`forensics`] | a refusal to the limit that was reached |
//! | `client` | the order in which these happen |
//! | [`models`] | which models there are |
//!
//! The shapes were gathered from Google's protos, SDKs, test data and documentation in November 2026;
//! `tests/fixtures` holds an example of each, and `tests/wire.rs` the verdict on it.

mod client;
mod connection;
pub mod error;
pub mod forensics;
mod json;
pub mod models;
pub mod request;
pub mod response;
pub mod sse;

pub use client::Client;
pub use connection::{ApiKey, Connection, ConnectionError, DEFAULT_BASE_URL, DEFAULT_VERSION};
pub use models::Model;
pub use request::Mode;
