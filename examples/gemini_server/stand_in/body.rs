//! A body whose parts come at their times, in real time.

use super::round::Ticket;
use hyper::body::{Body, Bytes, Frame};
use lanescope::sim::wire::Part;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// A break takes along what was written but has not gone out, so it comes this much later.
const TIME_TO_GO_OUT: Duration = Duration::from_millis(30);

/// The connection is to break: over HTTP/1.1 it is closed, over HTTP/2 the stream is reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection breaks, as it was asked to")]
pub(super) struct HangUp;

/// A body that comes at its time. Dropping it tells the server that the caller has left.
pub(super) struct TimedBody {
    began: Instant,
    parts: VecDeque<(Duration, Part)>,
    sleep: Option<Pin<Box<Sleep>>>,
    is_over: bool,
    ticket: Option<Ticket>,
}

impl TimedBody {
    /// `parts`, each so long after `began`.
    pub(super) fn new(began: Instant, parts: Vec<(Duration, Part)>, ticket: Option<Ticket>) -> Self {
        Self { began, parts: parts.into(), sleep: None, is_over: false, ticket }
    }

    /// No bytes at all.
    pub(super) fn empty() -> Self {
        Self { is_over: true, ..Self::new(Instant::now(), Vec::new(), None) }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = &mut *self;
        if this.is_over {
            return Poll::Ready(None);
        }
        // Parts that have run out without an end: nothing more ever comes. Who waits is woken when
        // the caller leaves.
        let Some((after, part)) = this.parts.front() else { return Poll::Pending };
        let grace = if *part == Part::Break { TIME_TO_GO_OUT } else { Duration::ZERO };
        let at = this.began + *after + grace;
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
        ready!(sleep.as_mut().poll(cx));
        this.sleep = None;
        let last = match this.parts.pop_front() {
            Some((_, Part::Bytes(bytes))) => return Poll::Ready(Some(Ok(Frame::data(bytes.into())))),
            Some((_, Part::Break)) => Some(Err(HangUp)),
            Some((_, Part::End)) | None => None,
        };
        this.is_over = true;
        if let Some(ticket) = this.ticket.take() {
            ticket.finish();
        }
        Poll::Ready(last)
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}
