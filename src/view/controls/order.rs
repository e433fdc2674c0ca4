//! Who of those who wait goes first, and how many slots there are to wait for.

use super::field::{Number, choice_field, whole};
use super::lane::{edit, millis, number, of, secs};
use super::rates::{gate, of_gate};
use crate::experiment::limits::AdaptiveLimit;
use crate::experiment::{LaneSpec, OrderSpec, StrategySpec};
use crate::policy::semaphore::Params;
use crate::view::dom::El;
use crate::view::state::State;

const ORDERS: [OrderSpec; 3] = [OrderSpec::Fifo, OrderSpec::Priority { ageing_millis: None }, OrderSpec::Fair];

/// Adds the fields.
pub(super) fn order_fields(fields: El, state: State) -> El {
    let is_pool = |spec: &LaneSpec| spec.strategy == StrategySpec::WorkerPool;
    let is_loop = |spec: &LaneSpec| spec.strategy == StrategySpec::Sequential;
    fields
        .when(move || of(state, is_pool), move || queue_field(state))
        .each(move || if of(state, is_loop) { Vec::new() } else { vec![0] }, move |_| slot_fields(state))
        .child(choice_field(
            "Who goes first",
            &["who came first", "the higher priority", "tenants in turn"],
            move || of(state, place),
            move |place| edit(state, &|spec| spec.order = ORDERS[place]),
        ))
        .when(move || of(state, place) == 1, move || ageing_field(state))
}

/// The place of the lane's order among all.
fn place(spec: &LaneSpec) -> usize {
    match spec.order {
        OrderSpec::Fifo => 0,
        OrderSpec::Priority { .. } => 1,
        OrderSpec::Fair => 2,
    }
}

fn queue_field(state: State) -> El {
    number(
        state,
        Number::new("Queue, requests", 1.0, 100_000.0),
        |spec| Some(f64::from(spec.queue)),
        |spec, requests| spec.queue = requests.map_or(40, whole),
    )
}

/// Fields of lanes in which several can be under way at once.
fn slot_fields(state: State) -> Vec<El> {
    vec![
        number(
            state,
            Number::new("Processes, each with its own slots", 1.0, 100.0),
            |spec| Some(f64::from(spec.processes)),
            |spec, count| spec.processes = count.map_or(1, whole),
        ),
        gate(
            state,
            "A limit that learns",
            |spec| spec.adaptive_limit.is_some(),
            |spec, on| spec.adaptive_limit = on.then(AdaptiveLimit::default),
            limit_fields,
        ),
    ]
}

fn limit_fields(state: State) -> Vec<El> {
    let slots = |label| Number::new(label, 1.0, f64::from(Params::MOST));
    vec![
        of_gate!(state, slots("In flight, from"), adaptive_limit, |l| f64::from(l.start), |l, n| l.start = whole(n)),
        of_gate!(state, slots("In flight, at least"), adaptive_limit, |l| f64::from(l.floor), |l, n| l.floor =
            whole(n)),
        of_gate!(state, slots("In flight, at most"), adaptive_limit, |l| f64::from(l.ceiling), |l, n| l.ceiling =
            whole(n)),
    ]
}

fn ageing_field(state: State) -> El {
    number(
        state,
        Number::new("A class higher after, s (empty: never)", 0.1, 86_400.0).by(0.1),
        |spec| if let OrderSpec::Priority { ageing_millis } = spec.order { ageing_millis.map(secs) } else { None },
        |spec, s| spec.order = OrderSpec::Priority { ageing_millis: s.map(|s| millis(Some(s))) },
    )
}
