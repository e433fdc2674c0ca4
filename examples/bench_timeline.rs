//! The timeline by itself, for the table of `make bench`: three functions for a page that measures them.

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "only a page calls them")]
mod timeline {
    use lanescope::experiment::Workload;
    use lanescope::experiment::workload::Calls;
    use lanescope::id::Tag;
    use lanescope::scene::layout::{Face, Geometry, LaneInput, Viewport, layout};
    use lanescope::scene::lens::{Lens, Rows};
    use lanescope::scene::order::Known;
    use lanescope::scene::ready::Ready;
    use lanescope::time::Instant;
    use lanescope::trace::LaneTrace;
    use lanescope::trace::span::{Cause, Fate, Fold, Phase, Row, Span};
    use lanescope::view::Painter;
    use std::cell::RefCell;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;
    use web_sys::HtmlCanvasElement;

    /// How many are in flight at once.
    const LIMIT: u16 = 50;

    struct Timeline {
        canvas: HtmlCanvasElement,
        size: (f64, f64),
        painter: Option<Painter>,
        fold: Fold,
        workload: Workload,
        log: LaneTrace,
        ready: Ready,
    }

    thread_local! {
        static TIMELINE: RefCell<Option<Timeline>> = const { RefCell::new(None) };
    }

    /// Makes the spans of so many requests, four each: in line, to the first byte, thinking and streaming. One in 33
    /// fails.
    #[wasm_bindgen]
    pub fn timeline_open(canvas: HtmlCanvasElement, requests: u32) {
        let mut luck = 1_u64;
        let mut draw = |of: u64| {
            luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (luck >> 33) % of
        };
        let mut free = vec![0_u64; usize::from(LIMIT)];
        let mut fold = Fold::default();
        for item in 0..requests {
            let slot = (0..free.len()).min_by_key(|&slot| free[slot]).unwrap_or(0);
            let mut at = 0;
            let tag = Tag::of_item(0, item);
            let mut spans = Vec::with_capacity(4);
            let lengths = [free[slot], 100_000 + draw(900_000), draw(800_000), 100_000 + draw(2_000_000)];
            let phases = [Phase::Queued, Phase::FirstByte, Phase::Thinking, Phase::Streaming];
            for (phase, length) in phases.into_iter().zip(lengths) {
                let (from, to) = (Instant(at), Instant(at + length));
                spans.push(Span { tag, phase, from, to, fate: Fate::Passed, cause: Cause::Server, bytes: 0 });
                at += length;
            }
            if let Some(last) = spans.last_mut() {
                last.fate = if draw(33) == 0 { Fate::Failed(0) } else { Fate::Answered };
            }
            free[slot] = at;
            fold.latest = fold.latest.max(Instant(at));
            let mut row = Row::default();
            row.spans.extend(spans);
            row.ended = Some(Instant(at));
            fold.rows.push(row);
        }
        let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        let workload = Workload::Calls(Calls { requests, ..Calls::default() });
        let (log, ready) = (LaneTrace::default(), Ready::default());
        let opened = Timeline { canvas, size, painter: None, fold, workload, log, ready };
        TIMELINE.set(Some(opened));
    }

    /// Makes all ready and paints the whole.
    #[wasm_bindgen]
    pub fn timeline_first() -> Result<(), JsValue> {
        with(|timeline| {
            timeline.ready.read_on(&timeline.fold, &timeline.log);
            timeline.painter = Some(Painter::new(&timeline.canvas)?);
            timeline.paint(0.0, 1.0)
        })
    }

    /// Paints the stretch between two shares of the whole.
    #[wasm_bindgen]
    pub fn timeline_move(from: f64, to: f64) -> Result<(), JsValue> {
        with(|timeline| timeline.paint(from, to))
    }

    fn with(act: impl FnOnce(&mut Timeline) -> Result<(), JsValue>) -> Result<(), JsValue> {
        TIMELINE.with_borrow_mut(|timeline| act(timeline.as_mut().ok_or(JsValue::NULL)?))
    }

    impl Timeline {
        fn paint(&self, from: f64, to: f64) -> Result<(), JsValue> {
            let Self { canvas, size, painter, fold, workload, log, ready } = self;
            let lens = Lens::default();
            let index = ready.requests();
            let known = Known { items: fold.rows.len(), fold, index, workload };
            let lines = ready.lines(&lens, known, log);
            let lane = LaneInput {
                title: "A",
                fold,
                index: ready.index(Rows::Requests, log),
                lines: &lines,
                flight: ready.flight(fold),
                limit: Some(LIMIT),
                tracks: &[],
                names: &[],
                path: None,
            };
            let at = |share: f64| Instant::from_millis(share * fold.latest.as_secs() * 1_000.0);
            let viewport = Viewport {
                width: size.0,
                height: size.1,
                window: (at(from), at(to)),
                is_part: to - from < 1.0,
                now: fold.latest,
                show_playhead: false,
                band: false,
                taller: 0,
                hidden: lens.hidden,
                selected: None,
                visible: (0.0, size.1),
            };
            let face = Face {
                axis: &|at, step| lanescope::view::words::units::axis(at, step, viewport.window.1),
                duration: &lanescope::view::words::units::duration,
                in_flight: "in flight",
                limit: "limit",
                track: &|_, _, _| ("", String::new()),
                heading: &|_, _| String::new(),
            };
            let geometry = Geometry::new(&[lane], &viewport);
            let shapes = layout(&[lane], &viewport, &geometry, &face);
            let painter = painter.as_ref().ok_or(JsValue::NULL)?;
            painter.paint(canvas, *size, 1.0, 0.0, &shapes)
        }
    }
}
