//! Many rows painted at once: hues by number to the bytes of an image, and that to the canvas in one go.

use crate::scene::shape::{Paint, Rect, Streak};
use std::cell::RefCell;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, ContextAttributes2d, HtmlCanvasElement, ImageData};

type Rgb = [u8; 3];

/// The hues of one theme, and an image that is written anew each time.
#[derive(Debug)]
pub(super) struct Pixels {
    hues: [Rgb; Paint::ALL.len()],
    image: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    bytes: RefCell<Vec<u8>>,
}

impl Pixels {
    /// `token` is the value of a token. What has a texture elsewhere has a mean of its hues here, and failures have
    /// theirs to themselves.
    pub(super) fn new(token: &impl Fn(&str) -> String) -> Result<Self, JsValue> {
        // A page without the tokens is painted all the same, in grey.
        let hue = |name: &str| rgb(&token(name)).unwrap_or([127; 3]);
        let hues = Paint::ALL.map(|paint| match paint {
            Paint::Thinking => between(hue("--wait"), hue("--panel")),
            Paint::Cancelled => between(hue("--wait"), hue("--queue")),
            _ => hue(token_of(paint)),
        });
        let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
        let image: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
        // It is written from memory each time: kept there it is made sooner, and copied once.
        let options = ContextAttributes2d::new();
        options.set_will_read_frequently(true);
        let context = image.get_context_with_context_options("2d", &options)?.ok_or(JsValue::NULL)?.unchecked_into();
        Ok(Self { hues, image, context, bytes: RefCell::default() })
    }

    /// Draws rows of so many pixels each.
    pub(super) fn draw(
        &self,
        onto: &CanvasRenderingContext2d,
        rect: Rect,
        columns: usize,
        streaks: &[Streak],
    ) -> Result<(), JsValue> {
        let mut bytes = self.bytes.borrow_mut();
        let all = streaks.iter().map(|streak| streak.length).sum::<usize>();
        bytes.clear();
        bytes.resize(4 * all, 0);
        let mut rest = &mut bytes[..];
        for &Streak { pixel, length } in streaks {
            let (alike, after) = rest.split_at_mut(4 * length);
            rest = after;
            let Some((paint, strength)) = pixel else { continue };
            let [red, green, blue] = self.hues[paint as usize];
            for four in alike.chunks_exact_mut(4) {
                four.copy_from_slice(&[red, green, blue, strength]);
            }
        }
        let (width, height) = (size(columns), size(all / columns.max(1)));
        if self.image.width() != width || self.image.height() < height {
            self.image.set_width(width);
            self.image.set_height(height);
        }
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), width, height)?;
        self.context.put_image_data(&image, 0.0, 0.0)?;
        // Each stays a pixel with sharp edges on a screen of any density.
        onto.set_image_smoothing_enabled(false);
        let (wide, high) = (f64::from(width), f64::from(height));
        onto.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &self.image,
            0.0,
            0.0,
            wide,
            high,
            rect.x,
            rect.y,
            rect.width,
            rect.height,
        )
    }
}

fn size(pixels: usize) -> u32 {
    u32::try_from(pixels).unwrap_or(u32::MAX)
}

/// The token whose hue a paint has, whatever its texture.
pub(super) fn token_of(paint: Paint) -> &'static str {
    match paint {
        Paint::Queued => "--queue",
        Paint::RateLimited | Paint::CircuitOpen => "--rate",
        Paint::FirstByte | Paint::Thinking | Paint::Cancelled => "--wait",
        Paint::Streaming => "--stream",
        Paint::BackingOff => "--backoff",
        Paint::Awaiting => "--line",
        Paint::Failed => "--fail",
        Paint::Miss => "--accent",
    }
}

/// A colour as the tokens have it: a number sign and six digits.
fn rgb(token: &str) -> Option<Rgb> {
    let number = u32::from_str_radix(token.strip_prefix('#')?.get(..6)?, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

fn between(one: Rgb, other: Rgb) -> Rgb {
    std::array::from_fn(|n| one[n].midpoint(other[n]))
}
