//! Answers to chunks, and the verdict when they end.
//!
//! The same body comes once from `generateContent` and many times from a stream. Its text is that of
//! all parts that are not thoughts, joined with nothing between, of the first candidate. Usage is
//! counted up by the server, so the last one stands. A 200 is an answer only with text and a finish
//! reason; without a reason the stream was cut, whatever text had come.
//!
//! Whatever has another type than expected counts as missing, and what is unknown is passed over.
//!
//! Source: `google/ai/generativelanguage/v1beta/generative_service.proto`, and for the reasons newer
//! than it `google/genai/types.py` of the Python SDK 3.4.0.

use crate::port::{Chunk, Failure, FailureKind, Finish, Usage};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

/// One body, or one event of a stream.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GenerateContentResponse {
    /// The answers: one, since no more are asked for; none where the prompt was blocked.
    #[serde(deserialize_with = "each")]
    pub candidates: Vec<Candidate>,
    /// What was thought of the prompt.
    #[serde(deserialize_with = "lenient")]
    pub prompt_feedback: Option<PromptFeedback>,
    /// The tokens counted so far.
    #[serde(deserialize_with = "lenient")]
    pub usage_metadata: Option<UsageMetadata>,
    /// The model that answers, which may be another than the one asked.
    #[serde(deserialize_with = "lenient")]
    pub model_version: Option<String>,
}

/// One answer, or the next piece of it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Candidate {
    /// What is said.
    #[serde(deserialize_with = "lenient")]
    pub content: Content,
    /// Why it ended; missing until it has.
    #[serde(deserialize_with = "lenient")]
    pub finish_reason: Option<String>,
    /// The same in words.
    #[serde(deserialize_with = "lenient")]
    pub finish_message: Option<String>,
    /// What was thought of it.
    #[serde(deserialize_with = "each")]
    pub safety_ratings: Vec<SafetyRating>,
}

/// What is said.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Content {
    /// Its parts, of any kind.
    #[serde(deserialize_with = "each")]
    pub parts: Vec<Part>,
}

/// A part: text, a thought, or something without text.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Part {
    /// Its text, if it has any.
    #[serde(deserialize_with = "lenient")]
    pub text: Option<String>,
    /// Whether it is a thought, which is no part of the answer.
    #[serde(deserialize_with = "lenient")]
    pub thought: bool,
}

/// What was thought of a prompt.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromptFeedback {
    /// Why it was blocked, if it was.
    #[serde(deserialize_with = "lenient")]
    pub block_reason: Option<String>,
    /// The same in words.
    #[serde(deserialize_with = "lenient")]
    pub block_reason_message: Option<String>,
    /// The categories of harm that were looked for.
    #[serde(deserialize_with = "each")]
    pub safety_ratings: Vec<SafetyRating>,
}

/// How likely a text is of a category of harm.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct SafetyRating {
    /// The category, such as `HARM_CATEGORY_HARASSMENT`.
    #[serde(deserialize_with = "lenient")]
    pub category: String,
    /// How likely.
    #[serde(deserialize_with = "lenient")]
    pub probability: String,
    /// Whether the text was blocked for it.
    #[serde(deserialize_with = "lenient")]
    pub blocked: bool,
}

/// Tokens as the server counts them. Any may be missing, and is 0 then.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct UsageMetadata {
    /// Of the prompt, what was cached included.
    #[serde(rename = "promptTokenCount", deserialize_with = "lenient")]
    pub prompt: u32,
    /// Of the answer.
    #[serde(rename = "candidatesTokenCount", deserialize_with = "lenient")]
    pub candidates: u32,
    /// Of the thinking.
    #[serde(rename = "thoughtsTokenCount", deserialize_with = "lenient")]
    pub thoughts: u32,
}

/// The value, or the default where it is null or of another type.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// The elements that can be read; none where it is not a list.
pub(super) fn each<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items: Vec<Value> = lenient(deserializer)?;
    Ok(items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect())
}

/// One answer as it comes in. Pure: it is fed responses and says what they mean.
#[derive(Debug, Default)]
pub struct Fold {
    has_text: bool,
    usage: Usage,
    model: Option<String>,
    finished: Option<Verdict>,
    blocked: Option<Verdict>,
}

/// Why an answer ended or a prompt was blocked.
#[derive(Debug)]
struct Verdict {
    reason: String,
    words: Option<String>,
    /// The categories of harm it names.
    harms: Vec<String>,
}

impl Fold {
    /// The chunks of the next `response`.
    pub fn push(&mut self, response: GenerateContentResponse) -> Vec<Chunk> {
        if let Some(UsageMetadata { prompt, candidates, thoughts }) = response.usage_metadata {
            self.usage = Usage { prompt, answer: candidates, thinking: thoughts };
        }
        if response.model_version.is_some() {
            self.model = response.model_version;
        }
        if let Some(PromptFeedback { block_reason, block_reason_message, safety_ratings }) = response.prompt_feedback
            && let Some(verdict) = Verdict::new(block_reason, block_reason_message, &safety_ratings)
        {
            self.blocked = Some(verdict);
        }
        let Some(candidate) = response.candidates.into_iter().next() else { return Vec::new() };
        let Candidate { content, finish_reason, finish_message, safety_ratings } = candidate;
        if let Some(verdict) = Verdict::new(finish_reason, finish_message, &safety_ratings) {
            self.finished = Some(verdict);
        }
        let chunks: Vec<_> = content.parts.into_iter().filter_map(chunk_of).collect();
        self.has_text |= chunks.iter().any(|chunk| matches!(chunk, Chunk::Text(_)));
        chunks
    }

    /// How the answer ended, once nothing more comes.
    ///
    /// # Errors
    /// `BlockedPrompt` and `BlockedOutput` where something was blocked; `Truncated` where the limit on
    /// tokens left no text; `Empty` where there is none for another reason; `StreamCut` where the
    /// answer never said that it had ended. None has a status.
    pub fn finish(self) -> Result<Chunk, Failure> {
        if let Some(verdict) = self.blocked {
            return Err(Failure::new(FailureKind::BlockedPrompt, &verdict.told("the prompt was blocked")));
        }
        let Some(verdict) = self.finished else {
            return Err(Failure::new(FailureKind::StreamCut, "the answer stopped without saying that it had ended"));
        };
        let finish = match verdict.reason.as_str() {
            reason if is_block(reason) => {
                return Err(Failure::new(FailureKind::BlockedOutput, &verdict.told("the answer was blocked")));
            }
            // To go on would be another billed request, which the plan did not ask for.
            "MAX_TOKENS" | "CONTINUATION" if self.has_text => Finish::Truncated,
            "MAX_TOKENS" | "CONTINUATION" => {
                let message = "the limit on tokens was reached before any text, thinking included; raise it";
                return Err(Failure::new(FailureKind::Truncated, message));
            }
            _ if !self.has_text => {
                return Err(Failure::new(FailureKind::Empty, &verdict.told("the answer has no text")));
            }
            "STOP" => Finish::Stop,
            unknown => Finish::Unknown(unknown.into()),
        };
        Ok(Chunk::End { finish, usage: self.usage, model: self.model.map(Into::into) })
    }
}

fn chunk_of(part: Part) -> Option<Chunk> {
    if part.thought {
        return Some(Chunk::Thought);
    }
    // An empty text is the envelope of a signature.
    part.text.filter(|text| !text.is_empty()).map(|text| Chunk::Text(text.into()))
}

/// Whether a finish reason says that the answer was held back, so that asking again is no use.
fn is_block(reason: &str) -> bool {
    matches!(
        reason,
        "SAFETY"
            | "RECITATION"
            | "LANGUAGE"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
            | "MODEL_ARMOR"
            | "PUP_LIMITED_DISABLED"
    )
}

impl Verdict {
    /// A verdict, if there is a reason. An enum's 0 value, `…_UNSPECIFIED`, stands for none.
    fn new(reason: Option<String>, words: Option<String>, ratings: &[SafetyRating]) -> Option<Self> {
        let reason = reason.filter(|reason| !reason.is_empty() && !reason.ends_with("_UNSPECIFIED"))?;
        let named = ratings.iter().filter(|rating| rating.blocked || rating.probability == "HIGH");
        let harms = named.map(|rating| plain(rating.category.trim_start_matches("HARM_CATEGORY_"))).collect();
        Some(Self { reason, words, harms })
    }

    /// `what` happened, and why, in plain words and then in the server's.
    fn told(&self, what: &str) -> String {
        let reason = match self.reason.as_str() {
            "SPII" => "sensitive personal data".to_owned(),
            "PUP_LIMITED_DISABLED" => "the account is limited for breaking rules".to_owned(),
            other => plain(other),
        };
        let mut told = format!("{what}: {reason}");
        if !self.harms.is_empty() {
            told = format!("{told} ({})", self.harms.join(", "));
        }
        if let Some(words) = self.words.as_deref().filter(|words| !words.is_empty()) {
            told = format!("{told}. {words}");
        }
        told
    }
}

/// A name of the protocol in plain words: `HATE_SPEECH` as "hate speech".
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The chunks of `responses` and the verdict, with what follows a failure's kind left out.
    fn told(responses: &[Value]) -> (Vec<Chunk>, Result<Chunk, (FailureKind, String)>) {
        let mut fold = Fold::default();
        let mut chunks = Vec::new();
        for response in responses {
            chunks.extend(fold.push(serde_json::from_value(response.clone()).expect("an object")));
        }
        (chunks, fold.finish().map_err(|failure| (failure.kind, failure.message.to_string())))
    }

    fn ended(reason: &str, text: &str) -> Result<Chunk, (FailureKind, String)> {
        told(&[json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": reason }] })]).1
    }

    fn end(finish: Finish) -> Chunk {
        Chunk::End { finish, usage: Usage::default(), model: None }
    }

    #[test]
    fn thoughts_are_no_text_and_the_last_usage_stands() {
        let (chunks, verdict) = told(&[
            json!({
                "candidates": [{ "content": { "parts": [{ "text": "Hm.", "thought": true }, { "text": "4" }] } }],
                "usageMetadata": { "promptTokenCount": 9, "thoughtsTokenCount": 5 }, "modelVersion": "m",
            }),
            json!({
                "candidates": [{ "content": { "parts": [{ "text": "2" }, { "text": "" }] }, "finishReason": "STOP" }],
                "usageMetadata": { "promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 5 },
            }),
        ]);
        assert_eq!(chunks, [Chunk::Thought, Chunk::Text("4".into()), Chunk::Text("2".into())]);
        let usage = Usage { prompt: 9, answer: 2, thinking: 5 };
        assert_eq!(verdict, Ok(Chunk::End { finish: Finish::Stop, usage, model: Some("m".into()) }));
    }

    #[test]
    fn the_reason_and_the_text_decide() {
        assert_eq!(ended("STOP", "a"), Ok(end(Finish::Stop)));
        assert_eq!(ended("MAX_TOKENS", "a"), Ok(end(Finish::Truncated)));
        assert_eq!(ended("CONTINUATION", "a"), Ok(end(Finish::Truncated)));
        assert_eq!(ended("OTHER", "a"), Ok(end(Finish::Unknown("OTHER".into()))));
        for (reason, text, kind) in [
            ("STOP", "", FailureKind::Empty),
            ("OTHER", "", FailureKind::Empty),
            ("NEVER_HEARD_OF", "", FailureKind::Empty),
            ("MAX_TOKENS", "", FailureKind::Truncated),
            ("CONTINUATION", "", FailureKind::Truncated),
            ("SAFETY", "half an answer", FailureKind::BlockedOutput),
            ("RECITATION", "", FailureKind::BlockedOutput),
            ("", "a", FailureKind::StreamCut),
            ("FINISH_REASON_UNSPECIFIED", "a", FailureKind::StreamCut),
        ] {
            assert_eq!(ended(reason, text).map_err(|(kind, _)| kind), Err(kind), "{reason}");
        }
    }

    #[test]
    fn a_block_is_told_in_plain_words() {
        let ratings = json!([
            { "category": "HARM_CATEGORY_HATE_SPEECH", "probability": "HIGH" },
            { "category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": true },
            { "category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "NEGLIGIBLE" },
        ]);
        let feedback = json!({
            "blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "Not here.", "safetyRatings": ratings,
        });
        let message = "the prompt was blocked: prohibited content (hate speech, harassment). Not here.".to_owned();
        let verdict = told(&[json!({ "candidates": [], "promptFeedback": feedback })]).1;
        assert_eq!(verdict, Err((FailureKind::BlockedPrompt, message)));

        let candidate = json!({ "finishReason": "SPII", "finishMessage": "Sorry." });
        let message = "the answer was blocked: sensitive personal data. Sorry.".to_owned();
        let verdict = told(&[json!({ "candidates": [candidate] })]).1;
        assert_eq!(verdict, Err((FailureKind::BlockedOutput, message)));
    }

    #[test]
    fn nulls_and_other_types_count_as_missing() {
        let parts = json!([null, 5, { "text": 7 }, { "functionCall": {} }, { "text": "a", "thought": null }]);
        let candidate = json!({
            "content": { "parts": parts }, "finishReason": "STOP", "finishMessage": null, "safetyRatings": {},
        });
        let usage = json!({ "promptTokenCount": -1, "candidatesTokenCount": "2", "thoughtsTokenCount": null });
        let (chunks, verdict) = told(&[
            json!({ "candidates": null, "promptFeedback": null, "usageMetadata": null, "modelVersion": null }),
            json!({ "candidates": [{ "content": null, "finishReason": null }], "promptFeedback": {} }),
            json!({ "candidates": [candidate], "usageMetadata": usage, "futureField": [{}] }),
        ]);
        assert_eq!(chunks, [Chunk::Text("a".into())]);
        assert_eq!(verdict, Ok(end(Finish::Stop)));
    }
}
