//! Which limit refused a call: the verdict, what contradicts what, and the limit's window in each lane.

use crate::browser::later::later;
use crate::gemini::forensics::{Forensics, Verdict, forensics};
use crate::id::lane_letter;
use crate::port::FailureKind;
use crate::time::Instant;
use crate::trace::window::{oldest_leaves_in, sent_within};
use crate::view::dom::{El, el};
use crate::view::errors::{Group, Struck};
use crate::view::facts::{fact, fact_list};
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::forensics as words;
use leptos::prelude::*;
use std::time::Duration;

/// The latest refusal of a kind, read.
#[derive(Clone, Debug, PartialEq)]
struct Refusal {
    said: Forensics,
    /// The lanes that it struck.
    struck: Vec<Struck>,
}

/// The latest of a group, if there was an answer to read.
fn refusal(group: &Group) -> Option<Refusal> {
    let said = forensics(group.status?, &group.message, &group.body);
    Some(Refusal { said, struck: group.struck.clone() })
}

/// Where the latest refusal of a kind is found. Before the first there is none.
#[derive(Clone, Copy)]
struct Latest(Memo<Option<Refusal>>);

impl Latest {
    fn with<T: Default>(self, read: impl FnOnce(&Refusal) -> T) -> T {
        self.0.read().as_ref().map(read).unwrap_or_default()
    }
}

/// Whether a limit can be read from failures of this kind.
pub(crate) fn is_limit(kind: FailureKind) -> bool {
    use FailureKind::{Billing, QuotaDay, QuotaNone, RateLimit};
    matches!(kind, RateLimit | QuotaDay | QuotaNone | Billing)
}

later! { tools:
    /// What can be read from the latest failure of a kind, which is one of a limit.
    pub(crate) fn which_limit(state: State, groups: Memo<Vec<Group>>, kind: FailureKind, home: Owner) -> El {
        home.with(|| reading(state, groups, kind))
    }
}

impl Refusal {
    /// The limit on requests. One on tokens says nothing of how many requests there may be.
    fn requests(&self) -> Option<u64> {
        self.said.limit.filter(|_| self.said.verdict == Verdict::PerMinute)
    }
}

/// A lane's window at the playhead.
struct Window {
    length: Duration,
    sent: usize,
    limit: Option<u64>,
    /// Until there is room again.
    left: Duration,
}

fn reading(state: State, groups: Memo<Vec<Group>>, kind: FailureKind) -> El {
    let latest = Latest(Memo::new(move |_| groups.read().iter().find(|group| group.kind == kind).and_then(refusal)));
    let known = move || {
        let facts = latest.with(|refusal| words::facts(&refusal.said));
        facts.into_iter().map(|(name, figure)| fact(name, figure)).collect::<Vec<_>>()
    };
    let contradictions = move || {
        let said = latest.with(|refusal| refusal.said.contradictions.clone());
        said.iter().map(|both| el("p").class("contradiction").text(&words::contradiction(both))).collect::<Vec<_>>()
    };
    let windows = move || {
        latest.with(|refusal| {
            let has_window = refusal.said.verdict.window().is_some();
            refusal.struck.iter().filter(|_| has_window).map(|struck| struck.lane).collect::<Vec<_>>()
        })
    };
    el("div")
        .class("forensics")
        .attr("role", "group")
        .attr("aria-label", "Which limit")
        .child(el("p").class("said").text_by(move || latest.with(|refusal| words::verdict(&refusal.said))))
        .when(move || !known().is_empty(), move || fact_list(known))
        .part(contradictions)
        .each(windows, move |lane| vec![lane_window(state, latest, lane)])
}

fn lane_window(state: State, latest: Latest, lane: usize) -> El {
    let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
    let window = move || window_at(state, latest, lane);
    let bar = move || {
        let width = move || format!("{}%", window().map_or(0, |window| window.percent()));
        el("div").class("bar").attr("aria-hidden", "true").child(el("i").style_by("width", width))
    };
    let fill = move || window().map(|it| words::fill(it.sent, it.limit, it.length)).unwrap_or_default();
    let frees = move || {
        let left = window().map(|window| window.left).filter(|left| !left.is_zero());
        left.map(words::frees_in).unwrap_or_default()
    };
    el("div")
        .class("window")
        .child(el("span").text(&format!("Lane {letter}")))
        .when(move || latest.with(|refusal| refusal.requests().is_some()), bar)
        .child(el("span").class("fill").text_by(fill))
        .child(el("span").class("frees").text_by(frees))
}

fn window_at(state: State, latest: Latest, lane: usize) -> Option<Window> {
    let now = state.now();
    latest.with(|refusal| {
        let struck = refusal.struck.iter().find(|struck| struck.lane == lane)?;
        state.with_picture(|picture| Window::of(picture, refusal, struck, now)).flatten()
    })
}

impl Window {
    fn of(picture: &Picture, refusal: &Refusal, struck: &Struck, now: Instant) -> Option<Self> {
        let (length, limit) = (length(picture, struck.lane, refusal.said.verdict)?, refusal.requests());
        let fold = picture.fold(struck.lane)?;
        let sent = sent_within(fold, now, length);
        let is_full = limit.is_none_or(|limit| sent as u64 >= limit);
        let left = match struck.delay {
            Some(delay) => Some((struck.at + delay).since(now)),
            None => oldest_leaves_in(fold, now, length).filter(|_| is_full),
        };
        Some(Self { length, sent, limit, left: left.unwrap_or_default() })
    }

    /// How full it is. More may have been sent than the limit lets through.
    fn percent(&self) -> u64 {
        let limit = self.limit.unwrap_or_default().max(1);
        ((self.sent as u64).saturating_mul(100) / limit).min(100)
    }
}

/// How long the limit's window is: a simulated server may count in another than the minute that it names.
fn length(picture: &Picture, lane: usize, verdict: Verdict) -> Option<Duration> {
    let named = verdict.window()?;
    let server = &picture.run_in(lane)?.0.server;
    // One that refills evenly has no window.
    if server.simulated().is_some_and(|figures| figures.quota_burst.is_some()) {
        return None;
    }
    let simulated = server.quota().filter(|_| verdict == Verdict::PerMinute);
    Some(simulated.map_or(named, |(_, window)| window))
}
