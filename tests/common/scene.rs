//! A run as it is drawn, and its shapes as lines that can be read.

use lanescope::experiment::{Experiment, Plan};
use lanescope::lab::simulate;
use lanescope::scene::layout::{Face, Geometry, LaneInput, Viewport, layout};
use lanescope::scene::lens::Lens;
use lanescope::scene::look::Look;
use lanescope::scene::order::Known;
use lanescope::scene::ready::Ready;
use lanescope::scene::shape::{Rect, Shape};
use lanescope::time::Instant;
use lanescope::trace::span::Fold;
use lanescope::trace::{LaneTrace, Trace};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::iter;
use std::rc::Rc;

/// A run, ready to be drawn.
pub(crate) struct Run {
    trace: Trace,
    plans: Vec<Plan>,
    lanes: Vec<(Fold, Ready)>,
}

/// How it is looked at: on a laptop, at its end where no other moment is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct See {
    pub(crate) lens: Lens,
    pub(crate) now: Option<Instant>,
    pub(crate) scrolled: f64,
}

impl Run {
    pub(crate) fn of(experiment: &Experiment) -> Self {
        let trace = simulate(experiment).expect("sound");
        let lane = |lane: &LaneTrace| {
            let mut ready = Ready::default();
            let fold = Fold::of(&lane.events);
            ready.read_on(&fold, lane);
            (fold, ready)
        };
        let lanes = trace.lanes.iter().map(lane).collect();
        Self { plans: experiment.plans().expect("sound"), lanes, trace }
    }

    pub(crate) fn end(&self) -> Instant {
        self.lanes.iter().map(|(fold, _)| fold.latest).max().unwrap_or_default()
    }

    pub(crate) fn geometry(&self, see: &See) -> (Geometry, Viewport) {
        let viewport = self.viewport(see);
        (self.with_inputs(see, |inputs| Geometry::new(inputs, &viewport)), viewport)
    }

    pub(crate) fn shapes(&self, see: &See) -> Vec<Shape> {
        let face = Face {
            axis: &|at, _| format!("{} ms", at.0 / 1_000),
            duration: &|span| format!("{} ms", span.as_millis()),
            in_flight: "in flight",
            limit: "limit",
            track: &|of, value, most| ("track", format!("{of:?} {value:.2} of {most:.2}")),
            heading: &|lane, item| format!("lane {lane} from {item}"),
        };
        let (geometry, viewport) = self.geometry(see);
        self.with_inputs(see, |inputs| layout(inputs, &viewport, &geometry, &face))
    }

    fn viewport(&self, see: &See) -> Viewport {
        let end = self.end();
        Viewport {
            width: 760.0,
            height: 405.0,
            window: see.lens.look.window(end),
            is_part: see.lens.look != Look::Whole,
            now: see.now.unwrap_or(end),
            show_playhead: see.now.is_some_and(|now| now < end),
            band: false,
            taller: see.lens.taller,
            hidden: see.lens.hidden,
            selected: Some((self.lanes.len() - 1, 3)),
            visible: (see.scrolled, see.scrolled + 405.0),
        }
    }

    fn with_inputs<T>(&self, see: &See, read: impl FnOnce(&[LaneInput<'_>]) -> T) -> T {
        let Experiment { workload, server, .. } = &self.trace.experiment;
        let script = workload.script();
        let lines: Vec<_> = self
            .lanes
            .iter()
            .enumerate()
            .map(|(number, (fold, ready))| {
                let known = Known { items: workload.rows_of(number) as usize, fold, index: ready.requests(), workload };
                if see.lens.is_collapsed(number) {
                    Rc::default()
                } else {
                    ready.lines(&see.lens, known, &self.trace.lanes[number])
                }
            })
            .collect();
        let names: Vec<Vec<&str>> = (0..self.lanes.len())
            .map(|lane| script.map(|script| script.programs[lane].names().collect()).unwrap_or_default())
            .collect();
        let inputs = self.lanes.iter().enumerate().map(|(number, (fold, ready))| {
            let (log, plan) = (&self.trace.lanes[number], &self.plans[number]);
            LaneInput {
                title: ["A", "B", "C", "D"][number],
                fold,
                index: ready.index(see.lens.rows, log),
                lines: &lines[number],
                flight: ready.flight(fold),
                limit: Some(plan.limit()).filter(|&limit| limit > 1 && script.is_none()),
                tracks: ready.tracks(fold, log, plan, server.quota()),
                names: &names[number],
                path: None,
            }
        });
        let inputs: Vec<_> = inputs.collect();
        read(&inputs)
    }
}

/// Shapes as lines, in the order in which they are painted.
pub(crate) fn text(shapes: &[Shape]) -> String {
    let mut lines = String::new();
    for shape in shapes {
        let line = match shape {
            Shape::Bar { rect, paint } => format!("bar {} {paint:?}", place(*rect)),
            Shape::Stripe { rect } => format!("stripe {}", place(*rect)),
            Shape::Plate { rect } => format!("plate {}", place(*rect)),
            Shape::Shade { rect } => format!("shade {}", place(*rect)),
            Shape::Spell { rect, kind, part } => format!("spell {} {kind:?} {part:?}", place(*rect)),
            Shape::Line { from, to, line } => format!("line {} {} {line:?}", point(*from), point(*to)),
            Shape::Arrow { from, to } => format!("arrow {} {}", point(*from), point(*to)),
            Shape::Flag { at } => format!("flag {}", point(*at)),
            Shape::Handle { at } => format!("handle {}", point(*at)),
            Shape::Path { points } => format!("path {}", corners(points)),
            Shape::Area { edge, base } => format!("area on {base:.2}: {}", corners(edge)),
            Shape::Text { at, text, align, style } => format!("text {} {align:?} {style:?} \"{text}\"", point(*at)),
            Shape::Raster { rect, columns, streaks } => {
                let mut counts = BTreeMap::<String, usize>::new();
                let mut hash = 0xcbf2_9ce4_8422_2325_u64;
                for pixel in streaks.iter().flat_map(|streak| iter::repeat_n(streak.pixel, streak.length)) {
                    let (name, number) = pixel.map_or(("nothing".into(), 0), |(paint, strength)| {
                        (format!("{paint:?}"), 1 + (paint as u64) * 256 + u64::from(strength))
                    });
                    *counts.entry(name).or_default() += 1;
                    hash = (hash ^ number).wrapping_mul(0x0100_0000_01b3);
                }
                let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
                format!("raster {} by {columns}: {}; {hash:016x}", place(*rect), counts.join(", "))
            }
        };
        writeln!(lines, "{line}").expect("a string");
    }
    lines
}

fn place(Rect { x, y, width, height }: Rect) -> String {
    format!("{x:.2},{y:.2} {width:.2}x{height:.2}")
}

fn point((x, y): (f64, f64)) -> String {
    format!("{x:.2},{y:.2}")
}

fn corners(points: &[(f64, f64)]) -> String {
    points.iter().map(|&corner| point(corner)).collect::<Vec<_>>().join(" ")
}
