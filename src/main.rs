//! The page's entry: where a panic goes, and what is mounted.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    // Without the script interface the page is still of use.
    let _ = lanescope::script::install();
    leptos::mount::mount_to_body(lanescope::view::app);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
