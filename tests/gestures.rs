//! Whatever pointers, wheel and keys do, in whatever order: what is looked at lies in the run, the playhead too,
//! and a pixel is the pixel of its moment.

#![cfg(not(target_arch = "wasm32"))]

use lanescope::scene::gesture::{Gesture, Press, Wheel, wheel};
use lanescope::scene::go::Seen;
use lanescope::scene::height::Heights;
use lanescope::scene::key::{Focus, Meaning, meaning};
use lanescope::scene::lens::Lens;
use lanescope::scene::look::LEAST;
use lanescope::scene::minimap;
use lanescope::scene::playback::{Command, Playback};
use lanescope::scene::scale::Scale;
use lanescope::time::Instant;
use proptest::prelude::*;

/// Something that a user does, or that happens meanwhile.
#[derive(Clone, Copy, Debug)]
enum Input {
    Press { id: i32, x: f64, selects: bool },
    Move { id: i32, x: f64 },
    Release { id: i32 },
    Wheel { x: f64, turned: (f64, f64), zooms: bool, sideways: bool },
    Key(&'static str, &'static str),
    Strip { from: f64, to: f64 },
    Seek { share: f64 },
    Grow { micros: u64 },
    Resize { width: f64 },
}

/// Each key with its place: all that mean something, and two that do not.
const KEYS: [(&str, &str); 26] = [
    ("KeyW", "w"),
    ("KeyS", "s"),
    ("KeyA", "a"),
    ("KeyD", "d"),
    ("Equal", "="),
    ("Minus", "-"),
    ("Digit0", "0"),
    ("KeyF", "f"),
    ("KeyM", "m"),
    ("BracketLeft", "["),
    ("BracketRight", "]"),
    ("Period", "."),
    ("Comma", ","),
    ("ArrowLeft", "ArrowLeft"),
    ("ArrowRight", "ArrowRight"),
    ("ArrowUp", "ArrowUp"),
    ("ArrowDown", "ArrowDown"),
    ("Home", "Home"),
    ("End", "End"),
    ("Space", " "),
    ("Slash", "/"),
    ("Slash", "?"),
    ("KeyN", "n"),
    ("Escape", "Escape"),
    ("KeyX", "x"),
    ("F5", "F5"),
];

fn input() -> impl Strategy<Value = Input> {
    // Off the picture on both sides, too: a pointer that is held goes anywhere.
    let x = || -500.0f64..5_000.0;
    let id = || 1i32..4;
    let turn = || prop_oneof![-500.0f64..500.0, Just(0.0), Just(100.0), Just(-100.0), -1e9f64..1e9];
    prop_oneof![
        3 => (id(), x(), any::<bool>()).prop_map(|(id, x, selects)| Input::Press { id, x, selects }),
        6 => (id(), x()).prop_map(|(id, x)| Input::Move { id, x }),
        2 => id().prop_map(|id| Input::Release { id }),
        5 => (x(), (turn(), turn()), any::<bool>(), any::<bool>())
            .prop_map(|(x, turned, zooms, sideways)| Input::Wheel { x, turned, zooms, sideways }),
        8 => (0..KEYS.len()).prop_map(|place| Input::Key(KEYS[place].0, KEYS[place].1)),
        1 => (x(), x()).prop_map(|(from, to)| Input::Strip { from, to }),
        1 => (0.0f64..1.0).prop_map(|share| Input::Seek { share }),
        1 => (0u64..100_000_000).prop_map(|micros| Input::Grow { micros }),
        1 => (120.0f64..4_000.0).prop_map(|width| Input::Resize { width }),
    ]
}

/// The timeline as far as moving about goes.
struct Table {
    lens: Lens,
    gesture: Gesture,
    playback: Playback,
    width: f64,
    pointer: Option<f64>,
}

impl Table {
    fn scale(&self) -> Scale {
        Scale::new(40.0, 40.0 + self.width, self.lens.look.window(self.playback.end))
    }

    fn take(&mut self, input: Input) {
        let (scale, end) = (self.scale(), self.playback.end);
        match input {
            Input::Press { id, x, selects } => self.gesture.press(Press { id, x, selects }, scale, self.lens.look),
            Input::Move { id, x } => {
                self.pointer = Some(x);
                if let Some(asked) = self.gesture.moved(id, x, scale, end) {
                    self.lens.take(asked);
                }
            }
            Input::Release { id } => self.gesture.release(id),
            Input::Wheel { x, turned, zooms, sideways } => {
                let turn = Wheel { x, turned, zooms, sideways };
                self.lens.look = wheel(turn, scale, self.lens.look, end).unwrap_or(self.lens.look);
            }
            Input::Key(code, key) => self.key(code, key),
            Input::Strip { from, to } => {
                let strip = Scale::new(0.0, 600.0, (Instant::ZERO, end));
                let grip = minimap::grip_at(self.lens.look, end, strip, from);
                let (from, to) = (strip.time_from_x(from), strip.time_from_x(to));
                self.lens.look = if from == to {
                    minimap::centred(self.lens.look, end, to)
                } else {
                    minimap::dragged(self.lens.look, end, grip, from, to)
                };
            }
            Input::Seek { share } => self.seek(scale.time_from_x(40.0 + share * self.width)),
            Input::Grow { micros } => {
                let end = Instant(end.0 + micros);
                self.playback = Playback { at: self.playback.at, ..Playback::fitted(end) };
            }
            Input::Resize { width } => self.width = width,
        }
    }

    fn key(&mut self, code: &str, key: &str) {
        match meaning(code, key, Focus { timeline: true, button: false }) {
            Some(Meaning::Go(go)) => {
                let seen = Seen {
                    end: self.playback.end,
                    now: self.playback.at,
                    at: self.pointer.map(|x| self.scale().time_from_x(x)),
                    life: Some((Instant(1_000), self.playback.at)),
                    heights: Some(Heights::of(2_000, 2, 480.0)),
                };
                if let Some(to) = self.lens.go(go, seen) {
                    self.seek(to);
                }
            }
            Some(Meaning::Play(command)) => self.playback = self.playback.after(command, self.lens.range),
            _ => {}
        }
    }

    fn seek(&mut self, to: Instant) {
        self.playback = self.playback.after(Command::Seek(to), self.lens.range);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_is_done_the_picture_stays_sound(
        end in prop_oneof![Just(0u64), 1u64..10_000, 1_000_000u64..100_000_000, Just(86_400_000_000)],
        width in 120.0f64..4_000.0,
        inputs in prop::collection::vec(input(), 1..40),
    ) {
        let playback = Playback::fitted(Instant(end));
        let mut table = Table { lens: Lens::default(), gesture: Gesture::default(), playback, width, pointer: None };
        for input in inputs {
            let said = format!("{input:?}");
            table.take(input);
            let (end, lens) = (table.playback.end, &table.lens);
            let longest = end.max(Instant::ZERO + LEAST);
            let (from, to) = lens.look.window(end);
            prop_assert!(from < to && to <= longest && to.since(from) >= LEAST, "{said}: {from:?} to {to:?} of {end:?}");
            prop_assert!(table.playback.at <= end, "{said}: the playhead is at {:?} of {end:?}", table.playback.at);
            if let Some((from, to)) = lens.range {
                prop_assert!(to.since(from) >= LEAST && to <= longest, "{said}: a range of {from:?} to {to:?} of {end:?}");
            }
            prop_assert!(lens.marks.is_sorted() && lens.marks.iter().all(|&mark| mark <= end), "{said}: {:?}", lens.marks);
            let scale = table.scale();
            for share in [0.0, 0.123_456, 0.5, 0.999, 1.0] {
                let x = 40.0 + share * table.width;
                let back = scale.x_from_time(scale.time_from_x(x));
                prop_assert!((back - x).abs() <= 0.5 + 1e-6, "{said}: {x} came back as {back} in {from:?} to {to:?}");
            }
        }
    }
}
