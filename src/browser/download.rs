//! Files out and in, and the clipboard.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Offers `text` as a file to save.
///
/// # Errors
/// What the browser threw.
pub fn save(name: &str, mime: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}

/// The text of a file that the user chose.
///
/// # Errors
/// What the browser threw.
///
/// # Cancel safety
/// Dropping the future forgets the text.
pub async fn read(file: &web_sys::File) -> Result<String, JsValue> {
    JsFuture::from(file.text()).await.map(|text| text.as_string().unwrap_or_default())
}

/// Puts `text` on the clipboard.
///
/// # Errors
/// What the browser threw: it may forbid it.
///
/// # Cancel safety
/// Dropping the future does not take the text back.
pub async fn copy(text: &str) -> Result<(), JsValue> {
    let clipboard = web_sys::window().ok_or(JsValue::NULL)?.navigator().clipboard();
    JsFuture::from(clipboard.write_text(text)).await.map(|_| ())
}
