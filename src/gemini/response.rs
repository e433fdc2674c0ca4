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

use crate::gemini::json::{count, list, text};
use crate::port::{Chunk, Failure, FailureKind, Finish, Usage};
use serde_json::Value;

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
    /// The chunks of the next `response`: one body, or one event of a stream.
    pub fn push(&mut self, response: &Value) -> Vec<Chunk> {
        if let Some(usage) = response.get("usageMetadata").filter(|usage| usage.is_object()) {
            self.usage = Usage {
                prompt: count(usage, "promptTokenCount"),
                answer: count(usage, "candidatesTokenCount"),
                thinking: count(usage, "thoughtsTokenCount"),
            };
        }
        if let Some(model) = text(response, "modelVersion") {
            self.model = Some(model.to_owned());
        }
        if let Some(feedback) = response.get("promptFeedback")
            && let Some(verdict) = Verdict::read(feedback, "blockReason", "blockReasonMessage")
        {
            self.blocked = Some(verdict);
        }
        let Some(candidate) = list(response, "candidates").iter().find(|answer| answer.is_object()) else {
            return Vec::new();
        };
        if let Some(verdict) = Verdict::read(candidate, "finishReason", "finishMessage") {
            self.finished = Some(verdict);
        }
        let parts = candidate.get("content").map(|content| list(content, "parts")).unwrap_or_default();
        let chunks: Vec<_> = parts.iter().filter_map(chunk_of).collect();
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

fn chunk_of(part: &Value) -> Option<Chunk> {
    if is_true(part, "thought") {
        return Some(Chunk::Thought);
    }
    // An empty text is the envelope of a signature.
    text(part, "text").filter(|text| !text.is_empty()).map(|text| Chunk::Text(text.into()))
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
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
    /// The verdict of `value`, if it gives a reason. An enum's 0 value, `…_UNSPECIFIED`, is none.
    fn read(value: &Value, reason: &str, words: &str) -> Option<Self> {
        let reason = text(value, reason).filter(|reason| !reason.is_empty() && !reason.ends_with("_UNSPECIFIED"))?;
        let ratings = list(value, "safetyRatings").iter();
        let named = ratings.filter(|rating| is_true(rating, "blocked") || text(rating, "probability") == Some("HIGH"));
        let category = |rating| text(rating, "category").unwrap_or_default().trim_start_matches("HARM_CATEGORY_");
        Some(Self {
            reason: reason.to_owned(),
            words: text(value, words).map(str::to_owned),
            harms: named.map(|rating| plain(category(rating))).collect(),
        })
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
            chunks.extend(fold.push(response));
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
