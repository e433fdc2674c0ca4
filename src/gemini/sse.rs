//! Events out of bytes that are cut anywhere.
//!
//! However the bytes are cut, the same events come out. Lines end in CR LF, LF or CR, and neither
//! byte occurs inside a UTF-8 character, so lines are found first and decoded after.
//!
//! Beside events, a bare JSON value is accepted wherever a field could stand: under load Gemini ends
//! a stream with a pretty-printed error that has no `data:` before it. No field's name begins with a
//! bracket, so a line that does begins such a value, and the bracket that closes it ends it.
//!
//! Source: WHATWG HTML, "Server-sent events", 9.2.6 (interpreting an event stream). The bare error:
//! FirebaseExtended/vertexai-sdk-test-data, `streaming-failure-error-mid-stream.txt`.

use std::mem;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its data lines joined by line feeds, or the bare value.
    pub data: String,
    /// Whether its end was seen: the blank line, or the closing bracket. If not, the data may be cut.
    pub whole: bool,
}

/// Turns bytes into events.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    past_first_line: bool,
    open: Open,
}

/// What has begun and not ended.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    Data(String),
    Bare(Bare),
}

impl Decoder {
    /// The events that `bytes` complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_cr = mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\r' | b'\n' => self.end_line(&mut events),
                _ => self.line.push(byte),
            }
        }
        events
    }

    /// What is left when the bytes have ended: a last event without its blank line, mostly none.
    pub fn finish(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        if !self.line.is_empty() {
            self.end_line(&mut events);
        }
        match self.open {
            Open::Nothing => {}
            Open::Data(data) | Open::Bare(Bare { text: data, .. }) => events.push(Event { data, whole: false }),
        }
        events
    }

    fn end_line(&mut self, events: &mut Vec<Event>) {
        let bytes = mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let first = !mem::replace(&mut self.past_first_line, true);
        let line: &str = text.as_ref();
        self.take(if first { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line }, events);
    }

    fn take(&mut self, line: &str, events: &mut Vec<Event>) {
        self.open = match mem::take(&mut self.open) {
            Open::Bare(bare) => bare.go_on(line, events),
            Open::Data(data) if line.is_empty() => {
                events.push(Event { data, whole: true });
                Open::Nothing
            }
            open if line.trim_start().starts_with(['{', '[']) => {
                if let Open::Data(data) = open {
                    events.push(Event { data, whole: false });
                }
                Bare::default().go_on(line, events)
            }
            open => match (open, data_of(line)) {
                (Open::Data(data), Some(more)) => Open::Data(data + "\n" + more),
                (_, Some(data)) => Open::Data(data.to_owned()),
                (open, None) => open,
            },
        };
    }
}

/// The value of a `data` field. Comments, other fields and blank lines have none.
fn data_of(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name == "data").then(|| value.strip_prefix(' ').unwrap_or(value))
}

/// A bare JSON value of which the end has not been seen.
#[derive(Debug, Default)]
struct Bare {
    text: String,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Bare {
    /// Adds `line`; with the last bracket closed the value is an event.
    fn go_on(mut self, line: &str, events: &mut Vec<Event>) -> Open {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        for byte in line.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.in_string,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        if self.depth > 0 {
            return Open::Bare(self);
        }
        events.push(Event { data: self.text, whole: true });
        Open::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of `pieces`, pushed one after the other.
    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut decoder = Decoder::default();
        let mut events: Vec<_> = pieces.into_iter().flat_map(|piece| decoder.push(piece)).collect();
        events.extend(decoder.finish());
        events
    }

    fn whole(data: &str) -> Event {
        Event { data: data.to_owned(), whole: true }
    }

    fn unclosed(data: &str) -> Event {
        Event { data: data.to_owned(), whole: false }
    }

    fn of(text: &str) -> Vec<Event> {
        events([text.as_bytes()])
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for end in ["\r\n", "\n", "\r"] {
            let text = ["data: a", "", "data: b", "data:c", "", ""].join(end);
            assert_eq!(of(&text), [whole("a"), whole("b\nc")], "{end:?}");
        }
    }

    #[test]
    fn an_event_is_there_with_the_first_byte_of_its_blank_line() {
        let mut decoder = Decoder::default();
        assert!(decoder.push(b"data: a\r\n").is_empty());
        assert_eq!(decoder.push(b"\r"), [whole("a")]);
        assert!(decoder.push(b"\n").is_empty());
    }

    #[test]
    fn only_data_counts() {
        let text = "\u{feff}: hi\nevent: x\nid: 1\nretry: 5\ndatum: no\ndata:  two blanks\n\n\n: bye\n\ndata\n\n";
        assert_eq!(of(text), [whole(" two blanks"), whole("")]);
        assert_eq!(of("data: {\"a\":\u{feff}1}\n\n"), [whole("{\"a\":\u{feff}1}")]);
    }

    #[test]
    fn a_last_event_without_its_blank_line_is_marked() {
        assert_eq!(of("data: a\n\ndata: b\n"), [whole("a"), unclosed("b")]);
        assert_eq!(of("data: a\n\ndata: b"), [whole("a"), unclosed("b")]);
        assert_eq!(of("data: a\n\n"), [whole("a")]);
    }

    #[test]
    fn a_bare_value_needs_no_prefix() {
        let error = "{\n  \"error\": {\n    \"message\": \"} ] \\\" {\"\n  }\n}";
        assert_eq!(of(&format!("data: a\r\n\r\n{error}\n")), [whole("a"), whole(error)]);
        assert_eq!(of(error), [whole(error)]);
        assert_eq!(of(&format!("data: a\n{error}\ndata: b\n\n")), [unclosed("a"), whole(error), whole("b")]);
        assert_eq!(of(&error[..20]), [unclosed(&error[..20])]);
        assert_eq!(of("[{\"a\": 1}\r\n,\r\n{\"b\": 2}\r\n]"), [whole("[{\"a\": 1}\n,\n{\"b\": 2}\n]")]);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(events([&b"data: \xff\xf0\x9f\n\n"[..]]), [whole("\u{fffd}\u{fffd}")]);
    }

    #[test]
    fn a_fixture_may_be_cut_at_any_position() {
        let fixtures: [&[u8]; 4] = [
            include_bytes!("../../tests/fixtures/stream-utf8-split.sse"),
            include_bytes!("../../tests/fixtures/stream-error-raw-tail.sse"),
            include_bytes!("../../tests/fixtures/stream-cut.sse"),
            include_bytes!("../../tests/fixtures/stream-other-dialect.sse"),
        ];
        for bytes in fixtures {
            let expected = events([bytes]);
            for at in 0..=bytes.len() {
                let (head, tail) = bytes.split_at(at);
                assert_eq!(events([head, tail]), expected, "cut at {at}");
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod random {
        use super::*;
        use proptest::prelude::*;

        const PIECES: [&str; 16] = [
            "data: ",
            "data:",
            "data",
            ": ",
            "event: x",
            "\r\n",
            "\n",
            "\r",
            "\n\n",
            "\r\n\r\n",
            "{",
            "}",
            "[\"\\\"]",
            "\"",
            "\u{1f980}",
            "\u{feff}",
        ];

        proptest! {
            #[test]
            fn however_the_bytes_are_cut_the_same_events_come_out(
                pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
                mut cuts in prop::collection::vec(0usize..200, 0..12),
            ) {
                let bytes = pieces.concat().into_bytes();
                cuts.sort_unstable();
                let mut rest = &bytes[..];
                let mut cut = Vec::new();
                let mut done = 0;
                for at in cuts.into_iter().filter(|&at| at <= bytes.len()) {
                    let (head, tail) = rest.split_at(at - done);
                    cut.push(head);
                    rest = tail;
                    done = at;
                }
                cut.push(rest);
                let expected = events([&bytes[..]]);
                prop_assert_eq!(events(cut), expected.clone());
                prop_assert_eq!(events(bytes.chunks(1)), expected);
            }
        }
    }
}
