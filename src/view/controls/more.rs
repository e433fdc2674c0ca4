//! The rest of the experiment: the lane's retries and timeouts, the server's figures, the seed.

use super::field::{ChoiceField, NumberField, TickField, unique_id, whole};
use crate::experiment::server::{Amount, Fault, Load, Rule, Server, Simulated, When};
use crate::experiment::{LaneSpec, StrategySpec, Workload};
use crate::id::lane_letter;
use crate::policy::backoff::Jitter;
use crate::port::Settings;
use crate::view::state::State;
use leptos::prelude::*;

#[component]
pub(super) fn More() -> impl IntoView {
    let state = State::here();
    let is_simulated = move || matches!(state.experiment.read().server, Server::Simulated(_));
    view! {
        <details class="more">
            <summary>"More: retries, timeouts, server, seed"</summary>
            <LaneFields/>
            <SettingsFields/>
            <Show when=is_simulated><ServerFields/></Show>
        </details>
    }
}

/// The lane that the selection is in.
#[component]
fn LaneFields() -> impl IntoView {
    let state = State::here();
    let lane = move || state.selected.get().0;
    let heading = move || format!("Lane {}", lane_letter(u8::try_from(lane()).unwrap_or(u8::MAX)));
    let spec = Memo::new(move |_| state.experiment.read().lanes.get(lane()).cloned().unwrap_or_default());
    let edit = move |change: &dyn Fn(&mut LaneSpec)| state.edit_lane(state.selected.get_untracked().0, change);
    let number = move |of: fn(&LaneSpec) -> f64| Signal::derive(move || Some(of(&spec.read())));
    let retries = move || spec.read().tries > 1;
    let secs = |millis: u32| f64::from(millis) / 1_000.0;
    let strategies = vec![(StrategySpec::Sequential, "one at a time"), (StrategySpec::Gather, "all, under a limit")];
    view! {
        <fieldset>
            <legend>{heading}</legend>
            <ChoiceField label="Start" choices=strategies value=Signal::derive(move || spec.read().strategy)
                set=move |strategy| edit(&|spec| spec.strategy = strategy)/>
            <ChoiceField label="If refused" choices=vec![(true, "back off"), (false, "give up")] value=Signal::derive(retries)
                set=move |again| edit(&|spec| spec.tries = if again { LaneSpec::default().tries } else { 1 })/>
            <Show when=retries>
                <NumberField label="Tries in all" min=1.0 max=20.0 value=number(|spec| f64::from(spec.tries))
                    set=move |tries| edit(&|spec| spec.tries = tries.map_or(1, whole))/>
                <ChoiceField label="Jitter" choices=jitters() value=Signal::derive(move || spec.read().jitter)
                    set=move |jitter| edit(&|spec| spec.jitter = jitter)/>
                <NumberField label="First wait, s" min=0.0 max=3_600.0 step=0.1 value=number(|spec| f64::from(spec.first_delay_millis) / 1_000.0)
                    set=move |s| edit(&|spec| spec.first_delay_millis = millis(s))/>
                <NumberField label="Longest own wait, s" min=0.0 max=3_600.0 step=1.0 value=number(|spec| f64::from(spec.delay_cap_millis) / 1_000.0)
                    set=move |s| edit(&|spec| spec.delay_cap_millis = millis(s))/>
                <TickField label="Keep the slot while backing off" value=Signal::derive(move || spec.read().keep_permit)
                    set=move |keep| edit(&|spec| spec.keep_permit = keep)/>
            </Show>
            <NumberField label="Attempt timeout, s" min=0.1 max=86_400.0 step=1.0 value=number(|spec| f64::from(spec.attempt_timeout_millis) / 1_000.0)
                set=move |s| edit(&|spec| spec.attempt_timeout_millis = millis(s))/>
            <NumberField label="Deadline a request, s (empty: none)" min=0.1 max=86_400.0 step=1.0
                value=Signal::derive(move || spec.read().deadline_millis.map(secs))
                set=move |s| edit(&|spec| spec.deadline_millis = s.map(|s| millis(Some(s))))/>
        </fieldset>
    }
}

fn jitters() -> Vec<(Jitter, &'static str)> {
    vec![
        (Jitter::Full, "full"),
        (Jitter::Equal, "equal"),
        (Jitter::PlusMinusHalf, "±50 %"),
        (Jitter::Decorrelated, "decorrelated"),
        (Jitter::None, "none"),
    ]
}

fn millis(secs: Option<f64>) -> u32 {
    whole(secs.unwrap_or(0.0) * 1_000.0)
}

/// What goes with every request.
#[component]
fn SettingsFields() -> impl IntoView {
    let state = State::here();
    let settings = Memo::new(move |_| {
        let settings = state.experiment.read().workload.settings().clone();
        (settings.temperature, settings.max_output_tokens, settings.system.as_deref().unwrap_or_default().to_owned())
    });
    let edit = move |change: &dyn Fn(&mut Settings)| {
        state.edit(|experiment| {
            let Workload::Calls(calls) = &mut experiment.workload;
            change(&mut calls.settings);
        });
    };
    let id = unique_id();
    view! {
        <fieldset>
            <legend>"Every request"</legend>
            <NumberField label="Output tokens at most" min=1.0 max=65_536.0 value=Signal::derive(move || Some(f64::from(settings.get().1)))
                set=move |tokens| edit(&|settings| settings.max_output_tokens = tokens.map_or(2_048, whole))/>
            <NumberField label="Temperature" min=0.0 max=2.0 step=0.1 value=Signal::derive(move || Some(settings.get().0))
                set=move |t| edit(&|settings| settings.temperature = t.unwrap_or(0.7))/>
            <div class="field">
                <label for=id.clone()>"System instruction"</label>
                <textarea id=id rows="2" prop:value=move || settings.get().2 on:change=move |event| {
                    let text = event_target_value(&event);
                    edit(&|settings| settings.system = Some(text.trim()).filter(|text| !text.is_empty()).map(Into::into));
                }></textarea>
            </div>
        </fieldset>
    }
}

/// The simulated server's figures, as far as the page offers them.
#[component]
fn ServerFields() -> impl IntoView {
    let state = State::here();
    let figures = move || match &state.experiment.read().server {
        Server::Simulated(figures) => figures.clone(),
        Server::Gemini => Simulated::default(),
    };
    let edit = move |change: &dyn Fn(&mut Simulated)| {
        state.edit(|experiment| {
            if let Server::Simulated(figures) = &mut experiment.server {
                change(figures);
            }
        });
    };
    let number = move |of: fn(&Simulated) -> Option<f64>| Signal::derive(move || of(&figures()));
    let set_first_byte = move |median: Option<f64>, p95: Option<f64>| {
        edit(&|figures| {
            let (old_median, old_p95) = spread(&figures.first_byte_millis);
            let median = median.map_or(old_median, |s| s * 1_000.0).max(1.0);
            let p95 = p95.map_or(old_p95, |s| s * 1_000.0).max(median);
            figures.first_byte_millis = Amount::LogNormal { median, p95 };
        });
    };
    view! {
        <fieldset>
            <legend>"Simulated server"</legend>
            <NumberField label="First byte, median, s" min=0.0 max=3_600.0 step=0.1 value=number(|f| Some(spread(&f.first_byte_millis).0 / 1_000.0))
                set=move |s| set_first_byte(s, None)/>
            <NumberField label="First byte, p95, s" min=0.0 max=3_600.0 step=0.1 value=number(|f| Some(spread(&f.first_byte_millis).1 / 1_000.0))
                set=move |s| set_first_byte(None, s)/>
            <NumberField label="Thinking, tokens" min=0.0 max=65_536.0 value=number(|f| Some(spread(&f.thinking_tokens).0))
                set=move |n| edit(&|figures| figures.thinking_tokens = Amount::Constant(n.unwrap_or(0.0)))/>
            <NumberField label="Answer, tokens" min=1.0 max=65_536.0 value=number(|f| Some(spread(&f.answer_tokens).0.round()))
                set=move |n| edit(&|figures| {
                    let median = n.unwrap_or(60.0).max(1.0);
                    figures.answer_tokens = Amount::LogNormal { median, p95: median * 1.5 };
                })/>
            <NumberField label="Tokens a second" min=1.0 max=100_000.0 value=number(|f| Some(f64::from(f.tokens_per_second)))
                set=move |n| edit(&|figures| figures.tokens_per_second = n.map_or(36, whole))/>
            <NumberField label="New connection, ms" min=0.0 max=60_000.0 value=number(|f| Some(f64::from(f.connect_millis)))
                set=move |n| edit(&|figures| figures.connect_millis = n.map_or(0, whole))/>
            <NumberField label="Slower under load, exponent" min=0.0 max=2.0 step=0.01 value=number(|f| Some(exponent(f.load)))
                set=move |n| edit(&|figures| figures.load = match n {
                    Some(exponent) if exponent > 0.0 => Load::Power { exponent },
                    _ => Load::None,
                })/>
            <NumberField label="Requests a minute (empty: any)" min=0.0 max=1_000_000.0 value=number(|f| f.requests_per_minute.map(f64::from))
                set=move |n| edit(&|figures| figures.requests_per_minute = n.map(whole))/>
            <FaultFields/>
            <NumberField label="Seed" min=0.0 max=9_007_199_254_740_991.0 value=Signal::derive(move || Some(seed(state.experiment.read().seed)))
                set=move |n| state.edit(|experiment| experiment.seed = from_entered(n.unwrap_or(1.0)))/>
        </fieldset>
    }
}

#[allow(clippy::cast_precision_loss)] // The field takes none above 2^53.
fn seed(seed: u64) -> f64 {
    seed as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
fn from_entered(seed: f64) -> u64 {
    seed as u64
}

/// What goes wrong with the first try of some requests; rules of another make are kept as they are.
#[component]
fn FaultFields() -> impl IntoView {
    let state = State::here();
    let rules = Memo::new(move |_| match &state.experiment.read().server {
        Server::Simulated(figures) => figures.faults.clone(),
        Server::Gemini => Vec::new(),
    });
    let set = move |rules: Vec<Rule>| {
        state.edit(|experiment| {
            if let Server::Simulated(figures) = &mut experiment.server {
                figures.faults = rules;
            }
        });
    };
    let fault = move || rules.read().first().map(|rule| rule.fault);
    let share = move || rules.read().first().map(|rule| rule.when.probability * 100.0);
    let all_of = move |fault: Option<Fault>, percent: f64| {
        set(fault
            .map(|fault| Rule { when: When { probability: percent / 100.0, ..When::default() }, fault })
            .into_iter()
            .collect());
    };
    let choices = vec![
        (None, "nothing"),
        (Some(Fault::Status(503)), "503, overloaded"),
        (Some(Fault::Status(429)), "429, no delay named"),
        (Some(Fault::Status(500)), "500, internal"),
        (Some(Fault::Stall), "no byte ever comes"),
        (Some(Fault::Cut), "cut in the middle"),
        (Some(Fault::ErrorInStream(503)), "error in the stream"),
        (Some(Fault::Slow(4.0)), "four times as slow"),
        (Some(Fault::Network), "no connection"),
    ];
    let of_some = move || {
        rules
            .read()
            .first()
            .is_some_and(|rule| rule.when != When { probability: rule.when.probability, ..When::default() })
    };
    view! {
        <ChoiceField label="What goes wrong" choices value=Signal::derive(fault) set=move |chosen| all_of(chosen, 10.0)/>
        <Show when=move || fault().is_some()>
            <NumberField label="For so many tries, %" min=0.0 max=100.0 value=Signal::derive(share)
                set=move |percent| all_of(fault(), percent.unwrap_or(0.0).clamp(0.0, 100.0))/>
            <Show when=of_some><p class="fine">"Now only for chosen requests; a new share makes it any."</p></Show>
        </Show>
    }
}

fn exponent(load: Load) -> f64 {
    match load {
        Load::None => 0.0,
        Load::Power { exponent } => exponent,
    }
}

/// The middle and the upper end of an amount, whatever its kind.
fn spread(amount: &Amount) -> (f64, f64) {
    match amount {
        Amount::Constant(figure) => (*figure, *figure),
        Amount::Uniform { low, high } => (f64::midpoint(*low, *high), *high),
        Amount::LogNormal { median, p95 } => (*median, *p95),
        Amount::Listed(figures) => {
            let mut sorted = figures.clone();
            sorted.sort_by(f64::total_cmp);
            let at = |share: usize| {
                sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
            };
            (at(50), at(95))
        }
    }
}
