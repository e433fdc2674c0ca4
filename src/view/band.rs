//! The band under the time axis, where the simulated server is broken by hand: spells are drawn there,
//! dragged by their edges or as a whole, and chosen.
//!
//! While one is held, only the picture of the band follows the pointer. Let go, it becomes an edit of
//! the experiment, which is then run again.

use crate::lesson::lock::Lock;
use crate::scene::layout::Geometry;
use crate::scene::scale::Scale;
use crate::scene::shape::Shape;
use crate::scene::spell::{Grip, Spell, SpellKind, drag, drawn, grip_at, shapes, spells};
use crate::time::Instant;
use crate::view::dom::event::{chosen, position};
use crate::view::dom::{El, el};
use crate::view::state::State;
use crate::view::words::spell::{HINT, name, offer};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};

/// A pointer that moves less than this, in pixels, only clicks.
const LEAST_PULL: f64 = 3.0;

/// The band. A handle: copies share it.
#[derive(Clone, Copy)]
pub(super) struct Band {
    state: State,
    /// What the next spell that is drawn will do.
    kind: RwSignal<SpellKind>,
    held: RwSignal<Option<Held>>,
    /// What the pointer looks like.
    cursor: RwSignal<&'static str>,
    /// Where the band was last painted.
    painted: StoredValue<Option<Painted>>,
    /// Whether the pointer was last pressed on the band.
    pressed: StoredValue<bool>,
}

/// Where the band is on the canvas.
#[derive(Clone, Copy)]
struct Painted {
    scale: Scale,
    top: f64,
    bottom: f64,
}

/// What a pointer holds.
#[derive(Clone, Copy)]
struct Held {
    what: What,
    /// Where it was pressed, and on which scale.
    x: f64,
    scale: Scale,
    /// From when to when the spell lasts now, once the pointer was moved.
    now: Option<(Instant, Instant)>,
}

#[derive(Clone, Copy)]
enum What {
    New(SpellKind),
    Old(Grip, Spell),
}

impl Band {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            kind: RwSignal::new(SpellKind::Outage),
            held: RwSignal::new(None),
            cursor: RwSignal::new(""),
            painted: StoredValue::new(None),
            pressed: StoredValue::new(false),
        }
    }

    /// The choice of what is drawn next.
    pub(super) fn choice(self) -> El {
        let option = |kind| el("option").attr("value", name(kind)).text(offer(kind));
        el("select")
            .class("break")
            .flag_by("disabled", move || self.is_locked())
            .attr("aria-label", "Break the server")
            .attr("title", "Break the server: drag along the band under the axis")
            .on("change", move |event| {
                if let Some(kind) = chosen(&event).and_then(|place| SpellKind::ALL.get(place)) {
                    self.kind.set(*kind);
                }
            })
            .children(SpellKind::ALL.map(option))
            .value_by(move || name(self.kind.get()).to_owned())
    }

    /// Has `canvas` tell what a pointer does on it.
    pub(super) fn listen(self, canvas: El) -> El {
        canvas
            .style_by("cursor", move || self.cursor.get().to_owned())
            .on("pointerdown", move |event| self.press(&event))
            .on("pointermove", move |event| self.pull(&event))
            .on("pointerup", move |_| self.let_go())
            .on("pointercancel", move |_| self.held.set(None))
    }

    /// The band's shapes, to be painted before the lanes.
    pub(super) fn shapes(self, geometry: &Geometry) -> Vec<Shape> {
        shapes(&self.spells(), self.state.spell.get(), geometry, name, HINT)
    }

    /// Notes where the band is painted.
    pub(super) fn note(self, geometry: &Geometry, scrolled: f64) {
        let top = geometry.axis - scrolled;
        self.painted.set_value(Some(Painted { scale: geometry.scale, top, bottom: top + geometry.band }));
    }

    /// Whether the click that follows a press is the band's.
    pub(super) fn took_press(self) -> bool {
        self.pressed.get_value()
    }

    /// The spells as they are to be seen: those of the experiment, and what is held as far as it was pulled.
    fn spells(self) -> Vec<Spell> {
        let mut seen = spells(&self.state.experiment.read().server);
        match self.held.get() {
            Some(Held { what: What::New(kind), now: Some((from, to)), .. }) => {
                seen.push(Spell { place: usize::MAX, from, to, kind });
            }
            Some(Held { what: What::Old(grip, _), now: Some((from, to)), .. }) => {
                for spell in seen.iter_mut().filter(|spell| spell.place == grip.place()) {
                    (spell.from, spell.to) = (from, to);
                }
            }
            _ => {}
        }
        seen
    }

    /// Whether a teacher's link has locked the server.
    fn is_locked(self) -> bool {
        self.state.guide.is_locked(&[Lock::Server])
    }

    /// The band, if it is at this height and can be drawn on.
    fn painted_at(self, y: f64) -> Option<Painted> {
        let is_there = |painted: &Painted| (painted.top..painted.bottom).contains(&y) && !self.is_locked();
        self.painted.get_value().filter(is_there)
    }

    fn press(self, event: &Event) {
        let (Some(pointer), Some((x, y))) = (event.dyn_ref::<PointerEvent>(), position(event)) else { return };
        let painted = self.painted_at(y).filter(|_| pointer.is_primary() && pointer.button() == 0);
        self.pressed.set_value(painted.is_some());
        let Some(Painted { scale, .. }) = painted else { return };
        let seen = self.spells();
        let grip = grip_at(&seen, scale, x);
        let old = grip.and_then(|grip| {
            let spell = seen.iter().find(|spell| spell.place == grip.place())?;
            Some(What::Old(grip, *spell))
        });
        let what = old.unwrap_or(What::New(self.kind.get()));
        self.held.set(Some(Held { what, x, scale, now: None }));
        self.state.spell.set(grip.map(Grip::place));
        if let Some(canvas) = event.target() {
            let _ = canvas.unchecked_into::<Element>().set_pointer_capture(pointer.pointer_id());
        }
    }

    fn pull(self, event: &Event) {
        let Some((x, y)) = position(event) else { return };
        let held = self.held.get();
        let Some(held) = held else { return self.point(x, y) };
        if held.now.is_some() || (x - held.x).abs() >= LEAST_PULL {
            self.held.set(Some(Held { now: Some(held.pulled_to(x, self.end())), ..held }));
        }
    }

    /// Where the axis ends when all of it is seen.
    fn end(self) -> Instant {
        self.state.guide.axis(self.state.playback.read_untracked().end)
    }

    /// Shows what a press here would take hold of.
    fn point(self, x: f64, y: f64) {
        let cursor = self.painted_at(y).map_or("", |painted| match grip_at(&self.spells(), painted.scale, x) {
            None => "crosshair",
            Some(Grip::Body(_)) => "grab",
            Some(Grip::Start(_) | Grip::End(_)) => "ew-resize",
        });
        if self.cursor.get() != cursor {
            self.cursor.set(cursor);
        }
    }

    fn let_go(self) {
        let held = self.held.get();
        if held.is_some() {
            self.held.set(None);
        }
        let Some(Held { what, now: Some((from, to)), .. }) = held else { return };
        match what {
            What::New(kind) => self.state.add_spell(kind, from, to),
            What::Old(grip, _) => self.state.move_spell(grip, from, to),
        }
        self.state.run_if_simulated();
    }
}

impl Held {
    /// From when to when the spell lasts with the pointer at `x`, on an axis that ends at `end`.
    fn pulled_to(self, x: f64, end: Instant) -> (Instant, Instant) {
        let (pressed, now) = (self.scale.time_from_x(self.x), self.scale.time_from_x(x));
        match self.what {
            What::New(_) => drawn(pressed, now, end),
            What::Old(grip, spell) => drag(grip, &spell, signed(now) - signed(pressed), end),
        }
    }
}

/// A moment of a run, which lasts far less than 292 000 years.
fn signed(at: Instant) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
