//! Which models there are.
//!
//! A page holds 50 models unless more are asked for, and some keys see more than 50: each page is
//! asked to hold 1 000, the most there is, and every further page is fetched all the same.
//!
//! Source: `google/ai/generativelanguage/v1beta/model_service.proto` and `model.proto`.

use crate::gemini::json::{count, list as elements, text};
use crate::gemini::request::percent_encoded;
use crate::gemini::{Connection, client, error};
use crate::id::Tag;
use crate::port::{Failure, FailureKind, Method, Request, Transport};
use serde_json::Value;

/// No honest list is longer than this many pages.
const MOST_PAGES: usize = 50;

/// A model that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name as a call takes it, without `models/`.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// The most tokens an answer of it can have, where it says so.
    pub output_token_limit: Option<u32>,
    /// Whether it answers prompts; others embed, or draw.
    pub generates: bool,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The models on it.
    pub models: Vec<Model>,
    /// The token that the next page is asked for with; none on the last.
    pub next: Option<String>,
}

impl Page {
    /// The page that a 2xx `body` holds.
    ///
    /// # Errors
    /// `BadBody` when it is not a JSON object; the failure inside when it is an error.
    pub fn parse(status: u16, body: &str) -> Result<Self, Failure> {
        let bad = |why: &str| error::bad_body(status, why, body);
        let value: Value =
            serde_json::from_str(body.trim_start_matches('\u{feff}')).map_err(|why| bad(&why.to_string()))?;
        if let Some(failure) = error::inside(&value, body) {
            return Err(failure);
        }
        if !value.is_object() {
            return Err(bad("not an object"));
        }
        let models = elements(&value, "models").iter().filter_map(Model::read).collect();
        let next = text(&value, "nextPageToken").filter(|token| !token.is_empty());
        Ok(Self { models, next: next.map(str::to_owned) })
    }
}

/// The path of a page: the first without a token, each other with that of the page before.
pub fn path(token: Option<&str>) -> String {
    let token = token.map(|token| format!("&pageToken={}", percent_encoded(token, b"-._~")));
    format!("models?pageSize=1000{}", token.unwrap_or_default())
}

/// The models that answer prompts, in the server's order. Of a list longer than 50 pages it gives
/// the first 50.
///
/// # Errors
/// The failure of the first page that could not be had.
///
/// # Cancel safety
/// Dropping the future aborts the request under way; nothing is billed for a list.
pub async fn list<T: Transport>(transport: &T, connection: &Connection) -> Result<Vec<Model>, Failure> {
    let mut models = Vec::new();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let page = page(transport, connection, token.as_deref()).await;
        let page = page.map_err(|failure| connection.without_key(failure))?;
        models.extend(page.models.into_iter().filter(|model| model.generates));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    Ok(models)
}

async fn page<T: Transport>(transport: &T, connection: &Connection, token: Option<&str>) -> Result<Page, Failure> {
    let request = Request {
        method: Method::Get,
        url: connection.url(&path(token)),
        headers: vec![connection.key_header()],
        body: String::new(),
        tag: Tag::default(),
    };
    let response = client::open(transport, request).await?;
    let status = response.status;
    let (body, broke) = client::read(response.body).await;
    match broke {
        Some(broke) => {
            let failure = Failure::new(FailureKind::StreamCut, client::words(&broke));
            Err(Failure { status: Some(status), ..failure })
        }
        None => Page::parse(status, &body),
    }
}

impl Model {
    /// The model, unless it has no name to be asked by. The prefix is stripped once: what follows is
    /// the name, even if it looks like another prefix.
    fn read(value: &Value) -> Option<Self> {
        let full = text(value, "name")?;
        let name = full.strip_prefix("models/").unwrap_or(full);
        if name.is_empty() {
            return None;
        }
        let shown = text(value, "displayName").filter(|shown| !shown.is_empty()).unwrap_or(name);
        let methods = elements(value, "supportedGenerationMethods");
        Some(Self {
            name: name.to_owned(),
            display_name: shown.to_owned(),
            output_token_limit: Some(count(value, "outputTokenLimit")).filter(|&limit| limit > 0),
            generates: methods.iter().any(|method| method == "generateContent"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemini::{ApiKey, DEFAULT_BASE_URL, DEFAULT_VERSION};
    use crate::port::{Response, TransportError};
    use futures::FutureExt as _;
    use futures::future::{Ready, ready};
    use futures::stream;
    use std::cell::Cell;

    #[test]
    fn a_token_is_percent_encoded() {
        assert_eq!(path(None), "models?pageSize=1000");
        assert_eq!(path(Some("a+/b==")), "models?pageSize=1000&pageToken=a%2B%2Fb%3D%3D");
    }

    #[test]
    fn a_page_may_lack_anything() {
        assert_eq!(Page::parse(200, "{}"), Ok(Page::default()));
        let body = r#"{"models":[null,{},{"name":"models/models/x"},{"name":"y","displayName":null,
            "outputTokenLimit":"many","supportedGenerationMethods":[1,"generateContent"]}],"nextPageToken":""}"#;
        let page = Page::parse(200, body).expect("a page");
        let model = |name: &str, generates| Model {
            name: name.to_owned(),
            display_name: name.to_owned(),
            output_token_limit: None,
            generates,
        };
        assert_eq!(page, Page { models: vec![model("models/x", false), model("y", true)], next: None });
    }

    #[test]
    fn what_is_no_page_is_a_failure() {
        let kind = |body| Page::parse(200, body).map_err(|failure| failure.kind);
        assert_eq!(kind("<html>"), Err(FailureKind::BadBody));
        assert_eq!(kind("7"), Err(FailureKind::BadBody));
        assert_eq!(kind(r#"{"error":{"code":503}}"#), Err(FailureKind::Overloaded));
    }

    /// A server whose list never ends.
    struct Endless(Cell<usize>);

    impl Transport for Endless {
        type Body = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, TransportError>>>;
        type Sending = Ready<Result<Response<Self::Body>, TransportError>>;

        fn send(&self, _: Request) -> Self::Sending {
            self.0.set(self.0.get() + 1);
            let body = vec![Ok(br#"{"models":[],"nextPageToken":"again"}"#.to_vec())];
            ready(Ok(Response { status: 200, body: stream::iter(body) }))
        }
    }

    #[test]
    fn a_list_without_an_end_is_left_after_fifty_pages() {
        let key = ApiKey::new("AQ.secret").expect("a key");
        let connection = Connection::new(DEFAULT_BASE_URL, DEFAULT_VERSION, key).expect("valid");
        let server = Endless(Cell::new(0));
        let models = list(&server, &connection).now_or_never().expect("nothing waits");
        assert_eq!((models, server.0.get()), (Ok(Vec::new()), 50));
    }
}
