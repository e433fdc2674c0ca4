//! How long things last: as long as the owner in which they are made.

use leptos::prelude::{ArenaItem, LocalStorage, RenderEffect};
use leptos::reactive::graph::{Subscriber, ToAnySubscriber};
use std::any::Any;

/// Keeps `thing` for as long as the present owner lives.
pub(crate) fn keep(thing: impl Any) {
    keep_boxed(Box::new(thing));
}

fn keep_boxed(thing: Box<dyn Any>) {
    ArenaItem::<Box<dyn Any>, LocalStorage>::new_local(thing);
}

/// Runs `run` at once, and again in the same tick as what it read changes, for as long as the
/// present owner lives.
pub(crate) fn follow(run: impl FnMut() + 'static) {
    follow_boxed(Box::new(run));
}

fn follow_boxed(mut run: Box<dyn FnMut()>) {
    keep(Following(RenderEffect::new(move |_: Option<()>| run())));
}

/// An effect. Dropping it ends it.
struct Following(RenderEffect<()>);

impl Drop for Following {
    /// Takes it off the lists of what it read. Nobody else does, and a signal that outlives many
    /// rows would come to call on all of them.
    fn drop(&mut self) {
        let own = self.0.to_any_subscriber();
        own.clear_sources(&own);
    }
}
