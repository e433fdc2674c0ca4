//! Files that lie beside the page.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// The text of the file at `path`, from where the page came from.
///
/// # Errors
/// What the browser threw, or nothing where there is no such file.
///
/// # Cancel safety
/// Dropping the future forgets the text.
pub async fn text(path: &str) -> Result<String, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str(path)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(response.text()?).await.map(|text| text.as_string().unwrap_or_default())
}
