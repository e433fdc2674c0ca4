//! The fixtures of the wire and the verdict on each, for native and for the browser alike.
//!
//! Every row of `index.json` goes through the public client over a transport that answers from
//! memory. It never waits, so one poll drives a call to its end and no executor is needed; the
//! fixtures are part of the binary, so no file is read.

// Each test crate that takes this file in uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use futures::future::{Ready, ready};
use futures::{FutureExt as _, StreamExt as _, stream};
use lanescope::gemini::{ApiKey, Client, Connection, DEFAULT_BASE_URL, DEFAULT_VERSION, Mode, models};
use lanescope::id::Tag;
use lanescope::port::{
    Call, Chunk, Failure, Finish, Method, Request, Response, Retry, Service, Settings, Transport, TransportError,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::rc::Rc;

macro_rules! fixtures {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../fixtures/", $name)) as &[u8])),*]
    };
}

/// Name and bytes of every fixture that a check needs.
pub const FILES: &[(&str, &[u8])] = fixtures![
    "index.json",
    "empty-parts.json",
    "err-400-api-key-invalid.json",
    "err-400-invalid-argument.json",
    "err-401-token-type.json",
    "err-402-prepay-depleted.json",
    "err-403-referrer-blocked.json",
    "err-404-event-stream.json",
    "err-404-model-not-found.json",
    "err-429-array.json",
    "err-429-limit-zero.json",
    "err-429-no-details.json",
    "err-429-other-dialect.json",
    "err-429-per-day.json",
    "err-429-per-minute.json",
    "err-429-tokens-per-minute.json",
    "err-500-internal.json",
    "err-502-proxy.html",
    "err-503-overloaded.json",
    "err-504-deadline.json",
    "max-tokens-no-text.json",
    "max-tokens.json",
    "models-page-1.json",
    "models-page-2.json",
    "ok-thoughts.json",
    "ok.json",
    "prompt-blocked.json",
    "safety-no-content.json",
    "stream-cut.sse",
    "stream-error-midway.sse",
    "stream-error-raw-tail.sse",
    "stream-no-final-blank-line.sse",
    "stream-ok.sse",
    "stream-other-dialect.sse",
    "stream-prompt-blocked.sse",
    "stream-utf8-split.chunks.json",
    "stream-utf8-split.sse",
    "truncated.json",
    "unicode.json",
    "unknown-finish-reason.json",
];

/// How a body arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In one piece.
    Whole,
    /// One byte at a time.
    ByteByByte,
}

impl Delivery {
    fn cut(self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Self::Whole => vec![bytes.to_vec()],
            Self::ByteByByte => bytes.chunks(1).map(<[u8]>::to_vec).collect(),
        }
    }
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many rows of the index had their verdict compared.
    pub checked: usize,
    /// What was another than the index says, a line each.
    pub mismatches: Vec<String>,
}

/// Compares the verdict on every row of the index, with every body delivered in the way of `how`.
pub fn check_all(how: Delivery) -> Report {
    let mut report = Report::default();
    match rows() {
        Ok(rows) => {
            for row in &rows {
                report.mismatches.extend(check(row, how));
                report.checked += 1;
            }
        }
        Err(why) => report.mismatches.push(why),
    }
    report
}

/// Compares the verdict on `stream-utf8-split.sse`, cut as its list of chunks says: inside a field's
/// name, inside characters and inside line ends.
pub fn check_chunks() -> Report {
    let compared = chunks().and_then(|(of, chunks)| {
        let row = rows()?.into_iter().find(|row| row.file == of).ok_or_else(|| format!("{of}: not in the index"))?;
        check_call(&row, chunks)
    });
    match compared {
        Ok(mismatches) => Report { checked: 1, mismatches },
        Err(why) => Report { checked: 0, mismatches: vec![why] },
    }
}

#[derive(Deserialize)]
struct Index {
    fixtures: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    status: u16,
    call: String,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Expect {
    kind: String,
    /// `true`, `false` or `"limited"`.
    retryable: Value,
    delay_ms: Option<u64>,
    text: Option<String>,
    finish_reason: Option<String>,
}

fn file(name: &str) -> Result<&'static [u8], String> {
    let found = FILES.iter().find(|(file, _)| *file == name);
    found.map(|(_, bytes)| *bytes).ok_or_else(|| format!("{name}: not among FILES"))
}

fn rows() -> Result<Vec<Row>, String> {
    let index: Index = serde_json::from_slice(file("index.json")?).map_err(|why| format!("index.json: {why}"))?;
    Ok(index.fixtures)
}

/// The fixture that is cut, and its pieces.
fn chunks() -> Result<(String, Vec<Vec<u8>>), String> {
    #[derive(Deserialize)]
    struct Chunks {
        of: String,
        chunks: Vec<String>,
    }
    let name = "stream-utf8-split.chunks.json";
    let Chunks { of, chunks } = serde_json::from_slice(file(name)?).map_err(|why| format!("{name}: {why}"))?;
    let pieces: Option<Vec<_>> = chunks.iter().map(|hex| unhex(hex)).collect();
    let pieces = pieces.ok_or_else(|| format!("{name}: not hexadecimal"))?;
    if pieces.concat() == file(&of)? { Ok((of, pieces)) } else { Err(format!("{name}: not the bytes of {of}")) }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

fn check(row: &Row, how: Delivery) -> Vec<String> {
    let compared = file(&row.file).and_then(|bytes| match row.call.as_str() {
        "models.list" => check_list(row, bytes, how),
        _ => check_call(row, how.cut(bytes)),
    });
    compared.unwrap_or_else(|why| vec![why])
}

/// Collects what differs.
struct Diff<'a> {
    file: &'a str,
    found: Vec<String>,
}

impl Diff<'_> {
    fn same<T: PartialEq + Debug>(&mut self, what: &str, seen: &T, expected: &T) {
        if seen != expected {
            self.found.push(format!("{}: {what} is {seen:?}, not {expected:?}", self.file));
        }
    }
}

fn connection() -> Result<Connection, String> {
    ApiKey::new("AQ.not-a-real-key")
        .and_then(|key| Connection::new(DEFAULT_BASE_URL, DEFAULT_VERSION, key))
        .map_err(|why| why.to_string())
}

/// Makes the row's call, answers it with `pieces`, and compares what comes of it.
fn check_call(row: &Row, pieces: Vec<Vec<u8>>) -> Result<Vec<String>, String> {
    let (mode, path) = match row.call.as_str() {
        "generateContent" => (Mode::Whole, "/v1beta/models/gemini-3.8-flash:generateContent"),
        "streamGenerateContent" => (Mode::Stream, "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse"),
        other => return Err(format!("{}: no call {other}", row.file)),
    };
    let transport = Canned::new([(row.status, pieces)]);
    let client = Client::new(transport.clone(), Rc::new(connection()?)).with_mode(mode);
    let settings = Rc::new(Settings { model: "gemini-3.8-flash".into(), ..Settings::default() });
    let call = Call { tag: Tag::of_item(0, 3), prompt: "Say hi.".into(), settings };
    let answer = client.call(&call).collect::<Vec<_>>().now_or_never();
    let answer = answer.ok_or_else(|| format!("{}: the answer never ended", row.file))?;
    let seen = Seen::of(&answer).ok_or_else(|| format!("{}: not one verdict at the end: {answer:?}", row.file))?;

    let mut diff = Diff { file: &row.file, found: Vec::new() };
    let expect = &row.expect;
    diff.same("kind", &seen.kind, &expect.kind.as_str());
    diff.same("retryable", &seen.retryable, &expect.retryable);
    diff.same("delay in microseconds", &seen.delay_micros, &expect.delay_ms.map(|millis| millis * 1_000));
    diff.same("text", &seen.text.as_str(), &expect.text.as_deref().unwrap_or_default());
    diff.same("heads", &seen.heads, &usize::from(row.status == 200));
    match seen.failure {
        None => diff.same("finish reason", &seen.finish, &expect.finish_reason.as_deref()),
        Some(failure) => {
            // A failure has no finish reason of its own; the body it is shown with has it.
            let shown = expect.finish_reason.as_ref().is_none_or(|reason| failure.body.contains(reason.as_str()));
            diff.same("finish reason in the body", &shown, &true);
            diff.same("HTML in the failure", &format!("{failure:?}").contains('<'), &false);
            diff.same("message is empty", &failure.message.is_empty(), &false);
            if row.status != 200 {
                diff.same("status", &failure.status, &Some(row.status));
            }
        }
    }
    let seen = transport.seen.take();
    let sent = seen.first().map(|request| (request.method, request.tag, request.url.ends_with(path)));
    diff.same("request", &sent, &Some((Method::Post, call.tag, true)));
    diff.same("number of requests", &seen.len(), &1);
    Ok(diff.found)
}

/// Lists the models from the row's page on, and compares names and requests.
fn check_list(row: &Row, bytes: &[u8], how: Delivery) -> Result<Vec<String>, String> {
    let first = ["gemini-3.8-flash", "gemini-flash-latest"];
    let last = ["gemini-4-argon", "gemma-4-31b-it"];
    let token = "&pageToken=Ch5tb2RlbHMvZml4dHVyZS1wYWdlLXR3by10b2tlbg%3D%3D";
    let first_url = format!("{DEFAULT_BASE_URL}/v1beta/models?pageSize=1000");
    let (mut bodies, mut names, mut urls) = (vec![bytes], last.to_vec(), vec![first_url.clone()]);
    if row.file == "models-page-1.json" {
        bodies.push(file("models-page-2.json")?);
        names = [first, last].concat();
        urls.push(first_url + token);
    }
    let transport = Canned::new(bodies.into_iter().map(|bytes| (row.status, how.cut(bytes))));
    let connection = connection()?;
    let listed = models::list(&transport, &connection).now_or_never();
    let listed = listed.ok_or_else(|| format!("{}: the list never ended", row.file))?;
    let listed = listed.map_err(|failure| format!("{}: {failure:?}", row.file))?;

    let mut diff = Diff { file: &row.file, found: Vec::new() };
    diff.same("kind", &"page", &row.expect.kind.as_str());
    diff.same("models", &listed.iter().map(|model| model.name.as_str()).collect(), &names);
    let seen = transport.seen.take();
    diff.same("requests", &seen.iter().map(|request| request.url.clone()).collect(), &urls);
    let headers = seen.iter().all(|request| request.headers.iter().map(|(name, _)| *name).eq(["x-goog-api-key"]));
    diff.same("only the key among the headers", &headers, &true);
    Ok(diff.found)
}

/// An answer in the words of the index.
struct Seen<'a> {
    heads: usize,
    text: String,
    kind: &'static str,
    retryable: Value,
    delay_micros: Option<u64>,
    finish: Option<&'a str>,
    failure: Option<&'a Failure>,
}

impl<'a> Seen<'a> {
    /// What `answer` says, if it ends in its only verdict.
    fn of(answer: &'a [Result<Chunk, Failure>]) -> Option<Self> {
        let (verdict, before) = answer.split_last()?;
        let (mut heads, mut text) = (0, String::new());
        for piece in before {
            match piece {
                Ok(Chunk::FirstByte) => heads += 1,
                Ok(Chunk::Thought) => {}
                Ok(Chunk::Text(more)) => text.push_str(more),
                Ok(Chunk::End { .. }) | Err(_) => return None,
            }
        }
        let seen = Self {
            heads,
            text,
            kind: "answer",
            retryable: json!(false),
            delay_micros: None,
            finish: None,
            failure: None,
        };
        match verdict {
            Ok(Chunk::End { finish: Finish::Stop, .. }) => Some(Self { finish: Some("STOP"), ..seen }),
            Ok(Chunk::End { finish: Finish::Truncated, .. }) => {
                Some(Self { kind: "truncated", finish: Some("MAX_TOKENS"), ..seen })
            }
            Ok(Chunk::End { finish: Finish::Unknown(reason), .. }) => {
                Some(Self { kind: "unknown-finish", finish: Some(reason.as_ref()), ..seen })
            }
            Ok(_) => None,
            Err(failure) => Some(Self {
                kind: match failure.kind.name() {
                    "server-timeout" => "timeout",
                    name => name,
                },
                retryable: match failure.kind.retry() {
                    Retry::Never => json!(false),
                    Retry::Limited => json!("limited"),
                    Retry::Yes => json!(true),
                },
                delay_micros: failure.delay_micros,
                failure: Some(failure),
                ..seen
            }),
        }
    }
}

/// A status and a body, cut as it is to arrive.
type Answer = (u16, Vec<Vec<u8>>);

/// A transport that answers from memory, in the order it was given, and keeps what it was asked.
#[derive(Clone)]
pub struct Canned {
    answers: Rc<RefCell<VecDeque<Answer>>>,
    seen: Rc<RefCell<Vec<Request>>>,
}

impl Canned {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Rc::new(RefCell::new(answers.into_iter().collect())), seen: Rc::default() }
    }
}

impl Transport for Canned {
    type Body = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, TransportError>>>;
    type Sending = Ready<Result<Response<Self::Body>, TransportError>>;

    fn send(&self, request: Request) -> Self::Sending {
        self.seen.borrow_mut().push(request);
        let Some((status, pieces)) = self.answers.borrow_mut().pop_front() else {
            return ready(Err(TransportError::NoConnection { message: "no answer is left".to_owned() }));
        };
        let pieces: Vec<_> = pieces.into_iter().map(Ok).collect();
        ready(Ok(Response { status, body: stream::iter(pieces) }))
    }
}
