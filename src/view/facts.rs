//! Lists of names and figures, which change in place.

use crate::view::dom::life::follow;
use crate::view::dom::{El, Slot, el};

/// A name and what there is to say of it.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) figure: String,
    pub(crate) failed: bool,
}

/// A fact like most.
pub(crate) fn fact(name: &str, figure: String) -> Fact {
    Fact { name: name.to_owned(), figure, failed: false }
}

/// The list of what `facts` gives.
pub(crate) fn fact_list(facts: impl Fn() -> Vec<Fact> + 'static) -> El {
    list(Box::new(facts))
}

/// An entry on the page.
struct Entry {
    name: (El, Slot),
    figure: (El, Slot),
    failed: bool,
}

impl Entry {
    fn new() -> Self {
        let (name, figure) = (el("dt"), el("dd"));
        let slots = (name.slot(), figure.slot());
        Self { name: (name, slots.0), figure: (figure, slots.1), failed: false }
    }

    fn put(&mut self, fact: &Fact) {
        self.name.1.put(&fact.name);
        self.figure.1.put(&fact.figure);
        if self.failed != fact.failed {
            self.failed = fact.failed;
            self.figure.0.set_class("failed", fact.failed);
        }
    }
}

fn list(facts: Box<dyn Fn() -> Vec<Fact>>) -> El {
    let list = el("dl");
    let parent = list.clone();
    let mut entries: Vec<Entry> = Vec::new();
    follow(move || {
        let facts = facts();
        while entries.len() > facts.len() {
            if let Some(Entry { name, figure, .. }) = entries.pop() {
                name.0.remove();
                figure.0.remove();
            }
        }
        for (place, fact) in facts.iter().enumerate() {
            if place == entries.len() {
                let entry = Entry::new();
                parent.add(&entry.name.0);
                parent.add(&entry.figure.0);
                entries.push(entry);
            }
            entries[place].put(fact);
        }
    });
    list
}
