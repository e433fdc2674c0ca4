//! The second door: the simulated server as HTTP bytes in virtual time, below the shipped client.
//!
//! For tests: through it the client runs in the simulation, and has to give the very events that the
//! first door gives without it. A request arrives when it is sent, and its caller is gone when the
//! future or the body is dropped or has ended, as at the first door.

use crate::port::{Clock as _, Request, Response, Transport, TransportError};
use crate::sim::clock::{SimClock, Sleep};
use crate::sim::refusal::Refusal;
use crate::sim::server::SimServer;
use crate::sim::wire::{self, Answer, Part, Target};
use crate::time::Instant;
use futures::Stream;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A simulated server, reached over a wire that takes no time.
#[derive(Clone, Debug)]
pub struct SimTransport {
    server: Rc<RefCell<SimServer>>,
    clock: SimClock,
}

impl SimTransport {
    /// `server`, answering in `clock`'s time.
    #[must_use]
    pub fn new(server: SimServer, clock: SimClock) -> Self {
        Self { server: Rc::new(RefCell::new(server)), clock }
    }

    /// What comes back, and the visit that lasts until it has; none for what the server never sees.
    fn arrive(&self, request: &Request) -> (Answer, Option<Visit>) {
        let refused = |status| (Answer::json(status, Refusal::with_status(status).body()), None);
        let Some(target) = target(&request.url) else { return refused(404) };
        let Ok(call) = target.call(request.tag, &request.body) else { return refused(400) };
        let reply = self.server.borrow_mut().arrive(self.clock.now(), &call);
        (wire::answer(reply, target.form), Some(Visit(self.server.clone())))
    }
}

/// What `url` asks for, if it is a call.
fn target(url: &str) -> Option<Target> {
    let path = url.split_once('?').map_or(url, |(path, _)| path);
    let at = path.find("/models/")?;
    Target::read(&path[at + 1..])
}

impl Transport for SimTransport {
    type Body = SimBody;
    type Sending = SimSending;

    fn send(&self, request: Request) -> SimSending {
        let (answer, visit) = self.arrive(&request);
        let line = Line { arrived: self.clock.now(), clock: self.clock.clone(), sleep: None, _visit: visit };
        SimSending(Some((answer, line)))
    }
}

/// A caller's time at the server. Dropping it tells the server that the caller has left.
#[derive(Debug)]
struct Visit(Rc<RefCell<SimServer>>);

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.borrow_mut().gone();
    }
}

/// The line that an answer comes along, in virtual time.
#[derive(Debug)]
struct Line {
    arrived: Instant,
    clock: SimClock,
    sleep: Option<Sleep>,
    _visit: Option<Visit>,
}

impl Line {
    fn poll_until(&mut self, after: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| self.clock.sleep_until(self.arrived + after));
        ready!(Pin::new(sleep).poll(cx));
        self.sleep = None;
        Poll::Ready(())
    }
}

/// An answer's head on its way.
#[must_use = "dropping it aborts the request"]
#[derive(Debug)]
pub struct SimSending(Option<(Answer, Line)>);

impl Future for SimSending {
    type Output = Result<Response<SimBody>, TransportError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((answer, line)) = &mut self.0 else { return Poll::Pending };
        let after = match answer {
            Answer::Silence => return Poll::Pending,
            Answer::NoConnection { after } | Answer::Http { after, .. } => *after,
        };
        ready!(line.poll_until(after, cx));
        Poll::Ready(match self.0.take() {
            Some((Answer::Http { head, body, .. }, line)) => {
                Ok(Response { status: head.status, body: SimBody { parts: body.into(), line: Some(line) } })
            }
            _ => Err(TransportError::NoConnection { message: "Failed to fetch".into() }),
        })
    }
}

/// A body as it comes. Dropping it aborts the request.
#[derive(Debug)]
pub struct SimBody {
    parts: VecDeque<(Duration, Part)>,
    line: Option<Line>,
}

impl Stream for SimBody {
    type Item = Result<Vec<u8>, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(line) = &mut this.line else { return Poll::Ready(None) };
        // Parts that have run out without an end mean a server that never speaks again.
        let Some(&(after, _)) = this.parts.front() else { return Poll::Pending };
        ready!(line.poll_until(after, cx));
        let last = match this.parts.pop_front() {
            Some((_, Part::Bytes(bytes))) => return Poll::Ready(Some(Ok(bytes))),
            Some((_, Part::Break)) => Some(Err(TransportError::Broken { message: "network error".into() })),
            Some((_, Part::End)) | None => None,
        };
        this.line = None;
        Poll::Ready(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::server::{Amount, Fault, Rule, Simulated, When};
    use crate::id::Tag;
    use crate::port::Method;
    use crate::sim::executor::Simulation;
    use futures::{FutureExt as _, StreamExt as _};

    const URL: &str = "https://host/v1beta/models/m:streamGenerateContent?alt=sse";

    fn transport(faults: Vec<Rule>) -> SimTransport {
        let figures = Simulated {
            first_byte_millis: Amount::Constant(1_000.0),
            answer_tokens: Amount::Constant(36.0),
            faults,
            ..Simulated::default()
        };
        SimTransport::new(SimServer::new(figures, 1), SimClock::default())
    }

    fn faulty(fault: Fault) -> SimTransport {
        transport(vec![Rule { when: When::default(), fault }])
    }

    fn request(url: &str) -> Request {
        let body = r#"{"contents":[{"parts":[{"text":"Why?"}]}]}"#.to_owned();
        Request { method: Method::Post, url: url.into(), headers: Vec::new(), body, tag: Tag::of_item(0, 0) }
    }

    #[test]
    fn the_caller_is_gone_with_the_last_byte() {
        let transport = transport(Vec::new());
        let clock = transport.clock.clone();
        let run = async {
            let Response { status, body } = transport.send(request(URL)).await.expect("a head");
            assert_eq!((status, clock.now(), transport.server.borrow().in_flight()), (200, Instant(1_000_000), 1));
            let parts: Vec<_> = body.collect().await;
            assert!(parts.len() > 2 && parts.iter().all(Result::is_ok));
            assert_eq!((clock.now(), transport.server.borrow().in_flight()), (Instant(2_000_000), 0));
        };
        Simulation::new(clock.clone(), run).run().expect("it ends");
    }

    #[test]
    fn who_drops_the_future_or_the_body_is_gone_once() {
        let transport = transport(Vec::new());
        let clock = transport.clock.clone();
        let in_flight = || transport.server.borrow().in_flight();
        let (first, second) = (transport.send(request(URL)), transport.send(request(URL)));
        assert_eq!(in_flight(), 2);
        drop(first);
        assert_eq!(in_flight(), 1);
        let answer = Simulation::new(clock, second).run().expect("it ends").expect("a head");
        assert_eq!(in_flight(), 1);
        drop(answer);
        assert_eq!(in_flight(), 0);
    }

    #[test]
    fn a_stall_never_ends() {
        let transport = faulty(Fault::Stall);
        let sending = transport.send(request(URL));
        assert!(Simulation::new(transport.clock.clone(), sending).run().is_none());
        assert_eq!(transport.server.borrow().in_flight(), 0);
    }

    #[test]
    fn a_cut_breaks_the_body_and_no_connection_comes_before_a_head() {
        let cut = faulty(Fault::Cut);
        let run = async {
            let parts: Vec<_> = cut.send(request(URL)).await.expect("a head").body.collect().await;
            assert!(matches!(parts.last(), Some(Err(TransportError::Broken { .. }))));
        };
        Simulation::new(cut.clock.clone(), run).run().expect("it ends");

        let none = faulty(Fault::Network);
        let failed = Simulation::new(none.clock.clone(), none.send(request(URL))).run().expect("it ends");
        assert_eq!(failed.expect_err("no head"), TransportError::NoConnection { message: "Failed to fetch".into() });
        assert_eq!(none.server.borrow().in_flight(), 0);
    }

    #[test]
    fn what_is_no_call_never_reaches_the_server() {
        let transport = transport(Vec::new());
        let status = |request| transport.send(request).now_or_never().expect("at once").expect("a head").status;
        assert_eq!(status(request("https://host/v1beta/models?pageSize=1000")), 404);
        assert_eq!(status(Request { body: "{".into(), ..request(URL) }), 400);
        assert_eq!(transport.server.borrow().in_flight(), 0);
    }
}
