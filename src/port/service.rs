//! One typed call in, a stream of typed chunks or a typed failure out.

use crate::port::{Call, Chunk, Failure};
use futures::Stream;

/// Something that answers calls: Gemini through the client, or a simulation of it.
pub trait Service {
    /// The answer as it comes. A well-behaved stream ends after [`Chunk::End`] or a failure;
    /// dropping it before then gives the call up.
    type Answer: Stream<Item = Result<Chunk, Failure>>;

    /// Sends one call.
    ///
    /// # Cancel safety
    /// Dropping the stream aborts the call; what the server has begun it may still bill.
    fn call(&self, call: &Call) -> Self::Answer;
}

impl<S: Service> Service for &S {
    type Answer = S::Answer;
    fn call(&self, call: &Call) -> Self::Answer {
        (*self).call(call)
    }
}
