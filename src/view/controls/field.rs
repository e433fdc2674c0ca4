//! Labelled fields for numbers and choices.

use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A name for a field that no other on the page has.
pub(super) fn unique_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("field-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A number with its label. What is typed and is no number is left alone until it is one.
#[component]
pub(super) fn NumberField(
    /// What it is, with its unit.
    #[prop(into)]
    label: Signal<String>,
    /// The least that may be entered.
    min: f64,
    /// The most that may be entered.
    max: f64,
    /// The steps of its arrows.
    #[prop(default = 1.0)]
    step: f64,
    /// What it is now; nothing shows as an empty field.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// Takes what was entered; nothing for an emptied field.
    set: impl Fn(Option<f64>) + 'static,
    /// Whether it also has a slider, and up to where.
    #[prop(optional)]
    slider: Option<f64>,
) -> impl IntoView {
    let id = unique_id();
    let set = StoredValue::new_local(set);
    let shown = move || value.get().map(|value| value.to_string()).unwrap_or_default();
    let take = move |text: String| {
        if text.trim().is_empty() {
            set.with_value(|set| set(None));
        } else if let Ok(number) = text.parse::<f64>() {
            set.with_value(|set| set(Some(number)));
        }
    };
    view! {
        <div class="field">
            <div class="row">
                <label for=id.clone()>{label}</label>
                <input id=id type="number" min=min max=max step=step prop:value=shown
                    on:change=move |event| take(event_target_value(&event))/>
            </div>
            {slider.map(|most| view! {
                <input type="range" min=min max=most step=step aria-label=label prop:value=shown
                    on:input=move |event| take(event_target_value(&event))/>
            })}
        </div>
    }
}

/// One of several, with its label.
#[component]
pub(super) fn ChoiceField<T: Copy + PartialEq + Send + Sync + 'static>(
    /// What it is.
    #[prop(into)]
    label: Signal<String>,
    /// What there is to choose from.
    choices: Vec<(T, &'static str)>,
    /// What it is now.
    #[prop(into)]
    value: Signal<T>,
    /// Takes what was chosen.
    set: impl Fn(T) + 'static,
) -> impl IntoView {
    let id = unique_id();
    let options = choices.clone().into_iter().enumerate();
    view! {
        <div class="field row">
            <label for=id.clone()>{label}</label>
            <select id=id on:change=move |event| {
                let chosen = event_target_value(&event).parse::<usize>().ok().and_then(|place| choices.get(place));
                if let Some(&(choice, _)) = chosen {
                    set(choice);
                }
            }>
                {options.map(|(place, (choice, name))| view! {
                    <option value=place selected=move || value.get() == choice>{name}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// A box to tick, with its label.
#[component]
pub(super) fn TickField(
    /// What it is.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is ticked.
    #[prop(into)]
    value: Signal<bool>,
    /// Takes whether it was ticked.
    set: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <label class="field tick">
            <input type="checkbox" prop:checked=value on:change=move |event| set(event_target_checked(&event))/>
            <span>{label}</span>
        </label>
    }
}

/// A figure as a whole number that fits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
pub(super) fn whole(figure: f64) -> u32 {
    figure.round() as u32
}
