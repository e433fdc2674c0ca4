//! The first door: the simulated server as a typed service in virtual time.

use crate::port::{Call, Chunk, Clock, Failure, FailureKind, Finish, Service};
use crate::sim::clock::{SimClock, Sleep};
use crate::sim::server::{Piece, Reply, SimServer};
use crate::time::Instant;
use futures::Stream;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A simulated server, reached without any wire.
#[derive(Clone, Debug)]
pub struct SimService(Rc<Shared>);

#[derive(Debug)]
struct Shared {
    server: RefCell<SimServer>,
    clock: SimClock,
    /// The model that all answers name.
    model: Rc<str>,
}

impl SimService {
    /// `server`, answering in `clock`'s time.
    #[must_use]
    pub fn new(server: SimServer, clock: SimClock) -> Self {
        Self(Rc::new(Shared { server: RefCell::new(server), clock, model: "simulated".into() }))
    }
}

impl Service for SimService {
    type Answer = SimAnswer;

    fn call(&self, call: &Call) -> SimAnswer {
        let arrived = self.0.clock.now();
        let reply = self.0.server.borrow_mut().arrive(arrived, call);
        SimAnswer {
            pieces: reply.into_iter(),
            next: None,
            sleep: None,
            has_text: false,
            arrived,
            shared: self.0.clone(),
        }
    }
}

/// An answer on its way. Dropping it tells the server that the caller has left.
#[derive(Debug)]
pub struct SimAnswer {
    pieces: <Reply as IntoIterator>::IntoIter,
    next: Option<Piece>,
    sleep: Option<Sleep>,
    has_text: bool,
    arrived: Instant,
    shared: Rc<Shared>,
}

impl Stream for SimAnswer {
    type Item = Result<Chunk, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.next.is_none() {
            // A list that has run out without an end means a server that never speaks again.
            let Some((after, piece)) = this.pieces.next() else { return Poll::Pending };
            this.next = Some(piece);
            this.sleep = Some(this.shared.clock.sleep_until(this.arrived + after));
        }
        if let Some(sleep) = &mut this.sleep
            && Pin::new(sleep).poll(cx).is_pending()
        {
            return Poll::Pending;
        }
        this.sleep = None;
        Poll::Ready(this.next.take().map(|piece| this.chunk(piece)))
    }
}

impl SimAnswer {
    fn chunk(&mut self, piece: Piece) -> Result<Chunk, Failure> {
        match piece {
            Piece::FirstByte => Ok(Chunk::FirstByte),
            Piece::Thought => Ok(Chunk::Thought),
            Piece::Text(text) => {
                self.has_text = true;
                Ok(Chunk::Text(text.into()))
            }
            Piece::End { finish: Finish::Truncated, .. } if !self.has_text => {
                Err(after_the_head(FailureKind::Truncated, "The limit on output tokens left no text."))
            }
            Piece::End { finish, usage } => Ok(Chunk::End { finish, usage, model: Some(self.shared.model.clone()) }),
            Piece::Refused(refusal) | Piece::Error(refusal) => Err(refusal.failure()),
            Piece::Cut => Err(after_the_head(FailureKind::StreamCut, "The stream ended before the answer did.")),
            Piece::NoConnection => Err(Failure::new(FailureKind::Network, "Failed to fetch")),
        }
    }
}

/// A failure of an answer whose head had promised a 200.
fn after_the_head(kind: FailureKind, message: &str) -> Failure {
    Failure { status: Some(200), ..Failure::new(kind, message) }
}

impl Drop for SimAnswer {
    fn drop(&mut self) {
        self.shared.server.borrow_mut().gone();
    }
}
