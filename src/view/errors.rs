//! What went wrong in the run, a card a kind, the server's own words folded under it.

use crate::id::lane_letter;
use crate::port::{Failure, FailureKind};
use crate::trace::Kind;
use crate::view::picture::Picture;
use crate::view::state::State;
use crate::view::words::failure::card;
use crate::view::words::units::count;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Failures of one kind, as far as the playhead.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    kind: FailureKind,
    times: usize,
    lanes: String,
    /// The latest of them.
    message: String,
    body: String,
}

#[component]
pub(crate) fn ErrorCards() -> impl IntoView {
    let state = State::here();
    let groups = Memo::new(move |_| {
        let now = state.now();
        state.with_picture(|picture| groups(picture, now)).unwrap_or_default()
    });
    let offline = move || crate::browser::page::is_offline();
    let cards = move || {
        groups.get().into_iter().map(|group| {
            let words = card(group.kind);
            let is_offline = group.kind == FailureKind::Network && offline();
            view! {
                <article class="card failure" data-kind=group.kind.name()>
                    <h3>{words.title}<span class="times">{format!("{} · lane {}", count(group.times, "time", "times"), group.lanes)}</span></h3>
                    <p>{words.happened}{is_offline.then_some(" The browser says that it is offline now.")}</p>
                    <p><b>"Lanescope: "</b>{words.does}</p>
                    <p><b>"You: "</b>{words.you_can}</p>
                    <details>
                        <summary>"The server's own words"</summary>
                        <p class="message">{group.message}</p>
                        {(!group.body.is_empty()).then(|| view! { <pre tabindex="0">{group.body}</pre> })}
                    </details>
                </article>
            }
        }).collect_view()
    };
    view! {
        <Show when=move || !groups.read().is_empty()>
            <section aria-label="What went wrong" class="failures">
                <h2>"What went wrong"</h2>
                {cards}
            </section>
        </Show>
    }
}

fn groups(picture: &Picture, now: crate::time::Instant) -> Vec<Group> {
    let mut by_kind: BTreeMap<FailureKind, (usize, Vec<char>, Failure)> = BTreeMap::new();
    for lane in 0..picture.len() {
        let letter = lane_letter(u8::try_from(lane).unwrap_or(u8::MAX));
        let Some(log) = picture.log(lane) else { continue };
        for event in log.events.iter().take_while(|event| event.at <= now) {
            let Kind::Failed { failure } = event.kind else { continue };
            let Some(failure) = log.failures.get(failure as usize) else { continue };
            let group = by_kind.entry(failure.kind).or_insert_with(|| (0, Vec::new(), failure.clone()));
            group.0 += 1;
            if group.1.last() != Some(&letter) {
                group.1.push(letter);
            }
            group.2 = failure.clone();
        }
    }
    by_kind
        .into_iter()
        .map(|(kind, (times, lanes, latest))| Group {
            kind,
            times,
            lanes: lanes.iter().map(char::to_string).collect::<Vec<_>>().join(" and "),
            message: latest.message.to_string(),
            body: latest.body.to_string(),
        })
        .collect()
}
