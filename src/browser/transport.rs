//! `fetch` as a [`Transport`]: aborted when dropped, its body read as it comes.

use crate::port::{Method, Request, Response, Transport, TransportError};
use futures::Stream;
use js_sys::{Reflect, Uint8Array};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect,
};

/// The browser's `fetch`.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    type Body = FetchBody;
    type Sending = Pin<Box<dyn Future<Output = Result<Response<FetchBody>, TransportError>>>>;

    fn send(&self, request: Request) -> Self::Sending {
        Box::pin(async move {
            let abort = AbortOnDrop::new().map_err(|error| no_connection(&error))?;
            let response = fetch(&request, &abort).await.map_err(|error| no_connection(&error))?;
            let reader = response.body().map(|body| body.get_reader().unchecked_into());
            Ok(Response { status: response.status(), body: FetchBody { reader, reading: None, _abort: abort } })
        })
    }
}

async fn fetch(request: &Request, abort: &AbortOnDrop) -> Result<web_sys::Response, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_headers(headers.as_ref());
    init.set_signal(Some(&abort.0.signal()));
    // GETs of one URL would queue behind the cache, and a cookie has no business here.
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    // The key is for this origin: a redirect would take it to another.
    init.set_redirect(RequestRedirect::Error);
    match request.method {
        Method::Get => init.set_method("GET"),
        Method::Post => {
            init.set_method("POST");
            init.set_body(&JsValue::from_str(&request.body));
        }
    }
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    JsFuture::from(window.fetch_with_str_and_init(&request.url, &init)).await?.dyn_into()
}

/// Aborts the request it was made for when it is dropped; one that has ended does not mind.
#[derive(Debug)]
struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    fn new() -> Result<Self, JsValue> {
        AbortController::new().map(Self)
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The body of an answer as it comes. Dropping it aborts the request.
#[derive(Debug)]
pub struct FetchBody {
    reader: Option<ReadableStreamDefaultReader>,
    reading: Option<JsFuture>,
    _abort: AbortOnDrop,
}

impl Stream for FetchBody {
    type Item = Result<Vec<u8>, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(reader) = self.reader.clone() else { return Poll::Ready(None) };
        let reading = self.reading.get_or_insert_with(|| JsFuture::from(reader.read()));
        let Poll::Ready(read) = Pin::new(reading).poll(cx) else { return Poll::Pending };
        self.reading = None;
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                self.reader = None;
                return Poll::Ready(Some(Err(TransportError::Broken { message: words(&error) })));
            }
        };
        let chunk = Reflect::get(&read, &"value".into()).ok().filter(|value| !value.is_undefined());
        if chunk.is_none() {
            self.reader = None;
        }
        Poll::Ready(chunk.map(|chunk| Ok(Uint8Array::new(&chunk).to_vec())))
    }
}

fn no_connection(error: &JsValue) -> TransportError {
    TransportError::NoConnection { message: words(error) }
}

/// What a JavaScript value that was thrown says, whatever it is.
fn words(thrown: &JsValue) -> String {
    let message = Reflect::get(thrown, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| thrown.as_string()).unwrap_or_else(|| "the browser gave no reason".into())
}
