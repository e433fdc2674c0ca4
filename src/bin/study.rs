//! What a worker of the page runs: a part of a study, away from the page's thread.

#[cfg(target_arch = "wasm32")]
fn main() {
    let mut clerk = lanescope::study::work::Clerk::default();
    lanescope::browser::worker::serve(move |message| clerk.hear(message));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
