//! Texts that lie beside the page: the words of lessons and the like.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// The text at an address, relative to the page.
///
/// # Errors
/// What the browser threw, or the status of an answer that is not the text.
///
/// # Cancel safety
/// Dropping the future leaves the request to the browser; nothing comes of it.
pub async fn fetch(address: &str) -> Result<String, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    if !response.ok() {
        return Err(response.status().into());
    }
    let text = JsFuture::from(response.text()?).await?;
    text.as_string().ok_or(JsValue::NULL)
}
