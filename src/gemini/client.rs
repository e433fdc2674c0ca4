//! A call from its first byte to its last: send, look at the head, turn what comes into chunks.
//!
//! Judged by content, never by content type: a refusal may claim to be a stream, and a stream may be
//! one JSON list or end in an error that is no event. A chunk is passed on as soon as it is whole.

use crate::gemini::request::{self, Mode};
use crate::gemini::response::Fold;
use crate::gemini::sse::{Decoder, Event};
use crate::gemini::{Connection, error};
use crate::port::{Call, Chunk, Failure, FailureKind, Method, Request, Response, Service, Transport, TransportError};
use futures::stream::{self, LocalBoxStream, Stream, StreamExt as _};
use serde_json::Value;
use std::collections::VecDeque;
use std::mem;
use std::rc::Rc;

/// What a stream of an answer yields.
type Piece = Result<Chunk, Failure>;

/// Gemini as a service.
#[derive(Clone, Debug)]
pub struct Client<T> {
    transport: T,
    connection: Rc<Connection>,
    mode: Mode,
}

impl<T> Client<T> {
    /// A client that sends through `transport` and streams its answers.
    #[must_use]
    pub fn new(transport: T, connection: Rc<Connection>) -> Self {
        Self { transport, connection, mode: Mode::default() }
    }

    /// The same client asking for its answers in `mode`.
    #[must_use]
    pub fn with_mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// The request of `call`, with exactly two headers: Google's preflight refuses any that it does
    /// not know.
    fn request(&self, call: &Call) -> serde_json::Result<Request> {
        Ok(Request {
            method: Method::Post,
            url: self.connection.url(&request::path(&call.settings.model, self.mode)),
            headers: vec![("content-type", "application/json".to_owned()), self.connection.key_header()],
            body: request::body(call)?,
            tag: call.tag,
        })
    }
}

impl<T: Transport + Clone + 'static> Service for Client<T> {
    type Answer = LocalBoxStream<'static, Result<Chunk, Failure>>;

    /// Nothing is sent before the stream is first polled.
    ///
    /// # Cancel safety
    /// Dropping the stream drops the request or the body with it, which aborts the call.
    fn call(&self, call: &Call) -> Self::Answer {
        let stage = match self.request(call) {
            Ok(request) => Stage::Waiting { transport: self.transport.clone(), request, mode: self.mode },
            Err(why) => {
                let refused: Piece = Err(Failure::new(FailureKind::BadRequest, &why.to_string()));
                return stream::iter([refused]).boxed_local();
            }
        };
        let answer = Answering { stage, ready: VecDeque::new(), connection: Rc::clone(&self.connection) };
        let pieces = stream::unfold(answer, |mut answer: Answering<T>| async move {
            let piece = answer.next().await?;
            Some((piece, answer))
        });
        pieces.fuse().boxed_local()
    }
}

/// A call under way: where it is, and what came of it that was not asked for yet.
struct Answering<T: Transport> {
    stage: Stage<T>,
    ready: VecDeque<Piece>,
    connection: Rc<Connection>,
}

enum Stage<T: Transport> {
    Waiting { transport: T, request: Request, mode: Mode },
    Receiving { body: T::Body, reader: Box<Reader> },
    Over,
}

impl<T: Transport> Answering<T> {
    async fn next(&mut self) -> Option<Piece> {
        while self.ready.is_empty() && !matches!(self.stage, Stage::Over) {
            self.stage = self.go_on().await;
        }
        self.ready.pop_front()
    }

    /// The next stage. Not safe to cancel alone: what it waits for is lost with it.
    async fn go_on(&mut self) -> Stage<T> {
        let ended = match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Over => return Stage::Over,
            Stage::Waiting { transport, request, mode } => match open(&transport, request).await {
                Ok(Response { status, body }) => {
                    self.ready.push_back(Ok(Chunk::FirstByte));
                    return Stage::Receiving { body, reader: Box::new(Reader::new(status, mode)) };
                }
                Err(failure) => Err(failure),
            },
            Stage::Receiving { mut body, mut reader } => match body.next().await {
                Some(Ok(bytes)) => match reader.push(&bytes, &mut self.ready) {
                    Ok(()) => return Stage::Receiving { body, reader },
                    Err(failure) => Err(failure),
                },
                Some(Err(broke)) => reader.finish(Some(broke), &mut self.ready),
                None => reader.finish(None, &mut self.ready),
            },
        };
        self.ready.push_back(ended.map_err(|failure| self.connection.without_key(failure)));
        Stage::Over
    }
}

/// Turns the bytes of a 2xx body into chunks.
struct Reader {
    status: u16,
    input: Input,
    fold: Fold,
    /// The last piece of JSON that was read: the body that a verdict at the end is shown with.
    last: String,
}

enum Input {
    Events(Decoder),
    Whole(Vec<u8>),
}

impl Reader {
    fn new(status: u16, mode: Mode) -> Self {
        let input = match mode {
            Mode::Stream => Input::Events(Decoder::default()),
            Mode::Whole => Input::Whole(Vec::new()),
        };
        Self { status, input, fold: Fold::default(), last: String::new() }
    }

    fn push(&mut self, bytes: &[u8], ready: &mut VecDeque<Piece>) -> Result<(), Failure> {
        let events = match &mut self.input {
            Input::Events(decoder) => decoder.push(bytes),
            Input::Whole(all) => {
                all.extend_from_slice(bytes);
                Vec::new()
            }
        };
        events.into_iter().try_for_each(|event| self.take(event, ready))
    }

    /// The verdict when nothing more comes, be it that all is here or that the connection `broke`.
    /// A break after an answer's end costs nothing.
    fn finish(mut self, broke: Option<TransportError>, ready: &mut VecDeque<Piece>) -> Result<Chunk, Failure> {
        let (events, cut) = match mem::replace(&mut self.input, Input::Whole(Vec::new())) {
            Input::Events(decoder) => (decoder.finish(), FailureKind::StreamCut),
            Input::Whole(all) => {
                let data = String::from_utf8_lossy(&all).into_owned();
                // A server that sent all of it, yet no finish reason, broke its promise.
                (vec![Event { data, whole: broke.is_none() }], FailureKind::BadBody)
            }
        };
        events.into_iter().try_for_each(|event| self.take(event, ready))?;
        self.fold.finish().map_err(|mut failure| {
            if failure.kind == FailureKind::StreamCut {
                match broke {
                    Some(broke) => failure.message = words(&broke).into(),
                    None => failure.kind = cut,
                }
            }
            Failure { status: Some(self.status), body: error::shown(&self.last).into(), ..failure }
        })
    }

    /// Takes one event in. One without an end that can't be read was cut, and is left to the verdict.
    fn take(&mut self, event: Event, ready: &mut VecDeque<Piece>) -> Result<(), Failure> {
        let Event { data, whole } = event;
        let text = data.trim_start_matches('\u{feff}').trim();
        // Other servers of this dialect keep a line warm with empty events and end it in OpenAI's way.
        if text.is_empty() || text == "[DONE]" {
            return Ok(());
        }
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(answers)) => {
                answers.into_iter().try_for_each(|answer| self.answer(&answer, text, ready))?;
            }
            Ok(answer) => self.answer(&answer, text, ready)?,
            Err(why) if whole => return Err(error::bad_body(self.status, &why.to_string(), text)),
            Err(_) => return Ok(()),
        }
        self.last = data;
        Ok(())
    }

    fn answer(&mut self, answer: &Value, text: &str, ready: &mut VecDeque<Piece>) -> Result<(), Failure> {
        if let Some(failure) = error::inside(answer, text) {
            return Err(failure);
        }
        if !answer.is_object() {
            return Err(error::bad_body(self.status, "not an object", text));
        }
        ready.extend(self.fold.push(answer).into_iter().map(Ok));
        Ok(())
    }
}

/// Sends `request` and waits for a head that promises an answer; any other is read to its failure.
pub(super) async fn open<T: Transport>(transport: &T, request: Request) -> Result<Response<T::Body>, Failure> {
    let sent = transport.send(request).await;
    let response = sent.map_err(|why| Failure::new(FailureKind::Network, words(&why)))?;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    // What came of the body before a break may still tell more than the status alone.
    let (body, _) = read(response.body).await;
    Err(error::failure(response.status, &body))
}

/// All of `body` as text, and what broke it, if something did.
pub(super) async fn read<B>(mut body: B) -> (String, Option<TransportError>)
where
    B: Stream<Item = Result<Vec<u8>, TransportError>> + Unpin,
{
    let mut bytes = Vec::new();
    let mut broke = None;
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => bytes.extend(piece),
            Err(why) => {
                broke = Some(why);
                break;
            }
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), broke)
}

/// The browser's own words.
pub(super) fn words(error: &TransportError) -> &str {
    match error {
        TransportError::NoConnection { message } | TransportError::Broken { message } => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemini::{ApiKey, DEFAULT_BASE_URL, DEFAULT_VERSION};
    use crate::id::Tag;
    use crate::port::{Finish, Usage};
    use futures::FutureExt as _;
    use futures::future::{Ready, ready};
    use std::cell::RefCell;

    const DONE: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Hi."}]},"finishReason":"STOP"}]}"#;
    const HALF: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Hi."}]}}]}"#;

    /// Answers every request alike and keeps what it was asked.
    #[derive(Clone)]
    struct Canned {
        head: Result<u16, TransportError>,
        body: Vec<Result<Vec<u8>, TransportError>>,
        /// Whether the body stays open behind its last piece.
        hangs: bool,
        seen: Rc<RefCell<Vec<Request>>>,
        /// Held once more by each body that is alive.
        alive: Rc<()>,
    }

    impl Transport for Canned {
        type Body = LocalBoxStream<'static, Result<Vec<u8>, TransportError>>;
        type Sending = Ready<Result<Response<Self::Body>, TransportError>>;

        fn send(&self, request: Request) -> Self::Sending {
            self.seen.borrow_mut().push(request);
            let alive = Rc::clone(&self.alive);
            let pieces = stream::iter(self.body.clone()).inspect(move |_| drop(Rc::clone(&alive)));
            let body = if self.hangs { pieces.chain(stream::pending()).boxed_local() } else { pieces.boxed_local() };
            ready(self.head.clone().map(|status| Response { status, body }))
        }
    }

    fn canned<const N: usize>(pieces: [&str; N]) -> Canned {
        Canned {
            head: Ok(200),
            body: pieces.into_iter().map(|piece| Ok(piece.as_bytes().to_vec())).collect(),
            hangs: false,
            seen: Rc::default(),
            alive: Rc::default(),
        }
    }

    fn broken() -> TransportError {
        TransportError::Broken { message: "network error".to_owned() }
    }

    fn answer(transport: &Canned, mode: Mode) -> LocalBoxStream<'static, Piece> {
        let key = ApiKey::new("AQ.secret").expect("a key");
        let connection = Connection::new(DEFAULT_BASE_URL, DEFAULT_VERSION, key).expect("valid");
        let call = Call { tag: Tag::of_item(1, 7), prompt: "Say hi.".into(), settings: Rc::default() };
        Client::new(transport.clone(), Rc::new(connection)).with_mode(mode).call(&call)
    }

    fn pieces(transport: &Canned, mode: Mode) -> Vec<Piece> {
        answer(transport, mode).collect::<Vec<_>>().now_or_never().expect("nothing waits")
    }

    /// How the answer ends, and the text before it.
    fn verdict(transport: &Canned, mode: Mode) -> (String, Result<Finish, FailureKind>) {
        let mut text = String::new();
        for piece in pieces(transport, mode) {
            match piece {
                Ok(Chunk::Text(piece)) => text.push_str(&piece),
                Ok(Chunk::End { finish, .. }) => return (text, Ok(finish)),
                Err(failure) => return (text, Err(failure.kind)),
                Ok(Chunk::FirstByte | Chunk::Thought) => {}
            }
        }
        panic!("no verdict after {text:?}");
    }

    #[test]
    fn an_answer_is_its_head_its_text_and_its_end() {
        let end = Chunk::End { finish: Finish::Stop, usage: Usage::default(), model: None };
        let expected: [Piece; 3] = [Ok(Chunk::FirstByte), Ok(Chunk::Text("Hi.".into())), Ok(end)];
        assert_eq!(pieces(&canned([DONE]), Mode::Whole), expected);
        assert_eq!(pieces(&canned(["data: ", DONE, "\r\n\r\n"]), Mode::Stream), expected);
    }

    #[test]
    fn exactly_two_headers_go_out_and_only_one_holds_the_key() {
        let transport = canned([DONE]);
        pieces(&transport, Mode::Stream);
        let seen = transport.seen.borrow();
        let [request] = &seen[..] else { panic!("{} requests", seen.len()) };
        let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["content-type", "x-goog-api-key"]);
        assert_eq!(request.headers[1].1, "AQ.secret");
        assert_eq!(
            request.url,
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse"
        );
        assert_eq!(request.tag, Tag::of_item(1, 7));
        assert!(!format!("{request:?}").contains("secret"));
    }

    #[test]
    fn nothing_is_sent_before_it_is_asked_for() {
        let transport = canned([DONE]);
        let unasked = answer(&transport, Mode::Stream);
        assert!(transport.seen.borrow().is_empty());
        drop(unasked);
    }

    #[test]
    fn a_stream_is_judged_by_its_content() {
        let list = format!("[{HALF},\r\n{DONE}]");
        let refusal = r#"{"error":{"code":429,"message":"Please retry in 2s."}}"#;
        for (body, expected) in [
            (DONE, ("Hi.", Ok(Finish::Stop))),
            (&*list, ("Hi.Hi.", Ok(Finish::Stop))),
            (refusal, ("", Err(FailureKind::RateLimit))),
            (&*format!("[{refusal}]"), ("", Err(FailureKind::RateLimit))),
            (&*format!("data: {HALF}\n\ndata: {refusal}\n\n"), ("Hi.", Err(FailureKind::RateLimit))),
            (&*format!("data: {DONE}\n\ndata: [DONE]\n\ndata:\n\n"), ("Hi.", Ok(Finish::Stop))),
            ("data: {\"candidates\": [\n\n", ("", Err(FailureKind::BadBody))),
            ("data: 7\n\n", ("", Err(FailureKind::BadBody))),
            ("<html></html>", ("", Err(FailureKind::StreamCut))),
            ("", ("", Err(FailureKind::StreamCut))),
        ] {
            let (text, end) = verdict(&canned([body]), Mode::Stream);
            assert_eq!((&*text, end), expected, "{body}");
        }
    }

    #[test]
    fn a_whole_body_has_to_be_whole() {
        for (body, expected) in [(HALF, "Hi."), ("", ""), ("<html></html>", "")] {
            let (text, end) = verdict(&canned([body]), Mode::Whole);
            assert_eq!((&*text, end), (expected, Err(FailureKind::BadBody)), "{body}");
        }
    }

    #[test]
    fn a_break_cuts_an_answer_that_has_not_ended() {
        for (mode, sent) in [(Mode::Stream, format!("data: {HALF}\n\n")), (Mode::Whole, HALF[..20].to_owned())] {
            let mut transport = canned([&*sent]);
            transport.body.push(Err(broken()));
            let Some(Err(failure)) = pieces(&transport, mode).pop() else { panic!("no failure") };
            assert_eq!((failure.kind, failure.status), (FailureKind::StreamCut, Some(200)));
            assert_eq!(&*failure.message, "network error");
        }
        let mut transport = canned(["data: ", DONE]);
        transport.body.push(Err(broken()));
        assert_eq!(verdict(&transport, Mode::Stream), ("Hi.".to_owned(), Ok(Finish::Stop)));
    }

    #[test]
    fn without_a_head_there_was_no_connection() {
        let mut transport = canned([]);
        transport.head = Err(TransportError::NoConnection { message: "Failed to fetch".to_owned() });
        let expected: [Piece; 1] = [Err(Failure::new(FailureKind::Network, "Failed to fetch"))];
        assert_eq!(pieces(&transport, Mode::Stream), expected);
    }

    #[test]
    fn a_refusal_is_judged_even_if_its_body_breaks() {
        let mut transport = canned(["{\"error\": {\"co"]);
        transport.head = Ok(503);
        transport.body.push(Err(broken()));
        let Some(Err(failure)) = pieces(&transport, Mode::Stream).pop() else { panic!("no failure") };
        assert_eq!((failure.kind, failure.status), (FailureKind::Overloaded, Some(503)));
    }

    #[test]
    fn dropping_an_answer_drops_its_body_and_so_does_its_end() {
        let mut transport = canned(["data: ", HALF, "\n\n"]);
        transport.hangs = true;
        let mut stream = answer(&transport, Mode::Stream);
        let first = stream.next().now_or_never().flatten();
        assert_eq!(first, Some(Ok(Chunk::FirstByte)));
        assert_eq!(Rc::strong_count(&transport.alive), 2, "the test's own and the body's");
        drop(stream);
        assert_eq!(Rc::strong_count(&transport.alive), 1);

        transport.body = vec![Ok(br#"data: {"error":{"code":503}}"#.to_vec()), Ok(b"\n\n".to_vec())];
        let mut stream = answer(&transport, Mode::Stream);
        while let Some(Some(Ok(_))) = stream.next().now_or_never() {}
        assert_eq!(Rc::strong_count(&transport.alive), 1, "the body goes with the failure");
        assert_eq!(stream.next().now_or_never(), Some(None), "and nothing follows it");
        assert_eq!(stream.next().now_or_never(), Some(None), "however often it is asked");
    }
}
