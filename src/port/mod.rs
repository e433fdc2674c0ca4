//! The sockets that a world must fit: time, an answering service, and bytes below it.
//!
//! The engine knows these traits and nothing else of the world it runs in. The types that cross
//! them are here too, so that no room has to learn another's.

mod call;
mod clock;
mod service;
mod transport;

pub use call::{Call, Chunk, Delay, Failure, FailureKind, Finish, Retry, Settings, Usage};
pub use clock::Clock;
pub use service::Service;
pub use transport::{Method, Request, Response, Transport, TransportError};
