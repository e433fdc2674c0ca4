//! The third door, asked in plain HTTP/1.1: what goes over the socket, and what its log says.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

#[path = "../examples/gemini_server/options.rs"]
#[allow(dead_code)] // Nobody asks for help here.
mod options;
#[path = "../examples/gemini_server/rule.rs"]
mod rule;
#[path = "../examples/gemini_server/stand_in/mod.rs"]
mod stand_in;

use lanescope::experiment::server::{Amount, Fault, Rule, Simulated, When};
use options::{Asked, OptionsError};
use rule::RuleError;
use stand_in::{Setup, StandIn, serve};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// A stand-in on a port of its own. It stops when it is dropped.
struct Started {
    port: u16,
    _runtime: Runtime,
}

impl Started {
    fn new(setup: Setup) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        runtime.spawn(serve(listener, None, StandIn::new(setup, &[])));
        Ok(Self { port, _runtime: runtime })
    }

    fn send(&self, line: &str, headers: &str, body: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let length = body.len();
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n");
        stream.write_all(format!("{head}{headers}\r\n{body}").as_bytes())?;
        Ok(stream)
    }

    /// All that comes back, head and body.
    fn ask(&self, line: &str, headers: &str, body: &str) -> io::Result<String> {
        let mut said = String::new();
        self.send(line, headers, body)?.read_to_string(&mut said)?;
        Ok(said)
    }

    fn log(&self) -> io::Result<String> {
        self.ask("GET /__log", "", "")
    }

    /// Whether the log says this within a while.
    fn comes_to_log(&self, words: &str) -> io::Result<bool> {
        for _ in 0..200 {
            if self.log()?.contains(words) {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Ok(false)
    }
}

/// A quick server with these faults.
fn setup(faults: Vec<Rule>) -> Setup {
    let figures = Simulated {
        first_byte_millis: Amount::Constant(20.0),
        answer_tokens: Amount::Constant(20.0),
        tokens_per_second: 1_000,
        faults,
        ..Simulated::default()
    };
    Setup { figures, ..Setup::default() }
}

fn always(fault: Fault) -> Setup {
    setup(vec![Rule { when: When::default(), fault }])
}

const CALL: &str = "POST /v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse";
const HEADERS: &str = "Content-Type: application/json\r\nX-Goog-Api-Key: AQ.secret\r\nOrigin: http://page.example\r\n";
const BODY: &str = r#"{"contents":[{"parts":[{"text":"Why?"}]}]}"#;

#[test]
fn a_call_is_answered_in_events_and_counted() {
    let server = Started::new(setup(Vec::new())).expect("a free port");
    let said = server.ask(CALL, HEADERS, BODY).expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    for words in [
        "content-type: text/event-stream\r\n",
        "access-control-allow-origin: http://page.example\r\n",
        "timing-allow-origin: *\r\n",
        "data: {",
        "\"finishReason\":\"STOP\"",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
    assert!(said.ends_with("\r\n0\r\n\r\n"), "{said}");

    let log = server.log().expect("a log");
    for words in ["\"peakInFlight\":1", "\"n\":1", "\"hadKey\":true", "\"status\":200", "\"aborted\":false"] {
        assert!(log.contains(words), "no {words} in {log}");
    }
    assert!(!log.contains("secret") && !log.contains("alt=sse"), "{log}");
}

#[test]
fn who_leaves_is_noticed() {
    let server = Started::new(always(Fault::Stall)).expect("a free port");
    let caller = server.send(CALL, HEADERS, BODY).expect("sent");
    assert!(server.comes_to_log("\"peakInFlight\":1").expect("a log"));
    drop(caller);
    assert!(server.comes_to_log("\"aborted\":true").expect("a log"));
}

#[test]
fn a_cut_has_no_last_chunk_and_no_connection_no_head() {
    let cut = Started::new(always(Fault::Cut)).expect("a free port");
    let said = cut.ask(CALL, HEADERS, BODY).expect("half an answer");
    assert!(said.contains("data: {") && !said.contains("finishReason") && !said.ends_with("0\r\n\r\n"), "{said}");

    let none = Started::new(always(Fault::Network)).expect("a free port");
    assert_eq!(none.ask(CALL, HEADERS, BODY).expect("an end"), "");
}

#[test]
fn a_wrong_key_model_or_body_is_told_as_google_tells_it() {
    let server = Started::new(Setup { key: Some("AQ.right".into()), ..setup(Vec::new()) }).expect("a free port");
    let wrong = server.ask(CALL, HEADERS, BODY).expect("an answer");
    assert!(wrong.starts_with("HTTP/1.1 400") && wrong.contains("API_KEY_INVALID"), "{wrong}");
    assert!(wrong.contains("access-control-allow-origin"), "{wrong}");

    let right = "X-Goog-Api-Key: AQ.right\r\n";
    let line = "POST /v1beta/models/gemini-embedding-001:generateContent";
    let unknown = server.ask(line, right, BODY).expect("an answer");
    assert!(unknown.starts_with("HTTP/1.1 404") && unknown.contains("is not supported for generateContent"));
    let bad = server.ask(CALL, right, "{").expect("an answer");
    assert!(bad.starts_with("HTTP/1.1 400") && bad.contains("INVALID_ARGUMENT"), "{bad}");
}

#[test]
fn models_come_in_pages() {
    let server = Started::new(setup(Vec::new())).expect("a free port");
    let first = server.ask("GET /v1beta/models?pageSize=3", "", "").expect("a page");
    assert!(first.contains("gemini-flash-latest") && first.contains("\"nextPageToken\":\"from-gemini-embedding-001\""));
    let next = "GET /v1beta/models?pageSize=3&pageToken=from-gemini-embedding-001";
    let last = server.ask(next, "", "").expect("a page");
    assert!(last.contains("embedContent") && !last.contains("nextPageToken") && !last.contains("flash"), "{last}");
    let bad = server.ask("GET /v1beta/models?pageToken=x", "", "").expect("an answer");
    assert!(bad.starts_with("HTTP/1.1 400"), "{bad}");
}

#[test]
fn only_the_headers_that_google_knows_pass_a_preflight() {
    let server = Started::new(setup(Vec::new())).expect("a free port");
    let line = CALL.replace("POST", "OPTIONS");
    let ask = |names: &str| {
        let asked = format!(
            "Origin: http://page.example\r\nAccess-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: {names}\r\n"
        );
        server.ask(&line, &asked, "").expect("an answer")
    };
    let passed = ask("content-type,x-goog-api-key");
    assert!(passed.starts_with("HTTP/1.1 200"), "{passed}");
    assert!(passed.contains("access-control-allow-headers: content-type,x-goog-api-key\r\n"), "{passed}");
    assert!(passed.contains("access-control-max-age: 3600\r\n"), "{passed}");
    let failed = ask("content-type,x-stainless-os");
    assert!(failed.starts_with("HTTP/1.1 403") && !failed.contains("access-control"), "{failed}");
    assert!(server.log().expect("a log").contains("\"preflights\":2"));
}

#[test]
fn a_reset_begins_a_new_round() {
    let server = Started::new(always(Fault::Stall)).expect("a free port");
    let stays = server.send(CALL, HEADERS, BODY).expect("sent");
    assert!(server.comes_to_log("\"peakInFlight\":1").expect("a log"));

    let change = r#"{"first_byte_millis":{"constant":5},"faults":[{"fault":{"status":503}}],"cors":false}"#;
    assert!(server.ask("POST /__reset", "", change).expect("done").starts_with("HTTP/1.1 200"));
    assert!(server.log().expect("a log").contains("\"requests\":[]"));
    let said = server.ask(CALL, HEADERS, BODY).expect("an answer");
    assert!(said.starts_with("HTTP/1.1 503") && !said.contains("access-control"), "{said}");
    drop(stays);
    assert!(!server.log().expect("a log").contains("\"aborted\":true"));

    let bad = server.ask("POST /__reset", "", r#"{"tokens_per_second":0}"#).expect("an answer");
    assert!(bad.starts_with("HTTP/1.1 400") && bad.contains("tokens a second"), "{bad}");
}

#[test]
fn a_rule_is_one_word() {
    let when = When { items: Some(vec![6, 8]), first_attempts: Some(1), ..When::default() };
    let fault = Fault::Status(503);
    assert_eq!(rule::read("status:503@items=6+8,first=1"), Ok(Rule { when, fault }));
    let when = When { in_flight_at_least: Some(5), probability: 0.5, ..When::default() };
    assert_eq!(rule::read("slow:3@in-flight=5,probability=0.5"), Ok(Rule { when, fault: Fault::Slow(3.0) }));
    let when = When { from_millis: Some(5_000), to_millis: Some(10_000), ..When::default() };
    assert_eq!(rule::read("quota-cut:2@from=5000,to=10000"), Ok(Rule { when, fault: Fault::QuotaCut(2) }));
    for (word, fault) in [
        ("stall", Fault::Stall),
        ("cut", Fault::Cut),
        ("network", Fault::Network),
        ("error-in-stream:500", Fault::ErrorInStream(500)),
    ] {
        assert_eq!(rule::read(word), Ok(Rule { when: When::default(), fault }));
    }
    assert_eq!(rule::read("status"), Err(RuleError::Fault("status".into())));
    assert_eq!(rule::read("cut@often"), Err(RuleError::Condition("often".into())));
}

#[test]
fn a_command_line_is_understood_or_refused() {
    let read = |line: &str| options::read(line.split(' ').map(str::to_owned));
    let Ok(Asked::Serve(options)) = read("--port=0 --tls --key k --answer-tokens 9 --fault cut@items=1 --no-cors")
    else {
        panic!("refused");
    };
    assert_eq!((options.port, options.tls, options.setup.cors), (0, true, false));
    assert_eq!(options.setup.key.as_deref(), Some("k"));
    assert_eq!(options.setup.figures.answer_tokens, Amount::Constant(9.0));
    assert_eq!(options.setup.figures.faults.len(), 1);
    assert!(matches!(read("--help"), Ok(Asked::Help)));
    assert!(matches!(read("--port"), Err(OptionsError::NoValue(_))));
    assert!(matches!(read("--port x"), Err(OptionsError::BadValue { .. })));
    assert!(matches!(read("--fault status:200"), Err(OptionsError::Figures(_))));
    assert!(matches!(read("--colour"), Err(OptionsError::Unknown(_))));
}
