//! What the user can do to a run under way: pause it, let it run out, cancel one request.

use crate::engine::bell::Bell;
use crate::id::Tag;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

/// How long a run that is to run out may take to do so; what is under way then is given up.
pub const DRAIN: Duration = Duration::from_secs(60);

/// What the user can do to a run under way. A handle: clones share it.
#[derive(Clone, Debug, Default)]
pub struct Controls(Rc<Wishes>);

#[derive(Debug, Default)]
struct Wishes {
    paused: Cell<bool>,
    drains: Cell<bool>,
    /// By lane and item.
    cancelled: RefCell<BTreeSet<(u8, u32)>>,
    /// Rung at each new wish.
    news: Bell,
}

impl Controls {
    /// From now on nothing is sent; what is under way goes on.
    pub fn pause(&self) {
        self.0.paused.set(true);
    }

    /// What was held back goes out.
    pub fn resume(&self) {
        self.0.paused.set(false);
        self.0.news.ring();
    }

    /// Nothing new is started; what has begun may end, within [`DRAIN`].
    pub fn drain(&self) {
        self.0.drains.set(true);
        self.0.news.ring();
    }

    /// Gives one item of a lane up, wherever it is.
    pub fn cancel(&self, lane: u8, item: u32) {
        self.0.cancelled.borrow_mut().insert((lane, item));
        self.0.news.ring();
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.0.paused.get()
    }

    /// Whether it is running out.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.drains.get()
    }

    pub(super) fn is_cancelled(&self, tag: Tag) -> bool {
        self.0.cancelled.borrow().contains(&(tag.lane, tag.item))
    }

    /// Ends at the next wish.
    pub(super) async fn told(&self) {
        self.0.news.rung().await;
    }

    /// Ends once it is not paused.
    pub(super) async fn resumed(&self) {
        while self.is_paused() {
            self.told().await;
        }
    }

    /// Ends once the item is given up.
    pub(super) async fn cancelled(&self, tag: Tag) {
        while !self.is_cancelled(tag) {
            self.told().await;
        }
    }
}
