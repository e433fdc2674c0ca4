//! The page's elements, built with calls.
//!
//! Measured: of 350 kB of page (brotli, the smallest build), the views that Leptos makes of its
//! `view!` macro were 200 kB, because each has a type of its own, and with it its own code to build,
//! rebuild and mount. Here every element is an [`El`], and every closure is boxed where it enters:
//! the signals, memos, effects and owners are Leptos's as before, the elements are the browser's.
//!
//! Rules of this room:
//! - A generic method does nothing but box what it is given and call one that is not generic.
//! - What ends in `_by` follows what its closure reads, and touches the page only for a change.
//!   It runs at once, so that the first picture is whole.
//! - Effects and listeners live as long as the owner in which they are made: see [`life`]. What comes
//!   and goes has an owner of its own: see [`region`].
//! - Nothing writes a `style` attribute: the page's content policy forbids it.

pub(crate) mod event;
pub(crate) mod life;
mod region;

use leptos::leptos_dom::helpers::document;
use life::follow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, Node};

/// An element. Clones are the same element.
#[derive(Clone)]
pub(crate) struct El(Element);

/// A new element.
pub(crate) fn el(tag: &str) -> El {
    El(made(document().create_element(tag)))
}

/// A new element of a drawing.
pub(crate) fn svg(tag: &str) -> El {
    El(made(document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag)))
}

/// The tags are ours and no browser refuses one; if it did, what it threw would stand here and the
/// first use of it would throw again.
fn made(created: Result<Element, wasm_bindgen::JsValue>) -> Element {
    created.unwrap_or_else(JsCast::unchecked_into)
}

/// What words are for.
#[derive(Clone, Copy)]
enum Words {
    Attribute(&'static str),
    Style(&'static str),
}

/// What a truth is for.
#[derive(Clone, Copy)]
enum Truth {
    /// An attribute that is there or not.
    Flag(&'static str),
    /// A class that is there or not.
    Class(&'static str),
    /// An attribute that says `true` or `false`.
    Aria(&'static str),
    /// The tick of a box.
    Tick,
}

impl El {
    /// The element as what it is in the browser.
    pub(crate) fn node<T: JsCast>(&self) -> T {
        self.0.clone().unchecked_into()
    }

    /// Sets its classes, parted by spaces.
    pub(crate) fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    /// Sets an attribute.
    pub(crate) fn attr(self, name: &str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// Adds words that stay.
    pub(crate) fn text(self, words: &str) -> Self {
        self.append(&document().create_text_node(words));
        self
    }

    /// Adds an element.
    #[allow(clippy::needless_pass_by_value)] // It belongs to its parent from here on.
    pub(crate) fn child(self, child: Self) -> Self {
        self.add(&child);
        self
    }

    /// Adds elements.
    pub(crate) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        for child in children {
            self.add(&child);
        }
        self
    }

    /// Goes on with what `add` makes of it.
    pub(crate) fn with(self, add: impl FnOnce(Self) -> Self) -> Self {
        add(self)
    }

    /// Adds words that change.
    pub(crate) fn text_by(self, words: impl Fn() -> String + 'static) -> Self {
        self.text_boxed(Box::new(words))
    }

    /// Sets an attribute to words that change.
    pub(crate) fn attr_by(self, name: &'static str, value: impl Fn() -> String + 'static) -> Self {
        self.words(Words::Attribute(name), Box::new(value))
    }

    /// Sets a property of its style.
    pub(crate) fn style_by(self, property: &'static str, value: impl Fn() -> String + 'static) -> Self {
        self.words(Words::Style(property), Box::new(value))
    }

    /// Sets an attribute that is there or not, such as `disabled`. What its own press brings to rest is `pressed`.
    pub(crate) fn flag_by(self, name: &'static str, is: impl Fn() -> bool + 'static) -> Self {
        self.truth(Truth::Flag(name), Box::new(is))
    }

    /// Adds a class, or takes it away.
    pub(crate) fn class_by(self, name: &'static str, is: impl Fn() -> bool + 'static) -> Self {
        self.truth(Truth::Class(name), Box::new(is))
    }

    /// Sets an attribute that says `true` or `false`, such as `aria-pressed`.
    pub(crate) fn aria_by(self, name: &'static str, is: impl Fn() -> bool + 'static) -> Self {
        self.truth(Truth::Aria(name), Box::new(is))
    }

    /// Ticks a box, or clears it.
    pub(crate) fn checked_by(self, is: impl Fn() -> bool + 'static) -> Self {
        self.truth(Truth::Tick, Box::new(is))
    }

    /// Sets what a field holds. A range needs its bounds before, and a select its options.
    pub(crate) fn value_by(self, value: impl Fn() -> String + 'static) -> Self {
        self.value_boxed(Box::new(value))
    }

    /// Adds a place for words.
    pub(crate) fn slot(&self) -> Slot {
        let node: Node = document().create_text_node("").into();
        self.append(&node);
        Slot { node, shown: String::new() }
    }

    /// Adds an element, later on.
    pub(crate) fn add(&self, child: &Self) {
        self.append(&child.0);
    }

    /// Takes it off the page.
    pub(crate) fn remove(&self) {
        self.0.remove();
    }

    /// Adds a class, or takes it away, this once.
    pub(crate) fn set_class(&self, name: &str, is: bool) {
        let _ = self.0.class_list().toggle_with_force(name, is);
    }

    fn append(&self, node: &Node) {
        let _ = self.0.append_child(node);
    }

    fn text_boxed(self, words: Box<dyn Fn() -> String>) -> Self {
        let mut slot = self.slot();
        follow(move || slot.put(&words()));
        self
    }

    fn words(self, place: Words, words: Box<dyn Fn() -> String>) -> Self {
        let element = self.0.clone();
        let mut shown = None;
        follow(move || {
            let now = words();
            if shown.as_ref() == Some(&now) {
                return;
            }
            let _ = match place {
                Words::Attribute(name) => element.set_attribute(name, &now),
                Words::Style(name) => element.unchecked_ref::<HtmlElement>().style().set_property(name, &now),
            };
            shown = Some(now);
        });
        self
    }

    fn truth(self, place: Truth, is: Box<dyn Fn() -> bool>) -> Self {
        let element = self.clone();
        let mut shown = None;
        follow(move || {
            let now = is();
            if shown == Some(now) {
                return;
            }
            shown = Some(now);
            match place {
                Truth::Class(name) => element.set_class(name, now),
                Truth::Tick => element.node::<HtmlInputElement>().set_checked(now),
                Truth::Flag(name) => {
                    let _ = element.0.toggle_attribute_with_force(name, now);
                }
                Truth::Aria(name) => {
                    let _ = element.0.set_attribute(name, if now { "true" } else { "false" });
                }
            }
        });
        self
    }

    /// Compares with what the field holds, not with what it was given: the user writes there too.
    fn value_boxed(self, value: Box<dyn Fn() -> String>) -> Self {
        // Text areas and selects answer to the same name.
        let field: HtmlInputElement = self.node();
        follow(move || {
            let now = value();
            if field.value() != now {
                field.set_value(&now);
            }
        });
        self
    }
}

/// A place for words among the children of an element.
pub(crate) struct Slot {
    node: Node,
    shown: String,
}

impl Slot {
    /// Puts `words` there, if they are others.
    pub(crate) fn put(&mut self, words: &str) {
        if self.shown != words {
            self.node.set_text_content(Some(words));
            words.clone_into(&mut self.shown);
        }
    }
}
