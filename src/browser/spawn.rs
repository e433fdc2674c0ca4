//! Tasks that stop when their handle is dropped.

use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use std::future::Future;

/// A task under way. Dropping it stops it.
#[must_use = "dropping it stops the task"]
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs `future` on the page's thread.
pub fn spawn(future: impl Future<Output = ()> + 'static) -> Task {
    // Boxed, so that the way to run a task is not made anew for each.
    spawn_boxed(Box::pin(future))
}

fn spawn_boxed(future: LocalBoxFuture<'static, ()>) -> Task {
    let (future, handle) = abortable(future);
    #[allow(clippy::disallowed_methods)] // The one place: the handle is what makes it stoppable.
    wasm_bindgen_futures::spawn_local(async {
        let _ = future.await;
    });
    Task(handle)
}
