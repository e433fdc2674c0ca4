//! The spells of a simulated server: fault rules with a start or an end, on a band of their own under
//! the axis, where they are drawn, dragged and chosen.
//!
//! A bar on the band says which spell it is and what can be taken hold of; a faint tint through the
//! lanes says which attempts it meets. What lies beyond the axis is neither drawn nor held.

use crate::experiment::server::{Fault, Rule, Server};
use crate::scene::geometry::{Geometry, width_of};
use crate::scene::scale::Scale;
use crate::scene::shape::{Align, Rect, Shape, SpellPart, TextStyle};
use crate::time::Instant;

/// A stretch of time in which the server is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The place of its rule among the server's.
    pub place: usize,
    /// The first moment in it.
    pub from: Instant,
    /// The first moment after it; never, if it has no end.
    pub to: Instant,
    /// What it does.
    pub kind: SpellKind,
}

/// What a spell does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpellKind {
    /// Attempts come to nothing.
    Outage,
    /// Attempts take longer.
    Slow,
    /// Fewer attempts are let through.
    QuotaCut,
}

/// What of a spell a pointer has hold of, by the place of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// Its start.
    Start(usize),
    /// Its end.
    End(usize),
    /// All of it.
    Body(usize),
}

/// The shortest that a spell is drawn or dragged to, in microseconds.
const LEAST: u64 = 100_000;
/// So far from an edge a pointer still has hold of it, in pixels.
const REACH: f64 = 6.0;
/// A moment is still to be seen.
const BAR_LEAST: f64 = 1.5;

impl SpellKind {
    /// All kinds, the usual one first.
    pub const ALL: [Self; 3] = [Self::Outage, Self::Slow, Self::QuotaCut];

    /// What a fault is, seen as a spell.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        match fault {
            Fault::Slow(_) => Self::Slow,
            Fault::QuotaCut(_) => Self::QuotaCut,
            Fault::Status(_) | Fault::Stall | Fault::Cut | Fault::ErrorInStream(_) | Fault::Network => Self::Outage,
        }
    }

    /// The fault of a new spell: a 503, four times as long, two requests.
    #[must_use]
    pub fn fault(self) -> Fault {
        match self {
            Self::Outage => Fault::Status(503),
            Self::Slow => Fault::Slow(4.0),
            Self::QuotaCut => Fault::QuotaCut(2),
        }
    }
}

impl Grip {
    /// The place of the rule.
    #[must_use]
    pub fn place(self) -> usize {
        match self {
            Self::Start(place) | Self::End(place) | Self::Body(place) => place,
        }
    }
}

/// The spells of a server, in the order of its rules; a real one has none.
#[must_use]
pub fn spells(server: &Server) -> Vec<Spell> {
    let Some(figures) = server.simulated() else { return Vec::new() };
    let spell = |(place, rule): (usize, &Rule)| Spell {
        place,
        from: rule.when.begins(),
        to: rule.when.ends(),
        kind: SpellKind::of(rule.fault),
    };
    figures.faults.iter().enumerate().filter(|(_, rule)| rule.is_spell()).map(spell).collect()
}

/// What a pointer on the band has hold of at `x`. Of spells that overlap, it is the one drawn last; of a
/// narrow one a third each is its start, all of it and its end.
#[must_use]
pub fn grip_at(spells: &[Spell], scale: Scale, x: f64) -> Option<Grip> {
    spells.iter().rev().find_map(|spell| {
        let (left, right) = edges(spell, scale)?;
        let within = REACH.min((right - left) / 3.0);
        let is_near = |inwards: f64| (-REACH..=within).contains(&inwards);
        // What is cut off where the axis begins does not begin there.
        let begins = scale.x_from_time(spell.from) >= left;
        match (x - left, right - x) {
            (inwards, _) if is_near(inwards) && begins => Some(Grip::Start(spell.place)),
            (_, inwards) if is_near(inwards) => Some(Grip::End(spell.place)),
            (after, before) => (after > 0.0 && before > 0.0).then_some(Grip::Body(spell.place)),
        }
    })
}

/// From when to when `spell` lasts once it was dragged `by` so many microseconds on an axis that ends at
/// `end`. It stays on the axis and at least 100 ms long; dragged as a whole, it stays as long as it is seen.
#[must_use]
pub fn drag(grip: Grip, spell: &Spell, by: i64, end: Instant) -> (Instant, Instant) {
    let end = end.0.max(LEAST);
    let moved = |at: u64| at.saturating_add_signed(by);
    let (from, to) = (spell.from.0.min(end), spell.to.0.min(end));
    let (from, to) = match grip {
        Grip::Start(_) => {
            let to = to.max(LEAST);
            (moved(from).min(to - LEAST), to)
        }
        Grip::End(_) => {
            let from = from.min(end - LEAST);
            (from, moved(to).max(from + LEAST).min(end))
        }
        Grip::Body(_) => {
            let length = to.saturating_sub(from);
            let from = moved(from).min(end - length);
            (from, from + length)
        }
    };
    (Instant(from), Instant(to))
}

/// From when to when a new spell lasts that is drawn from one moment to another, either way, on an axis
/// that ends at `end`: at least 100 ms.
#[must_use]
pub fn drawn(one: Instant, other: Instant, end: Instant) -> (Instant, Instant) {
    let end = end.0.max(LEAST);
    let from = one.min(other).0.min(end - LEAST);
    (Instant(from), Instant(one.max(other).0.max(from + LEAST).min(end)))
}

/// The shapes of `spells`, to be painted before the lanes: each by its name where there is room, or
/// `hint` where there is none to name. `chosen` is the place of a rule.
#[must_use]
pub fn shapes(
    spells: &[Spell],
    chosen: Option<usize>,
    geometry: &Geometry,
    name: fn(SpellKind) -> &'static str,
    hint: &str,
) -> Vec<Shape> {
    if geometry.band <= 0.0 {
        return Vec::new();
    }
    let baseline = geometry.axis + geometry.band - 2.5;
    let label = |x: f64, text: &str| Shape::Text {
        at: (x, baseline),
        text: text.to_owned(),
        align: Align::Left,
        style: TextStyle::Label,
    };
    if spells.is_empty() {
        return vec![label(geometry.scale.left() + 4.0, hint)];
    }
    let (mut bars, mut tints) = (Vec::new(), Vec::new());
    let placed = spells.iter().filter_map(|spell| Some((spell, edges(spell, geometry.scale)?)));
    let placed: Vec<(&Spell, (f64, f64))> = placed.collect();
    for &(spell, (left, right)) in &placed {
        let (kind, width) = (spell.kind, (right - left).max(BAR_LEAST));
        let below = geometry.axis + geometry.band;
        let tint = Rect { x: left, y: below, width, height: (geometry.height - below).max(0.0) };
        tints.push(Shape::Spell { rect: tint, kind, part: SpellPart::Tint });
        let bar = Rect { x: left, y: geometry.axis + 1.0, width, height: geometry.band - 2.0 };
        let part = if chosen == Some(spell.place) { SpellPart::ChosenBar } else { SpellPart::Bar };
        bars.push(Shape::Spell { rect: bar, kind, part });
        let (text, at) = (name(kind), right + 5.0);
        let is_covered = |&(_, (from, to)): &(&Spell, (f64, f64))| from < at + width_of(text) && to > at;
        if !placed.iter().any(is_covered) {
            bars.push(label(at, text));
        }
    }
    tints.extend(bars);
    tints
}

/// The left and the right edge of a spell, as far as the axis reaches; none of one that lies beyond.
fn edges(spell: &Spell, scale: Scale) -> Option<(f64, f64)> {
    let left = scale.x_from_time(spell.from).max(scale.left());
    let right = scale.x_from_time(spell.to).min(scale.right());
    (left < right).then_some((left, right))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::experiment::preset::race;
    use crate::experiment::server::When;
    use crate::scene::geometry::Viewport;
    use crate::scene::sample::viewport;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000;

    fn spell(place: usize, from: u64, to: u64) -> Spell {
        Spell { place, from: Instant(from * SECOND), to: Instant(to * SECOND), kind: SpellKind::Outage }
    }

    /// Ten pixels a second, 0 at 40.
    fn scale() -> Scale {
        Scale::new(40.0, 640.0, (Instant::ZERO, Instant(60 * SECOND)))
    }

    fn geometry(band: bool) -> Geometry {
        let window = (Instant::ZERO, Instant(60 * SECOND));
        let viewport = Viewport { window, band, ..viewport(Instant::ZERO) };
        Geometry::new(&[], &viewport)
    }

    fn drawn_on(geometry: &Geometry, spells: &[Spell], chosen: Option<usize>) -> Vec<Shape> {
        shapes(spells, chosen, geometry, |_| "outage", "draw here")
    }

    fn rects(shapes: &[Shape], wanted: SpellPart) -> Vec<Rect> {
        let rect = |shape: &Shape| match shape {
            Shape::Spell { rect, part, .. } if *part == wanted => Some(*rect),
            _ => None,
        };
        shapes.iter().filter_map(rect).collect()
    }

    fn texts(shapes: &[Shape]) -> Vec<String> {
        let text = |shape: &Shape| match shape {
            Shape::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        shapes.iter().filter_map(text).collect()
    }

    #[test]
    fn a_spell_is_a_rule_with_a_start_or_an_end() {
        let Server::Simulated(mut figures) = race().server else { panic!("simulated") };
        let rule = |from_millis, to_millis, fault| {
            let when = When { from_millis, to_millis, ..When::default() };
            Rule { when, fault }
        };
        figures.faults.extend([
            rule(Some(5_000), Some(10_000), Fault::Stall),
            rule(Some(7_000), None, Fault::Slow(2.5)),
            rule(None, None, Fault::QuotaCut(1)),
            rule(None, Some(3_000), Fault::QuotaCut(1)),
        ]);
        let found = spells(&Server::Simulated(figures));
        let slow = Spell { to: Instant::NEVER, kind: SpellKind::Slow, ..spell(2, 7, 0) };
        let cut = Spell { kind: SpellKind::QuotaCut, ..spell(4, 0, 3) };
        assert_eq!(found, [spell(1, 5, 10), slow, cut]);
        assert_eq!(spells(&Server::Gemini), []);
    }

    #[test]
    fn a_new_spell_is_of_the_kind_that_was_chosen() {
        for kind in SpellKind::ALL {
            assert_eq!(SpellKind::of(kind.fault()), kind);
        }
    }

    #[test]
    fn an_edge_is_held_within_six_pixels_and_the_body_between_them() {
        // From 140 to 240.
        let spells = [spell(3, 10, 20)];
        let at = |x| grip_at(&spells, scale(), x);
        assert_eq!([133.0, 247.0].map(at), [None, None]);
        assert_eq!([134.5, 140.0, 145.5].map(at), [Some(Grip::Start(3)); 3]);
        assert_eq!([147.0, 190.0, 233.0].map(at), [Some(Grip::Body(3)); 3]);
        assert_eq!([234.5, 240.0, 245.5].map(at), [Some(Grip::End(3)); 3]);
    }

    #[test]
    fn a_narrow_spell_can_still_be_held_in_its_middle() {
        // From 140 to 150.
        let spells = [spell(0, 10, 11)];
        let at = |x| grip_at(&spells, scale(), x);
        assert_eq!([141.0, 145.0, 149.0].map(at), [Some(Grip::Start(0)), Some(Grip::Body(0)), Some(Grip::End(0))]);
    }

    #[test]
    fn of_two_spells_the_one_on_top_is_held() {
        let spells = [spell(0, 10, 30), spell(1, 20, 40)];
        assert_eq!(grip_at(&spells, scale(), 300.0), Some(Grip::Body(1)));
        assert_eq!(grip_at(&spells, scale(), 180.0), Some(Grip::Body(0)));
    }

    #[test]
    fn what_has_no_end_is_held_where_the_axis_ends() {
        let spells = [Spell { to: Instant::NEVER, ..spell(0, 50, 0) }];
        assert_eq!(grip_at(&spells, scale(), 640.0), Some(Grip::End(0)));
        assert_eq!(grip_at(&[spell(0, 60, 70)], scale(), 640.0), None, "it lies beyond");
    }

    #[test]
    fn a_spell_is_dragged_by_its_edges_and_as_a_whole() {
        let end = Instant(60 * SECOND);
        let by = |grip, secs: i64| drag(grip, &spell(0, 10, 20), secs * 1_000_000, end);
        let between = |from: u64, to: u64| (Instant(from), Instant(to));
        assert_eq!(by(Grip::Start(0), 5), between(15 * SECOND, 20 * SECOND));
        assert_eq!(by(Grip::Start(0), 50), between(19_900_000, 20 * SECOND));
        assert_eq!(by(Grip::Start(0), -50), between(0, 20 * SECOND));
        assert_eq!(by(Grip::End(0), 5), between(10 * SECOND, 25 * SECOND));
        assert_eq!(by(Grip::End(0), -50), between(10 * SECOND, 10_100_000));
        assert_eq!(by(Grip::End(0), 50), between(10 * SECOND, 60 * SECOND));
        assert_eq!(by(Grip::Body(0), -50), between(0, 10 * SECOND));
        assert_eq!(by(Grip::Body(0), 50), between(50 * SECOND, 60 * SECOND));
    }

    #[test]
    fn a_spell_is_drawn_either_way() {
        let end = Instant(60 * SECOND);
        let (early, late) = (Instant(5 * SECOND), Instant(10 * SECOND));
        assert_eq!(drawn(early, late, end), (early, late));
        assert_eq!(drawn(late, early, end), (early, late));
        assert_eq!(drawn(early, early, end), (early, Instant(5_100_000)));
        assert_eq!(drawn(end, end, end), (Instant(59_900_000), end));
    }

    #[test]
    fn the_band_lies_under_the_axis_and_the_tint_under_the_band() {
        let geometry = geometry(true);
        let shapes = drawn_on(&geometry, &[spell(0, 10, 20), spell(2, 30, 90), spell(3, 60, 70)], Some(2));
        let (bars, chosen) = (rects(&shapes, SpellPart::Bar), rects(&shapes, SpellPart::ChosenBar));
        assert_eq!((bars.len(), chosen.len()), (1, 1), "the third lies beyond the axis");
        assert!((bars[0].x - geometry.scale.x_from_time(Instant(10 * SECOND))).abs() < 1e-9);
        assert!((chosen[0].x + chosen[0].width - geometry.scale.right()).abs() < 1e-9);
        for bar in [bars[0], chosen[0]] {
            assert!(bar.y >= geometry.axis && bar.y + bar.height <= geometry.axis + geometry.band);
        }
        for tint in rects(&shapes, SpellPart::Tint) {
            assert!((tint.y - geometry.axis - geometry.band).abs() < 1e-9);
            assert!((tint.y + tint.height - geometry.height).abs() < 1e-9);
        }
    }

    #[test]
    fn a_name_stands_where_no_other_spell_does() {
        let geometry = geometry(true);
        assert_eq!(texts(&drawn_on(&geometry, &[], None)), ["draw here"]);
        assert_eq!(texts(&drawn_on(&geometry, &[spell(0, 10, 20)], None)), ["outage"]);
        assert_eq!(texts(&drawn_on(&geometry, &[spell(0, 10, 20), spell(1, 21, 40)], None)).len(), 1);
    }

    #[test]
    fn where_there_is_no_band_nothing_is_drawn() {
        assert_eq!(drawn_on(&geometry(false), &[spell(0, 10, 20)], None), []);
    }

    proptest! {
        #[test]
        fn what_is_dragged_stays_on_the_axis_and_no_shorter_than_it_may(
            end in 200_000u64..100_000_000,
            start in 0.0f64..1.0,
            length in 0.0f64..1.0,
            by in -200_000_000i64..200_000_000,
            which in 0usize..3,
        ) {
            let part = |share: f64, of: u64| Instant::from_millis(share * Instant(of).as_secs() * 1_000.0).0.min(of);
            let from = part(start, end - LEAST);
            let to = from + LEAST + part(length, end - LEAST - from);
            let spell = Spell { place: 7, from: Instant(from), to: Instant(to), kind: SpellKind::Slow };
            let grip = [Grip::Start(7), Grip::End(7), Grip::Body(7)][which];
            let (now_from, now_to) = drag(grip, &spell, by, Instant(end));
            prop_assert!(now_from.0 + LEAST <= now_to.0 && now_to.0 <= end);
            match grip {
                Grip::Start(_) => prop_assert_eq!(now_to.0, to),
                Grip::End(_) => prop_assert_eq!(now_from.0, from),
                Grip::Body(_) => prop_assert_eq!(now_to.0 - now_from.0, to - from),
            }
        }
    }
}
