//! A call and its answer as HTTP, for the two doors that have a wire.
//!
//! Pure: pieces with their times become bytes with the same times, and who carries them does the
//! sleeping. It shares no code with the client that reads them, or one could not test the other.
//!
//! A streamed answer sends its head with the first piece and an event for each one after. An answer in
//! one piece sends nothing before its end, so what goes wrong in its middle has a status of its own.

use crate::id::Tag;
use crate::port::{Call, Finish, Settings, Usage};
use crate::sim::refusal::Refusal;
use crate::sim::server::{Piece, Reply};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The model that says it answers.
const MODEL: &str = "simulated";
/// What every thought reads: nobody keeps them.
const THOUGHT: &str = "No model thinks here; this stands in for a thought.";
/// The limit of a call that sets none.
const MOST_OUTPUT_TOKENS: u32 = 65_536;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As server-sent events.
    Stream,
    /// As one JSON body.
    Whole,
}

impl Form {
    /// A refusal of a stream claims to be one as well, as Gemini's do.
    fn content_type(self) -> &'static str {
        match self {
            Self::Stream => "text/event-stream",
            Self::Whole => "application/json; charset=UTF-8",
        }
    }
}

/// What the path of a call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The model asked for.
    pub model: String,
    /// How it is to answer.
    pub form: Form,
}

impl Target {
    /// The target of `path`, which has no query and begins with `models/`; none if it is no call.
    #[must_use]
    pub fn read(path: &str) -> Option<Self> {
        let (model, method) = path.strip_prefix("models/")?.rsplit_once(':')?;
        let form = match method {
            "streamGenerateContent" => Form::Stream,
            "generateContent" => Form::Whole,
            _ => return None,
        };
        Some(Self { model: percent_decoded(model), form })
    }

    /// The call that `body` makes of it: what the server looks at, and defaults for the rest.
    ///
    /// # Errors
    /// What is wrong with the JSON of `body`.
    pub fn call(&self, tag: Tag, body: &str) -> serde_json::Result<Call> {
        let Asked { contents, generation_config } = serde_json::from_str(body)?;
        let last = contents.last().map(|content| content.parts.as_slice()).unwrap_or_default();
        let prompt: String = last.iter().map(|part| part.text.as_str()).collect();
        let max_output_tokens = generation_config.max_output_tokens.unwrap_or(MOST_OUTPUT_TOKENS);
        let settings = Settings { model: self.model.as_str().into(), max_output_tokens, ..Settings::default() };
        Ok(Call { tag, prompt: prompt.into(), settings: settings.into() })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    contents: Vec<Content>,
    #[serde(default)]
    generation_config: GenerationConfig,
}

#[derive(Deserialize)]
struct Content {
    parts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GenerationConfig {
    max_output_tokens: Option<u32>,
}

/// `text` with every `%XX` as the byte that it stands for.
fn percent_decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        if let Some(byte) = piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            bytes.extend_from_slice(&piece.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(piece.as_bytes());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes back over the wire, each after so long from the call's arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing, ever.
    Silence,
    /// The connection is refused, or closed before an answer began.
    NoConnection {
        /// When that is known.
        after: Duration,
    },
    /// A head and a body.
    Http {
        /// When the head comes.
        after: Duration,
        /// The head.
        head: Head,
        /// The body. One that has neither an end nor a break stays open, and nothing more comes.
        body: Vec<(Duration, Part)>,
    },
}

/// The head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// What its body claims to be.
    pub content_type: &'static str,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Bytes to send at once.
    Bytes(Vec<u8>),
    /// The body is whole.
    End,
    /// The connection breaks.
    Break,
}

impl Answer {
    /// An answer of JSON with nothing to wait for.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        Self::complete(Duration::ZERO, status, Form::Whole, body)
    }

    /// An answer that is all there `after` so long.
    fn complete(after: Duration, status: u16, form: Form, body: String) -> Self {
        let head = Head { status, content_type: form.content_type() };
        Self::Http { after, head, body: vec![(after, Part::Bytes(body.into_bytes())), (after, Part::End)] }
    }

    fn refused(after: Duration, refusal: &Refusal, form: Form) -> Self {
        Self::complete(after, refusal.status, form, refusal.body())
    }
}

/// `reply` as it goes over the wire in `form`.
#[must_use]
pub fn answer(reply: Reply, form: Form) -> Answer {
    match form {
        Form::Stream => streamed(reply),
        Form::Whole => in_one_piece(reply),
    }
}

fn streamed(reply: Reply) -> Answer {
    match reply.first() {
        None => Answer::Silence,
        Some(&(after, Piece::NoConnection)) => Answer::NoConnection { after },
        Some((after, Piece::Refused(refusal))) => Answer::refused(*after, refusal, Form::Stream),
        Some(&(after, _)) => {
            let head = Head { status: 200, content_type: Form::Stream.content_type() };
            let timed = |(at, piece): (Duration, Piece)| parts(piece).into_iter().map(move |part| (at, part));
            Answer::Http { after, head, body: reply.into_iter().flat_map(timed).collect() }
        }
    }
}

/// What a piece is in the body of a stream. The head is none of it.
fn parts(piece: Piece) -> Vec<Part> {
    match piece {
        Piece::FirstByte => Vec::new(),
        Piece::Thought => vec![event(&response(&[thought()], None))],
        Piece::Text(text) => vec![event(&response(&[json!({ "text": text })], None))],
        // The last event has an empty text, as Gemini's often has.
        Piece::End { finish, usage } => {
            vec![event(&response(&[json!({ "text": "" })], Some((&finish, usage)))), Part::End]
        }
        Piece::Refused(refusal) | Piece::Error(refusal) => vec![event(&refusal.body()), Part::End],
        Piece::Cut | Piece::NoConnection => vec![Part::Break],
    }
}

fn event(data: &str) -> Part {
    Part::Bytes(format!("data: {data}\r\n\r\n").into_bytes())
}

fn in_one_piece(reply: Reply) -> Answer {
    let mut said = Vec::new();
    let mut all = String::new();
    for (after, piece) in reply {
        match piece {
            Piece::FirstByte => {}
            Piece::Thought => said.push(thought()),
            Piece::Text(text) => all.push_str(&text),
            Piece::End { finish, usage } => {
                if !all.is_empty() {
                    said.push(json!({ "text": all }));
                }
                return Answer::complete(after, 200, Form::Whole, response(&said, Some((&finish, usage))));
            }
            Piece::Refused(refusal) | Piece::Error(refusal) => return Answer::refused(after, &refusal, Form::Whole),
            Piece::Cut => {
                let head = Head { status: 200, content_type: Form::Whole.content_type() };
                let mut half = response(&[json!({ "text": all })], None).into_bytes();
                half.truncate(half.len() / 2);
                return Answer::Http { after, head, body: vec![(after, Part::Bytes(half)), (after, Part::Break)] };
            }
            Piece::NoConnection => return Answer::NoConnection { after },
        }
    }
    Answer::Silence
}

fn thought() -> Value {
    json!({ "text": THOUGHT, "thought": true })
}

/// One body, or one event of a stream. Only the last says how it ended and what it cost.
fn response(parts: &[Value], end: Option<(&Finish, Usage)>) -> String {
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
    let mut response = json!({ "modelVersion": MODEL });
    if let Some((finish, usage)) = end {
        candidate["finishReason"] = reason(finish).into();
        response["usageMetadata"] = json!({
            "promptTokenCount": usage.prompt,
            "candidatesTokenCount": usage.answer,
            "thoughtsTokenCount": usage.thinking,
            "totalTokenCount": usage.total(),
        });
    }
    response["candidates"] = json!([candidate]);
    response.to_string()
}

fn reason(finish: &Finish) -> &str {
    match finish {
        Finish::Stop => "STOP",
        Finish::Truncated => "MAX_TOKENS",
        Finish::Unknown(reason) => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn end() -> Piece {
        Piece::End { finish: Finish::Stop, usage: Usage { prompt: 3, answer: 2, thinking: 1 } }
    }

    /// The events of a stream, or the one body, as JSON.
    fn bodies(answer: &Answer) -> Vec<Value> {
        let Answer::Http { body, .. } = answer else { panic!("no body: {answer:?}") };
        let bytes = body.iter().filter_map(|(_, part)| if let Part::Bytes(bytes) = part { Some(bytes) } else { None });
        bytes
            .map(|bytes| {
                let text = String::from_utf8(bytes.clone()).expect("text");
                let data = text.strip_prefix("data: ").map(|data| data.strip_suffix("\r\n\r\n").expect("a blank line"));
                serde_json::from_str(data.unwrap_or(&text)).expect("JSON")
            })
            .collect()
    }

    #[test]
    fn each_piece_of_a_stream_is_an_event_at_its_time() {
        let reply = vec![
            (SECOND, Piece::FirstByte),
            (SECOND, Piece::Thought),
            (2 * SECOND, Piece::Text("Hi.".into())),
            (3 * SECOND, end()),
        ];
        let answer = answer(reply, Form::Stream);
        let Answer::Http { after, head, body } = &answer else { panic!("{answer:?}") };
        assert_eq!((*after, head.status, head.content_type), (SECOND, 200, "text/event-stream"));
        let times: Vec<u64> = body.iter().map(|(at, _)| at.as_secs()).collect();
        assert_eq!(times, [1, 2, 3, 3]);
        assert_eq!(body.last(), Some(&(3 * SECOND, Part::End)));

        let events = bodies(&answer);
        let [thought, text, last] = &events[..] else { panic!("{events:?}") };
        assert_eq!(thought["candidates"][0]["content"]["parts"][0]["thought"], json!(true));
        assert_eq!(text["candidates"][0]["content"]["parts"], json!([{ "text": "Hi." }]));
        assert_eq!(text["usageMetadata"], Value::Null);
        assert_eq!(last["candidates"][0]["finishReason"], json!("STOP"));
        assert_eq!(last["usageMetadata"]["totalTokenCount"], json!(6));
        assert_eq!(last["modelVersion"], json!("simulated"));
    }

    #[test]
    fn an_answer_in_one_piece_waits_for_its_end() {
        let reply = vec![
            (SECOND, Piece::FirstByte),
            (SECOND, Piece::Text("Hi ".into())),
            (2 * SECOND, Piece::Text("you.".into())),
            (3 * SECOND, end()),
        ];
        let answer = answer(reply, Form::Whole);
        assert!(matches!(answer, Answer::Http { after, .. } if after == 3 * SECOND));
        let bodies = bodies(&answer);
        assert_eq!(bodies.len(), 1);
        assert_eq!(bodies[0]["candidates"][0]["content"]["parts"], json!([{ "text": "Hi you." }]));
    }

    #[test]
    fn what_goes_wrong_in_the_middle_breaks_a_stream_and_replaces_a_body() {
        let failing = |last| vec![(SECOND, Piece::FirstByte), (2 * SECOND, last)];
        let error = || failing(Piece::Error(Refusal::with_status(503)));
        assert_eq!(bodies(&answer(error(), Form::Stream))[0]["error"]["code"], json!(503));
        assert!(matches!(answer(error(), Form::Whole), Answer::Http { head: Head { status: 503, .. }, .. }));

        for form in [Form::Stream, Form::Whole] {
            let Answer::Http { head, body, .. } = answer(failing(Piece::Cut), form) else { panic!("a head") };
            assert_eq!((head.status, body.last()), (200, Some(&(2 * SECOND, Part::Break))), "{form:?}");
        }
    }

    #[test]
    fn what_begins_nothing_has_no_head() {
        for form in [Form::Stream, Form::Whole] {
            assert_eq!(answer(Vec::new(), form), Answer::Silence);
            let none = vec![(SECOND, Piece::NoConnection)];
            assert_eq!(answer(none, form), Answer::NoConnection { after: SECOND });
            let refused = vec![(SECOND, Piece::Refused(Refusal::with_status(429)))];
            assert!(matches!(answer(refused, form), Answer::Http { head: Head { status: 429, .. }, .. }));
        }
    }

    #[test]
    fn a_call_is_read_off_its_path_and_body() {
        let target = Target::read("models/a%20b:streamGenerateContent").expect("a call");
        assert_eq!(target, Target { model: "a b".into(), form: Form::Stream });
        assert_eq!(Target::read("models/x/y:generateContent").expect("a call").model, "x/y");
        for path in ["models", "models/x", "models/x:countTokens", "x:generateContent"] {
            assert_eq!(Target::read(path), None, "{path}");
        }

        let body = json!({
            "systemInstruction": { "parts": [{ "text": "Be brief." }] },
            "contents": [{ "role": "user", "parts": [{ "text": "Say " }, { "text": "hi." }] }],
            "generationConfig": { "temperature": 0.7, "maxOutputTokens": 40 },
        });
        let call = target.call(Tag::of_item(0, 7), &body.to_string()).expect("sound");
        assert_eq!((&*call.prompt, call.settings.max_output_tokens, call.tag.item), ("Say hi.", 40, 7));
        let bare = r#"{"contents":[{"parts":[{"text":"Hi"}]}]}"#;
        assert_eq!(target.call(Tag::default(), bare).expect("sound").settings.max_output_tokens, 65_536);
        for bad in ["", "{}", r#"{"contents":"Hi"}"#] {
            assert!(target.call(Tag::default(), bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_that_is_badly_written_is_taken_as_it_stands() {
        assert_eq!(percent_decoded("%C3%A9%2f%"), "\u{e9}/%");
        assert_eq!(percent_decoded("100%zz%"), "100%zz%");
    }
}
