//! Web workers: threads beside the page's own, which talk to it by messages.
//!
//! The program of a worker lies beside the page's and is called like it, with `_study` added; it says an empty
//! message when it is ready to hear.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Url, WorkerOptions, WorkerType};

/// A worker. Dropping it ends it, whatever it is doing.
#[must_use = "dropping it ends the worker"]
pub struct Worker {
    own: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl Worker {
    /// Starts one. `hear` is given each message, the first of them empty, or nothing when the worker has failed.
    ///
    /// # Errors
    /// What the browser threw.
    pub fn start(hear: impl Fn(Option<String>) + Clone + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(&address().ok_or(JsValue::NULL)?, &options)?;
        let failed = hear.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hear(event.data().as_string());
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            // It is dealt with: the console need not be told.
            event.prevent_default();
            failed(None);
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { own: worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends it a message. One that has failed does not hear it.
    pub fn tell(&self, message: &str) {
        let _ = self.own.post_message(&message.into());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.own.set_onmessage(None);
        self.own.set_onerror(None);
        self.own.terminate();
    }
}

/// How many threads this machine has for programs like this one; 1 where it is not said.
#[must_use]
pub fn threads() -> usize {
    let threads = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
    let threads = threads as usize;
    threads.max(1)
}

/// Where the worker's program is: beside the page's own, whose name the page's start was given.
fn address() -> Option<String> {
    let document = web_sys::window()?.document()?;
    let start = document.query_selector("script[src*='boot.js']").ok()??.get_attribute("src")?;
    let base = document.base_uri().ok()??;
    let start = Url::new_with_base(&start, &base).ok()?;
    let name = start.search_params().get("js")?;
    let program = format!("{}_study.js", name.strip_suffix(".js")?);
    Some(Url::new_with_base(&program, &base).ok()?.href())
}

/// In a worker: answers each message with what `answer` makes of it, for as long as the worker lives.
pub fn serve(mut answer: impl FnMut(&str) -> Option<String> + 'static) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let page = scope.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(said) = event.data().as_string().and_then(|message| answer(&message)) {
            let _ = page.post_message(&said.into());
        }
    });
    // The browser keeps it for as long as it may be called.
    scope.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    let _ = scope.post_message(&"".into());
}
