//! The plan of a cell, drawn small: a line for each request, in the colours of the timeline, under the first seed.

use crate::browser::clock::{now_millis, pause};
use crate::browser::spawn::{Task, spawn};
use crate::lab::SimulatedLane;
use crate::scene::piece::Piece;
use crate::study::{self, Sweep};
use crate::trace::span::Fold;
use crate::view::dom::life::follow;
use crate::view::dom::{El, el};
use crate::view::pixels::token_of;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// More requests than this make no picture of this size.
const MOST_CALLS: u32 = 2_000;
/// How long the pointer must stay: who only passes over cells wants none of them drawn.
const STAYS: Duration = Duration::from_millis(60);
/// How long the page's thread may be kept, in milliseconds.
const SLICE_MILLIS: f64 = 8.0;
const POLLS: usize = 500;

/// The plan of the cell that is spoken of.
pub(super) fn preview(sweep: Rc<Sweep>, at: RwSignal<Option<usize>>) -> El {
    let canvas = el("canvas").class("preview").attr("aria-hidden", "true");
    let node: HtmlCanvasElement = canvas.node();
    let drawing = StoredValue::new_local(None::<Task>);
    follow(move || {
        let Some(cell) = at.get() else { return };
        let (sweep, node) = (sweep.clone(), node.clone());
        drawing.set_value(Some(spawn(async move {
            pause(STAYS).await;
            // What is too large to be drawn leaves nothing there, and not the cell before it.
            node.set_width(node.width());
            if let Some(fold) = simulated(&sweep, cell).await {
                // A canvas that can't be drawn on stays empty; the figures stand beside it.
                let _ = draw(&node, &fold);
            }
        })));
    });
    canvas
}

/// The spans of a cell's first run.
async fn simulated(sweep: &Sweep, cell: usize) -> Option<Fold> {
    let run = u32::try_from(cell).ok()?;
    let setup = study::Task::Sweep(sweep.clone()).setup(run)?;
    if setup.workload.len().saturating_mul(setup.workload.steps().into()) > MOST_CALLS {
        return None;
    }
    let plan = setup.lanes.first()?.validate().ok()?;
    let mut lane = SimulatedLane::new(&setup, plan, 0)?;
    let mut began = now_millis();
    loop {
        if let Some(trace) = lane.run_for(POLLS) {
            return Some(Fold::of(&trace.events));
        }
        if now_millis() - began > SLICE_MILLIS {
            pause(Duration::ZERO).await;
            began = now_millis();
        }
    }
}

fn draw(canvas: &HtmlCanvasElement, fold: &Fold) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let style = window.get_computed_style(canvas)?.ok_or(JsValue::NULL)?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    let density = window.device_pixel_ratio();
    let size = |pixels: i32| f64::from(pixels) * density;
    let (width, height) = (size(canvas.client_width()), size(canvas.client_height()));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The size of a screen at most.
    let _ = (canvas.set_width(width as u32), canvas.set_height(height as u32));
    let end = fold.latest.as_secs().max(1e-6);
    let row = height / f64::from(u32::try_from(fold.rows.len().max(1)).unwrap_or(u32::MAX));
    for (number, line) in (0_u32..).zip(&fold.rows) {
        let y = f64::from(number) * row;
        for span in line.all_spans() {
            let (from, to) = (span.from.as_secs() / end * width, span.to.as_secs() / end * width);
            let colour = style.get_property_value(token_of(Piece::new(span, 0).paint(fold.latest)))?;
            context.set_fill_style_str(colour.trim());
            context.fill_rect(from, y, (to - from).max(density / 2.0), (row * 0.8).max(0.5));
        }
    }
    Ok(())
}
