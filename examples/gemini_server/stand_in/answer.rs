//! From a request to its answer.

use super::body::{HangUp, TimedBody};
use super::round::{Round, Ticket};
use super::{StandIn, backstage, cors, problem};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use lanescope::sim::wire::{Answer, Form, Target};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// What a request for the API says.
pub(super) struct Asked<'a> {
    method: &'a Method,
    path: &'a str,
    query: &'a str,
    key: Option<&'a str>,
    body: &'a str,
}

impl<'a> Asked<'a> {
    /// The value of a parameter, as it was written.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// Answers `request`.
///
/// # Errors
/// The connection is to be closed without an answer.
pub(super) async fn answer(stand_in: Arc<StandIn>, request: Request<Incoming>) -> Result<Response<TimedBody>, HangUp> {
    let round = stand_in.round();
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let mut response = if cors::is_preflight(&head.method, &head.headers) {
        if !backstage::is_here(path) {
            round.preflight();
        }
        if round.setup.cors { cors::preflight(&head.headers) } else { Response::new(TimedBody::empty()) }
    } else {
        let mut response = if backstage::is_here(path) {
            let body = read(body).await?;
            deliver(backstage::answer(&stand_in, &head.method, path, &body), None).await?
        } else {
            let key = head.headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
            let mut ticket = round.open(head.method.as_str(), path, key.is_some());
            let body = read(body).await?;
            let query = head.uri.query().unwrap_or_default();
            let asked = Asked { method: &head.method, path, query, key, body: &body };
            let answer = route(&stand_in, &round, &mut ticket, &asked);
            deliver(answer, Some(ticket)).await?
        };
        if round.setup.cors {
            cors::open(response.headers_mut(), &head.headers);
        }
        response
    };
    // On a connection that was used before, a browser would take the silence for a lost connection
    // and send the request again, unseen by the page.
    if round.may_hang_up() && head.version < Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// All of `body`.
async fn read(mut body: Incoming) -> Result<String, HangUp> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        // Who stops in the middle of a request has left.
        let frame = frame.map_err(|_| HangUp)?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn route(stand_in: &StandIn, round: &Round, ticket: &mut Ticket, asked: &Asked<'_>) -> Answer {
    let steps = asked.path.strip_prefix('/').and_then(|path| path.split_once('/'));
    let Some((version @ ("v1beta" | "v1"), path)) = steps else { return problem::no_such_path(asked.path) };
    if !round.accepts(asked.key) {
        return problem::bad_key();
    }
    match (asked.method, path, path.strip_prefix("models/")) {
        (&Method::GET, "models", _) => stand_in.models.page(asked),
        (&Method::GET, _, Some(name)) => stand_in.models.one(version, name),
        (&Method::POST, _, Some(_)) => call(stand_in, version, path, ticket, asked),
        _ => problem::no_such_path(asked.path),
    }
}

fn call(stand_in: &StandIn, version: &str, path: &str, ticket: &mut Ticket, asked: &Asked<'_>) -> Answer {
    let Some(target) = Target::read(path) else { return problem::no_such_path(asked.path) };
    if !stand_in.models.answers(&target.model) {
        return problem::unknown_model(version, &target.model);
    }
    if target.form == Form::Stream && asked.value("alt") != Some("sse") {
        return problem::invalid("The stand-in streams in one form only: ask for it with alt=sse.");
    }
    match ticket.arrive(&target, asked.body) {
        Ok(answer) => answer,
        Err(why) => problem::invalid(&format!("Invalid JSON payload received. {why}")),
    }
}

/// Waits until the head is due, and gives it with a body that goes on waiting. Dropping the future or
/// the body drops the ticket, which tells the server that the caller has left.
async fn deliver(answer: Answer, ticket: Option<Ticket>) -> Result<Response<TimedBody>, HangUp> {
    let arrived = Instant::now();
    match answer {
        Answer::Silence => std::future::pending().await,
        Answer::NoConnection { after } => {
            sleep_until(arrived + after).await;
            if let Some(ticket) = ticket {
                ticket.finish();
            }
            Err(HangUp)
        }
        Answer::Http { after, head, body } => {
            sleep_until(arrived + after).await;
            if let Some(ticket) = &ticket {
                ticket.answered(head.status);
            }
            let mut response = Response::new(TimedBody::new(arrived, body, ticket));
            *response.status_mut() = StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(head.content_type));
            Ok(response)
        }
    }
}
