//! The only painter: shapes to pixels, in the colours of the page's tokens.

use crate::figure::plain;
use crate::scene::shape::{Align, LineKind, Paint, Rect, Shape, SpellPart, TextStyle};
use crate::scene::spell::SpellKind;
use crate::view::pixels::Pixels;
use std::cell::OnceCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasPattern, CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

/// Paints shapes on a canvas, in the colours and textures of one theme.
#[derive(Debug)]
pub struct Painter {
    context: CanvasRenderingContext2d,
    colours: Colours,
    hatched: Texture,
    dotted: Texture,
    dashed: Texture,
    crossed: Texture,
    ruled: Texture,
    checked: Texture,
    outage: Texture,
    slow: Texture,
    missed: Texture,
    pixels: Pixels,
    font: String,
}

#[derive(Debug)]
struct Colours {
    ink: String,
    label: String,
    line: String,
    accent: String,
    area: String,
    stripe: String,
    panel: String,
    first_byte: String,
    streaming: String,
    failed: String,
    rate: String,
}

/// How long a side of a texture's tile is.
const TILE: u32 = 6;
/// How long the head of an arrow is, and how wide.
const HEAD: f64 = 8.0;

/// How much of what lies in the shade is hidden.
const SHADE: f64 = 0.72;
/// How much of a spell's tint is seen through the lanes.
const FAINT: f64 = 0.22;

impl Painter {
    /// The painter for `canvas` in the theme that is in force.
    ///
    /// # Errors
    /// Where the browser gives no context to paint with.
    pub fn new(canvas: &HtmlCanvasElement) -> Result<Self, JsValue> {
        let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let style = window.get_computed_style(canvas)?.ok_or(JsValue::NULL)?;
        let token = |name: &str| token(&style, name);
        Ok(Self {
            hatched: Texture::new(token("--queue-back"), token("--queue"), hatch),
            dotted: Texture::new(token("--backoff-back"), token("--backoff"), dots),
            dashed: Texture::new(token("--wait"), token("--panel"), dashes),
            crossed: Texture::new(token("--fail"), token("--panel"), hatch),
            ruled: Texture::new(token("--queue-back"), token("--rate"), rules),
            checked: Texture::new(token("--queue-back"), token("--fail"), checks),
            outage: Texture::new(token("--queue-back"), token("--fail"), hatch),
            slow: Texture::new(token("--queue-back"), token("--wait"), dashes),
            pixels: Pixels::new(&token)?,
            missed: Texture::new(token("--panel"), token("--accent"), hatch),
            font: format!("11.5px {}", token("--font")),
            context,
            colours: Colours {
                ink: token("--ink"),
                label: token("--ink-2"),
                line: token("--line"),
                accent: token("--accent"),
                area: token("--area"),
                stripe: token("--stripe"),
                panel: token("--panel"),
                first_byte: token("--wait"),
                streaming: token("--stream"),
                failed: token("--fail"),
                rate: token("--rate"),
            },
        })
    }

    /// Paints `shapes`, `scrolled` pixels down, on a canvas of `size` pixels of theirs, each `zoom` CSS pixels.
    ///
    /// # Errors
    /// Where the browser refuses to paint.
    pub fn paint(
        &self,
        canvas: &HtmlCanvasElement,
        size: (f64, f64),
        zoom: f64,
        scrolled: f64,
        shapes: &[Shape],
    ) -> Result<(), JsValue> {
        let density = zoom * web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
        resize(canvas, size, zoom, density)?;
        let context = &self.context;
        context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0)?;
        context.clear_rect(0.0, 0.0, size.0, size.1);
        context.translate(0.0, -scrolled)?;
        for shape in shapes {
            self.shape(shape)?;
        }
        Ok(())
    }

    fn shape(&self, shape: &Shape) -> Result<(), JsValue> {
        let context = &self.context;
        match shape {
            Shape::Bar { rect, paint } => self.bar(*rect, *paint),
            Shape::Stripe { rect } => {
                context.set_fill_style_str(&self.colours.stripe);
                rounded(context, *rect, 5.0)
            }
            Shape::Shade { rect } => {
                context.set_fill_style_str(&self.colours.panel);
                context.set_global_alpha(SHADE);
                context.fill_rect(rect.x, rect.y, rect.width, rect.height);
                context.set_global_alpha(1.0);
                Ok(())
            }
            Shape::Raster { rect, columns, streaks } => self.pixels.draw(context, *rect, *columns, streaks),
            Shape::Plate { rect } => {
                context.set_fill_style_str(&self.colours.panel);
                context.fill_rect(rect.x, rect.y, rect.width, rect.height);
                Ok(())
            }
            Shape::Spell { rect, kind, part } => self.spell(*rect, *kind, *part),
            Shape::Line { from, to, line } => self.line(&[*from, *to], *line),
            Shape::Arrow { from, to } => self.arrow(*from, *to),
            Shape::Path { points } => self.line(points, LineKind::Path),
            Shape::Area { edge, base } => {
                context.set_fill_style_str(&self.colours.area);
                self.trace(edge);
                if let (Some(first), Some(last)) = (edge.first(), edge.last()) {
                    context.line_to(last.0, *base);
                    context.line_to(first.0, *base);
                }
                context.fill();
                Ok(())
            }
            Shape::Text { at, text, align, style } => {
                let (weight, colour) = match style {
                    TextStyle::Label => ("", &self.colours.label),
                    TextStyle::Title => ("600 ", &self.colours.ink),
                    TextStyle::Inside => ("", &self.colours.panel),
                };
                context.set_font(&format!("{weight}{}", self.font));
                context.set_fill_style_str(colour);
                context.set_text_align(match align {
                    Align::Left => "left",
                    Align::Centre => "center",
                    Align::Right => "right",
                });
                context.fill_text(text, at.0, at.1)
            }
            Shape::Flag { at } => {
                context.set_fill_style_str(&self.colours.accent);
                context.begin_path();
                context.move_to(at.0, at.1 - 17.0);
                context.line_to(at.0 + 9.0, at.1 - 13.0);
                context.line_to(at.0, at.1 - 9.0);
                context.fill();
                Ok(())
            }
            Shape::Handle { at } => {
                context.set_fill_style_str(&self.colours.ink);
                context.begin_path();
                context.move_to(at.0 - 6.0, at.1 - 8.0);
                context.line_to(at.0 + 6.0, at.1 - 8.0);
                context.line_to(at.0, at.1);
                context.fill();
                Ok(())
            }
        }
    }

    /// Begins a path that leads through these points.
    fn trace(&self, points: &[(f64, f64)]) {
        self.context.begin_path();
        for (n, &(x, y)) in points.iter().enumerate() {
            if n == 0 { self.context.move_to(x, y) } else { self.context.line_to(x, y) }
        }
    }

    fn bar(&self, rect: Rect, paint: Paint) -> Result<(), JsValue> {
        let context = &self.context;
        let textured = |texture: &Texture, plain: &str| match texture.pattern() {
            Some(pattern) => context.set_fill_style_canvas_pattern(pattern),
            None => context.set_fill_style_str(plain),
        };
        match paint {
            Paint::Queued => textured(&self.hatched, &self.colours.line),
            Paint::RateLimited => textured(&self.ruled, &self.colours.line),
            Paint::CircuitOpen => textured(&self.checked, &self.colours.line),
            Paint::FirstByte => context.set_fill_style_str(&self.colours.first_byte),
            Paint::Thinking => textured(&self.dashed, &self.colours.first_byte),
            Paint::Streaming => context.set_fill_style_str(&self.colours.streaming),
            Paint::BackingOff => textured(&self.dotted, &self.colours.label),
            Paint::Awaiting => context.set_fill_style_str(&self.colours.line),
            Paint::Failed if rect.width > 8.0 => textured(&self.crossed, &self.colours.failed),
            Paint::Failed => context.set_fill_style_str(&self.colours.failed),
            Paint::Miss => textured(&self.missed, &self.colours.accent),
            Paint::Cancelled => {
                context.set_stroke_style_str(&self.colours.first_byte);
                context.set_line_width(1.0);
                self.dash(Some(3.0))?;
                context.stroke_rect(rect.x + 0.5, rect.y + 0.5, (rect.width - 1.0).max(0.5), rect.height - 1.0);
                return Ok(());
            }
        }
        rounded(context, rect, 3.0)
    }

    /// From here on lines have dashes of this length, or none.
    fn dash(&self, length: Option<f64>) -> Result<(), JsValue> {
        let dashes = js_sys::Array::new();
        if let Some(length) = length {
            dashes.push(&length.into());
        }
        self.context.set_line_dash(&dashes)
    }

    fn spell(&self, rect: Rect, kind: SpellKind, part: SpellPart) -> Result<(), JsValue> {
        let context = &self.context;
        let (texture, hue) = match kind {
            SpellKind::Outage => (&self.outage, &self.colours.failed),
            SpellKind::Slow => (&self.slow, &self.colours.first_byte),
            SpellKind::QuotaCut => (&self.ruled, &self.colours.rate),
        };
        match texture.pattern() {
            Some(pattern) => context.set_fill_style_canvas_pattern(pattern),
            None => context.set_fill_style_str(hue),
        }
        let (edge, width) = match part {
            SpellPart::Tint => {
                context.set_global_alpha(FAINT);
                context.fill_rect(rect.x, rect.y, rect.width, rect.height);
                context.set_global_alpha(1.0);
                return Ok(());
            }
            SpellPart::Bar => (hue, 1.0),
            SpellPart::ChosenBar => (&self.colours.ink, 2.0),
        };
        rounded(context, rect, 3.0)?;
        // The outline follows the path that was just filled.
        self.dash(None)?;
        context.set_stroke_style_str(edge);
        context.set_line_width(width);
        context.stroke();
        Ok(())
    }

    /// A shaft, and a head at the point where it ends.
    fn arrow(&self, from: (f64, f64), to: (f64, f64)) -> Result<(), JsValue> {
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let length = libm::hypot(across, down).max(1.0);
        let head = HEAD.min(length / 2.0);
        // Along the shaft, as long as the head.
        let (x, y) = (across / length * head, down / length * head);
        let neck = (to.0 - x, to.1 - y);
        self.line(&[from, neck], LineKind::Arrow)?;
        let context = &self.context;
        context.set_fill_style_str(&self.colours.accent);
        context.begin_path();
        context.move_to(to.0, to.1);
        context.line_to(neck.0 - y / 2.0, neck.1 + x / 2.0);
        context.line_to(neck.0 + y / 2.0, neck.1 - x / 2.0);
        context.fill();
        Ok(())
    }

    fn line(&self, points: &[(f64, f64)], line: LineKind) -> Result<(), JsValue> {
        let context = &self.context;
        let (colour, width, dash) = match line {
            LineKind::Grid => (&self.colours.line, 1.0, false),
            LineKind::Limit => (&self.colours.accent, 1.0, true),
            LineKind::Finish => (&self.colours.ink, 2.0, true),
            LineKind::Playhead => (&self.colours.ink, 1.5, false),
            LineKind::Arrow => (&self.colours.accent, 2.0, false),
            LineKind::Path => (&self.colours.ink, 2.0, false),
        };
        self.dash(dash.then_some(4.0))?;
        context.set_stroke_style_str(colour);
        context.set_line_width(width);
        self.trace(points);
        context.stroke();
        Ok(())
    }
}

/// The value of a token, from the page's own style.
fn token(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default().trim().to_owned()
}

/// A length as a style has it.
pub(super) fn px(length: f64) -> String {
    format!("{}px", plain(length))
}

/// Gives the canvas as many pixels as it covers on the screen; doing so clears it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Pixels of a screen.
fn resize(canvas: &HtmlCanvasElement, size: (f64, f64), zoom: f64, density: f64) -> Result<(), JsValue> {
    let (width, height) = ((size.0 * density).round() as u32, (size.1 * density).round() as u32);
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
        let style = canvas.style();
        style.set_property("width", &px(size.0 * zoom))?;
        style.set_property("height", &px(size.1 * zoom))?;
    }
    Ok(())
}

fn rounded(context: &CanvasRenderingContext2d, rect: Rect, radius: f64) -> Result<(), JsValue> {
    let radius = radius.min(rect.width / 2.0).min(rect.height / 2.0);
    context.begin_path();
    context.round_rect_with_f64(rect.x, rect.y, rect.width, rect.height, radius)?;
    context.fill();
    Ok(())
}

/// A tile of one colour with another drawn on it, to fill bars with; made when it is first needed.
#[derive(Debug)]
struct Texture {
    back: String,
    fore: String,
    draw: fn(&CanvasRenderingContext2d),
    made: OnceCell<Option<CanvasPattern>>,
}

impl Texture {
    fn new(back: String, fore: String, draw: fn(&CanvasRenderingContext2d)) -> Self {
        Self { back, fore, draw, made: OnceCell::new() }
    }

    /// The tile; none where the browser refuses it.
    fn pattern(&self) -> Option<&CanvasPattern> {
        self.made.get_or_init(|| self.tile().ok().flatten()).as_ref()
    }

    fn tile(&self) -> Result<Option<CanvasPattern>, JsValue> {
        let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
        let tile: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
        tile.set_width(TILE);
        tile.set_height(TILE);
        let context: CanvasRenderingContext2d = tile.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
        context.set_fill_style_str(&self.back);
        context.fill_rect(0.0, 0.0, f64::from(TILE), f64::from(TILE));
        context.set_fill_style_str(&self.fore);
        context.set_stroke_style_str(&self.fore);
        (self.draw)(&context);
        context.create_pattern_with_html_canvas_element(&tile, "repeat")
    }
}

fn hatch(context: &CanvasRenderingContext2d) {
    context.set_line_width(1.6);
    context.begin_path();
    for shift in [-6.0, 0.0, 6.0] {
        context.move_to(shift - 1.0, 7.0);
        context.line_to(shift + 7.0, -1.0);
    }
    context.stroke();
}

fn dots(context: &CanvasRenderingContext2d) {
    context.begin_path();
    // Only a negative radius is refused.
    let _ = context.arc(3.0, 3.0, 1.4, 0.0, std::f64::consts::TAU);
    context.fill();
}

fn rules(context: &CanvasRenderingContext2d) {
    context.fill_rect(1.0, 0.0, 1.6, 6.0);
    context.fill_rect(4.0, 0.0, 1.6, 6.0);
}

fn checks(context: &CanvasRenderingContext2d) {
    context.fill_rect(0.0, 0.0, 3.0, 3.0);
    context.fill_rect(3.0, 3.0, 3.0, 3.0);
}

fn dashes(context: &CanvasRenderingContext2d) {
    context.fill_rect(0.0, 2.5, 3.0, 1.0);
}
