//! Parts of the page that come and go.
//!
//! Each stands before a comment that marks its place. What is in it has an owner of its own, so that
//! its effects and listeners end when it goes.

use super::El;
use super::life::follow;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::{Owner, untrack};
use std::mem;
use web_sys::Node;

impl El {
    /// Adds elements that are made anew whenever what `make` itself reads changes.
    pub(crate) fn part(self, make: impl Fn() -> Vec<Self> + 'static) -> Self {
        self.part_boxed(Box::new(make))
    }

    /// Adds an element that is there while `is` holds, and made each time that it begins to.
    pub(crate) fn when(self, is: impl Fn() -> bool + 'static, make: impl Fn() -> Self + 'static) -> Self {
        self.when_boxed(Box::new(is), Box::new(make))
    }

    /// Adds rows, each an element or several. A row is made when its key comes, stays while the key
    /// does, wherever that moves, and goes with it. What `row` itself reads, it reads once.
    pub(crate) fn each(
        self,
        keys: impl Fn() -> Vec<usize> + 'static,
        row: impl Fn(usize) -> Vec<Self> + 'static,
    ) -> Self {
        self.each_boxed(Box::new(keys), Box::new(row))
    }

    fn part_boxed(self, make: Box<dyn Fn() -> Vec<Self>>) -> Self {
        let (parent, end) = (self.clone(), self.mark());
        let mut shown: Vec<Self> = Vec::new();
        // The effect's own owner is cleaned up before each run: it is the part's.
        follow(move || {
            for old in shown.drain(..) {
                old.remove();
            }
            shown = make();
            parent.insert(&shown, &end);
        });
        self
    }

    fn when_boxed(self, is: Box<dyn Fn() -> bool>, make: Box<dyn Fn() -> Self>) -> Self {
        self.each_boxed(Box::new(move || if is() { vec![0] } else { Vec::new() }), Box::new(move |_| vec![make()]))
    }

    fn each_boxed(self, keys: Box<dyn Fn() -> Vec<usize>>, make: Box<dyn Fn(usize) -> Vec<Self>>) -> Self {
        let (parent, end) = (self.clone(), self.mark());
        let home = Owner::current().unwrap_or_default();
        let mut rows: Vec<Row> = Vec::new();
        follow(move || {
            let keys = keys();
            if rows.len() == keys.len() && rows.iter().zip(&keys).all(|(row, key)| row.key == *key) {
                return;
            }
            let mut old = mem::take(&mut rows);
            old.retain(|row| keys.contains(&row.key));
            let mut next = old.first().and_then(Row::first).unwrap_or_else(|| end.clone());
            for key in keys {
                let kept = old.iter().position(|row| row.key == key).map(|place| old.remove(place));
                let row = kept.unwrap_or_else(|| Row::new(&home, key, &*make));
                next = row.stand_before(next, &parent);
                rows.push(row);
            }
        });
        self
    }

    /// Adds the comment that marks where a region ends.
    fn mark(&self) -> Node {
        let end: Node = document().create_comment("").into();
        self.append(&end);
        end
    }

    fn insert(&self, elements: &[Self], next: &Node) {
        for element in elements {
            let _ = self.0.insert_before(&element.0, Some(next));
        }
    }
}

/// A row of a region. Dropping it ends what is in it and takes it off the page.
struct Row {
    key: usize,
    life: Owner,
    elements: Vec<El>,
}

impl Row {
    fn new(home: &Owner, key: usize, make: &dyn Fn(usize) -> Vec<El>) -> Self {
        let life = home.child();
        let elements = life.with(|| untrack(|| make(key)));
        Self { key, life, elements }
    }

    fn first(&self) -> Option<Node> {
        self.elements.first().map(El::node)
    }

    /// Moves it before `next`, unless it stands there: an element that is moved loses the focus.
    /// Gives what then stands after it.
    fn stand_before(&self, next: Node, parent: &El) -> Node {
        if self.first().is_some_and(|first| first.is_same_node(Some(&next))) {
            return self.elements.last().and_then(|last| last.0.next_sibling()).unwrap_or(next);
        }
        parent.insert(&self.elements, &next);
        next
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.life.cleanup();
        for element in &self.elements {
            element.remove();
        }
    }
}
