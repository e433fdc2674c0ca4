//! What is asked and what comes back, in words that belong to no provider.

use crate::id::Tag;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::time::Duration;

/// What goes with every call of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Settings {
    /// The model asked for. Default `gemini-flash-latest`.
    pub model: Rc<str>,
    /// Instructions that stand before every prompt. Default none.
    pub system: Option<Rc<str>>,
    /// 0 to 2; newer models ignore it. Default 0.7.
    pub temperature: f64,
    /// The most tokens an answer may have, thinking included. Default 2 048.
    pub max_output_tokens: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { model: "gemini-flash-latest".into(), system: None, temperature: 0.7, max_output_tokens: 2_048 }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whose call it is.
    pub tag: Tag,
    /// What is asked.
    pub prompt: Rc<str>,
    /// What goes with it.
    pub settings: Rc<Settings>,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
    /// The answer has begun: its head is here.
    FirstByte,
    /// The model is thinking. Its thoughts are not kept.
    Thought,
    /// More of the answer's text.
    Text(Rc<str>),
    /// The answer is whole.
    End {
        /// How it ended.
        finish: Finish,
        /// What it cost.
        usage: Usage,
        /// The model that answered, where it said so.
        model: Option<Rc<str>>,
    },
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// The model had said it all.
    Stop,
    /// The limit on tokens cut it; the text so far is kept.
    Truncated,
    /// A reason that this version does not know, kept as it came.
    Unknown(Rc<str>),
}

/// Tokens, as the server counted them. What it left out counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens of the answer.
    pub answer: u32,
    /// Tokens of thinking, billed as output.
    pub thinking: u32,
}

impl Usage {
    /// Tokens billed as output: the answer's and the thinking's.
    #[must_use]
    pub fn output(self) -> u32 {
        self.answer.saturating_add(self.thinking)
    }

    /// All tokens.
    #[must_use]
    pub fn total(self) -> u32 {
        self.prompt.saturating_add(self.output())
    }
}

/// Why an attempt gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The key is wrong, expired or of a kind that is not accepted.
    Auth,
    /// The request is malformed or too large.
    BadRequest,
    /// Prepaid credit is used up.
    Billing,
    /// The key may not do this, or not from this page.
    Forbidden,
    /// No such model.
    NotFound,
    /// Too many requests or tokens for a while.
    RateLimit,
    /// The day's quota is used up.
    QuotaDay,
    /// The quota for this model is 0.
    QuotaNone,
    /// A fault inside the server.
    Server,
    /// A gateway answered in the server's place.
    Gateway,
    /// The server has more work than it can take.
    Overloaded,
    /// The server gave up for lack of time.
    ServerTimeout,
    /// The stream ended before the answer did.
    StreamCut,
    /// The body was not what the protocol promises.
    BadBody,
    /// The prompt was blocked.
    BlockedPrompt,
    /// The answer was blocked.
    BlockedOutput,
    /// The limit on tokens left no text at all.
    Truncated,
    /// An answer without text.
    Empty,
    /// No connection, or one that the browser would not allow.
    Network,
    /// The attempt took longer than the plan allows.
    AttemptTimeout,
    /// The item's deadline passed, or would pass during the wait.
    Deadline,
    /// A function of a script failed of itself.
    Raised,
}

impl FailureKind {
    /// Whether no further call of the lane can succeed, so that the lane stops.
    #[must_use]
    pub fn stops_lane(self) -> bool {
        matches!(self, Self::Auth | Self::Billing | Self::Forbidden | Self::NotFound | Self::QuotaDay | Self::QuotaNone)
    }

    /// Whether it comes with words of the server; what the browser or Lanescope itself finds does not.
    #[must_use]
    pub fn has_servers_words(self) -> bool {
        !matches!(self, Self::Network | Self::StreamCut | Self::AttemptTimeout | Self::Deadline | Self::Raised)
    }

    /// The name as it stands in files and event text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::BadRequest => "bad-request",
            Self::Billing => "billing",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::RateLimit => "rate-limit",
            Self::QuotaDay => "quota-day",
            Self::QuotaNone => "quota-none",
            Self::Server => "server",
            Self::Gateway => "gateway",
            Self::Overloaded => "overloaded",
            Self::ServerTimeout => "server-timeout",
            Self::StreamCut => "stream-cut",
            Self::BadBody => "bad-body",
            Self::BlockedPrompt => "blocked-prompt",
            Self::BlockedOutput => "blocked-output",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::Network => "network",
            Self::AttemptTimeout => "attempt-timeout",
            Self::Deadline => "deadline",
            Self::Raised => "raised",
        }
    }

    /// Whether trying again can help.
    #[must_use]
    pub fn retry(self) -> Retry {
        match self {
            Self::RateLimit
            | Self::Server
            | Self::Gateway
            | Self::Overloaded
            | Self::ServerTimeout
            | Self::StreamCut
            | Self::BadBody
            | Self::Network
            | Self::AttemptTimeout => Retry::Yes,
            Self::Empty => Retry::Limited,
            _ => Retry::Never,
        }
    }
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It can't.
    Never,
    /// A few times at most: each try is billed.
    Limited,
    /// It can, as often as the plan allows.
    Yes,
}

/// How long the server asked to wait.
pub type Delay = Option<Duration>;

/// One failure, with what the server said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How many microseconds the server asked to wait.
    pub delay_micros: Option<u64>,
    /// The server's or the browser's own words.
    pub message: Rc<str>,
    /// The raw body, as far as it is text that may be shown; empty where none came.
    pub body: Rc<str>,
}

impl Failure {
    /// A failure without a status, a delay or a body.
    #[must_use]
    pub fn new(kind: FailureKind, message: &str) -> Self {
        Self { kind, status: None, delay_micros: None, message: message.into(), body: "".into() }
    }

    /// How long the server asked to wait.
    #[must_use]
    pub fn delay(&self) -> Delay {
        self.delay_micros.map(Duration::from_micros)
    }
}
