//! What a painter is given: rectangles, lines and texts, in the order to paint them.

use crate::scene::spell::SpellKind;

/// A pixel of a raster: nothing, or what with and how strong, of 255.
pub type Pixel = Option<(Paint, u8)>;

/// Pixels side by side that are alike: far fewer than pixels, where most requests wait for most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    /// Each of them.
    pub pixel: Pixel,
    /// How many there are.
    pub length: usize,
}

/// Something to paint, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rounded bar.
    Bar {
        /// Where.
        rect: Rect,
        /// With what.
        paint: Paint,
    },
    /// A stripe behind a row.
    Stripe {
        /// Where.
        rect: Rect,
    },
    /// Many rows at once, pixel by pixel.
    Raster {
        /// Where; a CSS pixel for each.
        rect: Rect,
        /// How many pixels are in a row.
        columns: usize,
        /// The pixels, row by row; each row begins with a streak of its own.
        streaks: Vec<Streak>,
    },
    /// What hides all that lies behind it.
    Plate {
        /// Where.
        rect: Rect,
    },
    /// A spell of the server.
    Spell {
        /// Where.
        rect: Rect,
        /// What it does.
        kind: SpellKind,
        /// Which part of it.
        part: SpellPart,
    },
    /// Shade over what is not spoken of.
    Shade {
        /// Where.
        rect: Rect,
    },
    /// A line from one point to another.
    Line {
        /// From here.
        from: (f64, f64),
        /// To here.
        to: (f64, f64),
        /// Which kind.
        line: LineKind,
    },
    /// A stepped area that stands on `base`.
    Area {
        /// The corners of its upper edge, from left to right.
        edge: Vec<(f64, f64)>,
        /// The height it stands on.
        base: f64,
    },
    /// A text, on its baseline.
    Text {
        /// Where it begins, is centred or ends.
        at: (f64, f64),
        /// What it says.
        text: String,
        /// How it lies around `at`.
        align: Align,
        /// How it looks.
        style: TextStyle,
    },
    /// An arrow from one point to another.
    Arrow {
        /// Its tail.
        from: (f64, f64),
        /// Its point.
        to: (f64, f64),
    },
    /// A line through several points: the critical path.
    Path {
        /// Its corners, in order.
        points: Vec<(f64, f64)>,
    },
    /// The flag of a mark, its pole standing on `at`.
    Flag {
        /// The foot of its pole.
        at: (f64, f64),
    },
    /// The playhead's handle: a triangle that points down at `at`.
    Handle {
        /// Its lower corner.
        at: (f64, f64),
    },
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
}

/// What a bar is filled with: a hue and a texture, never a hue alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Waiting for a turn or a permit: hatched.
    Queued,
    /// Waiting at the gates of rate: ruled upright.
    RateLimited,
    /// Waiting while the circuit breaker is open: crossed, in the hue of waiting.
    CircuitOpen,
    /// Waiting for the first byte: plain.
    FirstByte,
    /// Thinking: dashed.
    Thinking,
    /// Streaming: plain.
    Streaming,
    /// Backing off: dotted.
    BackingOff,
    /// Waiting for another task: a plain, pale line.
    Awaiting,
    /// An attempt that failed: crossed.
    Failed,
    /// An attempt that was given up: outlined.
    Cancelled,
    /// By how much a prediction was off: hatched in the accent.
    Miss,
}

impl Paint {
    /// All of them, each at the place of its number.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::RateLimited,
        Self::CircuitOpen,
        Self::FirstByte,
        Self::Thinking,
        Self::Streaming,
        Self::BackingOff,
        Self::Awaiting,
        Self::Failed,
        Self::Cancelled,
        Self::Miss,
    ];
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn all_paints_are_there_each_at_the_place_of_its_number() {
    let places = Paint::ALL.map(|paint| paint as usize);
    assert!((0..=Paint::Miss as usize).eq(places));
}

/// What is painted of a spell. Each kind has a hue and a texture: an outage is hatched, a slow spell
/// dashed, a cut of the quota ruled upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpellPart {
    /// Its bar under the axis.
    Bar,
    /// The same, while it is chosen: outlined.
    ChosenBar,
    /// The faint tint through the lanes.
    Tint,
}

/// What kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A mark of the time axis.
    Grid,
    /// The limit of a lane: dashed.
    Limit,
    /// The playhead.
    Playhead,
    /// The shaft of an arrow.
    Arrow,
    /// The critical path.
    Path,
    /// When a lane was said to be done: dashed.
    Finish,
}

/// How a text lies around its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// It begins there.
    Left,
    /// It is centred there.
    Centre,
    /// It ends there.
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextStyle {
    /// As a label.
    Label,
    /// As the title of a lane.
    Title,
    /// On a bar.
    Inside,
}
