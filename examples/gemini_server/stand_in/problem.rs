//! What Google says to a wrong key, model or request.

use lanescope::sim::wire::Answer;
use serde_json::json;

/// The key is not the one. As it was recorded: a 400, not a 401.
pub(super) fn bad_key() -> Answer {
    Answer::json(400, include_str!("../../../tests/fixtures/err-400-api-key-invalid.json").to_owned())
}

/// There is no such model, or it does not answer prompts.
pub(super) fn unknown_model(version: &str, model: &str) -> Answer {
    let message = format!(
        "models/{model} is not found for API version {version}, or is not supported for generateContent. \
         Call ModelService.ListModels to see the list of available models and their supported methods."
    );
    error(404, "NOT_FOUND", &message)
}

/// The request makes no sense.
pub(super) fn invalid(message: &str) -> Answer {
    error(400, "INVALID_ARGUMENT", message)
}

/// Nothing is there.
pub(super) fn no_such_path(path: &str) -> Answer {
    error(404, "NOT_FOUND", &format!("The stand-in has nothing at {path}."))
}

fn error(code: u16, status: &str, message: &str) -> Answer {
    Answer::json(code, json!({ "error": { "code": code, "message": message, "status": status } }).to_string())
}
