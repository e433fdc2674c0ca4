//! The command line.

use crate::rule::{self, RuleError};
use crate::stand_in::Setup;
use lanescope::experiment::server::{Amount, ServerError};
use std::str::FromStr;

/// What `--help` says.
pub(crate) const HELP: &str = "\
A stand-in for the Gemini API on this machine. No model answers: texts, times and faults are made of figures.

    cargo run --example gemini_server -- [OPTIONS]

    --port N                   where to listen on 127.0.0.1; 0 for any free port [8787]
    --tls                      HTTPS on a self-signed certificate, HTTP/2 and HTTP/1.1; else HTTP/1.1
                               (and HTTP/2 for those who know without asking)
    --key KEY                  the only key that is accepted [any, or none]
    --model NAME               a model that is offered; may be repeated
                               [gemini-3.8-flash, gemini-flash-latest, gemini-4-argon]
    --no-cors                  send no CORS headers, so that no page of another origin can read an answer

    --first-byte-millis N      time to the first byte [spread: median 4400, p95 6400]
    --thinking-tokens N        tokens thought before the answer [0]
    --answer-tokens N          tokens of an answer [spread: median 60, p95 90]
    --tokens-per-second N      how fast they come [36]
    --connect-millis N         what a call pays that finds no idle connection [0]
    --requests-per-minute N    let through in any 60 s; the rest gets a 429 [no quota]
    --seed N                   what luck grows from [1]
    --fault RULE               what goes wrong; may be repeated, and the first rule that fits decides

A RULE is FAULT, or FAULT@CONDITION,CONDITION and so on, all of which must fit.

    status:CODE                this status instead of an answer: 400 404 429 500 502 503 504
    error-in-stream:CODE       an error with this status in the middle of a 200
    stall                      no byte ever comes
    cut                        the connection breaks in the middle of the answer
    slow:FACTOR                all of it takes so many times as long
    quota-cut:N                no attempt is struck, but only N are let through in any 60 s
    network                    the connection is closed without an answer

    items=N+N                  only these calls, counted from 0 as they arrive
    in-flight=N                only while at least N calls are in flight, this one included
    from=MS                    only calls that arrive so long after the round began, or later
    to=MS                      only calls that arrive earlier than so long after the round began
    probability=P              only so often, 0 to 1
    first=N                    only the first N attempts; over a socket each call is a first attempt,
                               since a retry can't be told from a new call

    --fault status:503@items=6,first=1 --fault stall@probability=0.05 --fault slow:3@in-flight=5
    --fault status:503@from=5000,to=10000

While a --fault network stands, HTTP/1.1 connections serve one request each: a browser would send a
request again by itself if a connection that it had used before closed without an answer.

Beside Google's paths under /v1beta and /v1 there are two for tests:

    GET  /__log      {\"requests\":[{n, method, path, hadKey, status, startedMillis, endedMillis, aborted}],
                     \"peakInFlight\", \"preflights\"}; never a key, nor a query
    POST /__reset    begins a new round: log, quota, peak and count of arrivals start over. A JSON body
                     changes the figures, named as in a link's experiment, those left out being the
                     defaults; and \"key\", \"seed\" and \"cors\", those left out staying as they are:
                     {\"first_byte_millis\":{\"constant\":200},\"requests_per_minute\":5,\"key\":\"k\",
                      \"faults\":[{\"when\":{\"items\":[6]},\"fault\":{\"status\":503}}, {\"fault\":\"stall\"}]}
";

/// What was asked for.
pub(crate) enum Asked {
    /// To be told how to ask.
    Help,
    /// To serve.
    Serve(Box<Options>),
}

/// How to serve.
pub(crate) struct Options {
    /// Where to listen.
    pub(crate) port: u16,
    /// Whether to speak TLS.
    pub(crate) tls: bool,
    /// What the first round begins with.
    pub(crate) setup: Setup,
    /// The models that answer; none for the usual ones.
    pub(crate) models: Vec<String>,
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OptionsError {
    /// There is no such option.
    #[error("there is no option {0}")]
    Unknown(String),
    /// It needs a value.
    #[error("{0} needs a value")]
    NoValue(String),
    /// Its value can't be read.
    #[error("{text:?} is no value for {name}")]
    BadValue {
        /// The option.
        name: String,
        /// What was given.
        text: String,
    },
    /// A fault can't be read.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The figures make no server.
    #[error(transparent)]
    Figures(#[from] ServerError),
}

/// Reads the arguments that follow the program's name.
pub(crate) fn read(mut args: impl Iterator<Item = String>) -> Result<Asked, OptionsError> {
    let mut options = Options { port: 8_787, tls: false, setup: Setup::default(), models: Vec::new() };
    while let Some(arg) = args.next() {
        let (name, given) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*arg, None),
        };
        let mut value = || given.clone().or_else(|| args.next()).ok_or_else(|| OptionsError::NoValue(name.to_owned()));
        let figures = &mut options.setup.figures;
        match name {
            "--help" | "-h" => return Ok(Asked::Help),
            "--tls" => options.tls = true,
            "--no-cors" => options.setup.cors = false,
            "--port" => options.port = number(name, value()?)?,
            "--key" => options.setup.key = Some(value()?),
            "--model" => options.models.push(value()?),
            "--seed" => options.setup.seed = number(name, value()?)?,
            "--first-byte-millis" => figures.first_byte_millis = Amount::Constant(number(name, value()?)?),
            "--thinking-tokens" => figures.thinking_tokens = Amount::Constant(number(name, value()?)?),
            "--answer-tokens" => figures.answer_tokens = Amount::Constant(number(name, value()?)?),
            "--tokens-per-second" => figures.tokens_per_second = number(name, value()?)?,
            "--connect-millis" => figures.connect_millis = number(name, value()?)?,
            "--requests-per-minute" => figures.requests_per_minute = Some(number(name, value()?)?),
            "--fault" => figures.faults.push(rule::read(&value()?)?),
            _ => return Err(OptionsError::Unknown(name.to_owned())),
        }
    }
    options.setup.figures.validate()?;
    Ok(Asked::Serve(Box::new(options)))
}

fn number<T: FromStr>(name: &str, text: String) -> Result<T, OptionsError> {
    text.parse().map_err(|_| OptionsError::BadValue { name: name.to_owned(), text })
}
