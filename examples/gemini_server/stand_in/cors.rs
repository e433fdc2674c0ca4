//! Which pages may ask and read: as Google's server has it, as far as it was seen from outside.
//!
//! Any origin may. A header that is not on the list makes a preflight fail without a word about
//! origins, which a page sees as a failed fetch and nothing more. Errors may be read like answers, but
//! of the headers only these few: no `Retry-After`.

use super::body::TimedBody;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use hyper::{Method, Response, StatusCode};

/// The request headers that a page may send.
const KNOWN: [&str; 4] = ["content-type", "x-goog-api-key", "x-goog-api-client", "authorization"];
const METHODS: &str = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT";
const EXPOSED: &str = "vary,vary,vary,content-encoding,date,server,content-length";
/// Lets a page see how long its requests waited inside the browser. Google does not send it.
const TIMING_ALLOW_ORIGIN: &str = "timing-allow-origin";

/// Whether a browser asks if a page may ask.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What it is told.
pub(super) fn preflight(asked: &HeaderMap) -> Response<TimedBody> {
    let mut response = Response::new(TimedBody::empty());
    let names = asked.get(ACCESS_CONTROL_REQUEST_HEADERS);
    if !names.is_none_or(are_known) {
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    let headers = response.headers_mut();
    if let Some(names) = names {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if let Some(origin) = asked.get(ORIGIN) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    response
}

fn are_known(names: &HeaderValue) -> bool {
    let is_known = |name: &str| name.is_empty() || KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
    names.to_str().is_ok_and(|names| names.split(',').map(str::trim).all(is_known))
}

/// Lets the page that asked read the answer.
pub(super) fn open(answer: &mut HeaderMap, asked: &HeaderMap) {
    answer.insert(VARY, HeaderValue::from_static("Origin, X-Origin, Referer"));
    answer.insert(TIMING_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Some(origin) = asked.get(ORIGIN) {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
