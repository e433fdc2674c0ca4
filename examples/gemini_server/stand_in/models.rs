//! The models that are offered, a page at a time.

use super::answer::Asked;
use super::problem;
use lanescope::sim::wire::Answer;
use serde_json::{Value, json};

/// The models that answer prompts, if nobody names others.
const USUAL: [&str; 3] = ["gemini-3.8-flash", "gemini-flash-latest", "gemini-4-argon"];
/// One that does not, as the real list has many.
const EMBEDS: &str = "gemini-embedding-001";

const USUAL_PAGE: usize = 50;
const MOST_ON_A_PAGE: usize = 1_000;

/// The models that are offered.
pub(super) struct Models(Vec<Model>);

struct Model {
    name: String,
    generates: bool,
}

impl Models {
    /// Those of these `names`, or the usual ones if there are none; and one that answers no prompts.
    pub(super) fn new(names: &[String]) -> Self {
        let mut names = names.to_vec();
        if names.is_empty() {
            names.extend(USUAL.map(str::to_owned));
        }
        let mut models: Vec<Model> = names.into_iter().map(|name| Model { name, generates: true }).collect();
        models.push(Model { name: EMBEDS.to_owned(), generates: false });
        Self(models)
    }

    /// Whether prompts can be sent to `name`.
    pub(super) fn answers(&self, name: &str) -> bool {
        self.0.iter().any(|model| model.generates && model.name == name)
    }

    /// The page that was asked for.
    pub(super) fn page(&self, asked: &Asked<'_>) -> Answer {
        let size = match asked.value("pageSize").map(str::parse::<usize>) {
            None | Some(Ok(0)) => USUAL_PAGE,
            Some(Ok(size)) => MOST_ON_A_PAGE.min(size),
            Some(Err(_)) => return problem::invalid("Invalid value at 'page_size'"),
        };
        let rest = match asked.value("pageToken") {
            None | Some("") => Some(&self.0[..]),
            Some(token) => self.rest(token),
        };
        let Some(rest) = rest else { return problem::invalid("Page token is not valid.") };
        let on_it = &rest[..size.min(rest.len())];
        let mut page = json!({ "models": on_it.iter().map(Model::json).collect::<Vec<_>>() });
        if let Some(next) = rest.get(size) {
            page["nextPageToken"] = format!("from-{}", next.name).into();
        }
        Answer::json(200, page.to_string())
    }

    /// The models from the one that `token` names.
    fn rest(&self, token: &str) -> Option<&[Model]> {
        let name = token.strip_prefix("from-")?;
        let at = self.0.iter().position(|model| model.name == name)?;
        self.0.get(at..)
    }

    /// The one called `name`.
    pub(super) fn one(&self, version: &str, name: &str) -> Answer {
        match self.0.iter().find(|model| model.name == name) {
            Some(model) => Answer::json(200, model.json().to_string()),
            None => problem::unknown_model(version, name),
        }
    }
}

impl Model {
    fn json(&self) -> Value {
        let (methods, most) = if self.generates {
            (["generateContent", "countTokens", "batchGenerateContent"], 65_536)
        } else {
            (["embedContent", "countTextTokens", "countTokens"], 1)
        };
        json!({
            "name": format!("models/{}", self.name),
            "version": "001",
            "displayName": display_name(&self.name),
            "description": "A stand-in.",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": most,
            "supportedGenerationMethods": methods,
        })
    }
}

/// A name for people: `gemini-3.8-flash` as "Gemini 3.8 Flash".
fn display_name(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join(" ")
}
