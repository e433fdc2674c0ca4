//! A call as a path and a JSON body.
//!
//! Only what is set is sent: an unknown or ill-placed field is a 400 from the server, and a newer
//! model may refuse what an older one took.

use crate::port::Call;
use serde::Serialize;
use std::fmt::Write as _;

/// How an answer is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As it is written, one server-sent event after another.
    #[default]
    Stream,
    /// In one piece, once it is done.
    Whole,
}

/// The path of a call to `model`, from the version on.
pub fn path(model: &str, mode: Mode) -> String {
    let model = percent_encoded(model.strip_prefix("models/").unwrap_or(model), b"._-/");
    match mode {
        Mode::Stream => format!("models/{model}:streamGenerateContent?alt=sse"),
        Mode::Whole => format!("models/{model}:generateContent"),
    }
}

/// The body of `call`.
///
/// # Errors
/// None is known: every part of it can be written as JSON.
pub fn body(call: &Call) -> serde_json::Result<String> {
    serde_json::to_string(&GenerateContentRequest::of(call))
}

/// The body of both `generateContent` and `streamGenerateContent`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerateContentRequest<'a> {
    /// Instructions that stand before the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_instruction: Option<Content<'a>>,
    /// The conversation: here always one prompt.
    pub contents: [Content<'a>; 1],
    /// How the answer is made.
    #[serde(skip_serializing_if = "GenerationConfig::is_empty")]
    pub generation_config: GenerationConfig,
}

impl<'a> GenerateContentRequest<'a> {
    /// The request that `call` stands for.
    pub fn of(call: &'a Call) -> Self {
        let settings = &call.settings;
        let system = settings.system.as_deref().filter(|text| !text.trim().is_empty());
        Self {
            system_instruction: system.map(|text| Content { role: None, parts: [Part { text }] }),
            contents: [Content { role: Some("user"), parts: [Part { text: &call.prompt }] }],
            generation_config: GenerationConfig {
                // JSON has no NaN, and no answer can have 0 tokens: both mean that nothing was set.
                temperature: Some(settings.temperature).filter(|t| t.is_finite()),
                max_output_tokens: Some(settings.max_output_tokens).filter(|&most| most > 0),
            },
        }
    }
}

/// One turn of a conversation, or instructions.
#[derive(Debug, Serialize)]
pub struct Content<'a> {
    /// Whose turn it is; instructions have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// What is said.
    pub parts: [Part<'a>; 1],
}

/// A piece of a turn.
#[derive(Debug, Serialize)]
pub struct Part<'a> {
    /// Its text.
    pub text: &'a str,
}

/// How an answer is made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerationConfig {
    /// 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The most tokens, thinking included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
}

impl GenerationConfig {
    fn is_empty(&self) -> bool {
        self.temperature.is_none() && self.max_output_tokens.is_none()
    }
}

/// `text` with every byte but letters, digits and those `kept` written as `%XX`.
pub(super) fn percent_encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Tag;
    use crate::port::Settings;
    use std::rc::Rc;

    fn body_of(settings: Settings) -> String {
        body(&Call { tag: Tag::default(), prompt: "Say \"hi\".".into(), settings: Rc::new(settings) }).expect("JSON")
    }

    #[test]
    fn what_is_set_is_sent() {
        let settings = Settings { system: Some("Be brief.".into()), ..Settings::default() };
        assert_eq!(
            body_of(settings),
            r#"{"systemInstruction":{"parts":[{"text":"Be brief."}]},"#.to_owned()
                + r#""contents":[{"role":"user","parts":[{"text":"Say \"hi\"."}]}],"#
                + r#""generationConfig":{"temperature":0.7,"maxOutputTokens":2048}}"#
        );
    }

    #[test]
    fn what_is_not_set_is_left_out() {
        let settings =
            Settings { system: Some(" ".into()), temperature: f64::NAN, max_output_tokens: 0, ..Settings::default() };
        assert_eq!(body_of(settings), r#"{"contents":[{"role":"user","parts":[{"text":"Say \"hi\"."}]}]}"#);
    }

    #[test]
    fn a_model_stands_in_the_path_whatever_it_is_called() {
        assert_eq!(path("gemini-3.8-flash", Mode::Whole), "models/gemini-3.8-flash:generateContent");
        assert_eq!(path("models/x", Mode::Stream), "models/x:streamGenerateContent?alt=sse");
        assert_eq!(path("team/a b?#\u{e9}", Mode::Whole), "models/team/a%20b%3F%23%C3%A9:generateContent");
    }
}
