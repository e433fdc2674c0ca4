//! Pointers and wheel to what is looked at. A pure state machine: it is told where pointers are, and says
//! what that asks for.
//!
//! A drag on the lanes moves them along with the pointer; with Shift, or on the time axis, it selects a
//! range; two fingers zoom. A wheel zooms with Ctrl or Cmd held, and moves sideways with Shift held or where
//! it turns sideways; any other turn of it is the page's. A press that does not move only clicks.

use crate::scene::lens::Lens;
use crate::scene::look::{LEAST, Look, Turn};
use crate::scene::scale::Scale;
use crate::time::Instant;

/// A pointer that moves less than this, in pixels, only clicks.
const LEAST_PULL: f64 = 3.0;
/// A turn of the wheel counts at most as so many pixels: wheels turn in leaps, trackpads hardly.
const MOST_TURN: f64 = 60.0;
/// So many pixels of the wheel are twice as close.
const TWICE: f64 = 100.0;

/// Which pointers are down, and what they do. At most two count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gesture {
    fingers: [Option<Finger>; 2],
    held: Option<Held>,
    was_drag: bool,
}

/// A pointer that is down.
#[derive(Clone, Copy, Debug)]
struct Finger {
    id: i32,
    x: f64,
}

/// What the pointers do, from where they began.
#[derive(Clone, Copy, Debug)]
enum Held {
    /// One pointer moves the lanes.
    Pan { x: f64, look: Look },
    /// One pointer selects from this moment on.
    Select { x: f64, at: Instant },
    /// Two pointers stretch what lies between them.
    Pinch { at: Instant, middle: f64, apart: f64, look: Look },
}

/// A pointer that goes down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Press {
    /// Which pointer.
    pub id: i32,
    /// Where, in pixels of the scale.
    pub x: f64,
    /// Whether it selects a range: it is on the axis, or Shift is held.
    pub selects: bool,
}

/// What a gesture asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// To look there.
    Look(Look),
    /// To select from one moment to another, in either order.
    Range(Instant, Instant),
}

impl Gesture {
    /// A pointer goes down on a picture that is drawn on `scale`.
    pub fn press(&mut self, press: Press, scale: Scale, look: Look) {
        let Press { id, x, selects } = press;
        if self.is_down(id) {
            return;
        }
        match self.fingers {
            [None, _] => {
                self.fingers = [Some(Finger { id, x }), None];
                let at = scale.time_from_x(x);
                self.held = Some(if selects { Held::Select { x, at } } else { Held::Pan { x, look } });
                self.was_drag = false;
            }
            [Some(first), None] => {
                self.fingers[1] = Some(Finger { id, x });
                let middle = f64::midpoint(first.x, x);
                let apart = (first.x - x).abs().max(1.0);
                self.held = Some(Held::Pinch { at: scale.time_from_x(middle), middle, apart, look });
                self.was_drag = true;
            }
            _ => {}
        }
    }

    /// A pointer moves; `end` is where the run ends.
    pub fn moved(&mut self, id: i32, x: f64, scale: Scale, end: Instant) -> Option<Asked> {
        let finger = self.fingers.iter_mut().flatten().find(|finger| finger.id == id)?;
        finger.x = x;
        let width = scale.right() - scale.left();
        match self.held? {
            Held::Pan { x: from, .. } | Held::Select { x: from, .. }
                if !self.was_drag && (x - from).abs() < LEAST_PULL =>
            {
                None
            }
            Held::Pan { x: from, look } => {
                self.was_drag = true;
                Some(Asked::Look(look.after(Turn::Pan((from - x) / width), end)))
            }
            Held::Select { at, .. } => {
                self.was_drag = true;
                Some(Asked::Range(at, scale.time_from_x(x)))
            }
            Held::Pinch { at, middle, apart, look } => {
                let [Some(one), Some(other)] = self.fingers else { return None };
                let closer = look.after(Turn::Zoom { at, factor: (one.x - other.x).abs().max(1.0) / apart }, end);
                let across = middle - f64::midpoint(one.x, other.x);
                Some(Asked::Look(closer.after(Turn::Pan(across / width), end)))
            }
        }
    }

    /// A pointer goes up, or is taken away.
    pub fn release(&mut self, id: i32) {
        if self.is_down(id) {
            // Of two fingers the other one does nothing from here on: it would leap.
            self.held = None;
            self.fingers = match self.fingers {
                [Some(first), other] if first.id == id => [other, None],
                [first, _] => [first, None],
            };
        }
    }

    /// Whether the last press became more than a click.
    #[must_use]
    pub fn was_drag(&self) -> bool {
        self.was_drag
    }

    fn is_down(&self, id: i32) -> bool {
        self.fingers.iter().flatten().any(|finger| finger.id == id)
    }
}

/// A turn of the wheel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wheel {
    /// Where the pointer is, in pixels of the scale.
    pub x: f64,
    /// How far it turned, to the right and down, in pixels.
    pub turned: (f64, f64),
    /// Whether Ctrl or Cmd is held; a pinch on a trackpad comes as this.
    pub zooms: bool,
    /// Whether Shift is held.
    pub sideways: bool,
}

/// What a turn of the wheel asks for; nothing where it is the page's.
#[must_use]
pub fn wheel(wheel: Wheel, scale: Scale, look: Look, end: Instant) -> Option<Look> {
    let (across, down) = wheel.turned;
    if wheel.zooms {
        let turned = down.clamp(-MOST_TURN, MOST_TURN);
        // The way out undoes the way in.
        let factor = if turned < 0.0 { 1.0 - turned / TWICE } else { 1.0 / (1.0 + turned / TWICE) };
        return Some(look.after(Turn::Zoom { at: scale.time_from_x(wheel.x), factor }, end));
    }
    let across = if wheel.sideways && across == 0.0 { down } else { across };
    if look == Look::Whole || across.abs() <= if wheel.sideways { 0.0 } else { down.abs() } {
        return None;
    }
    Some(look.after(Turn::Pan(across / (scale.right() - scale.left())), end))
}

impl Lens {
    /// Takes what a gesture asks for. A range too short to have figures is none.
    pub fn take(&mut self, asked: Asked) {
        match asked {
            Asked::Look(look) => self.look = look,
            Asked::Range(one, other) => {
                let (from, to) = (one.min(other), one.max(other));
                self.range = (to.since(from) >= LEAST).then_some((from, to));
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const END: Instant = Instant(70_000_000);

    fn scale(look: Look) -> Scale {
        Scale::new(40.0, 740.0, look.window(END))
    }

    fn part() -> Look {
        Look::Part { from: Instant(10_000_000), to: Instant(17_000_000) }
    }

    fn press(x: f64, selects: bool) -> Press {
        Press { id: 1, x, selects }
    }

    #[test]
    fn a_drag_on_the_lanes_takes_them_along_and_back() {
        let (mut gesture, scale) = (Gesture::default(), scale(part()));
        gesture.press(press(400.0, false), scale, part());
        let moved = gesture.moved(1, 300.0, scale, END);
        let later = Look::Part { from: Instant(11_000_000), to: Instant(18_000_000) };
        assert_eq!((moved, gesture.was_drag()), (Some(Asked::Look(later)), true));
        assert_eq!(gesture.moved(1, 400.0, scale, END), Some(Asked::Look(part())));
        gesture.release(1);
        assert_eq!(gesture.moved(1, 100.0, scale, END), None, "nothing is held any more");
    }

    #[test]
    fn a_press_that_hardly_moves_is_a_click() {
        let (mut gesture, scale) = (Gesture::default(), scale(part()));
        for selects in [false, true] {
            gesture.press(press(400.0, selects), scale, part());
            assert_eq!((gesture.moved(1, 402.0, scale, END), gesture.was_drag()), (None, false));
            gesture.release(1);
        }
    }

    #[test]
    fn a_drag_that_selects_gives_a_range_in_order() {
        let (mut gesture, mut lens, scale) = (Gesture::default(), Lens::default(), scale(Look::Whole));
        gesture.press(press(440.0, true), scale, Look::Whole);
        lens.take(gesture.moved(1, 240.0, scale, END).unwrap());
        assert_eq!((lens.range, lens.look), (Some((Instant(20_000_000), Instant(40_000_000))), Look::Whole));
        lens.take(gesture.moved(1, 440.0, scale, END).unwrap());
        assert_eq!(lens.range, None, "a moment has no figures");
    }

    #[test]
    fn two_fingers_keep_what_lies_between_them() {
        let (mut gesture, scale) = (Gesture::default(), scale(Look::Whole));
        gesture.press(press(340.0, false), scale, Look::Whole);
        gesture.press(Press { id: 2, x: 440.0, selects: false }, scale, Look::Whole);
        let Some(Asked::Look(look)) = gesture.moved(2, 540.0, scale, END) else { panic!("no look") };
        let now = Scale::new(40.0, 740.0, look.window(END));
        // The middle went from 390 to 440, and all is twice as large.
        assert!((now.x_from_time(scale.time_from_x(390.0)) - 440.0).abs() < 0.5);
        assert!((now.x_from_time(scale.time_from_x(340.0)) - 340.0).abs() < 0.5);
        gesture.release(1);
        assert_eq!(gesture.moved(2, 600.0, scale, END), None);
        assert!(gesture.was_drag());
    }

    #[test]
    fn a_wheel_alone_is_the_pages() {
        let turn = |turned, zooms, sideways| Wheel { x: 390.0, turned, zooms, sideways };
        let asked = |turn, look| wheel(turn, scale(look), look, END);
        assert_eq!(asked(turn((0.0, 100.0), false, false), part()), None);
        assert_eq!(asked(turn((5.0, 100.0), false, false), part()), None, "as good as down");
        assert_eq!(asked(turn((70.0, 0.0), false, false), Look::Whole), None, "there is nowhere to go");
        let later = Some(Look::Part { from: Instant(10_700_000), to: Instant(17_700_000) });
        assert_eq!(asked(turn((70.0, 3.0), false, false), part()), later);
        assert_eq!(asked(turn((0.0, 70.0), false, true), part()), later);
        assert_eq!(asked(turn((70.0, 0.0), false, true), part()), later, "as some browsers turn it");
    }

    #[test]
    fn a_wheel_with_ctrl_zooms_and_back_about_the_pointer() {
        let turn = |down| Wheel { x: 240.0, turned: (0.0, down), zooms: true, sideways: false };
        let closer = wheel(turn(-50.0), scale(part()), part(), END).unwrap();
        let at = scale(part()).time_from_x(240.0);
        assert!((scale(closer).x_from_time(at) - 240.0).abs() < 0.5);
        let (from, to) = wheel(turn(50.0), scale(closer), closer, END).unwrap().window(END);
        assert!(from.0.abs_diff(10_000_000) < 10 && to.0.abs_diff(17_000_000) < 10, "{from:?} to {to:?}");
    }
}
