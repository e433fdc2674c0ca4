//! Bytes out; status, headers and a stream of bytes back.

use crate::id::Tag;
use futures::Stream;
use std::future::Future;

/// The HTTP methods that the client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends a body.
    Post,
}

/// One HTTP request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL. Never holds a key.
    pub url: String,
    /// Names in lower case. One of them may be the key: see the redacted `Debug`.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for [`Method::Get`].
    pub body: String,
    /// Whose request it is. Travels beside the bytes, never on the wire.
    pub tag: Tag,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body", &self.body)
            .field("tag", &self.tag)
            .finish()
    }
}

/// The head of an answer, and its body as it comes.
#[derive(Debug)]
pub struct Response<B> {
    /// The HTTP status.
    pub status: u16,
    /// The body, cut anywhere. Dropping it aborts the request.
    pub body: B,
}

/// Why no answer, or no more of it, came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request was refused, blocked or lost before an answer began. A page is not told which.
    #[error("no connection: {message}")]
    NoConnection {
        /// The browser's own words.
        message: String,
    },
    /// The connection broke while the body came.
    #[error("the connection broke: {message}")]
    Broken {
        /// The browser's own words.
        message: String,
    },
}

/// Something that carries bytes: the browser's fetch, or a simulated server in process.
pub trait Transport {
    /// The body of an answer as it comes.
    type Body: Stream<Item = Result<Vec<u8>, TransportError>> + Unpin;
    /// An answer's head on its way.
    type Sending: Future<Output = Result<Response<Self::Body>, TransportError>>;

    /// Sends `request`.
    ///
    /// # Cancel safety
    /// Dropping the future, or the body it gave, aborts the request.
    fn send(&self, request: Request) -> Self::Sending;
}

impl<T: Transport> Transport for &T {
    type Body = T::Body;
    type Sending = T::Sending;
    fn send(&self, request: Request) -> Self::Sending {
        (*self).send(request)
    }
}
