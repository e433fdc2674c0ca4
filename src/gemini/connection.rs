//! Where requests go, and the key that goes with them to that one origin.
//!
//! A key is never judged by how it begins: Google's keys changed from `AIza…` to `AQ.…` in 2026, and a
//! proxy has keys of its own. It is only made fit for a header.
//!
//! A [`Connection`] takes its key over for good and has no way to change its address, and an
//! [`ApiKey`] can't be copied or read outside this crate: another origin means entering the key again.

use crate::port::Failure;
use std::fmt;
use std::rc::Rc;

/// Google's own server.
pub const DEFAULT_BASE_URL: &str = "https://generativelanguage.googleapis.com";

/// The version of the API that has every field the client sends.
pub const DEFAULT_VERSION: &str = "v1beta";

/// Why a key or an address can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionError {
    /// Nothing is left of the key once blanks and quotes are gone.
    #[error("the key is empty")]
    EmptyKey,
    /// A header of visible ASCII characters could not carry it.
    #[error("the key holds a blank or a character that no key has; copy it again")]
    UnsendableKey,
    /// Neither of the two schemes that a page can reach.
    #[error("the address must begin with http:// or https://")]
    NotHttp,
    /// No host, a bad port, a user name, or a query.
    #[error("the address must be a host, a port if needed, and a path if needed; nothing else")]
    BadUrl,
    /// It would not be one step of a path.
    #[error("the version must be one word such as v1beta")]
    BadVersion,
}

/// A key. Its `Debug` hides it, and it can be neither printed, copied nor serialized.
pub struct ApiKey(Box<str>);

impl ApiKey {
    /// The key inside `pasted`, without the blanks, quotes and invisible characters that a paste
    /// brings along.
    ///
    /// # Errors
    /// [`ConnectionError::EmptyKey`] when nothing is left; [`ConnectionError::UnsendableKey`] when a
    /// character other than visible ASCII is left inside.
    pub fn new(pasted: &str) -> Result<Self, ConnectionError> {
        let visible: String = pasted.chars().filter(|&c| !is_invisible(c)).collect();
        let key = visible.trim_matches(|c: char| c.is_whitespace() || is_quote(c));
        if key.is_empty() {
            Err(ConnectionError::EmptyKey)
        } else if key.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(key.into()))
        } else {
            Err(ConnectionError::UnsendableKey)
        }
    }

    /// The key in clear, for the one header it travels in.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

/// Soft hyphens, zero-width characters, marks of writing direction and byte order marks.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '«' | '»')
}

/// An origin, a version of the API there, and the key that was entered for it.
#[derive(Debug)]
pub struct Connection {
    base_url: String,
    host: String,
    plain_http: bool,
    version: String,
    key: ApiKey,
}

impl Connection {
    /// A connection to `base_url` with the `key` that was entered for it.
    ///
    /// # Errors
    /// [`ConnectionError`] when `base_url` is not `http` or `https`, names no host, or has more than
    /// a host, a port and a path; or when `version` is not one plain word.
    pub fn new(base_url: &str, version: &str, key: ApiKey) -> Result<Self, ConnectionError> {
        let (scheme, rest) = base_url.trim().split_once("://").ok_or(ConnectionError::NotHttp)?;
        let plain_http = scheme.eq_ignore_ascii_case("http");
        if !plain_http && !scheme.eq_ignore_ascii_case("https") {
            return Err(ConnectionError::NotHttp);
        }
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let path = path.trim_end_matches('/');
        if !is_host(host) || !path.bytes().all(stands_in_path) {
            return Err(ConnectionError::BadUrl);
        }
        let version = version.trim().trim_matches('/');
        if !is_word(version) {
            return Err(ConnectionError::BadVersion);
        }
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        Ok(Self { base_url: format!("{scheme}://{host}{path}"), host, plain_http, version: version.into(), key })
    }

    /// The host, with its port where one was given: who gets the key.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where requests go, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The version of the API.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it is plain HTTP: readable on the way, and in a browser HTTP/1.1 with six connections
    /// to a host.
    pub fn is_plain_http(&self) -> bool {
        self.plain_http
    }

    /// What this tab keeps if the user asks for it, a line each: base address, version and key. The
    /// one form in which a key leaves its type other than in its header.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a page has a tab"))]
    pub(crate) fn for_this_tab(&self) -> String {
        format!("{}\n{}\n{}", self.base_url, self.version, self.key.expose())
    }

    /// The URL of `path`, which is already percent-encoded and begins without a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{}/{path}", self.base_url, self.version)
    }

    /// A failure without the key, should the server have sent it back: what a server says is shown and saved.
    pub(super) fn without_key(&self, failure: Failure) -> Failure {
        let clean = |text: Rc<str>| {
            if text.contains(self.key.expose()) { text.replace(self.key.expose(), "(the key)").into() } else { text }
        };
        Failure { message: clean(failure.message), body: clean(failure.body), ..failure }
    }

    /// The header that carries the key. A URL would end in logs and histories.
    pub(super) fn key_header(&self) -> (&'static str, String) {
        ("x-goog-api-key", self.key.expose().to_owned())
    }
}

/// Whether `text` is a host that reads as what the browser will contact: no user name, no percent
/// signs, no letters that look like others.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !text.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    let bracketed = name
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .is_some_and(|inner| inner.contains(':') && inner.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b)));
    (named || bracketed) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn stands_in_path(byte: u8) -> bool {
    byte.is_ascii_graphic() && !br#"?#\"<>^`{|}"#.contains(&byte)
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::FailureKind;

    fn to(base_url: &str) -> Result<Connection, ConnectionError> {
        Connection::new(base_url, DEFAULT_VERSION, ApiKey::new("AQ.secret").expect("a key"))
    }

    #[test]
    fn what_a_paste_brings_along_is_not_part_of_the_key() {
        for pasted in
            ["AQ.x-1_y", "  AQ.x-1_y\r\n", "\u{feff}AQ.x-1\u{200b}_y", "\"AQ.x-1_y\"", "\u{201c}AQ.x-1_y\u{201d} "]
        {
            assert_eq!(ApiKey::new(pasted).expect(pasted).expose(), "AQ.x-1_y");
        }
    }

    #[test]
    fn a_key_that_no_header_could_carry_is_refused() {
        for empty in ["", " \n", "\"\"", "\u{200b}"] {
            assert_eq!(ApiKey::new(empty).err(), Some(ConnectionError::EmptyKey), "{empty:?}");
        }
        for bad in ["AQ.x\nAQ.y", "AQ.x AQ.y", "AQ.schl\u{fc}ssel", "AQ.\0"] {
            assert_eq!(ApiKey::new(bad).err(), Some(ConnectionError::UnsendableKey), "{bad:?}");
        }
    }

    #[test]
    fn a_key_that_the_server_sends_back_is_not_shown() {
        let connection = to(DEFAULT_BASE_URL).expect("valid");
        let echo = Failure {
            body: "{\"key\": \"AQ.secret\"}".into(),
            ..Failure::new(FailureKind::Auth, "bad key AQ.secret!")
        };
        let shown = connection.without_key(echo);
        assert_eq!((&*shown.message, &*shown.body), ("bad key (the key)!", "{\"key\": \"(the key)\"}"));
    }

    #[test]
    fn no_debug_output_holds_the_key() {
        let connection = to(DEFAULT_BASE_URL).expect("valid");
        assert!(!format!("{connection:?} {connection:#?}").contains("secret"));
    }

    #[test]
    fn an_address_is_brought_to_one_form() {
        let connection = to(" HTTP://LocalHost:8090/Gemini/ ").expect("valid");
        assert_eq!(connection.base_url(), "http://localhost:8090/Gemini");
        assert_eq!(connection.host(), "localhost:8090");
        assert!(connection.is_plain_http());
        assert_eq!(connection.url("models"), "http://localhost:8090/Gemini/v1beta/models");

        let google = to(DEFAULT_BASE_URL).expect("valid");
        assert_eq!(google.url("models"), "https://generativelanguage.googleapis.com/v1beta/models");
        assert!(!google.is_plain_http());
        assert_eq!(to("http://[::1]:81").expect("valid").host(), "[::1]:81");
        assert_eq!(to("http://[::1]").expect("valid").host(), "[::1]");
    }

    #[test]
    fn an_address_that_hides_its_host_is_refused() {
        for bad in ["", "localhost", "ftp://x", "javascript:alert(1)"] {
            assert_eq!(to(bad).err(), Some(ConnectionError::NotHttp), "{bad:?}");
        }
        for bad in [
            "https://",
            "https:///x",
            "https://google.com@evil.example",
            "https://a:b@c",
            "https://x?y",
            "https://x/y#z",
            "https://x:0",
            "https://x:70000",
            "https://x:",
            "https://x:+80",
            "https://\u{430}pple.com",
            "https://%65vil",
            "https://x/a b",
            "https://x\\y",
            "https://[::1",
        ] {
            assert_eq!(to(bad).err(), Some(ConnectionError::BadUrl), "{bad:?}");
        }
    }

    #[test]
    fn a_version_is_one_word() {
        let at = |version| Connection::new(DEFAULT_BASE_URL, version, ApiKey::new("k").expect("a key"));
        assert_eq!(at(" /v1/ ").expect("valid").version(), "v1");
        for bad in ["", "..", "v1/x", "v1?", "v 1"] {
            assert_eq!(at(bad).err(), Some(ConnectionError::BadVersion), "{bad:?}");
        }
    }
}
